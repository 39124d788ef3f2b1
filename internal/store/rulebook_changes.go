package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// RulebookChange is a proposed text of a rulebook. It never changes: its id is a digest of what it says.
type RulebookChange struct {
	ID       string
	Rulebook string
	Base     string // version it was made from
	Text     string
	Person   string // who proposed it first
	At       time.Time
}

// ChangeID is the id of a change.
func ChangeID(rulebook, base, text string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", rulebook, base, text))
	return hex.EncodeToString(sum[:])
}

// PutRulebookChange keeps a change and gives it as it is kept: the same change again is the one that was there.
func (s *Store) PutRulebookChange(ctx context.Context, c RulebookChange) (RulebookChange, error) {
	c.ID = ChangeID(c.Rulebook, c.Base, c.Text)
	_, err := s.pool.Exec(ctx, `INSERT INTO rulebook_change (id, rulebook, base, text, person) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		c.ID, c.Rulebook, c.Base, c.Text, c.Person)
	if err != nil {
		return c, classify(err)
	}
	return s.RulebookChange(ctx, c.ID)
}

// RulebookChange gives a change. ErrNotFound: there is none of that id.
func (s *Store) RulebookChange(ctx context.Context, id string) (c RulebookChange, err error) {
	err = s.pool.QueryRow(ctx, `SELECT id, rulebook, base, text, person, at FROM rulebook_change WHERE id = $1`, id).
		Scan(&c.ID, &c.Rulebook, &c.Base, &c.Text, &c.Person, instant{&c.At})
	return c, classify(err)
}

// RulebookDraft is what a person is writing.
type RulebookDraft struct {
	Person   string
	Rulebook string
	Base     string
	Text     string
	Revision int64 // one more at each saving
	Saved    time.Time
}

// ErrDraftMoved says that a draft was saved elsewhere meanwhile: in another window.
var ErrDraftMoved = errors.New("the draft has been saved elsewhere")

// RulebookDraft gives a person's draft of a rulebook. ErrNotFound: they have none.
func (s *Store) RulebookDraft(ctx context.Context, person, rulebook string) (d RulebookDraft, err error) {
	err = s.pool.QueryRow(ctx, `SELECT person, rulebook, base, text, revision, saved FROM rulebook_draft WHERE person = $1 AND rulebook = $2`,
		person, rulebook).Scan(&d.Person, &d.Rulebook, &d.Base, &d.Text, &d.Revision, instant{&d.Saved})
	return d, classify(err)
}

// SaveRulebookDraft takes the place of the draft whose revision the given one has; 0: there is none. It gives the draft
// as saved. ErrDraftMoved: another is there.
func (s *Store) SaveRulebookDraft(ctx context.Context, d RulebookDraft) (RulebookDraft, error) {
	err := s.pool.QueryRow(ctx, `INSERT INTO rulebook_draft AS d (person, rulebook, base, text, revision)
			SELECT $1, $2, $3, $4, 1 WHERE $5 = 0 OR EXISTS (SELECT FROM rulebook_draft WHERE person = $1 AND rulebook = $2)
		ON CONFLICT (person, rulebook) DO UPDATE SET base = $3, text = $4, revision = d.revision + 1, saved = now() WHERE d.revision = $5
		RETURNING revision, saved`, d.Person, d.Rulebook, d.Base, d.Text, d.Revision).Scan(&d.Revision, instant{&d.Saved})
	if errors.Is(err, pgx.ErrNoRows) {
		return d, ErrDraftMoved
	}
	return d, classify(err)
}

// DropRulebookDraft forgets a draft.
func (s *Store) DropRulebookDraft(ctx context.Context, person, rulebook string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM rulebook_draft WHERE person = $1 AND rulebook = $2`, person, rulebook)
	return classify(err)
}
