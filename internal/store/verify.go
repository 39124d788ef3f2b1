package store

import (
	"bytes"
	"context"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"
)

// Break is the first link of a chain that does not hold.
type Break struct {
	Matter string
	Seq    int64 // 0: the specification
	Why    BreakWhy
}

// BreakWhy says what is wrong with a link.
type BreakWhy string

// What may be wrong: the text is not the one its hash was made of; a link is missing; the matter's row names another
// end of the chain than its events have.
const (
	BreakChanged BreakWhy = "changed"
	BreakMissing BreakWhy = "missing"
	BreakEnd     BreakWhy = "end"
)

// Verify recomputes every matter's chain and gives the first broken link, or nil. It reads one cut of the database.
func (s *Store) Verify(ctx context.Context) (*Break, error) {
	var broken *Break
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT m.id::text, m.seq, m.hash, m.spec_hash, CASE WHEN e.seq IS NULL OR e.seq = 1 THEN m.spec::text END,
				COALESCE(e.seq, 0), e.body::text, e.hash
			FROM matter m LEFT JOIN event e ON e.matter = m.id ORDER BY m.id, e.seq`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var v verifier
		for broken == nil && rows.Next() {
			var l chainLink
			if err := rows.Scan(&l.matter, &l.end, &l.endHash, &l.specHash, &l.spec, &l.seq, &l.body, &l.hash); err != nil {
				return err
			}
			broken = v.next(l)
		}
		if broken == nil {
			broken = v.finish()
		}
		rows.Close()
		return rows.Err()
	})
	if err != nil {
		return nil, classify(err)
	}
	return broken, nil
}

// chainLink is one event with its matter's row; seq 0: a matter without events.
type chainLink struct {
	matter            string
	end               int64
	endHash, specHash []byte
	spec              *string
	seq               int64
	body              *string
	hash              []byte
}

// verifier walks chains link by link.
type verifier struct {
	last chainLink
	head []byte
}

func (v *verifier) next(l chainLink) *Break {
	if l.matter != v.last.matter {
		if broken := v.finish(); broken != nil {
			return broken
		}
		if l.spec == nil { // its first event is not there
			return &Break{l.matter, 1, BreakMissing}
		}
		sum := sha256.Sum256([]byte(*l.spec))
		if v.head = sum[:]; !bytes.Equal(v.head, l.specHash) {
			return &Break{l.matter, 0, BreakChanged}
		}
		v.last = chainLink{matter: l.matter}
	}
	if l.seq > 0 {
		if l.seq != v.last.seq+1 {
			return &Break{l.matter, v.last.seq + 1, BreakMissing}
		}
		if v.head = link(v.head, []byte(*l.body)); !bytes.Equal(v.head, l.hash) {
			return &Break{l.matter, l.seq, BreakChanged}
		}
	}
	v.last = l
	return nil
}

// finish compares the end of a chain with the one its matter's row names.
func (v *verifier) finish() *Break {
	l := v.last
	if l.matter == "" || l.seq == l.end && bytes.Equal(v.head, l.endHash) {
		return nil
	}
	if l.seq < l.end {
		return &Break{l.matter, l.seq + 1, BreakMissing}
	}
	return &Break{l.matter, l.seq, BreakEnd}
}
