package procedure_test

import (
	"slices"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

func toSigners(t *testing.T) *run {
	r := begin(t, review(), true)
	r.do(act(leader, procedure.ActionApprove))
	r.at("signers")
	return r
}

func signer(unit string) procedure.Actor { return person(unit, procedure.Post(unit+"/head")) }

func TestAMatterRunsToItsEnd(t *testing.T) {
	r := toSigners(t)
	for _, unit := range []string{"east", "west", "north"} {
		r.do(act(signer(unit), procedure.ActionApprove))
	}
	r.do(act(director, procedure.ActionApprove))
	r.at("fate")
	if got := open(r.s, procedure.DutySign); !slices.Equal(got, []procedure.Post{"stb/clerk"}) {
		t.Fatalf("to sign: %v", got)
	}
	child := r.s.Links[0].Matter
	r.do(procedure.Command{Key: "l", Action: procedure.ActionLinked,
		Linked: &procedure.Linked{Matter: child, Link: "tracking", Ended: true, Outcome: procedure.OutcomeCompleted}})
	r.at(procedure.Closed)
	if r.s.Outcome != procedure.OutcomeCompleted || procedure.Finished(r.s) {
		t.Fatal("a completed matter still owes a signature")
	}
	r.refused(act(leader, procedure.ActionApprove), "closed")
	r.do(act(clerk, procedure.ActionSign))
	if !procedure.Finished(r.s) || !procedure.Wake(r.s).IsZero() {
		t.Fatal("signed for and still not finished")
	}
}

func TestAGateRefusesUntilItsConditionHolds(t *testing.T) {
	r := toSigners(t)
	for _, unit := range []string{"east", "west", "north"} {
		r.do(act(signer(unit), procedure.ActionApprove))
	}
	r.do(act(director, procedure.ActionApprove))
	r.do(procedure.Command{Key: "l", Action: procedure.ActionLinked,
		Linked: &procedure.Linked{Matter: r.s.Links[0].Matter, Ended: true, Outcome: procedure.OutcomeRejected}})
	r.at("open")
	r.refused(act(director, procedure.ActionApprove), "gate-closed")
}

func TestAGateOnTheWayRefusesTheActionThatWouldPassIt(t *testing.T) {
	p := review()
	p.Stages[1].Actions[procedure.ActionApprove] = procedure.Target{"open"}
	r := begin(t, p, true)
	r.refused(act(leader, procedure.ActionApprove), "gate-closed")
	r.at("group")
}

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

// A product lost the task when a stage of several signers was returned.
func TestReturningASharedStageReopensEverySigner(t *testing.T) {
	r := toSigners(t)
	r.do(act(signer("east"), procedure.ActionApprove))
	back := act(signer("west"), procedure.ActionReturn)
	back.Opinion = "意见不一"
	r.refused(back, "choose-stage")
	back.To = "group"
	r.do(back)
	if got := open(r.s, procedure.DutyAct); !slices.Equal(got, []procedure.Post{"economy/leader"}) {
		t.Fatalf("open after the return: %v", got)
	}
	again := act(leader, procedure.ActionApprove)
	again.Key = "again"
	r.do(again)
	if got := open(r.s, procedure.DutyAct); len(got) != 3 {
		t.Fatalf("signers asked again: %v", got)
	}
}

// After a return, approvals whose inputs did not change stay valid; the rest re-open.
func TestApprovalsOutliveAReturnUnlessTheirInputsChange(t *testing.T) {
	for _, c := range []struct {
		name, field string
		value       any
		stage       string
	}{
		{"nothing changed", "", nil, "approval"},
		{"the signers' input changed", "budget", 12, "signers"},
		{"the group's input changed", "summary", "另一做法", "group"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := toSigners(t)
			for _, unit := range []string{"east", "west", "north"} {
				r.do(act(signer(unit), procedure.ActionApprove))
			}
			back := act(director, procedure.ActionReturn)
			back.Opinion, back.To = "再核", "submit"
			r.do(back)
			again := act(clerk, procedure.ActionApprove)
			again.Key = "again"
			if c.field != "" {
				again.Fields = map[string]rawMessage{c.field: raw(c.value)}
			}
			r.do(again)
			r.at(c.stage)
		})
	}
}

