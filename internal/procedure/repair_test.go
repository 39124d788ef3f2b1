package procedure_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/procedure"
)

var administrator = procedure.Actor{Person: "sysadmin", Name: "系统管理员"}

func mend(action procedure.ActionName, change ...func(*procedure.Command)) procedure.Command {
	c := procedure.Command{Key: "k-" + string(action), Action: action, Actor: administrator, Opinion: "卡住了", Repair: true}
	for _, f := range change {
		f(&c)
	}
	return c
}

func submitted(t *testing.T) procedure.State { return begin(t, review(), true).s }

// refusal is the code with which a command is refused, empty where it is not.
func refusal(t *testing.T, s procedure.State, c procedure.Command, now time.Time) string {
	t.Helper()
	_, err := procedure.Decide(s, c, now)
	var refused *procedure.Refusal
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if refused == nil {
		return ""
	}
	return refused.Code
}

// repaired carries a repair out and checks that the record folds to what was decided.
func repaired(t *testing.T, s procedure.State, c procedure.Command, now time.Time) procedure.State {
	t.Helper()
	events, err := procedure.Decide(s, c, now)
	if err != nil {
		t.Fatalf("%s: %v", c.Action, err)
	}
	acted, ok := events[0].Body.(procedure.Acted)
	if !ok || acted.Action != c.Action || acted.Opinion != c.Opinion || acted.Post != procedure.Administrator || acted.Source != "" || events[0].By.Person != c.Actor.Person {
		t.Errorf("%s: the record names neither administrator nor reason: %+v", c.Action, events[0])
	}
	for i, e := range events {
		if e.Seq != s.Seq+int64(i)+1 || e.Key != c.Key {
			t.Errorf("%s: event %d is %+v", c.Action, i, e)
		}
	}
	return procedure.Fold(s, events)
}

func TestARepairNeedsAReasonAndTheAdministratorsWord(t *testing.T) {
	s0 := submitted(t)
	for _, action := range []procedure.ActionName{procedure.ActionReassign, procedure.ActionMove, procedure.ActionTerminate} {
		c := mend(action)
		c.Repair = false
		if code := refusal(t, s0, c, monday); code != "action-unknown" {
			t.Errorf("%s by a person: %s", action, code)
		}
	}
	for _, action := range []procedure.ActionName{procedure.ActionReassign, procedure.ActionMove, procedure.ActionTerminate, procedure.ActionSuspend, procedure.ActionResume} {
		if code := refusal(t, s0, mend(action, func(c *procedure.Command) { c.Opinion = "" }), monday); code != "reason-required" {
			t.Errorf("%s without a reason: %s", action, code)
		}
	}
	if code := refusal(t, s0, mend(procedure.ActionApprove), monday); code != "action-unknown" {
		t.Errorf("an administrator approves: %s", code)
	}
}

func TestReassign(t *testing.T) {
	s0 := submitted(t)
	to := func(post procedure.Post, person string) func(*procedure.Command) {
		return func(c *procedure.Command) { c.Post, c.Person = post, person }
	}
	s := repaired(t, s0, mend(procedure.ActionReassign, to("office/clerk", "officer")), monday)
	if len(s.Assignments) != 1 || s.Assignments[0].Post != "office/clerk" || s.Assignments[0].Claimed != "officer" || s.Assignments[0].Limit != s0.Assignments[0].Limit {
		t.Errorf("the to-do is %+v", s.Assignments)
	}
	if !slices.EqualFunc(s.Limits, s0.Limits, func(a, b procedure.RunningLimit) bool { return a.Due.At.Equal(b.Due.At) }) {
		t.Errorf("its terms moved: %+v", s.Limits)
	}
	events, err := procedure.Decide(s, procedure.Command{Key: "go", Action: procedure.ActionApprove, Actor: officer}, monday)
	if err != nil || procedure.Fold(s, events).Stage != "signers" {
		t.Errorf("the new holder cannot act: %v", err)
	}
	for name, c := range map[string]struct {
		command procedure.Command
		code    string
	}{
		"nobody named":      {mend(procedure.ActionReassign), "post-required"},
		"no post":           {mend(procedure.ActionReassign, to("nowhere", "")), "post-unknown"},
		"who has it":        {mend(procedure.ActionReassign, to("economy/leader", "")), "already-involved"},
		"no such to-do":     {mend(procedure.ActionReassign, to("office/clerk", ""), func(c *procedure.Command) { c.Assignment = 99 }), "already-handled"},
		"seen another time": {mend(procedure.ActionReassign, to("office/clerk", ""), func(c *procedure.Command) { c.Expect = 1 }), "changed-meanwhile"},
	} {
		if code := refusal(t, s0, c.command, monday); code != c.code {
			t.Errorf("%s: %s, want %s", name, code, c.code)
		}
	}
	one := repaired(t, s0, mend(procedure.ActionReassign, to("economy/leader", "leader")), monday)
	if one.Assignments[0].Claimed != "leader" || one.Assignments[0].Assignment != s0.Assignments[0].Assignment {
		t.Errorf("one person of the same post: %+v", one.Assignments)
	}
}

