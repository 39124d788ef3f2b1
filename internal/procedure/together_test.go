package procedure_test

import (
	"encoding/json"
	"strings"
	"testing"

	"duban/internal/procedure"
)

// Two things asked for at once are each gathered whole, whichever comes first, and who has sent neither is late with both.
func TestWhatIsAskedForTogetherIsGatheredInTurn(t *testing.T) {
	m := together(t)
	send := func(link, unit, fields string) { sends(m, link, unit, fields) }
	for _, e := range m.s.Links {
		if e.Link == "checks" && e.Unit == "" {
			t.Error("a check is asked of nobody")
		}
	}
	send("checks", "east", `{"score":90}`) // before the first is gathered
	send("call", "east", `{"summary":"a"}`)
	send("call", "west", `{"summary":"b"}`)
	if got := m.s.Resolve([]procedure.Role{"holder"}); len(got) != 1 || got[0] != "north/clerk" {
		t.Errorf("the first gathering waits on %v", got)
	}
	m.until(func() bool { return m.s.Stage == "checks" || m.s.Stage == "commit" })
	if strings.Count(m.field("candidates"), "summary") != 2 || m.field("absent") != `["north"]` {
		t.Errorf("first gathered: %s, absent %s", m.field("candidates"), m.field("absent"))
	}
	m.until(func() bool { return m.s.Stage == "commit" })
	if !strings.Contains(m.field("checks"), `"score":90`) || m.field("unchecked") != `["west","north"]` {
		t.Errorf("then gathered: %s, absent %s", m.field("checks"), m.field("unchecked"))
	}
	if m.s.Kept[procedure.KeptMet] != 0 {
		t.Errorf("with two missing it ended as %v", m.s.Kept)
	}
	late := 0
	for _, l := range m.s.Links {
		if l.Late {
			late++
		}
	}
	if late != 3 || len(m.s.Asked()) != 0 {
		t.Errorf("%d came too late, %d are still waited for", late, len(m.s.Asked()))
	}
}

// What all sent in time was kept, however late it is gathered because others held up what is gathered before it.
func TestWhatCameInTimeIsKeptHoweverLateItIsGathered(t *testing.T) {
	for _, c := range []struct {
		sent int // working days after the asking
		want procedure.Kept
	}{{1, procedure.KeptMet}, {7, procedure.KeptLate}} {
		m := together(t)
		m.s.Spec.Procedure.Stages[1].Collect.Closes, m.s.Spec.Procedure.Stages[len(m.s.Spec.Procedure.Stages)-1].Collect.Closes = "", ""
		m.now = m.s.Calendar.Deadline(monday, *days(c.sent)).At
		for _, unit := range []string{"east", "west", "north"} {
			sends(m, "checks", unit, `{"score":90}`)
		}
		m.now = m.s.Calendar.Deadline(monday, *days(9)).At
		before := m.s.Kept[c.want]
		for _, unit := range []string{"east", "west", "north"} {
			sends(m, "call", unit, `{"summary":"a"}`)
		}
		stage, _ := m.s.Spec.Procedure.Stage("call")
		if own := len(stage.Limits); m.s.Stage != "commit" || c.want == procedure.KeptMet && m.s.Kept[c.want] != before+1 ||
			c.want == procedure.KeptLate && m.s.Kept[c.want] != before+own+1 {
			t.Errorf("sent after %d days, at %s: %v", c.sent, m.s.Stage, m.s.Kept)
		}
	}
}

// together is a matter that asks its units for a check and for a practice at once, and gathers the practices first.
func together(t *testing.T) *play {
	t.Helper()
	p := cycle()
	ask := procedure.Stage{Key: "ask", Title: "布置", Kind: procedure.KindStart, Authority: p.Authority, Next: "call",
		Start: &procedure.Start{Procedure: "check", Each: "party:units", Title: "评估：{unit}", Link: "checks"}}
	checks := procedure.Stage{Key: "checks", Title: "汇总", Kind: procedure.KindCollect, Authority: p.Authority, Next: "commit",
		Collect: &procedure.Collect{Link: "checks", Into: "checks", Take: []string{"score"}, Missing: "unchecked", Closes: "close"},
		Limits:  []procedure.Limit{{Key: "close", From: "ask.entered", Within: days(5), Authority: p.Authority}}}
	p.Stages[0].Actions[procedure.ActionApprove] = procedure.Target{"ask"}
	p.Stages[1].Next = "checks"
	p.Stages = append(p.Stages, ask, checks)
	spec := procedure.Spec{Matter: "0190f7a0-0000-7000-8000-000000000001", Title: "评估", Procedure: p, At: monday, Unit: "office", Starter: officer,
		Parties: map[string][]string{"units": {"east", "west", "north"}, "office": {"office"}}, Form: map[string]json.RawMessage{}}
	m := &play{t: t, s: procedure.New(spec), now: monday}
	m.do(procedure.Command{Action: procedure.ActionStart, Actor: officer, Submit: true})
	return m
}

// sends ends what is asked of a unit under a link.
func sends(m *play, link, unit, fields string) {
	m.t.Helper()
	for _, l := range m.s.Links {
		if l.Link == link && l.Unit == unit && !l.Ended {
			_ = json.Unmarshal([]byte(fields), &l.Fields)
			l.Ended, l.Outcome, l.At = true, procedure.OutcomeCompleted, m.now
			m.do(procedure.Command{Action: procedure.ActionLinked, Linked: &l})
			return
		}
	}
	m.t.Fatalf("nothing of %s is asked of %s", link, unit)
}
