package procedure_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

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

// What the rules refused to open has a way of its own where the procedure names one. Asked for anew, it counts no more.
func TestAMatterThatNeverBeganHasAWayOfItsOwn(t *testing.T) {
	p := review()
	for i := range p.Stages {
		if p.Stages[i].Key == "fate" {
			p.Stages[i].Wait = &procedure.Wait{Link: "tracking", Else: "submit", Refused: "again"}
		}
	}
	p.Stages = append(p.Stages, procedure.Stage{Key: "again", Title: "再报", Kind: procedure.KindTask, Authority: procedure.Authority{SetBy: "office"},
		Who: []procedure.Role{"office"}, Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"track"}}})
	if rulebook, key, provided := p.Asks("tracking"); rulebook != "test" || key != "tracking" || !provided {
		t.Fatalf("asks for %s/%s, provided %v", rulebook, key, provided)
	}
	r := begin(t, p, true)
	r.do(act(leader, procedure.ActionApprove))
	for _, unit := range []string{"east", "west", "north"} {
		r.do(act(signer(unit), procedure.ActionApprove))
	}
	r.do(act(director, procedure.ActionApprove))
	r.at("fate")
	refusal := &procedure.Refusal{Code: "intake-closed", Args: map[string]any{"opens": "01-01"}}
	r.do(procedure.Command{Key: "l", Action: procedure.ActionLinked, Linked: &procedure.Linked{Matter: r.s.Links[0].Matter, Link: "tracking",
		Ended: true, Outcome: procedure.OutcomeRejected, Refusal: refusal}})
	r.at("again")
	if r.s.Links[0].Refusal == nil {
		t.Fatal("the reason is lost")
	}
	r.do(act(officer, procedure.ActionApprove))
	r.at("fate")
	if len(r.s.Links) != 1 || r.s.Links[0].Refusal != nil || r.s.Links[0].Ended {
		t.Fatalf("asked for anew: %+v", r.s.Links)
	}
	r.do(procedure.Command{Key: "m", Action: procedure.ActionLinked, Linked: &procedure.Linked{Matter: r.s.Links[0].Matter, Link: "tracking",
		Ended: true, Outcome: procedure.OutcomeCompleted}})
	r.at(procedure.Closed)
}

// Who may stop the clock rests on a rule of its own, which whoever may not is referred to and the record names. What began
// before the rule said where it comes from is read, and written, as it was.
func TestStoppingTheClockRestsOnItsOwnRule(t *testing.T) {
	p := review()
	p.Stages[1].Suspend = &procedure.Suspending{By: []procedure.Role{"office"}, Authority: procedure.Authority{Source: "001 art. 9"}}
	r := begin(t, p, true)
	c := act(leader, procedure.ActionSuspend)
	c.Opinion = "等待上级文件"
	var refusal *procedure.Refusal
	if err := r.try(c); !errors.As(err, &refusal) || refusal.Code != "not-your-turn" || refusal.Source != "001 art. 9" {
		t.Fatalf("refused by %+v", err)
	}
	c.Actor = officer
	r.do(c)
	for _, e := range r.events {
		if b, ok := e.Body.(procedure.Acted); ok && b.Action == procedure.ActionSuspend && b.Source != "001 art. 9" {
			t.Errorf("recorded as by %q", b.Source)
		}
	}
	for _, text := range []string{`["office/director"]`, `{"by":["office"],"setBy":"office"}`} {
		var s procedure.Suspending
		if err := json.Unmarshal([]byte(text), &s); err != nil || len(s.By) != 1 {
			t.Fatalf("%s: %+v, %v", text, s, err)
		}
		if again, err := json.Marshal(s); err != nil || string(again) != text {
			t.Errorf("%s is written as %s (%v)", text, again, err)
		}
	}
}
