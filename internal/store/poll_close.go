package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/poll"
)

// CloseRound closes a round whose time is up, counts it and gives its result; once closed it gives the same result again.
// Closing and counting are two transactions, so that ballots that come too late hear it at once, however long the count
// takes; whoever calls again carries the count out if nobody did. Of a void round nothing is counted: its result is empty.
//
// ErrRoundOpen: its time is not up, by the database's clock. ErrDiverged: the ballots are not what the log says.
func (s *Store) CloseRound(ctx context.Context, id string) (poll.Result, error) {
	err := s.transact(ctx, func(tx pgx.Tx) error {
		var due bool
		if err := tx.QueryRow(ctx, `SELECT closed IS NOT NULL OR closes <= clock_timestamp() FROM poll_round WHERE id = $1 FOR UPDATE`, id).Scan(&due); err != nil {
			return err
		}
		if !due {
			return ErrRoundOpen
		}
		_, err := tx.Exec(ctx, `UPDATE poll_round SET closed = clock_timestamp() WHERE id = $1 AND closed IS NULL`, id)
		return err
	})
	if err != nil {
		return poll.Result{}, err
	}
	var result poll.Result
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		result, err = count(ctx, tx, id)
		return err
	})
	return result, err
}

// count counts a closed round and writes what it came to, unless it is counted.
func count(ctx context.Context, tx pgx.Tx, id string) (result poll.Result, err error) {
	var stored *string
	var void bool
	if err := tx.QueryRow(ctx, `SELECT result, void FROM poll_round WHERE id = $1 FOR UPDATE`, id).Scan(&stored, &void); err != nil || void {
		return result, err
	}
	if stored != nil {
		return result, json.Unmarshal([]byte(*stored), &result)
	}
	r, err := readClosed(ctx, tx, id)
	if err != nil {
		return result, err
	}
	if err := r.decide(); err != nil {
		return result, err
	}
	files, closing, err := r.sign(ctx, tx)
	if err != nil {
		return result, err
	}
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE poll_round SET result = $2, closing = $3 WHERE id = $1`, id, string(files[poll.FileResult]), closing)
	batch.Queue(`UPDATE draw SET revealed = now() WHERE commitment = $1 AND revealed IS NULL`, r.round.Draw)
	return r.result, tx.SendBatch(ctx, batch).Close()
}

// closedRound is a closed round with all its ballots.
type closedRound struct {
	round      poll.Round
	definition string
	closed     time.Time
	seed       string
	key        string
	closing    string
	edge       poll.Edge
	heads      []string
	entries    []poll.Entry
	cast       map[string]int
	exclusions []poll.Exclusion
	result     poll.Result
	resultText []byte
}

func readClosed(ctx context.Context, tx pgx.Tx, id string) (*closedRound, error) {
	r := &closedRound{cast: map[string]int{}}
	var edge []byte
	if err := tx.QueryRow(ctx, `SELECT definition, closed, seed, verifier, COALESCE(closing, ''), COALESCE(result, ''), size, edge
		FROM poll_round JOIN draw ON commitment = draw JOIN poll_log ON round = poll_round.id CROSS JOIN poll_key
		WHERE poll_round.id = $1 AND closed IS NOT NULL`, id).Scan(&r.definition, instant{&r.closed}, &r.seed, &r.key, &r.closing,
		&r.resultText, &r.edge.Size, &edge); err != nil {
		return nil, err
	}
	r.edge.Hashes = decodeEdge(edge)
	if err := json.Unmarshal([]byte(r.definition), &r.round); err != nil {
		return nil, err
	}
	var err error
	if r.heads, err = readTexts(ctx, tx, `SELECT head FROM poll_head WHERE round = $1 ORDER BY size`, id); err != nil {
		return nil, err
	}
	if err := r.readEntries(ctx, tx); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT part, ballots FROM poll_turnout WHERE round = $1 AND class = $2`, id, poll.ClassPublic)
	if err != nil {
		return nil, err
	}
	var part string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&part, &n}, func() error { r.cast[part] = n; return nil }); err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `SELECT id, reason, post, at, ballots FROM poll_exclusion WHERE round = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	r.exclusions, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e poll.Exclusion, err error) {
		err = row.Scan(&e.ID, &e.Reason, &e.Post, instant{&e.At}, &e.Ballots)
		return e, err
	})
	return r, err
}

func (r *closedRound) readEntries(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT hash, mark, class, unit, choices, superseded, COALESCE(exclusion, 0) FROM poll_ballot
		WHERE round = $1 ORDER BY leaf`, r.round.ID)
	if err != nil {
		return err
	}
	ids := byNumber(&r.round)
	var hash, mark []byte
	var class poll.Class
	var unit string
	var choices []int16
	var superseded bool
	var exclusion int
	_, err = pgx.ForEachRow(rows, []any{&hash, &mark, &class, &unit, &choices, &superseded, &exclusion}, func() error {
		e := poll.Entry{Mark: hex.EncodeToString(mark), Class: class, Unit: unit, Choices: make([]string, len(choices)), Status: poll.Counted}
		copy(e.Leaf[:], hash)
		for i, n := range choices {
			e.Choices[i] = ids[n]
		}
		switch {
		case superseded:
			e.Status = poll.Replaced
		case exclusion > 0:
			e.Status = poll.Excluded(exclusion)
		}
		r.entries = append(r.entries, e)
		return nil
	})
	return err
}

