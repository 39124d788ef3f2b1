package procedure_test

import (
	"encoding/json"
	"strings"
	"testing"

	"duban/internal/procedure"
)

// A unit that names none of what it is visited for, or too few, is drawn as many more: nobody gains by staying away.
func TestStayingAwayDoesNotPay(t *testing.T) {
	p := scoring(t)
	draw, _ := p.s.Spec.Procedure.Stage("draw")
	draw.Draw.From, draw.Draw.Without, draw.Draw.Along, draw.Draw.Named, draw.Draw.Take = "field:topics", "chosen.topics", true, 2, 2
	p.s.Form["topics"] = rawMessage(`[{"key":"a"},{"key":"b"},{"key":"c"},{"key":"d"},{"key":"e"}]`)
	p.s.Form["chosen"] = rawMessage(`[{"unit":"east","topics":["a","b"]},{"unit":"west","topics":["c"]}]`) // north stayed away
	p.until(func() bool { return p.s.Stage == "draw" })
	p.answer()
	var sites []struct{ Unit, How, Lot string }
	if err := json.Unmarshal(p.s.Form["sites"], &sites); err != nil {
		t.Fatal(err)
	}
	drawn, visited := map[string]int{}, map[string]map[string]bool{}
	for _, site := range sites {
		if visited[site.Unit] == nil {
			visited[site.Unit] = map[string]bool{}
		}
		visited[site.Unit][site.Lot] = true
		if site.How == "drawn" {
			drawn[site.Unit]++
		}
	}
	for unit, want := range map[string]int{"east": 2, "west": 3, "north": 4} {
		if drawn[unit] != want || len(visited[unit]) != 4 {
			t.Errorf("%s: %d drawn, want %d, and %d visited, want four", unit, drawn[unit], want, len(visited[unit]))
		}
	}
	lots := p.s.Draws["sample"]
	published, ok := p.s.PublicDraw(lots.Draw)
	if published.Seed = seed; !ok || published.Draw() != nil {
		t.Fatal("the draw cannot be repeated")
	}
	for _, group := range published.Groups {
		if len(group.Drawn) != drawn[group.Key] {
			t.Errorf("%s is published with %d drawn, %d were", group.Key, len(group.Drawn), drawn[group.Key])
		}
	}
}

// A matter started for a unit is given, of a list, the entries that name the unit, where its rule says so.
func TestAChildIsGivenItsOwn(t *testing.T) {
	c := cycle()
	c.Stages[1].Start.Form, c.Stages[1].Start.Own = map[string]string{"topics": "=topics", "all": "=topics"}, map[string]string{"topics": "lead"}
	spec := procedure.Spec{Matter: "0190f7a0-0000-7000-8000-000000000001", Title: "评选", Procedure: c, At: monday, Unit: "office", Starter: officer,
		Parties: map[string][]string{"units": {"east", "west"}, "office": {"office"}},
		Form:    map[string]json.RawMessage{"topics": rawMessage(`[{"title":"a","lead":"east"},{"title":"b","lead":"west"},{"title":"c","lead":"east"}]`)}}
	events, err := procedure.Decide(procedure.New(spec), procedure.Command{Key: "k", Action: procedure.ActionStart, Actor: officer, Submit: true}, monday)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, e := range events {
		if b, ok := e.Body.(procedure.MatterRequested); ok {
			asked[b.Unit] = string(b.Form["topics"])
			if strings.Count(string(b.Form["all"]), "title") != 3 {
				t.Errorf("%s is given %s", b.Unit, b.Form["all"])
			}
		}
	}
	if strings.Count(asked["east"], "title") != 2 || !strings.Contains(asked["west"], `"b"`) || strings.Contains(asked["west"], `"a"`) {
		t.Errorf("given are %v", asked)
	}
}