func TestMove(t *testing.T) {
	s0 := submitted(t)
	to := func(stage string) func(*procedure.Command) {
		return func(c *procedure.Command) { c.To = stage }
	}
	back := repaired(t, s0, mend(procedure.ActionMove, to("submit")), monday)
	if back.Stage != "submit" || len(back.Assignments) != 1 || back.Assignments[0].Post != "stb/clerk" {
		t.Errorf("moved back: %s %+v", back.Stage, back.Assignments)
	}
	if _, done := back.Marks["group.done"]; done {
		t.Error("a stage that was cut short counts as done")
	}
	if back.Kept[procedure.KeptMet] != s0.Kept[procedure.KeptMet] || back.Kept[procedure.KeptDropped] != 1 {
		t.Errorf("a term cut short counts as kept: %v", back.Kept)
	}
	for _, beyond := range []string{"signers", "approval", "brief", "nowhere", "closed", ""} {
		if code := refusal(t, s0, mend(procedure.ActionMove, to(beyond)), monday); code != "stage-unknown" {
			t.Errorf("moved past the approval to %q: %s", beyond, code)
		}
	}
	if targets := procedure.MoveTargets(s0); !slices.Equal(targets, []string{"submit", "group"}) {
		t.Errorf("targets: %v", targets)
	}
	halted := repaired(t, s0, mend(procedure.ActionSuspend), monday)
	if code := refusal(t, halted, mend(procedure.ActionMove, to("submit")), monday); code != "suspended" {
		t.Errorf("moved while suspended: %s", code)
	}
}

func TestSuspendAndResumeByAnAdministrator(t *testing.T) {
	s0 := submitted(t)
	halted := repaired(t, s0, mend(procedure.ActionSuspend), monday)
	if halted.Suspended == nil || halted.Suspended.By != procedure.Administrator || !procedure.Wake(halted).IsZero() {
		t.Fatalf("the clock runs on: %+v, wakes %v", halted.Suspended, procedure.Wake(halted))
	}
	if code := refusal(t, halted, mend(procedure.ActionSuspend), monday); code != "suspended" {
		t.Errorf("suspended twice: %s", code)
	}
	later := monday.AddDate(0, 0, 7)
	again := repaired(t, halted, mend(procedure.ActionResume), later)
	if again.Suspended != nil || !again.Limits[0].Due.At.After(s0.Limits[0].Due.At) {
		t.Errorf("resumed: %+v, due %v", again.Suspended, again.Limits)
	}
	if code := refusal(t, again, mend(procedure.ActionResume), later); code != "not-suspended" {
		t.Errorf("resumed twice: %s", code)
	}
}

func TestTerminate(t *testing.T) {
	s0 := submitted(t)
	s := repaired(t, s0, mend(procedure.ActionTerminate), monday)
	if s.Outcome != procedure.OutcomeTerminated || !procedure.Finished(s) || len(s.Limits) != 0 || !procedure.Wake(s).IsZero() {
		t.Errorf("terminated: %s, %+v, %+v", s.Outcome, s.Assignments, s.Limits)
	}
	if s.Kept[procedure.KeptMet] != s0.Kept[procedure.KeptMet] {
		t.Errorf("its terms count as kept: %v", s.Kept)
	}
	if code := refusal(t, s, mend(procedure.ActionTerminate), monday); code != "closed" {
		t.Errorf("terminated twice: %s", code)
	}
}

func TestStanding(t *testing.T) {
	name := func(p procedure.Post) string { return "〔" + string(p) + "〕" }
	s0 := submitted(t)
	halted := repaired(t, s0, mend(procedure.ActionSuspend), monday)
	over := repaired(t, s0, mend(procedure.ActionTerminate), monday)
	for _, c := range []struct {
		state procedure.State
		want  []string
	}{
		{procedure.New(s0.Spec), []string{"尚未开始"}},
		{s0, []string{"小组初审", "〔economy/leader〕", "时限2026年3月"}},
		{halted, []string{"小组初审", "暂停", "〔system/administrator〕", "卡住了"}},
		{over, []string{"已于2026年3月2日10:00结束（终止）"}},
	} {
		said := procedure.Standing(c.state, name)
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%q lacks %q", said, want)
			}
		}
	}
}
