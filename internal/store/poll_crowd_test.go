package store_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/store"
	"duban/internal/store/storetest"
)

const boxEnv = "DUBAN_TEST_BALLOT_BOX"

// box serves a ballot box of its own over HTTP, on an address it prints, until it is killed.
func box() int {
	s, err := store.Open(ctx, os.Getenv(boxEnv))
	if err != nil {
		return 2
	}
	b := s.NewBallotBox(ctx)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 2
	}
	fmt.Println(listener.Addr())
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v store.Vote
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out, err := b.Cast(r.Context(), r.URL.Path[1:], v)
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	}))
	return 1
}

// boxes is the one box there is at a time: the next begins when the last is killed.
type boxes struct {
	t       *testing.T
	url     string
	mu      sync.RWMutex
	address string
	process *exec.Cmd
}

func (b *boxes) start() {
	b.process = exec.Command(os.Args[0])
	b.process.Env = append(os.Environ(), boxEnv+"="+b.url)
	b.process.Stderr = os.Stderr
	out, err := b.process.StdoutPipe()
	require.NoError(b.t, err)
	require.NoError(b.t, b.process.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b.t, err)
	b.address = line[:len(line)-1]
}

// kill kills the box, whatever it is doing. With another, the address changes.
func (b *boxes) kill(another bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	require.NoError(b.t, b.process.Process.Kill())
	_ = b.process.Wait()
	if another {
		b.start()
	}
}

func (b *boxes) at() string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.address
}

// cast sends a vote until it is answered, each time the same; it gives how often it was sent.
func (b *boxes) cast(c *http.Client, round string, v store.Vote) (out store.Outcome, sent int, err error) {
	body, err := json.Marshal(v)
	if err != nil {
		return out, 0, err
	}
	for sent = 1; ; sent++ {
		answer, err := c.Post("http://"+b.at()+"/"+round, "application/json", bytes.NewReader(body))
		if err != nil {
			continue // killed: the next box is waited for where its address is asked
		}
		if answer.StatusCode == http.StatusOK {
			err = json.NewDecoder(answer.Body).Decode(&out)
		}
		_ = answer.Body.Close()
		switch {
		case answer.StatusCode == http.StatusBadRequest:
			return out, sent, errors.New("not understood")
		case answer.StatusCode == http.StatusOK && err == nil:
			return out, sent, nil
		}
	}
}

// A crowd of 200 casts, every fifth voter twice at once, while the process that has the box is killed again and again: each is
// answered when its ballot is in, none is lost, none counts twice, every last receipt is told as counted, and the verifier
// agrees. DUBAN_TEST_BALLOTS says how many; what it came to is logged.
func TestCrowdThroughKilledBoxes(t *testing.T) {
	attempts := 1000
	if text := os.Getenv("DUBAN_TEST_BALLOTS"); text != "" {
		var err error
		attempts, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	url := storetest.URL(t)
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	defer s.Close()
	r := newRound(t, s, time.Now(), time.Hour)
	_, err = s.Pool().Exec(ctx, `UPDATE poll_round SET definition = replace(definition, '"eligible": 10000', '"eligible": 1000000000')`)
	require.NoError(t, err)
	b := &boxes{t: t, url: url}
	b.start()

	const clients, kills = 200, 10
	voters := attempts * 5 / 6 // a fifth of them casts twice
	var next, answered, again atomic.Int64
	type taken struct {
		receipt string
		leaf    int64
	}
	last := make([]taken, voters)
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * clients}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport}
	began := time.Now()
	var crowd errgroup.Group
	var mu sync.Mutex
	for range clients {
		crowd.Go(func() error {
			for who := int(next.Add(1)) - 1; who < voters; who = int(next.Add(1)) - 1 {
				var both errgroup.Group
				for range 1 + (who%5)/4 {
					both.Go(func() error {
						v := vote(fmt.Sprint(who), fmt.Sprint("o", 1+who%3))
						out, sent, err := b.cast(c, r.ID, v)
						if err == nil && out.Refused != nil {
							err = out.Refused
						}
						if err != nil {
							return err
						}
						again.Add(int64(sent - 1))
						mu.Lock()
						if last[who].receipt == "" || out.Leaf > last[who].leaf {
							last[who] = taken{v.Receipt, out.Leaf}
						}
						mu.Unlock()
						if n := answered.Add(1); n%int64(max(1, attempts/(kills+1))) == 0 {
							b.kill(true)
						}
						return nil
					})
				}
				if err := both.Wait(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, crowd.Wait())
	took := time.Since(began)
	b.kill(false)
	settled(t, s)
	expire(t, s, r)
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Equal(t, voters, result.Ballots[1].Counted, "nobody counts twice, nobody is missing")
	var size int
	require.NoError(t, s.Pool().QueryRow(ctx, `SELECT count(*) FROM poll_ballot WHERE round = $1`, r.ID).Scan(&size))
	assert.EqualValues(t, answered.Load(), size, "what was sent again is in once")
	report := verified(t, s, r.ID, size)
	counted := map[string]int{}
	for who := range voters {
		counted[fmt.Sprint("o", 1+who%3)]++
	}
	for _, row := range result.Rows {
		assert.Equal(t, counted[row.Option], row.Public, row.Option)
	}
	for who := 0; who < voters; who += max(1, voters/500) { // the verifier looks each up from the beginning
		in, err := report.Receipt(last[who].receipt)
		require.NoError(t, err)
		if who%5 < 4 {
			assert.Equal(t, "counted", in.Status)
		}
	}
	t.Logf("%d ballots of %d voters by %d clients in %s; %d in the log; sent again %d times; %d kills", answered.Load(), voters, clients,
		took.Round(time.Millisecond), size, again.Load(), answered.Load()/int64(max(1, attempts/(kills+1))))
}
