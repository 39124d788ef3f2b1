package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// SlipFilter chooses slips; zero fields do not restrict.
type SlipFilter struct {
	Matter   string
	ID       int64  // with Matter
	Unit     string // that issued it
	Kind     string
	Year     int
	Posts    []procedure.Post // addressed to any of these
	Unsigned bool             // and not signed for yet: by them, or without Posts by somebody
	Sight    Sight
}

// SlipCursor is the place after a slip in its list: newest first.
type SlipCursor struct {
	Issued time.Time
	Matter string
	ID     int64
}

// SlipItem is a slip with its number and receipts.
type SlipItem struct {
	Matter      string
	ID          int64
	Unit        string
	Kind        string
	Prefix      string
	Year        int
	Sequence    int64
	Rehearsal   bool // its numbers are counted apart
	To          []procedure.Post
	Title       string
	Body        string
	Source      string
	Issued      time.Time // by the matter's clock, as Due
	Due         time.Time
	Receipts    []Receipt
	MatterTitle string
}

// Number is the slip's document number, as 淄改办交〔2026〕3号.
func (s SlipItem) Number() string { return DocumentNumber(s.Prefix, s.Year, s.Sequence) }

// DocumentNumber writes a document number: the issuer's prefix, the year, the number within it (GB/T 9704-2012, 7.2.5).
func DocumentNumber(prefix string, year int, sequence int64) string {
	return fmt.Sprintf("%s〔%d〕%d号", prefix, year, sequence)
}

// Cursor is the place after the slip.
func (s SlipItem) Cursor() SlipCursor { return SlipCursor{s.Issued, s.Matter, s.ID} }

// Receipt says who signed for a slip on behalf of a post, and when; zero Signed: nobody yet.
type Receipt struct {
	Post   procedure.Post `json:"post"`
	Signed time.Time      `json:"signed"`
	Person string         `json:"person"`
}

// Slips lists slips, newest first, after the cursor (nil: from the start).
func (s *Store) Slips(ctx context.Context, f SlipFilter, after *SlipCursor, limit int) ([]SlipItem, error) {
	var q query
	q.matter("s.matter", f.Matter)
	equal(&q, "s.id", f.ID)
	equal(&q, "s.unit", f.Unit)
	equal(&q, "s.kind", f.Kind)
	equal(&q, "s.year", f.Year)
	switch {
	case len(f.Posts) > 0 && f.Unsigned:
		q.and("(s.matter, s.id) IN (SELECT matter, slip FROM slip_receipt WHERE post = ANY (?) AND signed IS NULL)", names(f.Posts))
	case len(f.Posts) > 0:
		q.and("(s.matter, s.id) IN (SELECT matter, slip FROM slip_receipt WHERE post = ANY (?))", names(f.Posts))
	case f.Unsigned:
		q.and("EXISTS (SELECT FROM slip_receipt r WHERE r.matter = s.matter AND r.slip = s.id AND r.signed IS NULL)")
	}
	if after != nil {
		q.and("(s.issued, s.matter, s.id) < (?, ?, ?)", after.Issued, after.Matter, after.ID)
	}
	q.see(f.Sight)
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`
		SELECT s.matter::text, s.id, s.unit, s.kind, s.prefix, s.year, s.number, s.rehearsal, s.addressees, s.title, s.body, s.source,
			s.issued, s.due, matter.title,
			(SELECT json_agg(json_build_object('post', r.post, 'signed', COALESCE(r.signed, '0001-01-01'), 'person', r.person) ORDER BY r.post)
				FROM slip_receipt r WHERE r.matter = s.matter AND r.slip = s.id)
		FROM slip s JOIN matter ON matter.id = s.matter
		WHERE %s ORDER BY s.issued DESC, s.matter DESC, s.id DESC LIMIT %s`, q.conditions(), q.arg(limit)), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i SlipItem, err error) {
		var receipts []byte
		err = row.Scan(&i.Matter, &i.ID, &i.Unit, &i.Kind, &i.Prefix, &i.Year, &i.Sequence, &i.Rehearsal, &i.To, &i.Title, &i.Body,
			&i.Source, &i.Issued, instant{&i.Due}, &i.MatterTitle, &receipts)
		if err != nil || receipts == nil {
			return i, err
		}
		err = json.Unmarshal(receipts, &i.Receipts)
		return i, err
	})
	return items, classify(err)
}

// Slip gives one slip. ErrNotFound: there is none, or none the person may see.
func (s *Store) Slip(ctx context.Context, matter string, id int64, sight Sight) (SlipItem, error) {
	if matter == "" || id == 0 {
		return SlipItem{}, ErrNotFound
	}
	items, err := s.Slips(ctx, SlipFilter{Matter: matter, ID: id, Sight: sight}, nil, 1)
	if err != nil {
		return SlipItem{}, err
	}
	if len(items) == 0 {
		return SlipItem{}, ErrNotFound
	}
	return items[0], nil
}
