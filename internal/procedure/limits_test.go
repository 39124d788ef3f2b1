package procedure_test

import (
	"slices"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Alarms: a notice before, a slip at the due, an escalation after; each once, in working hours, in order.
func TestAlarmsFireOnceInWorkingHours(t *testing.T) {
	r := begin(t, review(), true)
	r.until(monday.AddDate(0, 3, 0))
	var fired []procedure.AlarmDo
	for _, e := range r.events {
		a, ok := e.Body.(procedure.AlarmFired)
		if !ok {
			continue
		}
		if r.s.Calendar.NextWorking(e.At) != e.At {
			t.Errorf("%s fired at %s, outside working hours", a.Do, e.At)
		}
		fired = append(fired, a.Do)
	}
	want := []procedure.AlarmDo{procedure.DoNotice, procedure.DoSlip, procedure.DoEscalate, procedure.DoUrge, procedure.DoEscalate}
	slices.Sort(fired)
	slices.Sort(want)
	if !slices.Equal(fired, want) {
		t.Fatalf("fired %v, want %v", fired, want)
	}
	if got := open(r.s, procedure.DutyAttend); len(got) != 2 {
		t.Fatalf("before the director: %v", got)
	}
	if len(r.s.Slips) != 1 || r.s.Slips[0].Body != "科技金融改革应于2026年3月16日前办理。" {
		t.Fatalf("slips: %+v", r.s.Slips)
	}
}

// A product shipped escalations that spent themselves on a weekend.
func TestEscalationsNeverFallOnAWeekend(t *testing.T) {
	p := review()
	day := calendar.Duration{N: 1, Unit: calendar.Days}
	p.Stages[1].Limits[0].Within = &calendar.Duration{N: 4, Unit: calendar.Days} // Friday
	p.Stages[1].Limits[0].Alarms = []procedure.Alarm{
		{After: &day, Do: procedure.DoUrge, To: []procedure.Role{"holder"}},
		{After: &calendar.Duration{N: 2, Unit: calendar.Days}, Do: procedure.DoEscalate, To: []procedure.Role{"office/director"}}}
	r := begin(t, p, true)
	for _, e := range r.until(monday.AddDate(0, 0, 6)) { // up to Sunday
		t.Errorf("%s at %s", e.Body.EventType(), e.At)
	}
	if got := r.until(monday.AddDate(0, 0, 7)); len(got) == 0 {
		t.Error("nothing on Monday")
	}
}

// A product's reminder never fired again after a return.
func TestRemindersComeBackAfterAReturn(t *testing.T) {
	r := begin(t, review(), true)
	r.until(monday.AddDate(0, 0, 13))
	back := act(leader, procedure.ActionReturn)
	r.refused(back, "reason-required")
	back.Opinion = "补充材料"
	r.do(back)
	r.at("submit")
	again := act(clerk, procedure.ActionApprove)
	again.Key = "again"
	r.do(again)
	notices := 0
	for _, e := range r.until(r.now.AddDate(0, 0, 13)) {
		if a, ok := e.Body.(procedure.AlarmFired); ok && a.Do == procedure.DoNotice {
			notices++
		}
	}
	if notices != 1 {
		t.Fatalf("%d notices in the second round", notices)
	}
}

// Missed while the platform was away: one voice for the reminders, but every slip and escalation.
func TestOverdueAlarmsMergeAfterAnOutage(t *testing.T) {
	r := begin(t, review(), true)
	r.now = monday.AddDate(0, 0, 28)
	r.take(procedure.Elapse(r.s, r.now))
	spoken := 0
	for _, e := range r.events {
		if a, ok := e.Body.(procedure.AlarmFired); ok && !a.Merged {
			spoken++
		}
	}
	if spoken != 2 || len(procedure.Elapse(r.s, r.now)) != 0 {
		t.Fatalf("%d alarms spoke after the outage", spoken)
	}
}

func TestExtension(t *testing.T) {
	r := begin(t, review(), true)
	before := r.s.Limits[0].Due.At
	ask := act(leader, procedure.ActionAskExtension)
	r.refused(ask, "reason-required")
	ask.Opinion = "需要调研"
	r.refused(ask, "days-required")
	ask.Days = 6
	r.refused(ask, "too-much-time")
	ask.Days = 4
	r.do(ask)
	r.refused(ask, "already-asked")
	r.refused(act(officer, procedure.ActionGrantExtension), "not-your-turn")
	r.do(act(director, procedure.ActionGrantExtension))
	after := due(r.s, "limit")
	if want := r.s.Calendar.Deadline(before, calendar.Duration{N: 4, Unit: calendar.Workdays}).At; !after.Equal(want) && after.Equal(before) {
		t.Fatalf("due %s, want %s", after, want)
	}
	r.refused(ask, "extended-enough")
}

func TestNoExtensionOnceOverdue(t *testing.T) {
	r := begin(t, review(), true)
	r.until(monday.AddDate(0, 0, 20))
	ask := act(leader, procedure.ActionAskExtension)
	ask.Opinion, ask.Days = "迟了", 2
	r.refused(ask, "too-late-to-ask")
}

func due(s procedure.State, key string) time.Time {
	for _, l := range s.Limits {
		if l.Key == key {
			return l.Due.At
		}
	}
	return time.Time{}
}

func TestSuspensionStopsTheClock(t *testing.T) {
	r := begin(t, review(), true)
	before := due(r.s, "limit")
	stop := act(officer, procedure.ActionSuspend)
	r.refused(act(leader, procedure.ActionSuspend), "not-your-turn")
	stop.Opinion = "等待上级答复"
	r.do(stop)
	if procedure.Holder(&r.s) != "suspended:office/clerk" {
		t.Fatalf("holder %s", procedure.Holder(&r.s))
	}
	r.refused(act(leader, procedure.ActionApprove), "suspended")
	if got := r.until(monday.AddDate(0, 0, 28)); len(got) != 0 {
		t.Fatalf("fired while suspended: %v", got[0].Body)
	}
	r.do(act(officer, procedure.ActionResume))
	if after := due(r.s, "limit"); !after.After(before.AddDate(0, 0, 25)) {
		t.Fatalf("due %s after four weeks suspended, was %s", after, before)
	}
	if got := open(r.s, procedure.DutyAct); !slices.Equal(got, []procedure.Post{"economy/leader"}) {
		t.Fatalf("to do: %v", got)
	}
}

// The calendar of a year not published makes limits provisional; its table moves them.
func TestAPublishedYearMovesProvisionalLimits(t *testing.T) {
	p := review()
	sp := spec(p)
	sp.At = time.Date(2026, 12, 28, 2, 0, 0, 0, time.UTC)
	r := &run{t: t, s: procedure.New(sp), now: sp.At}
	r.do(procedure.Command{Key: "start", Action: procedure.ActionStart, Actor: clerk, Submit: true})
	l := r.s.Limits[0]
	for _, running := range r.s.Limits {
		if running.Key == "limit" {
			l = running
		}
	}
	if !l.Due.Provisional {
		t.Fatal("a limit into 2027 is not provisional")
	}
	off := map[calendar.Date]string{}
	for day := 1; day <= 3; day++ {
		off[calendar.Date{Year: 2027, Month: time.January, Day: day}] = "元旦"
	}
	r.do(procedure.Command{Key: "year", Action: procedure.ActionCalendar, Calendar: &procedure.CalendarYear{Year: 2027, Off: off}})
	if after := due(r.s, "limit"); !after.After(l.Due.At) {
		t.Fatalf("due %s, was %s", after, l.Due.At)
	}
}

func TestHeldTimeHasNoGapAndNoOverlap(t *testing.T) {
	r := toSigners(t)
	r.now = r.now.Add(48 * time.Hour)
	for _, unit := range []string{"east", "west", "north"} {
		r.now = r.now.Add(time.Hour)
		r.do(act(signer(unit), procedure.ActionApprove))
	}
	at := monday
	for i, h := range r.s.Held {
		if !h.From.Equal(at) || i < len(r.s.Held)-1 && !h.To.After(h.From) {
			t.Fatalf("segment %d: %+v, want from %s", i, h, at)
		}
		at = h.To
	}
	if !at.IsZero() {
		t.Fatal("nobody holds an open matter")
	}
}
