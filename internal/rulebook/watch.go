package rulebook

import (
	"fmt"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// brokenPromise is something a matter must never do.
type brokenPromise struct{ what string }

func (b *brokenPromise) Error() string { return b.what }

func promise(format string, a ...any) error { return &brokenPromise{fmt.Sprintf(format, a...)} }

// watch holds a simulated matter to what the machine promises, by its own reckoning of when alarms are due.
type watch struct {
	library *Library
	spec    procedure.Spec
	seq     int64
	at      time.Time
	running map[int64]*running
	past    map[string]*running // by what a limit is and when it counts from: what rang once does not ring again
	stopped bool
	fired   map[procedure.AlarmDo]int
	kept    map[string]map[procedure.Kept]int
}

type running struct {
	rule  procedure.Limit
	due   calendar.Due
	name  string
	slip  bool
	rung  map[int]bool
	maybe map[int]bool // moved within the minutes over which alarms are spread: may have rung or not
	since time.Time    // last started, moved or resumed: what should have rung before may still ring after it
}

func newWatch(l *Library, spec procedure.Spec) *watch {
	return &watch{library: l, spec: spec, running: map[int64]*running{}, past: map[string]*running{},
		fired: map[procedure.AlarmDo]int{}, kept: map[string]map[procedure.Kept]int{}}
}

// event checks one event against the state before and after it.
func (w *watch) event(before, after *procedure.State, e procedure.Event, now time.Time, clock bool) error {
	w.seq++
	switch {
	case e.Seq != w.seq:
		return promise("event %d follows %d", e.Seq, w.seq-1)
	case e.At.Before(w.at) || !e.At.Equal(now):
		return promise("event %d happens at %s, not at %s", e.Seq, e.At, now)
	case before.Stage == procedure.Closed && !afterwards(e.Body):
		return promise("event %d (%s) happens to a closed matter", e.Seq, e.Body.EventType())
	}
	w.at = e.At
	if err := w.sealed(before, e.Body); err != nil {
		return err
	}
	switch b := e.Body.(type) {
	case procedure.LimitStarted:
		return w.started(after, b)
	case procedure.LimitMoved:
		w.moved(after, b, now)
	case procedure.AlarmFired:
		return w.rang(after, b, now)
	case procedure.LimitEnded:
		return w.ended(after, b, now)
	case procedure.Suspended:
		w.stopped = true
		return w.complete(after, now)
	case procedure.Resumed:
		w.stopped = false
		for _, r := range w.running {
			r.since = now
		}
	case procedure.StageLeft:
		stage, ok := w.spec.Procedure.Stage(b.Stage)
		if clock && ok && stage.Kind == procedure.KindTask {
			return promise("the stage %s passed by silence", b.Stage)
		}
	}
	return nil
}

// sealed reports what an open vote must not have: a change of the form, a moved limit, a stage left, a new notice. What it
// comes to may change the form once it is counted.
func (w *watch) sealed(before *procedure.State, b procedure.Body) error {
	n := len(before.Polls)
	if n == 0 || before.Polls[n-1].Stage != before.Stage {
		return nil
	}
	phase := before.Polls[n-1].Phase
	if phase == procedure.PollPlanned || phase == procedure.PollCounted {
		return nil
	}
	switch b := b.(type) {
	case procedure.FormChanged, procedure.StageLeft, procedure.PollPlan, procedure.MatterClosed, procedure.Suspended:
		return promise("%s happens to an open vote", b.EventType())
	case procedure.LimitMoved:
		for _, l := range before.Limits {
			if l.Limit == b.Limit && l.Stage == before.Stage {
				return promise("an open vote's limit is moved")
			}
		}
	case procedure.PollDecided:
		if phase != procedure.PollClosing && phase != procedure.PollCounting || before.Polls[n-1].Counts.After(w.at) {
			return promise("a vote is decided before it is closed and looked into")
		}
	}
	return nil
}

// afterwards are the events a closed matter may still have: its slips are signed for, and what it owes is put away.
func afterwards(b procedure.Body) bool {
	switch b := b.(type) {
	case procedure.Acted:
		return b.Action == procedure.ActionSign
	case procedure.AssignmentClosed, procedure.LimitEnded, procedure.AlarmFired, procedure.SlipIssued, procedure.MatterLinked,
		procedure.LimitMoved, procedure.LimitStarted, procedure.CalendarReplaced, procedure.AssignmentOpened, procedure.DrawCommitted:
		return true
	}
	return false
}

func (w *watch) started(s *procedure.State, b procedure.LimitStarted) error {
	for _, l := range s.Limits {
		if l.Limit != b.Limit {
			continue
		}
		rule, ok := s.Rule(l)
		if !ok {
			return promise("the limit %s has no rule", b.Key)
		}
		if len(rule.Alarms) == 0 {
			return promise("the limit %s has no alarm", b.Key)
		}
		r := &running{rule: rule, due: b.Due, name: limitName(&w.spec.Procedure, s, l), slip: b.Slip != 0, rung: map[int]bool{}, maybe: map[int]bool{}, since: w.at}
		if rule.From != "" {
			key := fmt.Sprintf("%s/%s/%d", b.Stage, b.Key, b.Due.From.UnixNano())
			if earlier, ok := w.past[key]; ok && earlier.rule.Key == rule.Key {
				for alarm := range earlier.rung {
					r.rung[alarm] = true
				}
			}
			w.past[key] = r
		}
		w.running[b.Limit] = r
		return nil
	}
	return promise("the limit %s started and does not run", b.Key)
}

// moved lets alarms whose time lies ahead again ring once more.
func (w *watch) moved(s *procedure.State, b procedure.LimitMoved, now time.Time) {
	r := w.running[b.Limit]
	r.due, r.since = b.Due, now
	for i := range r.rule.Alarms {
		switch at := w.earliest(s, r, i); {
		case at.After(now):
			delete(r.rung, i)
			delete(r.maybe, i)
		case r.rung[i] && w.hours(s, r, i, at).After(now):
			r.maybe[i] = true
		}
	}
}

func (w *watch) rang(s *procedure.State, b procedure.AlarmFired, now time.Time) error {
	r, ok := w.running[b.Limit]
	switch {
	case !ok:
		return promise("an alarm of the limit %d rang that does not run", b.Limit)
	case w.stopped && !r.slip:
		return promise("an alarm of %s rang while the clock was stopped", r.name)
	case r.rung[b.Alarm] && !r.maybe[b.Alarm]:
		return promise("alarm %d of %s rang twice", b.Alarm, r.name)
	case now.Before(w.earliest(s, r, b.Alarm)):
		return promise("alarm %d of %s rang at %s, before %s", b.Alarm, r.name, now, w.earliest(s, r, b.Alarm))
	case !b.Urgent && s.Calendar.NextWorking(now).After(now):
		return promise("alarm %d of %s rang outside working hours, at %s", b.Alarm, r.name, now)
	case len(b.To) == 0 && b.Do != procedure.DoUrge && b.Do != procedure.DoNotice:
		return promise("alarm %d of %s speaks to nobody", b.Alarm, r.name)
	}
	r.rung[b.Alarm] = true
	delete(r.maybe, b.Alarm)
	w.fired[b.Do]++
	return nil
}

// earliest is when an alarm may ring at the soonest.
func (w *watch) earliest(s *procedure.State, r *running, alarm int) time.Time {
	a, at := r.rule.Alarms[alarm], r.due.At
	switch {
	case a.Before != nil:
		at = s.Calendar.Before(at, *a.Before)
	case a.After != nil:
		at = s.Calendar.After(at, *a.After)
	}
	return latest(at, r.due.From)
}

// latest is when an alarm has rung at the latest: its time, or the next working hours, and some minutes.
func (w *watch) latest(s *procedure.State, r *running, alarm int) time.Time {
	return w.hours(s, r, alarm, latest(w.earliest(s, r, alarm), r.since))
}

// hours puts off an alarm to the next working hours, and some minutes.
func (w *watch) hours(s *procedure.State, r *running, alarm int, at time.Time) time.Time {
	if r.rule.Alarms[alarm].Urgent {
		return at
	}
	const minutes = 10 * time.Minute
	return s.Calendar.NextWorking(s.Calendar.NextWorking(at).Add(minutes)).Add(minutes)
}

func (w *watch) ended(s *procedure.State, b procedure.LimitEnded, now time.Time) error {
	r, ok := w.running[b.Limit]
	if !ok {
		return promise("the limit %d ended and did not run", b.Limit)
	}
	late := now.After(r.due.At)
	if stage, ok := w.spec.Procedure.Stage(s.Stage); ok && stage.Collect != nil && stage.Start == nil {
		late = late && b.How != procedure.KeptMet // what all sent in time may be gathered later
	}
	if b.How == procedure.KeptMet && late || b.How == procedure.KeptLate && !late || b.How == procedure.KeptMissed && now.Before(r.due.At) {
		return promise("the limit %s ended as %s at %s, due %s", r.name, b.How, now, r.due.At)
	}
	if err := w.rangAll(s, r, now); err != nil {
		return err
	}
	if w.kept[r.name] == nil {
		w.kept[r.name] = map[procedure.Kept]int{}
	}
	w.kept[r.name][b.How]++
	delete(w.running, b.Limit)
	return nil
}

// rangAll reports an alarm whose time has passed and that has not rung.
func (w *watch) rangAll(s *procedure.State, r *running, now time.Time) error {
	if w.stopped && !r.slip {
		return nil
	}
	for i := range r.rule.Alarms {
		if !r.rung[i] && w.latest(s, r, i).Before(now) {
			return promise("alarm %d of %s should have rung by %s and had not at %s", i, r.name, w.latest(s, r, i), now)
		}
	}
	return nil
}

func (w *watch) complete(s *procedure.State, now time.Time) error {
	for _, r := range w.running {
		if err := w.rangAll(s, r, now); err != nil && !w.stopped {
			return err
		}
	}
	return nil
}

// state checks what must hold whenever the machine rests.
func (w *watch) state(s *procedure.State) error {
	for _, a := range s.Assignments {
		if _, ok := w.library.roles[a.Post.Unit()][a.Post.Role()]; !ok {
			return promise("the to-do %d waits on %s, and there is no such post", a.Assignment, a.Post)
		}
	}
	if len(s.Limits) != len(w.running) {
		return promise("%d limits run, by the events %d should", len(s.Limits), len(w.running))
	}
	if s.Stage == procedure.Closed {
		return nil
	}
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if !ok {
		return promise("the matter stands at %q, which is no stage", s.Stage)
	}
	if stage.Kind != procedure.KindTask {
		return nil
	}
	for _, a := range s.Assignments {
		if a.Stage == s.Stage && a.Duty == procedure.DutyAct && !a.Waits {
			return nil
		}
	}
	return promise("the stage %s waits on nobody", s.Stage)
}

// end checks how the matter was left: ended, or waiting on a named post, another matter, or a day.
func (w *watch) end(s *procedure.State, now time.Time) error {
	if err := w.complete(s, now); err != nil {
		return err
	}
	if s.Stage == procedure.Closed {
		for _, l := range s.Limits {
			if l.Slip == 0 {
				return promise("the closed matter's limit %s still runs", l.Key)
			}
		}
		return nil
	}
	stage, _ := s.Spec.Procedure.Stage(s.Stage)
	switch {
	case stage.Kind == procedure.KindTask: // state has seen that it waits on a post
	case stage.Kind == procedure.KindGate, stage.Kind == procedure.KindScore, stage.Kind == procedure.KindEnact:
	case stage.Kind == procedure.KindCollect: // its children, or its closing
	case stage.Kind == procedure.KindDraw && len(procedure.Asks(*s)) > 0:
	case stage.Kind == procedure.KindPoll && (len(procedure.Asks(*s)) > 0 || !procedure.Wake(*s).IsZero()):
	case stage.Kind == procedure.KindWait && (stage.Wait.Link != "" || s.Suspended != nil || !procedure.WaitEnds(*s).IsZero()):
	default:
		return promise("the matter stands at %s and waits for nothing", s.Stage)
	}
	return nil
}

// limitName is a limit as a report names it.
func limitName(p *procedure.Procedure, s *procedure.State, l procedure.RunningLimit) string {
	rule, _ := s.Rule(l)
	switch {
	case rule.Title != "":
		return rule.Title
	case l.Slip != 0:
		for _, slip := range s.Slips {
			if slip.Slip == l.Slip {
				return slip.Title
			}
		}
	case l.Stage != "":
		if stage, ok := p.Stage(l.Stage); ok {
			return stage.Title
		}
	}
	return l.Key
}
