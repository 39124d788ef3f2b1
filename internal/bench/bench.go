// Package bench measures a running duban: what an action costs beside a bare workflow on the same server, how late a
// burst of timers is written, and how fast lists are beside a handler that runs the one query.
//
// The machine that is measured also makes the load, and its speed swings; so what is compared runs in turns, and the
// figures to read are the ratios.
package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// Options say how much to measure.
type Options struct {
	Clients int           // who wait for one answer before they ask again
	Slice   time.Duration // of one kind of load before the next has its turn
	Rounds  int           // turns of each kind
	Timers  int           // matters whose alarms fall together; 0: none
	Spread  time.Duration // over which they fall
	Matters int           // rows the lists are read from; 0: no lists
	Skip    bool          // leave the proposals out
	Votes   bool          // compare votes with pgbench
	Ballots []int         // what a round costs with so many
}

// Target is the duban that is measured, seen from inside its process.
type Target struct {
	URL         string // of its web
	Password    string // of every invented person
	DatabaseURL string
	Temporal    string // address
	Namespace   string
	Store       *store.Store
	Engine      *engine.Engine
	Library     *rulebook.Library
	Voters      *identity.VoterKeys
	PGBench     string // the program; empty: there is none
}

// bench is one run.
type bench struct {
	Options
	Target
	out       io.Writer
	transport *http.Transport
	cast      cast
}

// Run measures and prints.
func Run(ctx context.Context, o Options, t Target, out io.Writer) error {
	// The default keeps two connections to a host and opens the others anew for every request.
	most := max(2*o.Clients, users, voteClients)
	transport := &http.Transport{MaxIdleConnsPerHost: most, MaxIdleConns: 2 * most}
	defer transport.CloseIdleConnections()
	b := &bench{Options: o, Target: t, out: out, transport: transport}
	var err error
	if b.cast, err = b.gather(ctx); err != nil {
		return err
	}
	if !b.Skip {
		if err := b.proposals(ctx); err != nil {
			return err
		}
	}
	if b.Matters > 0 {
		if err := b.lists(ctx); err != nil {
			return err
		}
	}
	if b.Votes {
		if err := b.votes(ctx); err != nil {
			return err
		}
	}
	for _, ballots := range b.Ballots {
		if err := b.costs(ctx, ballots); err != nil {
			return err
		}
	}
	if b.Timers > 0 { // last: the matters go on ringing
		return b.timers(ctx)
	}
	return nil
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }
