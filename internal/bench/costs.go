package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/internal/poll"
	"duban/internal/store"
)

// group is how many ballots a round is filled with at once.
const group = 2000

// costs says what a round of so many ballots costs once it is over: closing (which counts, hashes and signs), the download of
// all that is published, and its verification by a process of its own.
func (b *bench) costs(ctx context.Context, ballots int) error {
	if ballots == 0 {
		return nil
	}
	round, err := b.openRound(ctx, fmt.Sprint("bench.ballots.", ballots))
	if err != nil {
		return err
	}
	filling := time.Now()
	if err := b.fillRound(ctx, round, ballots); err != nil {
		return err
	}
	filled := time.Since(filling)
	if _, err := b.Store.Pool().Exec(ctx, `VACUUM (ANALYZE) poll_ballot, poll_voter`); err != nil {
		return err
	}
	var bytes int64
	if err := b.Store.Pool().QueryRow(ctx, `SELECT (pg_total_relation_size('poll_ballot') + pg_total_relation_size('poll_voter'))`).Scan(&bytes); err != nil {
		return err
	}
	if err := b.endRound(ctx, round); err != nil {
		return err
	}
	before, closing := peak(), time.Now()
	if _, err := b.Store.CloseRound(ctx, round.ID); err != nil {
		return err
	}
	result, err := b.Store.CountRound(ctx, round.ID)
	if err != nil {
		return err
	}
	closed := time.Since(closing)
	counted := 0
	for _, turnout := range result.Ballots {
		counted += turnout.Counted
	}
	folder, err := os.MkdirTemp("", "duban-bench-vote-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // what is left is in the folder for such
	file, loading := filepath.Join(folder, "vote.zip"), time.Now()
	size, err := b.download(ctx, "/vote/"+round.ID+"/files.zip", file)
	if err != nil {
		return err
	}
	loaded, after, verifying := time.Since(loading), peak(), time.Now()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	memory, err := watched(exec.CommandContext(ctx, program, "verify", "poll", file))
	if err != nil {
		return fmt.Errorf("duban verify poll: %w", err)
	}
	b.say("\nA vote of %d ballots (%d counted): cast in groups of %d in %s; tables of votes %d MB; closing (count, log, files, signature) %s; download %s, %d MB of ZIP; duban verify poll %s, %d MB of memory; duban's own memory at its highest %d MB before, %d MB after",
		ballots, counted, group, rounded(filled), bytes>>20, rounded(closed), rounded(loaded), size>>20, rounded(time.Since(verifying)),
		memory, before, after)
	return nil
}

// watched runs a program to its end and gives the most memory it was seen to have, in MB. What the system tells of a process
// that has ended counts the memory of the one it was started from.
func watched(program *exec.Cmd) (most int64, err error) {
	var said bytes.Buffer
	program.Stdout, program.Stderr = &said, &said
	if err := program.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				err = fmt.Errorf("%w: %s", err, said.String())
			}
			return most, err
		case <-again.C:
			most = max(most, memoryOf(program.Process.Pid))
		}
	}
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// fillRound casts so many ballots, each of another voter, by the way every ballot goes but HTTP.
func (b *bench) fillRound(ctx context.Context, r poll.Round, ballots int) error {
	key, err := b.Voters.Key(r.ID)
	if err != nil {
		return err
	}
	groups := make(chan []store.Vote, 2)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { // the next group is made while one is written
		defer close(groups)
		for first := 0; first < ballots; first += group {
			votes := make([]store.Vote, 0, group)
			for n := first; n < min(first+group, ballots); n++ {
				voter := int64(n)
				v := store.Vote{Tag: key.Tag("mobile", fmt.Sprint(voter)), KeyCheck: key.Check(), Class: poll.ClassPublic, District: districtOf(voter),
					Choices: chosen(voter), Address: key.Trace("address", fmt.Sprint(voter%5000)), Segment: key.Trace("segment", fmt.Sprint(voter%9000))}
				if v.Receipt, err = key.Receipt(v.Tag, "bench"); err != nil {
					return err
				}
				votes = append(votes, v)
			}
			select {
			case groups <- votes:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	work.Go(func() error {
		for votes := range groups {
			if _, err := b.Store.CastBallots(ctx, &r, votes); err != nil {
				return err
			}
		}
		return nil
	})
	return work.Wait()
}

// endRound moves a round's end to now: a run does not wait for it.
func (b *bench) endRound(ctx context.Context, r poll.Round) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err := b.Store.Pool().Exec(ctx, `UPDATE poll_round SET closes = $2, definition = replace(definition, $3, $4) WHERE id = $1`,
		r.ID, now, r.Closes.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	return err
}

// download writes what a path answers to a file and gives its size.
func (b *bench) download(ctx context.Context, path, name string) (size int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+path, nil)
	if err != nil {
		return 0, err
	}
	answer, err := b.transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", path, answer.Status)
	}
	file, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(file, answer.Body)
	return size, errors.Join(err, file.Close())
}
