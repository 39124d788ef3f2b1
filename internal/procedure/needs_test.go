package procedure_test

import (
	"errors"
	"testing"

	"duban/internal/procedure"
)

// What a stage needs must be answered; "no" is an answer, and only a gate can refuse it.
func TestNeedsAreAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		answer  string
		refused bool
	}{
		"yes": {"true", false}, "no": {"false", false}, "nought": {"0", false}, "a text": {`"x"`, false}, "an entry": {`["x"]`, false},
		"never touched": {"", true}, "taken back": {" null", true}, "an empty text": {`""`, true}, "an empty list": {"[]", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := review()
			p.Stages[0].Fields = append(p.Stages[0].Fields, "digital")
			p.Stages[0].Needs = append(p.Stages[0].Needs, "digital")
			r := begin(t, p, false)
			approve := act(clerk, procedure.ActionApprove)
			if c.answer != "" {
				approve.Fields = map[string]rawMessage{"digital": rawMessage(c.answer)}
			}
			err := r.try(approve)
			var refusal *procedure.Refusal
			if errors.As(err, &refusal); c.refused != (refusal != nil && refusal.Code == "fields-missing" && refusal.Input) {
				t.Errorf("%s: %v", c.answer, err)
			}
			if !c.refused {
				r.at("group")
			}
		})
	}
}

// What the matter knows already stands in a stage's field as it opens; what its holders made of it stays, after a return too.
func TestFieldsAreFilledAsTheStageOpens(t *testing.T) {
	p := review()
	group, _ := p.Stage("group")
	group.Fields, group.Needs = []string{"verdict", "note", "unsaid"}, []string{"verdict"}
	group.Prefill = map[string]string{"verdict": "=summary", "note": "关于{title}", "unsaid": "=nothing"}
	r := begin(t, p, true)
	if got := string(r.s.Form["verdict"]); got != `"先行先试"` {
		t.Fatalf("verdict: %s", got)
	}
	if got := string(r.s.Form["note"]); got != `"关于科技金融改革"` {
		t.Errorf("note: %s", got)
	}
	if _, filled := r.s.Form["unsaid"]; filled {
		t.Error("a field was filled with nothing")
	}
	again := act(leader, procedure.ActionReturn)
	again.Opinion = "请补充"
	change := act(leader, procedure.ActionFill)
	change.Fields = map[string]rawMessage{"verdict": raw("可行")}
	r.do(change)
	r.do(again)
	more := act(clerk, procedure.ActionApprove)
	more.Key, more.Fields = "once more", map[string]rawMessage{"summary": raw("另一个摘要")}
	r.do(more)
	if got := string(r.s.Form["verdict"]); got != `"可行"` {
		t.Errorf("what was written by hand became %s", got)
	}
	r.do(act(leader, procedure.ActionApprove)) // nothing to type: it is answered
	r.at("signers")
}
