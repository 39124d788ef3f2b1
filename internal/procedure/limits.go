package procedure

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"duban/internal/calendar"
)

// spread is the span over which alarms that would ring at the same opening hour are spread, by the matter's id.
const spread = 10 * time.Minute

// definition is the rule a running limit follows; nil when the procedure has no such limit.
func definition(s *State, l RunningLimit) *Limit {
	p := &s.Spec.Procedure
	if l.Slip != 0 {
		if slip, ok := s.slip(l.Slip); ok {
			if kind, ok := p.Slip(slip.Kind); ok {
				return kind.Sign
			}
		}
		return nil
	}
	limits := p.Limits
	if l.Stage != "" {
		stage, ok := p.Stage(l.Stage)
		if !ok {
			return nil
		}
		limits = stage.Limits
	}
	for i := range limits {
		if limits[i].Key == l.Key {
			return &limits[i]
		}
	}
	return nil
}

// Rule is the limit's rule in the matter's procedure: its title, article and alarms.
func (s *State) Rule(l RunningLimit) (Limit, bool) {
	if def := definition(s, l); def != nil {
		return *def, true
	}
	return Limit{}, false
}

// due counts a limit from an instant, by the matter's calendar and pauses. It is not ok where a form field that should
// hold the date has none: then there is no term to keep.
func due(s *State, def *Limit, from time.Time) (calendar.Due, bool) {
	switch {
	case def.Within != nil:
		return s.Calendar.Deadline(from, *def.Within, s.Pauses...), true
	case def.On != "":
		day, err := s.next(from, def.On)
		if err != nil {
			return calendar.Due{}, false
		}
		at, provisional := s.Calendar.CloseOf(day)
		return calendar.Due{At: at, From: from, Provisional: provisional}, true
	case def.Field != "":
		day, ok := dateField(s.Form, def.Field)
		if !ok {
			return calendar.Due{}, false
		}
		at, provisional := s.Calendar.CloseOf(day)
		return calendar.Due{At: at, From: from, Provisional: provisional}, true
	}
	return calendar.Due{}, false
}

// next is the next day "01-31" of the year or "28" of the month, on or after the day of from.
func (s *State) next(from time.Time, on string) (calendar.Date, error) {
	return NextDay(s.Calendar, from, on)
}

// NextDay is the next of some days "06-30,12-31" of the year or "28" of the month, on or after the day of from.
func NextDay(c calendar.Calendar, from time.Time, on string) (next calendar.Date, err error) {
	for i, one := range strings.Split(on, ",") {
		day, err := c.NextMonthly(from, one)
		if strings.Contains(one, "-") {
			day, err = c.NextYearly(from, one)
		}
		if err != nil {
			return next, err
		}
		if i == 0 || day.At(0).Before(next.At(0)) {
			next = day
		}
	}
	return next, nil
}

func dateField(form map[string]json.RawMessage, field string) (calendar.Date, bool) {
	var text string
	if json.Unmarshal(form[field], &text) != nil {
		return calendar.Date{}, false
	}
	day, err := calendar.ParseDate(text)
	return day, err == nil
}

// alarmTime is when an alarm of a running limit rings: never before the limit starts, in working hours unless urgent,
// spread over some minutes.
func alarmTime(s *State, l RunningLimit, def *Limit, alarm int) time.Time {
	a := def.Alarms[alarm]
	at := l.Due.At
	switch {
	case a.Before != nil:
		at = s.Calendar.Before(l.Due.At, *a.Before)
	case a.After != nil:
		at = s.Calendar.After(l.Due.At, *a.After)
	}
	if at.Before(l.Due.From) {
		at = l.Due.From
	}
	if a.Urgent {
		return at
	}
	late := offset(s.Spec.Matter)
	at = s.Calendar.NextWorking(at).Add(late)
	if working := s.Calendar.NextWorking(at); working.After(at) { // the minutes ran past closing
		at = working.Add(late)
	}
	return at
}

// ringTime is when an alarm that has not rung will: at its time, or if that had passed already when the limit last
// started, moved or resumed, then; but in working hours unless urgent.
func ringTime(s *State, l RunningLimit, def *Limit, alarm int) time.Time {
	at := alarmTime(s, l, def, alarm)
	if !at.Before(l.Since) {
		return at
	}
	if working := s.Calendar.NextWorking(l.Since); working.After(l.Since) && !def.Alarms[alarm].Urgent {
		return working.Add(offset(s.Spec.Matter))
	}
	return l.Since
}

