package procedure

import (
	"cmp"
	"slices"
	"time"
)

// Elapse gives what the clock alone brings about by now, in order; empty when nothing is due. Of several reminders of
// one limit that are due at once (the platform was away) the last speaks for all; slips and escalations never merge.
func Elapse(s State, now time.Time) []Event {
	d := draft{s: s, at: now}
	for range 2*len(s.Spec.Procedure.Stages) + 1 {
		d.ring(now)
		at := turns(&d.s)
		if at.IsZero() || at.After(now) {
			break
		}
		on := d
		if on.turnStage() != nil {
			break // a rule that cannot be followed: the matter waits rather than stand between two stages
		}
		d = on
	}
	return d.events
}

// turns is when the clock next moves the current stage on; zero where it does not.
func turns(s *State) time.Time {
	var next time.Time
	for _, at := range []time.Time{waitEnds(s), closesAt(s), pollTurns(s)} {
		if next.IsZero() || !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next
}

// turnStage is what the clock does to the current stage: a wait ends, a collection or a scoring closes with what came, a
// vote opens or ends.
func (d *draft) turnStage() error {
	stage := d.stage()
	switch stage.Kind {
	case KindPoll:
		d.turnPoll(stage)
		return nil
	case KindScore:
		return d.closeScores(stage)
	case KindCollect:
		d.gather(stage)
	}
	d.leave(stage, "")
	return d.advance(stage.Next, "", stage.Key)
}

// ring fires every alarm due by now.
func (d *draft) ring(now time.Time) {
	var due []Alarmed
	for a := range d.s.alarms {
		if !a.At.After(now) {
			due = append(due, a)
		}
	}
	slices.SortFunc(due, func(a, b Alarmed) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Limit.Limit, b.Limit.Limit), cmp.Compare(a.Alarm, b.Alarm))
	})
	for i, a := range due {
		def := definition(&d.s, a.Limit)
		alarm := def.Alarms[a.Alarm]
		spoken := alarm.Do == DoNotice || alarm.Do == DoUrge
		merged := spoken && slices.ContainsFunc(due[i+1:], func(later Alarmed) bool { return later.Limit.Limit == a.Limit.Limit })
		to := d.s.posts(alarm.To, d.s.held(a.Limit))
		source := cmp.Or(alarm.Source, def.Source)
		d.emit(AlarmFired{Limit: a.Limit.Limit, Alarm: a.Alarm, Do: alarm.Do, To: to, Urgent: alarm.Urgent, Merged: merged, Source: source})
		switch alarm.Do {
		case DoSlip:
			if kind, ok := d.s.Spec.Procedure.Slip(alarm.Slip); ok {
				d.issue(kind, to, a.Limit.Due.At, source)
			}
		case DoEscalate:
			d.escalate(a.Limit, to)
		}
	}
}

// escalate puts the limit before higher posts, once each while it is before them.
func (d *draft) escalate(l RunningLimit, to []Post) {
	for _, post := range to {
		open := slices.ContainsFunc(d.s.Assignments, func(a Assignment) bool {
			return a.Duty == DutyAttend && a.Limit == l.Limit && a.Post == post
		})
		if !open {
			d.emit(AssignmentOpened{Assignment: d.id(), Stage: d.s.Stage, Post: post, Duty: DutyAttend, Limit: l.Limit})
		}
	}
}
