package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"duban/internal/poll"
)

const (
	voteClients = 200 // of the second comparison; the first has as many as the rest of the run
	voteOptions = 20
	voteChoices = 10
	voteOpen    = 24 * time.Hour // longer than any run
)

// votes compares ballots cast through the public's page with the bare INSERT of a ballot by pgbench, each in a transaction of
// its own, and says what a round costs once its ballots are in.
func (b *bench) votes(ctx context.Context) error {
	if b.PGBench == "" {
		b.say("\nVotes: pgbench is not installed with PostgreSQL's programs, so there is nothing to compare ballots with; duban alone:")
	} else {
		b.say("\nVotes: ballots through the public's page beside the same INSERT by pgbench; %d slices of %s each in turns", b.Rounds, b.Slice)
	}
	b.say("left out: asking for a code and its proof of work, which come before; the code itself is checked, the receipt and its square are drawn")
	b.say("%-10s %8s %12s %8s %8s %8s %8s %8s", "", "clients", "ballots/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "DB ms")
	for _, clients := range []int{b.Clients, voteClients} {
		if err := b.voting(ctx, clients); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) voting(ctx context.Context, clients int) error {
	round, err := b.openRound(ctx, fmt.Sprint("bench.", clients, ".vote.1"))
	if err != nil {
		return err
	}
	key, err := b.Voters.Key(round.ID)
	if err != nil {
		return err
	}
	script, err := b.script(ctx)
	if err != nil {
		return err
	}
	defer script.remove()
	free, err := b.free(ctx)
	if err != nil {
		return err
	}
	lines, err := b.lines(ctx, clients)
	if err != nil {
		return err
	}
	defer hangUp(lines)
	var bare, own load
	var voters atomic.Int64
	for turn := range b.Rounds + 1 {
		length := b.Slice
		if turn == 0 {
			length = warmUp
		}
		var one load
		if b.PGBench != "" {
			if one, err = script.run(ctx, min(clients, free), length); err != nil {
				return err
			}
		}
		other, err := closed(ctx, clients, length, func() cpu { return b.usage(ctx) }, func(_ context.Context, client int, call timed) error {
			return call(func() error { return lines[client].vote(round, key, voters.Add(1)) })
		})
		if err != nil {
			return err
		}
		if turn > 0 {
			bare, own = bare.with(one), own.with(other)
		}
	}
	if b.PGBench != "" {
		b.sayLoad("pgbench", min(clients, free), bare)
	}
	b.sayLoad("duban", clients, own)
	if b.PGBench != "" {
		b.say("duban/pgbench with %d clients: %.2f by ballots/s; %.2f by processor time of a ballot", clients, own.rate()/bare.rate(), bare.each()/own.each())
	}
	return nil
}

func (b *bench) sayLoad(name string, clients int, l load) {
	p, n := percentiles(l.latencies, 50, 95, 99), float64(max(1, len(l.latencies)))
	b.say("%-10s %8d %12.0f %8.1f %8.1f %8.1f %8.2f %8.2f", name, clients, l.rate(), milliseconds(p[0]), milliseconds(p[1]), milliseconds(p[2]),
		milliseconds(l.cpu.process)/n, milliseconds(l.cpu.database)/n)
}

// openRound makes a round everybody may vote in, of as many options as the article's (001 art. 14(1)).
func (b *bench) openRound(ctx context.Context, id string) (poll.Round, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	r := poll.Round{ID: id, Matter: "bench", Stage: "vote", Title: "压测投票", Source: "001 art. 14(1)", Rehearsal: true,
		Choices: poll.Choices{Min: 1, Max: voteChoices}, Units: []poll.Unit{},
		Districts: []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 1_000_000_000}, {ID: "boshan", Name: "博山区", Eligible: 1_000_000_000}},
		Opens:     now, Closes: now.Add(voteOpen), Winners: 10, Formula: "public", PublicCap: 1, Order: poll.OrderPublic,
		Ties: []poll.Rule{poll.RulePublic, poll.RuleEarlier, poll.RuleDraw}, Promises: poll.Promises{Hidden: true}}
	for n := range voteOptions {
		r.Options = append(r.Options, poll.Option{ID: optionID(n), Number: n + 1, Title: fmt.Sprint("经验做法", n+1), Units: []string{}, Recommended: now})
	}
	var err error
	if r.Draw, err = b.Store.CommitDraw(ctx, id); err != nil {
		return r, err
	}
	return r, b.Store.PutRound(ctx, r)
}