func offset(matter string) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(matter))
	return time.Duration(h.Sum32()%uint32(spread/time.Second)) * time.Second
}

// stopped reports whether the limit's clock stands still: all do while the matter is suspended, but a slip is signed
// for all the same.
func stopped(s *State, l RunningLimit) bool { return s.Suspended != nil && l.Slip == 0 }

// Alarmed is an alarm that has not rung yet, and when it will.
type Alarmed struct {
	Limit RunningLimit
	Alarm int
	At    time.Time
}

// Alarms lists what the clock will do if nobody acts, in no particular order.
func Alarms(s State) []Alarmed { return slices.Collect(s.alarms) }

// alarms goes over what the clock will do if nobody acts.
func (s *State) alarms(yield func(Alarmed) bool) {
	for _, l := range s.Limits {
		def := definition(s, l)
		if def == nil || stopped(s, l) {
			continue
		}
		for i := range def.Alarms {
			if i < len(l.Fired) && !l.Fired[i] && !yield(Alarmed{Limit: l, Alarm: i, At: ringTime(s, l, def, i)}) {
				return
			}
		}
	}
}

// Warn is the instant from which a limit's colour is yellow: its first alarm before the due, or the due itself.
func (s *State) Warn(l RunningLimit) time.Time {
	warn := l.Due.At
	if def := definition(s, l); def != nil {
		for i, a := range def.Alarms {
			if at := alarmTime(s, l, def, i); a.Before != nil && at.Before(warn) {
				warn = at
			}
		}
	}
	return warn
}

// waitEnds is when the current wait stage ends by the clock; zero where it waits for something else.
func waitEnds(s *State) time.Time {
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if !ok || stage.Kind != KindWait || stage.Wait == nil || s.Suspended != nil {
		return time.Time{}
	}
	at := s.ends(stage.Wait, s.Entered, s.Marks)
	if at.IsZero() {
		return at
	}
	return latest(at, s.Entered)
}

// mark is when a mark comes, or came; not ok where nobody can say yet. A limit's due is the running one's, or else what its
// rule gives.
func (s *State) mark(name Mark, marks map[Mark]time.Time) (time.Time, bool) {
	key, isDue := strings.CutSuffix(name, ".due")
	if !isDue {
		at, passed := marks[name]
		return at, passed
	}
	for _, l := range s.Limits {
		if l.Stage == "" && l.Slip == 0 && l.Key == key {
			return l.Due.At, true
		}
	}
	def := definition(s, RunningLimit{LimitStarted: LimitStarted{Key: key}})
	if def == nil {
		return time.Time{}, false
	}
	from, passed := marks[cmp.Or(def.From, "started")]
	if !passed {
		return time.Time{}, false
	}
	at, ok := due(s, def, from)
	return at.At, ok
}

// counted is the instant a stage's limit counts from, if its mark has come: no due that passed before the stage was entered,
// for nobody's term runs out before they were asked.
func (s *State) counted(def *Limit, marks map[Mark]time.Time, entered time.Time) (time.Time, bool) {
	if def.From == "" {
		return entered, true
	}
	from, passed := s.mark(def.From, marks)
	if strings.HasSuffix(def.From, ".due") {
		from = latest(from, entered)
	}
	return from, passed
}

// ends is when a wait that began at an instant ends by the clock; zero where it waits for something else.
func (s *State) ends(w *Wait, from time.Time, marks map[Mark]time.Time) time.Time {
	var day calendar.Date
	switch {
	case w.For != nil:
		day = calendar.DateOf(s.Calendar.Deadline(from, *w.For, s.Pauses...).At)
	case w.On != "":
		var err error
		if day, err = s.next(from.Add(24*time.Hour), w.On); err != nil {
			return time.Time{}
		}
	case w.Before != "":
		at, known := s.mark(w.Before+".due", marks)
		if !known {
			return from // no such limit runs, nor will: there is nothing to wait for
		}
		day = calendar.DateOf(s.Calendar.Before(at, *w.Term))
	case w.Field != "":
		var ok bool
		if day, ok = dateField(s.Form, w.Field); !ok {
			return time.Time{}
		}
	default:
		return time.Time{}
	}
	return s.Calendar.NextWorking(day.At(s.Calendar.Hours.OrDefault().Opens))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Wake names the next instant at which Elapse has something; zero when the clock asks for nothing.
func Wake(s State) time.Time {
	wake := turns(&s)
	for a := range s.alarms {
		if wake.IsZero() || a.At.Before(wake) {
			wake = a.At
		}
	}
	return wake
}
