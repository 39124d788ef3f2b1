package store

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// unopenedRow is a matter that another one asked for and the rules refused.
type unopenedRow struct {
	Matter    string             `json:"matter"`
	Child     string             `json:"child"`
	Rulebook  string             `json:"rulebook"`
	Procedure string             `json:"procedure"`
	Title     string             `json:"title"`
	Refusal   *procedure.Refusal `json:"refusal"`
}

const insertUnopened = `INSERT INTO unopened (matter, child, rulebook, procedure, title, refusal)
	SELECT matter, child, rulebook, procedure, title, refusal FROM json_populate_recordset(NULL::unopened, $1) ON CONFLICT DO NOTHING`

// unopened tells whoever began the matter, and the office that urges in it, of one it asked for that never began. One that
// the procedure has no way of its own for waits until somebody has seen to it.
func (p *projection) unopened(e procedure.Event, l procedure.Linked) {
	rules := &p.after.Spec.Procedure
	rulebook, key, provided := rules.Asks(l.Link)
	row := unopenedRow{Matter: p.after.Spec.Matter, Child: l.Matter, Rulebook: rulebook, Procedure: key, Title: l.Title, Refusal: l.Refusal}
	for _, known := range p.after.Links {
		if known.Matter == l.Matter {
			row.Title = known.Title
		}
	}
	p.say(e, telling{Kind: TellUnopened, Posts: p.office(), Person: p.after.Spec.Starter.Person,
		Args: Unopened{Of: rulebook + "/" + key, Title: row.Title, Refusal: *l.Refusal}.Details()})
	if !provided {
		p.refusals = append(p.refusals, row)
	}
}

// Unopened is a matter that another one asked for, that never began, and that nobody has seen to.
type Unopened struct {
	Matter  string // that asked
	Child   string // it would have been
	Of      string // "rulebook/procedure"
	Title   string
	Refusal procedure.Refusal
	At      time.Time
}

// Details are what a text about it is made of: child, of, code, source and the refusal's own arguments.
func (u Unopened) Details() map[string]any {
	details := map[string]any{}
	maps.Copy(details, u.Refusal.Args)
	details["child"], details["of"], details["code"], details["source"] = u.Title, u.Of, u.Refusal.Code, u.Refusal.Source
	return details
}

// unopenedKept is how long one is held before whoever has to see to it, who has been told.
const unopenedKept = 30 * 24 * time.Hour

// Unopened lists what never began, the oldest first. It settles those that need nobody any more: a matter of the procedure
// and the title has begun since, the one that asked ended otherwise than completed, or a month has passed.
func (s *Store) Unopened(ctx context.Context, limit int) (list []Unopened, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE unopened u SET settled = now() WHERE settled IS NULL AND (recorded < now() - $1::interval
			OR EXISTS (SELECT FROM matter m WHERE m.id = u.matter AND m.outcome NOT IN ('', 'completed'))
			OR EXISTS (SELECT FROM matter m WHERE m.procedure = u.procedure AND m.closed IS NULL AND m.rulebook = u.rulebook
				AND m.title = u.title AND NOT m.draft AND EXISTS (SELECT FROM event WHERE matter = m.id AND seq = 1 AND recorded > u.recorded)))`,
			unopenedKept); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT matter::text, child::text, rulebook || '/' || procedure, title, refusal, recorded
			FROM unopened WHERE settled IS NULL ORDER BY recorded, child LIMIT $1`, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unopened, err error) {
			var refusal []byte
			if err = row.Scan(&u.Matter, &u.Child, &u.Of, &u.Title, &refusal, &u.At); err == nil {
				err = json.Unmarshal(refusal, &u.Refusal)
			}
			return u, err
		})
		return err
	})
	return list, err
}