func optionID(n int) string { return fmt.Sprintf("practice-%02d", n%voteOptions+1) }

// chosen are the options of a voter: some are chosen more than others.
func chosen(voter int64) []string {
	var ids []string
	for n := range int64(voteOptions) {
		if (voter*7+n*n*3)%int64(voteOptions) >= n/2 && len(ids) < 1+int(voter%voteChoices) {
			ids = append(ids, optionID(int(n)))
		}
	}
	return ids
}

func districtOf(voter int64) string {
	if voter%3 == 0 {
		return "boshan"
	}
	return "zhangdian"
}

// free is how many connections the database has left for pgbench.
func (b *bench) free(ctx context.Context) (int, error) {
	var n int
	err := b.Store.Pool().QueryRow(ctx, `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
		- 10 - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int`).Scan(&n)
	return max(1, n), err
}

// script is what pgbench runs: one ballot's row, into a table like that of ballots, which has no round's lock to wait for.
type script struct {
	*bench
	folder string
}

const bareInsert = `INSERT INTO bench_ballot (round, leaf, hash, mark, class, unit, choices) VALUES ('bench.32.vote.1', nextval('bench_leaf'),
 decode('c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', 'hex'), decode('c0ffee00c0ffee00c0ffee00c0ffee00', 'hex'),
 'public', '', '{1,2,3,4,5}');
`

func (b *bench) script(ctx context.Context) (script, error) {
	for _, sql := range []string{`CREATE TABLE IF NOT EXISTS bench_ballot (LIKE poll_ballot INCLUDING ALL)`, `CREATE SEQUENCE IF NOT EXISTS bench_leaf CACHE 1`} {
		if _, err := b.Store.Pool().Exec(ctx, sql); err != nil {
			return script{}, err
		}
	}
	folder, err := os.MkdirTemp("", "duban-pgbench-")
	if err != nil {
		return script{}, err
	}
	return script{b, folder}, os.WriteFile(filepath.Join(folder, "ballot.sql"), []byte(bareInsert), 0o600)
}

func (s script) remove() {
	if err := os.RemoveAll(s.folder); err != nil {
		s.say("%v", err)
	}
}

// run lets pgbench insert for a slice; its log says how long each took.
func (s script) run(ctx context.Context, clients int, length time.Duration) (load, error) {
	seconds := max(1, int(length.Round(time.Second)/time.Second))
	before := s.usage(ctx)
	command := exec.CommandContext(ctx, s.PGBench, "--no-vacuum", "--protocol=prepared", "--file=ballot.sql", "--log", "--log-prefix=took",
		"--client="+strconv.Itoa(clients), "--jobs=2", "--time="+strconv.Itoa(seconds), s.DatabaseURL)
	command.Dir = s.folder
	if out, err := command.CombinedOutput(); err != nil {
		return load{}, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	l := load{took: time.Duration(seconds) * time.Second, cpu: s.usage(ctx).minus(before)}
	l.cpu.process += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	logs, err := filepath.Glob(filepath.Join(s.folder, "took.*"))
	if err != nil {
		return load{}, err
	}
	for _, name := range logs {
		if err := l.readLog(name); err != nil {
			return load{}, err
		}
	}
	return l, nil
}

// readLog reads one of pgbench's logs and removes it: the third field of a line is a transaction's microseconds.
func (l *load) readLog(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 {
			continue
		}
		us, err := strconv.Atoi(fields[2])
		if err != nil {
			return errors.Join(err, file.Close())
		}
		l.latencies = append(l.latencies, time.Duration(us)*time.Microsecond)
	}
	return errors.Join(lines.Err(), file.Close(), os.Remove(name))
}
