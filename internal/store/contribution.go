package store

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

type contributionKey struct {
	stage string
	round int
	unit  string
}

// A contribution that is done stays done when it was first, whatever a later batch says: a card is changed, more is sent.
const upsertContributions = `INSERT INTO contribution SELECT * FROM json_populate_recordset(NULL::contribution, $1)
	ON CONFLICT (matter, stage, round, unit) DO UPDATE SET done = COALESCE(contribution.done, EXCLUDED.done), missed = contribution.missed OR EXCLUDED.missed`

// count gathers who owes a stage what, and who has done it. Of a vote it keeps who voted alone.
func (p *projection) count(was *procedure.State, e procedure.Event) {
	s := &p.after
	stage, ok := s.Spec.Procedure.Stage(cmp.Or(was.Stage, s.Stage))
	if !ok {
		return
	}
	switch b := e.Body.(type) {
	case procedure.MatterRequested:
		if stage.Kind == procedure.KindCollect {
			p.part(stage.Key, b.Unit, time.Time{}, false)
		}
	case procedure.StageEntered:
		if entered, _ := s.Spec.Procedure.Stage(b.Stage); entered == nil || entered.Start != nil {
			break // it asks itself, or gathers nothing
		}
		for _, l := range s.Asked() { // asked for before: some may have sent already
			p.part(b.Stage, l.Unit, sentAt(l), false)
		}
	case procedure.MatterLinked:
		for _, l := range s.Asked() {
			if l.Matter == b.Matter && !l.Late && !sentAt(l).IsZero() {
				p.part(stage.Key, l.Unit, e.At, false)
			}
		}
	case procedure.Gathered:
		p.miss(b.Stage, b.Missing)
	case procedure.AssignmentOpened:
		if b.Duty == procedure.DutyVote || b.Duty == procedure.DutyAct && stage.Kind == procedure.KindScore {
			p.part(b.Stage, b.Post.Unit(), time.Time{}, false)
		}
	case procedure.Voted:
		p.part(stage.Key, b.Unit, e.At, false)
	case procedure.PollSeal:
		p.rounds = append(p.rounds, b.Round)
	case procedure.MatterClosed:
		p.ended = true
	case procedure.PollClosed:
		p.miss(b.Stage, b.Missing)
	case procedure.Scored:
		p.part(b.Stage, b.Post.Unit(), e.At, false)
	case procedure.ScoresClosed:
		for _, post := range b.Missing {
			p.miss(b.Stage, []string{post.Unit()})
		}
	}
}

// sentAt is when a matter came to what is gathered of it; zero while it has not.
func sentAt(l procedure.Linked) time.Time {
	if l.Ended && l.Outcome == procedure.OutcomeCompleted {
		return l.At
	}
	return time.Time{}
}

// part notes what a unit owes a stage, or that it has done it. A unit may owe a collection several matters: it has done its
// part with the first, and missed it with any.
func (p *projection) part(stage, unit string, done time.Time, missed bool) {
	if unit == "" {
		return
	}
	key := contributionKey{stage, p.after.Rounds[stage], unit}
	row, known := p.parts[key]
	if !known {
		row = contributionRow{Matter: p.after.Spec.Matter, Stage: stage, Round: key.round, Unit: unit}
	}
	if row.Done.IsZero() {
		row.Done = maybe{done}
	}
	row.Missed = row.Missed || missed
	p.parts[key] = row
}

func (p *projection) miss(stage string, units []string) {
	for _, unit := range units {
		p.part(stage, unit, time.Time{}, true)
	}
}

// queueCounted adds who owes what, and the rounds published.
func (p *projection) queueCounted(batch *pgx.Batch) error {
	if err := queueRows(batch, upsertContributions, values(p.parts)); err != nil {
		return err
	}
	for _, round := range p.rounds {
		if err := queueRound(batch, round); err != nil {
			return err
		}
	}
	if p.ended {
		queueVoid(batch, p.after.Spec.Matter)
	}
	return nil
}

// Contribution is what a unit owes a stage of a matter.
type Contribution struct {
	Matter string
	Stage  string
	Round  int
	Unit   string
	Done   time.Time // zero: not yet, or never
	Missed bool      // the stage closed without it
}

// Contributions lists what units owe a matter, by stage, round and unit: who has not voted, scored or sent.
func (s *Store) Contributions(ctx context.Context, matter string) ([]Contribution, error) {
	rows, err := s.pool.Query(ctx, `SELECT matter::text, stage, round, unit, done, missed FROM contribution WHERE matter = $1
		ORDER BY stage, round, unit`, matter)
	if err != nil {
		return nil, classify(err)
	}
	parts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Contribution, err error) {
		err = row.Scan(&p.Matter, &p.Stage, &p.Round, &p.Unit, instant{&p.Done}, &p.Missed)
		return p, err
	})
	return parts, classify(err)
}
