package procedure_test

import (
	"slices"
	"testing"

	"duban/internal/procedure"
)

// What two posts say in one stage stands side by side: each fills what is theirs, is asked for that alone, and writes over
// nobody; who was asked for help, or took over, fills it for the post they stand for.
func TestEachPostAnswersForItself(t *testing.T) {
	p := review()
	signers, _ := p.Stage("signers")
	signers.Who = []procedure.Role{"office/director", "group"}
	signers.Fields, signers.Needs = []string{"opinion", "second", "note"}, []string{"opinion", "second"}
	signers.FilledBy = map[string]procedure.Role{"opinion": "office/director", "second": "group"}
	r := begin(t, p, true)
	r.do(act(leader, procedure.ActionApprove))
	r.at("signers")

	if got := procedure.FieldsOf(r.s, director); !slices.Equal(got, []string{"opinion", "note"}) {
		t.Errorf("the director may fill %v", got)
	}
	say := func(actor procedure.Actor, key, field, text string) procedure.Command {
		c := act(actor, procedure.ActionApprove)
		c.Key, c.Fields = key, map[string]rawMessage{field: raw(text)}
		return c
	}
	r.refused(say(leader, "1", "opinion", "代拟"), "field-not-yours")
	r.refused(say(director, "2", "note", "只写了备注"), "fields-missing")
	r.do(say(director, "3", "opinion", "同意"))
	r.at("signers")
	if err := r.try(say(leader, "4", "note", "没有自己的意见")); err == nil {
		t.Error("another's answer was taken for one's own")
	}

	helper := person("helper", "stb/section")
	ask := act(leader, procedure.ActionTransfer)
	ask.Post = "stb/section"
	r.do(ask)
	if got := procedure.FieldsOf(r.s, helper); !slices.Equal(got, []string{"second", "note"}) {
		t.Errorf("who took over may fill %v", got)
	}
	r.refused(say(helper, "5", "opinion", "改"), "field-not-yours")
	r.do(say(helper, "6", "second", "有保留"))
	r.at("approval")
	if first, second := string(r.s.Form["opinion"]), string(r.s.Form["second"]); first != `"同意"` || second != `"有保留"` {
		t.Errorf("said was %s and %s", first, second)
	}
}
