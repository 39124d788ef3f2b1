package api

import (
	"strings"
	"testing"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
	"duban/rulebooks"
)

// Why a vote was not held is told as it is: each sentence says what was the matter and nothing else, of old records too.
func TestSkippedVotesAreTold(t *testing.T) {
	row := store.MatterRow{Spec: procedure.Spec{Names: map[string]string{"east": "东区", "west": "西区"},
		Procedure: procedure.Procedure{Stages: []procedure.Stage{{Key: "vote", Title: "互评"}}}}}
	for _, c := range []struct {
		why  procedure.Unvotable
		says []string
		not  string
	}{
		{"", []string{"互评", "不具备投票条件"}, "只有"},
		{procedure.UnvotableEmpty, []string{"没有可供投票的项目"}, "只有"},
		{procedure.UnvotableNobody, []string{"没有可以投票的单位"}, "项可供"},
		{procedure.UnvotableShort, []string{"只有2项", "不足规定的3项"}, "东区"},
		{procedure.UnvotableFew, []string{"只有2项", "至少须选3项"}, "东区"},
		{procedure.UnvotableOwn, []string{"共2项", "东区、西区", "不足3项"}, "只有"},
		{procedure.UnvotableWindow, []string{"时段不成立"}, "只有"},
	} {
		teller := newTeller(nil, row)
		key, a := teller.counted(procedure.PollSkipped{Stage: "vote", Options: 2, Why: c.why, Least: 3, Units: []string{"east", "west"}}, &StoryEvent{})
		said := message.Text("events."+key, a)
		for _, part := range c.says {
			if !strings.Contains(said, part) {
				t.Errorf("%q: %s does not say %s", c.why, said, part)
			}
		}
		if strings.Contains(said, c.not) || strings.Contains(said, "{") || strings.Contains(said, "events.") {
			t.Errorf("%q: %s", c.why, said)
		}
	}
}

// A matter that never began because the rules refused it is told of with the reason, the article and what to do; never as
// one that was not approved.
func TestAMatterThatNeverBeganIsToldWithItsReason(t *testing.T) {
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	w := newWords(rulebook.NewShelf(library))
	city, _ := library.Procedure("zibo-city", "provincial-document")
	bureau, _ := library.Procedure("zibo-stb", "bureau-proposal")
	for _, c := range []struct {
		p       *procedure.Procedure
		link    string
		refusal procedure.Refusal
		says    []string
	}{
		{city, "tasks", procedure.Refusal{Code: "bad-form", Args: map[string]any{"fields": []any{
			map[string]any{"field": "unit", "code": "no-such-unit", "path": "group-economy"}}}}, []string{"责任单位", "不能承担", "改革任务台账", "另行登记"}},
		{bureau, "city", procedure.Refusal{Code: "intake-closed", Authority: procedure.Authority{Source: "001 art. 12(1)"}, Args: map[string]any{"opens": "01-01", "closes": "01-31"}},
			[]string{"1月1日至1月31日", "届时"}},
		{city, "study", procedure.Refusal{Code: "not-a-starter", Args: map[string]any{"procedure": "学习"}}, []string{"第一时间传达学习", "核对单位"}},
	} {
		teller := newTeller(w, store.MatterRow{Spec: procedure.Spec{Procedure: *c.p}})
		line := teller.tell(procedure.Event{Seq: 1, Body: procedure.MatterLinked{Linked: procedure.Linked{Matter: "x", Link: c.link, Title: "甲项",
			Ended: true, Outcome: procedure.OutcomeRejected, Refusal: &c.refusal}}})
		told := w.told(store.Notification{Kind: store.TellUnopened,
			Args: store.Unopened{Title: "甲项", Of: of(c.p, c.link), Refusal: c.refusal}.Details()})
		for _, part := range append(c.says, "甲项", "未能发起") {
			if !strings.Contains(line.Sentence, part) || !strings.Contains(told, part) {
				t.Errorf("%s: %q and %q do not both say %s", c.refusal.Code, line.Sentence, told, part)
			}
		}
		if strings.Contains(line.Sentence+told, "未予通过") || strings.Contains(line.Sentence+told, "{of}") || line.Minor {
			t.Errorf("%s: %q, %q", c.refusal.Code, line.Sentence, told)
		}
		if line.Source != c.refusal.Source || c.refusal.Source != "" && !strings.Contains(told, "第十二条") && !strings.Contains(told, "第12条") {
			t.Errorf("%s gives no article: %+v, %q", c.refusal.Code, line, told)
		}
	}
}

func of(p *procedure.Procedure, link string) string {
	rulebook, key, _ := p.Asks(link)
	return rulebook + "/" + key
}
