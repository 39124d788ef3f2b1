package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

// rolledOut are the procedures of the promotion and its roll-out.
var rolledOut = []string{"practice-promotion", "practice-recommendation", "practice", "practice-consultation", "practice-rollout",
	"practice-plan", "practice-district-plan", "practice-tracking", "practice-progress", "practice-improvement", "practice-summary"}

// promises are the limits the article itself sets to them, by procedure, stage and key, as the rulebook has them.
func promises(t *testing.T) map[string]procedure.Limit {
	t.Helper()
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]procedure.Limit{}
	for _, key := range rolledOut {
		p, ok := library.Procedure("zibo-city", key)
		if !ok {
			t.Fatalf("there is no procedure %s", key)
		}
		take := func(stage string, limits []procedure.Limit) {
			for _, l := range limits {
				if strings.Contains(l.Source, "001 art. 14(1)") || strings.Contains(l.Source, "001 art. 14(2)") {
					all[limitKey(key, stage, l.Key)] = l
				}
			}
		}
		take("", p.Limits)
		for _, s := range p.Stages {
			take(s.Key, s.Limits)
		}
		for _, s := range p.Slips {
			if s.Sign != nil {
				take("", []procedure.Limit{*s.Sign})
			}
		}
	}
	return all
}

func limitKey(procedure, stage, limit string) string { return procedure + "/" + stage + "/" + limit }

// foretold holds that a page which says what the clock will do says to whom.
func foretold(t *testing.T, m api.Matter) {
	t.Helper()
	for _, one := range m.IfNobodyActs {
		if nobody := message.Text("events.nobody", nil); strings.Contains(one.Sentence, nobody+"（") {
			t.Errorf("%s: %s", m.Stage, one.Sentence)
		}
	}
}

// accepted looks at the roll-out as it is reported and made known.
func accepted(t *testing.T, office *client.Client, id string) {
	t.Helper()
	ctx := within(t, time.Minute)
	m, err := office.Matter(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if m.State != api.MatterStateCompleted || !slices.Equal(slips(m), []string{"rollout-bulletin", "rollout-opinions"}) {
		t.Errorf("it ended %s and issued %v", m.State, slips(m))
	}
	links := map[string]int{}
	for _, l := range m.Links {
		links[l.Link]++
		if l.State == "" {
			t.Errorf("the office does not see how %s stands", l.Title)
		}
		if l.Link == "tracking" {
			tracked(t, office, l.ID)
		}
	}
	leads := entries(m, "summaries") + entries(m, "absentSummaries") - 10
	if links["plans"] != 10 || links["district-plans"] != 10 || links["summaries"] != 10+leads || leads < 1 {
		t.Errorf("links %v, %d summaries, %d absent", links, entries(m, "summaries"), entries(m, "absentSummaries"))
	}
	for _, l := range m.Links {
		if l.Link != "district-plans" {
			continue
		}
		plan, err := office.Matter(ctx, l.ID)
		if err != nil || plan.State != api.MatterStateCompleted || entries(plan, "townships") == 0 || !slices.Equal(slips(plan), []string{"district-plan-filed"}) {
			t.Errorf("%s: %s, %d practices for townships, %v (%v)", l.Title, plan.State, entries(plan, "townships"), slips(plan), err)
		}
	}
}

// tracked looks at the tracking: a brief each month, and what had to be improved, improved.
func tracked(t *testing.T, office *client.Client, id string) {
	t.Helper()
	m, err := office.Matter(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	briefs, improved := len(slips(m)), 0
	for _, l := range m.Links {
		if l.Link == "improvements" && l.State == api.MatterStateCompleted {
			improved++
		}
	}
	if m.State != api.MatterStateCompleted || briefs < 1 || improved != briefs {
		t.Errorf("the tracking ended %s with %d briefs and %d improvements carried out", m.State, briefs, improved)
	}
}

func slips(m api.Matter) []string {
	var kinds []string
	for _, s := range m.Slips {
		kinds = append(kinds, s.Kind)
	}
	return slices.Sorted(slices.Values(kinds))
}

// keptAndMissed says of which limits promised it does not hold that each was kept in one matter or another of the trees, and
// missed in one; and that whoever missed one had been reminded, urged and reported, as its rule says.
func keptAndMissed(t *testing.T, office *client.Client, promised map[string]procedure.Limit, roots ...string) (complaints []string) {
	t.Helper()
	if len(promised) < 7 {
		t.Errorf("the article sets %d limits only", len(promised))
	}
	kept, missed, rang := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, m := range tree(t, office, roots...) {
		story, err := office.Events(within(t, time.Minute), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		did := map[string][]string{}
		for _, e := range story.Items {
			key := limitKey(m.Procedure, e.Stage, e.Limit)
			rule, promised := promised[key]
			switch {
			case !promised || e.Limit == "":
			case e.Type == "limit-started":
				did[key] = nil
			case e.Type == "alarm-fired":
				did[key] = append(did[key], string(e.Alarm))
			case e.Kept == api.StoryEventKeptMet:
				kept[key]++
			case e.Kept == api.StoryEventKeptLate, e.Kept == api.StoryEventKeptMissed:
				missed[key]++
				rang[key] = rang[key] || slices.Equal(did[key], doings(rule))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(promised)) {
		t.Logf("%s: kept %d times, missed %d times", key, kept[key], missed[key])
		if kept[key] == 0 || missed[key] == 0 || !rang[key] {
			complaints = append(complaints, fmt.Sprintf("%s (%s): kept %d times, missed %d times, all alarms rang: %v",
				key, promised[key].Source, kept[key], missed[key], rang[key]))
		}
	}
	return complaints
}

// doings are what a limit's alarms do, in order.
func doings(l procedure.Limit) []string {
	var all []string
	for _, a := range l.Alarms {
		all = append(all, string(a.Do))
	}
	return all
}

// tree reads matters and all they started.
func tree(t *testing.T, c *client.Client, roots ...string) []api.Matter {
	t.Helper()
	var all []api.Matter
	for _, id := range roots {
		m, err := c.Matter(within(t, time.Minute), id)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", id, err))
		}
		all = append(all, m)
		for _, l := range m.Links {
			all = append(all, tree(t, c, l.ID)...)
		}
	}
	return all
}
