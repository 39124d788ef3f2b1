package api

import (
	"strings"
	"testing"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
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
