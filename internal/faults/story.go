package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// stories folds every matter's events by itself and looks at each step: the sequence, the alarms, and that the end is
// what the row says.
func (a *Auditor) stories(ctx context.Context) error {
	ids, err := a.matters(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := a.story(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Auditor) story(ctx context.Context, id string) error {
	var text, shown []byte
	var seq int64
	if err := a.db.QueryRow(ctx, `SELECT spec, state, seq FROM matter WHERE id = $1`, id).Scan(&text, &shown, &seq); err != nil {
		return err
	}
	var spec procedure.Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	rows, err := a.db.Query(ctx, `SELECT body, recorded FROM event WHERE matter = $1 ORDER BY seq`, id)
	if err != nil {
		return err
	}
	told := story{auditor: a, matter: id, state: procedure.New(spec), fired: map[string]bool{}}
	var body []byte
	var recorded, last time.Time
	if _, err := pgx.ForEachRow(rows, []any{&body, &recorded}, func() error {
		var e procedure.Event
		if err := json.Unmarshal(body, &e); err != nil {
			return err
		}
		told.event(e)
		last = recorded
		return nil
	}); err != nil {
		return err
	}
	if told.state.Seq != seq {
		a.find("%s has events up to %d and is shown at %d", id, told.state.Seq, seq)
	}
	same, why, err := sameState(told.state, text, shown)
	if err != nil {
		return err
	}
	if !same {
		a.find("%s is not what its events fold to: %s", id, why)
	}
	told.overdue(a.stopped, last)
	return nil
}

// story follows one matter's events.
type story struct {
	auditor *Auditor
	matter  string
	state   procedure.State
	key     string          // of the event before
	fired   map[string]bool // limit, alarm and due
}

func (s *story) event(e procedure.Event) {
	if e.Seq != s.state.Seq+1 {
		s.auditor.find("%s: event %d follows %d", s.matter, e.Seq, s.state.Seq)
	}
	if e.Key != "" && e.Key != s.key { // a command: the clock came first
		for _, alarm := range procedure.Alarms(s.state) {
			if alarm.At.Before(e.At) {
				s.auditor.find("%s: at %d (%s) the alarm %d of limit %d, due %s, had not rung by %s", s.matter, e.Seq, e.Body.EventType(),
					alarm.Alarm, alarm.Limit.Limit, alarm.At, e.At)
			}
		}
	}
	s.key = e.Key
	if rang, ok := e.Body.(procedure.AlarmFired); ok {
		s.auditor.Summary.Alarms++
		s.rang(e, rang)
	}
	s.state = procedure.Apply(s.state, e)
}

// rang checks one alarm: it was set, its time had come, and it did not ring before for the same due.
func (s *story) rang(e procedure.Event, rang procedure.AlarmFired) {
	for _, alarm := range procedure.Alarms(s.state) {
		if alarm.Limit.Limit != rang.Limit || alarm.Alarm != rang.Alarm {
			continue
		}
		once := fmt.Sprint(rang.Limit, rang.Alarm, alarm.Limit.Due.At, alarm.Limit.Since)
		switch {
		case alarm.At.After(e.At):
			s.auditor.find("%s: at %d an alarm rang at %s, before its time %s", s.matter, e.Seq, e.At, alarm.At)
		case s.fired[once]:
			s.auditor.find("%s: at %d an alarm rang twice for the same due", s.matter, e.Seq)
		}
		s.fired[once] = true
		return
	}
	s.auditor.find("%s: at %d an alarm rang that was not set: %+v", s.matter, e.Seq, rang)
}

// overdue looks, as of the time the worker stopped, for alarms that should have rung by then.
func (s *story) overdue(stopped, last time.Time) {
	for _, alarm := range procedure.Alarms(s.state) {
		if due := s.state.Spec.Clock.Wall(alarm.At); due.Before(stopped.Add(-alarmSlack)) {
			s.auditor.find("%s: the alarm %d of limit %d was due at %s and had not rung by %s (last event recorded %s)", s.matter,
				alarm.Alarm, alarm.Limit.Limit, due, stopped, last)
		}
	}
}
