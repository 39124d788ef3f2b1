package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/poll"
)

// CloseRound closes a round whose time is up and signs the head of its log, which is published at once: what was cast is
// fixed from then on. Closed before, it gives the same again. Counting is [Store.CountRound]'s: ballots that come too late
// hear it at once, however long the count takes.
//
// ErrRoundOpen: its time is not up, by the database's clock.
func (s *Store) CloseRound(ctx context.Context, id string) (head poll.Head, err error) {
	head.Round = id
	err = s.transact(ctx, func(tx pgx.Tx) error {
		var due bool
		if err := tx.QueryRow(ctx, `SELECT closed IS NOT NULL OR closes <= clock_timestamp() FROM poll_round WHERE id = $1 FOR UPDATE`, id).Scan(&due); err != nil {
			return err
		}
		if !due {
			return ErrRoundOpen
		}
		tag, err := tx.Exec(ctx, `UPDATE poll_round SET closed = clock_timestamp() WHERE id = $1 AND closed IS NULL`, id)
		if err != nil {
			return err
		}
		edge, err := readEnd(ctx, tx, &head)
		if err != nil || tag.RowsAffected() == 0 || edge.Size == 0 { // a head of nothing says nothing
			return err
		}
		signer, err := pollSigner(ctx, tx.Conn())
		if err != nil {
			return err
		}
		signed, err := head.Sign(signer)
		if err != nil {
			return err
		}
		// One of as many ballots, signed with the last of them, says the same.
		_, err = tx.Exec(ctx, `INSERT INTO poll_head (round, size, head) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, head.Size, signed)
		return err
	})
	return head, err
}

// readEnd reads where the log of a closed round ends.
func readEnd(ctx context.Context, tx pgx.Tx, head *poll.Head) (edge poll.Edge, err error) {
	var hashes []byte
	err = tx.QueryRow(ctx, `SELECT closed, size, edge FROM poll_round JOIN poll_log ON round = id WHERE id = $1 AND closed IS NOT NULL`, head.Round).
		Scan(instant{&head.At}, &edge.Size, &hashes)
	edge.Hashes = decodeEdge(hashes)
	head.Size, head.Root = edge.Size, edge.Root()
	return edge, err
}

// RoundEnd gives the head of the whole log of a closed round. ErrNotFound: it is not closed yet.
func (s *Store) RoundEnd(ctx context.Context, id string) (poll.Head, error) {
	head := poll.Head{Round: id}
	err := s.transact(ctx, func(tx pgx.Tx) error {
		_, err := readEnd(ctx, tx, &head)
		return err
	})
	return head, err
}

// CountRound counts a closed round once it may be counted, and gives its result; once counted, the same again. Of a void
// round nothing is counted: its result is empty.
//
// ErrRoundOpen: it is not closed. ErrUnderReview: it may not be counted yet, by the database's clock. ErrDiverged: the ballots
// are not what the log says.
func (s *Store) CountRound(ctx context.Context, id string) (result poll.Result, err error) {
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
	var void, closed, early bool
	if err := tx.QueryRow(ctx, `SELECT result, void, closed IS NOT NULL, COALESCE(counts > clock_timestamp(), false) FROM poll_round WHERE id = $1 FOR UPDATE`, id).
		Scan(&stored, &void, &closed, &early); err != nil || void {
		return result, err
	}
	switch {
	case stored != nil:
		return result, json.Unmarshal([]byte(*stored), &result)
	case !closed:
		return result, ErrRoundOpen
	case early:
		return result, ErrUnderReview
	}
	r, err := readClosed(ctx, tx, id)
	if err != nil {
		return result, err
	}
	if err := r.decide(ctx, tx); err != nil {
		return result, err
	}
	closing, err := r.sign(ctx, tx)
	if err != nil {
		return result, err
	}
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE poll_round SET result = $2, closing = $3 WHERE id = $1`, id, string(r.resultText), closing)
	batch.Queue(`UPDATE draw SET revealed = now() WHERE commitment = $1 AND revealed IS NULL`, r.round.Draw)
	return r.result, tx.SendBatch(ctx, batch).Close()
}

// closedRound is a closed round but for its ballots: there may be more than fit into memory.
type closedRound struct {
	round      poll.Round
	definition string
	closed     time.Time
	seed       string
	key        string
	closing    string
	edge       poll.Edge
	heads      []string
	leaves     hash.Hash // of leaves.txt, once the ballots are counted
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

// The orders in which a round's ballots are gone through. Both are PostgreSQL's work, on its disk where they are many.
const (
	asTheyCame = `leaf`
	shuffled   = `sha256(convert_to($2 || encode(mark, 'hex') || E'\n', 'UTF8')), leaf`
)

// each goes through the round's ballots.
func (r *closedRound) each(ctx context.Context, tx pgx.Tx, order string, take func(*poll.Entry) error) error {
	rows, err := tx.Query(ctx, `SELECT hash, mark, class, unit, choices, superseded, COALESCE(exclusion, 0) FROM poll_ballot
		WHERE round = $1 AND $2::text IS NOT NULL ORDER BY `+order, r.round.ID, poll.ShufflePrefix(r.seed))
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
		return take(&e)
	})
	return err
}

// decide counts, and holds the ballots against the log.
func (r *closedRound) decide(ctx context.Context, tx pgx.Tx) error {
	edge, tally, left := poll.Edge{}, poll.NewTally(&r.round), map[poll.Status]int{}
	r.leaves = sha256.New()
	if err := r.each(ctx, tx, asTheyCame, func(e *poll.Entry) error {
		edge = edge.Append(e.Leaf)
		if e.Status == poll.Counted {
			tally.Add(e.Class, e.Choices)
		}
		left[e.Status]++
		_, err := io.WriteString(r.leaves, e.LeafLine())
		return err
	}); err != nil {
		return err
	}
	for i := range r.exclusions { // those of voters who voted again are replaced, and the later ones excluded
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

// write writes one of the files, the ballots' as they are read.
func (r *closedRound) write(ctx context.Context, tx pgx.Tx, name string, w io.Writer) error {
	var text string
	switch name {
	case poll.FileRound:
		text = r.definition
	case poll.FileHeads:
		text = strings.Join(r.heads, "")
	case poll.FileResult:
		text = string(r.resultText)
	case poll.FileClosing:
		text = r.closing
	case poll.FileKey:
		text = r.key + "\n"
	case poll.FileBallots:
		return r.lines(ctx, tx, shuffled, w, poll.BallotsHeader, (*poll.Entry).BallotLine)
	case poll.FileLeaves:
		return r.lines(ctx, tx, asTheyCame, w, "", (*poll.Entry).LeafLine)
	default:
		return ErrNotFound
	}
	_, err := io.WriteString(w, text)
	return err
}

func (r *closedRound) lines(ctx context.Context, tx pgx.Tx, order string, w io.Writer, header string, line func(*poll.Entry) string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString(header); err != nil {
		return err
	}
	if err := r.each(ctx, tx, order, func(e *poll.Entry) error {
		_, err := out.WriteString(line(e))
		return err
	}); err != nil {
		return err
	}
	return out.Flush()
}

// sign signs the closing head of a round that is decided.
func (r *closedRound) sign(ctx context.Context, tx pgx.Tx) (string, error) {
	c := poll.Closing{Round: r.round.ID, Size: r.edge.Size, Root: r.edge.Root(), At: r.closed, Seed: r.seed}
	for i, name := range poll.Bound() {
		sum := r.leaves
		if name != poll.FileLeaves {
			sum = sha256.New()
			if err := r.write(ctx, tx, name, sum); err != nil {
				return "", err
			}
		}
		c.Digests[i] = hex.EncodeToString(sum.Sum(nil))
	}
	signer, err := pollSigner(ctx, tx.Conn())
	if err != nil {
		return "", err
	}
	return c.Sign(signer)
}

// RoundResult gives the result of a counted round. ErrNotFound: there is none yet.
func (s *Store) RoundResult(ctx context.Context, id string) (result poll.Result, err error) {
	var text string
	if err := s.pool.QueryRow(ctx, `SELECT result FROM poll_round WHERE id = $1 AND result IS NOT NULL`, id).Scan(&text); err != nil {
		return result, classify(err)
	}
	return result, json.Unmarshal([]byte(text), &result)
}

// WriteRoundFiles writes what is published of a counted round, file by file, as it is read: file gives where to write one.
// ErrNotFound: it is not counted, and nothing was asked of file; or there is no file of such a name.
func (s *Store) WriteRoundFiles(ctx context.Context, id string, names []string, file func(name string) (io.Writer, error)) error {
	return classify(pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
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
		for _, name := range names {
			w, err := file(name)
			if err != nil {
				return err
			}
			if err := r.write(ctx, tx, name, w); err != nil {
				return err
			}
		}
		return nil
	}))
}

func readTexts(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