// A product left a stale to-do behind a withdrawal.
func TestAWithdrawalLeavesNoToDo(t *testing.T) {
	r := begin(t, review(), true)
	r.until(monday.AddDate(0, 1, 10)) // slip to sign, escalations open
	back := act(clerk, procedure.ActionWithdraw)
	back.Opinion = "另行研究"
	r.do(back)
	r.at("submit")
	if got := open(r.s, procedure.DutyAct); !slices.Equal(got, []procedure.Post{"stb/clerk"}) {
		t.Fatalf("to do: %v", got)
	}
	back.Key = "out"
	r.do(back)
	if r.s.Outcome != procedure.OutcomeWithdrawn || len(r.s.Assignments) != 0 || len(r.s.Limits) != 0 {
		t.Fatalf("left behind: %v %v", r.s.Assignments, r.s.Limits)
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

func TestPeopleInvolvedByAHolder(t *testing.T) {
	other := person("other", "culture/leader")
	for _, c := range []struct {
		action procedure.ActionName
		then   func(r *run)
	}{
		{procedure.ActionTransfer, func(r *run) {
			r.refused(act(leader, procedure.ActionApprove), "not-your-turn")
			r.do(act(other, procedure.ActionApprove))
			r.at("signers")
		}},
		{procedure.ActionDelegate, func(r *run) {
			r.refused(act(leader, procedure.ActionApprove), "not-ready")
			no := act(other, procedure.ActionReject)
			no.Opinion = "不行"
			r.refused(no, "advises-only")
			r.do(act(other, procedure.ActionApprove))
			r.at("group")
			r.do(act(leader, procedure.ActionApprove))
			r.at("signers")
		}},
		{procedure.ActionAddBefore, func(r *run) {
			r.do(act(other, procedure.ActionApprove))
			r.at("group")
			r.do(act(leader, procedure.ActionApprove))
			r.at("signers")
		}},
		{procedure.ActionAddAfter, func(r *run) {
			r.refused(act(other, procedure.ActionApprove), "not-ready")
			r.do(act(leader, procedure.ActionApprove))
			r.at("group")
			r.do(act(other, procedure.ActionApprove))
			r.at("signers")
		}},
	} {
		t.Run(string(c.action), func(t *testing.T) {
			r := begin(t, review(), true)
			involve := act(leader, c.action)
			r.refused(involve, "post-required")
			involve.Post = "culture/leader"
			r.do(involve)
			c.then(r)
		})
	}
}

func TestSequenceAndRatio(t *testing.T) {
	p := review()
	p.Stages[2].Mode = procedure.ModeSequence
	r := begin(t, p, true)
	r.do(act(leader, procedure.ActionApprove))
	r.refused(act(signer("west"), procedure.ActionApprove), "not-ready")
	for _, unit := range []string{"east", "west", "north"} {
		r.do(act(signer(unit), procedure.ActionApprove))
	}
	r.at("approval")

	p = review()
	p.Stages[2].Mode, p.Stages[2].Ratio = procedure.ModeRatio, 60
	r = begin(t, p, true)
	r.do(act(leader, procedure.ActionApprove))
	r.do(act(signer("north"), procedure.ActionApprove))
	r.at("signers")
	r.do(act(signer("east"), procedure.ActionApprove))
	r.at("approval")
	if got := open(r.s, procedure.DutyAct); !slices.Equal(got, []procedure.Post{"office/director"}) {
		t.Fatalf("to do: %v", got)
	}
}

func TestRefusals(t *testing.T) {
	submitted := func(t *testing.T) *run { return begin(t, review(), true) }
	draft := func(t *testing.T) *run { return begin(t, review(), false) }
	stale := act(leader, procedure.ActionApprove)
	stale.Expect = 1
	twice := act(clerk, procedure.ActionApprove)
	twice.Assignment = 1
	foreign := act(clerk, procedure.ActionApprove)
	foreign.Fields = map[string]rawMessage{"verdict": raw("好")}
	empty := act(clerk, procedure.ActionApprove)
	empty.Fields = map[string]rawMessage{"summary": raw("")}
	for _, c := range []struct {
		name, code string
		from       func(*testing.T) *run
		command    procedure.Command
	}{
		{"somebody else's turn", "not-your-turn", submitted, act(clerk, procedure.ActionApprove)},
		{"acted on what has changed", "changed-meanwhile", submitted, stale},
		{"done already", "already-handled", submitted, twice},
		{"not in the procedure here", "not-allowed-here", submitted, act(leader, procedure.ActionFinish)},
		{"a field of no concern", "field-not-yours", draft, foreign},
		{"a field left empty", "fields-missing", draft, empty},
		{"nothing filled", "nothing-filled", draft, act(clerk, procedure.ActionFill)},
		{"not the starter", "not-the-starter", submitted, act(leader, procedure.ActionWithdraw)},
		{"unknown", "action-unknown", submitted, act(leader, "dance")},
		{"started twice", "already-started", submitted, act(clerk, procedure.ActionStart)},
		{"not suspended", "not-suspended", submitted, act(officer, procedure.ActionResume)},
		{"nothing to sign", "nothing-to-do", submitted, act(clerk, procedure.ActionSign)},
	} {
		t.Run(c.name, func(t *testing.T) { c.from(t).refused(c.command, c.code) })
	}
}

func TestUrgingIsThrottled(t *testing.T) {
	r := begin(t, review(), true)
	r.refused(act(leader, procedure.ActionUrge), "not-yours-to-urge")
	r.do(act(officer, procedure.ActionUrge))
	r.refused(act(clerk, procedure.ActionUrge), "urged-lately")
	r.now = monday.AddDate(0, 0, 1)
	r.do(act(clerk, procedure.ActionUrge))
}

func TestClaimKeepsOthersOfThePostOut(t *testing.T) {
	r := begin(t, review(), true)
	r.do(act(leader, procedure.ActionClaim))
	second := person("second", "economy/leader")
	r.refused(act(second, procedure.ActionApprove), "claimed-by-other")
	r.do(act(leader, procedure.ActionApprove))
}

// Who claimed may be ill or gone: another of the post takes the claim over first, which the story tells.
func TestAClaimIsTakenOver(t *testing.T) {
	r := begin(t, review(), true)
	r.do(act(leader, procedure.ActionClaim))
	second := person("second", "economy/leader")
	r.do(act(second, procedure.ActionClaim))
	r.refused(act(leader, procedure.ActionApprove), "claimed-by-other")
	r.do(act(second, procedure.ActionApprove))
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

func TestOffersSayWhyNot(t *testing.T) {
	r := begin(t, review(), true)
	byAction := func(a procedure.Actor) map[procedure.ActionName]procedure.Offer {
		m := map[procedure.ActionName]procedure.Offer{}
		for _, o := range procedure.Offers(r.s, a, r.now) {
			m[o.Action] = o
		}
		return m
	}
	mine, theirs := byAction(leader), byAction(clerk)
	if o := mine[procedure.ActionApprove]; o.Refusal != nil || o.Lacks != nil {
		t.Errorf("approve refused to its holder: %+v", o)
	}
	if o := mine[procedure.ActionReturn]; o.Refusal != nil || o.Lacks == nil || !slices.Equal(o.To, []string{"submit"}) {
		t.Errorf("return: %+v", o)
	}
	if o := theirs[procedure.ActionApprove]; o.Refusal == nil || o.Refusal.Code != "not-your-turn" {
		t.Errorf("approve offered to the wrong one: %+v", o)
	}
	if o := theirs[procedure.ActionWithdraw]; o.Refusal != nil {
		t.Errorf("the starter may not withdraw: %+v", o)
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