// decide counts, after holding the ballots against the log.
func (r *closedRound) decide() error {
	edge, tally, left := poll.Edge{}, poll.NewTally(&r.round), map[poll.Status]int{}
	for _, e := range r.entries {
		edge = edge.Append(e.Leaf)
		if e.Status == poll.Counted {
			tally.Add(e.Class, e.Choices)
		}
		left[e.Status]++
	}
	for i := range r.exclusions { // what was excluded may have been replaced since
		r.exclusions[i].Ballots = left[poll.Excluded(r.exclusions[i].ID)]
	}
	root := r.edge.Root()
	if edge.Size != r.edge.Size || edge.Root() != root {
		return fmt.Errorf("%w: the log of round %s has %d ballots, there are %d", ErrDiverged, r.round.ID, r.edge.Size, edge.Size)
	}
	tally.Cast = r.cast
	var err error
	if r.result, err = poll.Decide(&r.round, tally, r.exclusions, poll.TieSeed(r.seed, root.String())); err != nil {
		return err
	}
	r.resultText, err = poll.WriteJSON(r.result)
	return err
}

// files are the files the closing head binds.
func (r *closedRound) files() (map[string][]byte, error) {
	var ballots, leaves bytes.Buffer
	if err := poll.WriteBallots(&ballots, r.seed, r.entries); err != nil {
		return nil, err
	}
	if err := poll.WriteLeaves(&leaves, r.entries); err != nil {
		return nil, err
	}
	return map[string][]byte{
		poll.FileRound: []byte(r.definition), poll.FileBallots: ballots.Bytes(), poll.FileLeaves: leaves.Bytes(),
		poll.FileHeads: []byte(strings.Join(r.heads, "")), poll.FileResult: r.resultText,
	}, nil
}

func (r *closedRound) sign(ctx context.Context, tx pgx.Tx) (files map[string][]byte, closing string, err error) {
	if files, err = r.files(); err != nil {
		return nil, "", err
	}
	c := poll.Closing{Round: r.round.ID, Size: r.edge.Size, Root: r.edge.Root(), At: r.closed, Seed: r.seed}
	for i, name := range poll.Bound() {
		c.Digests[i] = poll.Digest(files[name])
	}
	signer, err := pollSigner(ctx, tx.Conn())
	if err != nil {
		return nil, "", err
	}
	closing, err = c.Sign(signer)
	return files, closing, err
}

// RoundResult gives the result of a counted round. ErrNotFound: there is none yet.
func (s *Store) RoundResult(ctx context.Context, id string) (result poll.Result, err error) {
	var text string
	if err := s.pool.QueryRow(ctx, `SELECT result FROM poll_round WHERE id = $1 AND result IS NOT NULL`, id).Scan(&text); err != nil {
		return result, classify(err)
	}
	return result, json.Unmarshal([]byte(text), &result)
}

// RoundFiles gives everything that is published of a counted round, by name. ErrNotFound: it is not counted.
func (s *Store) RoundFiles(ctx context.Context, id string) (files map[string][]byte, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		r, err := readClosed(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.closing == "" {
			return pgx.ErrNoRows
		}
		if files, err = r.files(); err != nil {
			return err
		}
		files[poll.FileClosing], files[poll.FileKey] = []byte(r.closing), []byte(r.key+"\n")
		return nil
	})
	return files, err
}

func readTexts(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
