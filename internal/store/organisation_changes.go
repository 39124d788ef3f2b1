package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// The states of an organisation's change.
const (
	ChangeOpen      = "open"
	ChangeConfirmed = "confirmed"
	ChangeRefused   = "refused"
	ChangeWithdrawn = "withdrawn"
)

// OrganisationChange is an amendment that one administrator proposes and another confirms.
type OrganisationChange struct {
	ID         string
	Amendment  rulebook.Amendment
	Reason     string
	Person     string // who proposed it
	Name       string
	At         time.Time
	State      string
	SettledBy  string
	SettledAt  time.Time // zero: it is open
	SettledHow string    // why it was refused
	Settler    string    // name
}

const organisationChanges = `
	SELECT c.id::text, c.amendment, c.reason, c.person, COALESCE(p.name, ''), c.at, c.state, c.settled_by, c.settled_at, c.answer, COALESCE(s.name, '')
	FROM organisation_change c LEFT JOIN person p ON p.id::text = c.person LEFT JOIN person s ON s.id::text = c.settled_by `

func scanOrganisationChange(row pgx.CollectableRow) (c OrganisationChange, err error) {
	var amendment []byte
	if err := row.Scan(&c.ID, &amendment, &c.Reason, &c.Person, &c.Name, instant{&c.At}, &c.State, &c.SettledBy, instant{&c.SettledAt},
		&c.SettledHow, &c.Settler); err != nil {
		return c, err
	}
	return c, json.Unmarshal(amendment, &c.Amendment)
}

// ProposeOrganisationChange keeps a change until it is settled, and tells whoever may confirm it what it does.
func (s *Store) ProposeOrganisationChange(ctx context.Context, c OrganisationChange, sentence string) error {
	amendment, err := json.Marshal(c.Amendment)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO organisation_change (id, organisation, amendment, reason, person, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.ID, c.Amendment.Organisation, amendment, c.Reason, c.Person, c.At); err != nil {
			return err
		}
		return tellAdministrators(ctx, tx, identity.PostSecurity, TellProposed, "organisation-change/"+c.ID, c.Person, map[string]any{"sentence": sentence})
	})
}

// OrganisationChange gives a change. ErrNotFound: there is none.
func (s *Store) OrganisationChange(ctx context.Context, id string) (OrganisationChange, error) {
	rows, err := s.pool.Query(ctx, organisationChanges+`WHERE c.id = $1`, uuidOf(id))
	if err != nil {
		return OrganisationChange{}, classify(err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanOrganisationChange)
	return c, classify(err)
}

// OrganisationChanges lists an organisation's changes: those that are open first, then the latest.
func (s *Store) OrganisationChanges(ctx context.Context, organisation string, limit int) ([]OrganisationChange, error) {
	rows, err := s.pool.Query(ctx, organisationChanges+`WHERE c.organisation = $1 ORDER BY c.state <> 'open', c.at DESC, c.id LIMIT $2`, organisation, limit)
	if err != nil {
		return nil, classify(err)
	}
	changes, err := pgx.CollectRows(rows, scanOrganisationChange)
	return changes, classify(err)
}

// Amendments are those in force, in the order they came into it.
func (s *Store) Amendments(ctx context.Context) ([]rulebook.Amendment, error) {
	rows, err := s.pool.Query(ctx, `SELECT amendment FROM organisation_change WHERE number IS NOT NULL ORDER BY number`)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a rulebook.Amendment, err error) {
		var data []byte
		if err := row.Scan(&data); err != nil {
			return a, err
		}
		return a, json.Unmarshal(data, &a)
	})
	return list, classify(err)
}

// amended locks the changes and compares how many are in force with how many the asker knows: ErrRulesMoved where these are
// others.
func amended(ctx context.Context, tx pgx.Tx, known int) error {
	if _, err := tx.Exec(ctx, `LOCK TABLE organisation_change IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	var number int
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(number), 0) FROM organisation_change`).Scan(&number); err != nil {
		return err
	}
	if number != known {
		return ErrRulesMoved
	}
	return nil
}

// KeepOrganisations brings organisations, units and posts up to what their files say, amended so many times. What a file no
// longer names stays. ErrRulesMoved: they have been amended since.
func (s *Store) KeepOrganisations(ctx context.Context, known int, organisations []*rulebook.Organisation) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := amended(ctx, tx, known); err != nil {
			return err
		}
		return loadOrganisations(ctx, tx, organisations)
	})
}

// ConfirmOrganisationChange puts a change in force: the organisations are those amended so many times, and by it. ErrNotFound:
// there is none. ErrRulesMoved: others have come into force. Refusals: change-settled, change-own (who proposed it does not
// confirm it).
func (s *Store) ConfirmOrganisationChange(ctx context.Context, id, by string, now time.Time, known int, organisations []*rulebook.Organisation) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := amended(ctx, tx, known); err != nil {
			return err
		}
		if err := settle(ctx, tx, id, by, ChangeConfirmed, "", now); err != nil {
			return err
		}
		if err := loadOrganisations(ctx, tx, organisations); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, notify, `{"rules":true}`)
		return err
	})
}

// DropOrganisationChange settles a change that does not come into force: another refuses it, or who proposed it withdraws it.
// ErrNotFound: there is none. Refusal: change-settled.
func (s *Store) DropOrganisationChange(ctx context.Context, id, by, answer string, now time.Time) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		var person string
		if err := tx.QueryRow(ctx, `SELECT person FROM organisation_change WHERE id = $1`, uuidOf(id)).Scan(&person); err != nil {
			return err
		}
		state := ChangeRefused
		if person == by {
			state = ChangeWithdrawn
		}
		return settle(ctx, tx, id, by, state, answer, now)
	})
}

// settle ends a change's being open.
func settle(ctx context.Context, tx pgx.Tx, id, by, state, answer string, now time.Time) error {
	var person, was string
	err := tx.QueryRow(ctx, `SELECT person, state FROM organisation_change WHERE id = $1 FOR UPDATE`, uuidOf(id)).Scan(&person, &was)
	switch {
	case err != nil:
		return err
	case was != ChangeOpen:
		return &procedure.Refusal{Code: "change-settled"}
	case person == by && state == ChangeConfirmed:
		return &procedure.Refusal{Code: "change-own"}
	}
	_, err = tx.Exec(ctx, `UPDATE organisation_change SET state = $2, settled_by = $3, settled_at = $4, answer = $5,
			number = CASE WHEN $2 = 'confirmed' THEN (SELECT COALESCE(max(number), 0) + 1 FROM organisation_change) END
		WHERE id = $1`, id, state, by, now, answer)
	return err
}

// UnitUse is what still speaks of a unit.
type UnitUse struct {
	Waiting int      // to-dos before its posts
	Matters int      // open ones it started
	Held    []string // titles of its posts that somebody holds
}

// UnitUses tells what still speaks of a unit.
func (s *Store) UnitUses(ctx context.Context, unit string, now time.Time) (u UnitUse, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM assignment WHERE unit = $1 AND closed IS NULL),
			(SELECT count(*) FROM matter_unit JOIN matter ON matter.id = matter_unit.matter WHERE matter_unit.unit = $1 AND matter_unit.open AND matter.unit = $1),
			ARRAY(SELECT DISTINCT o.title FROM post o JOIN acting a ON a.post = o.post AND a.for_person IS NULL AND a.from_at <= $2 AND a.to_at > $2
				WHERE o.unit = $1 ORDER BY 1)`, unit, now).Scan(&u.Waiting, &u.Matters, &u.Held)
	return u, classify(err)
}
