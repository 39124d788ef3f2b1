package rulebook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

func form(text string) map[string]json.RawMessage {
	var f map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		panic(err)
	}
	return f
}

func actor(posts ...procedure.Post) procedure.Actor {
	return procedure.Actor{Person: "p", Posts: posts}
}

var (
	january = time.Date(2026, 1, 31, 15, 0, 0, 0, time.UTC) // 23:00 in Shanghai: the last day of the intake
)

func TestOpen(t *testing.T) {
	proposal := func(change func(*rulebook.Request)) rulebook.Request {
		r := rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "innovation-proposal", Title: "一件事一次办",
			Form: form(`{"category": "economy", "summary": "摘要"}`), Unit: "stb", Starter: actor("stb/clerk"), At: january,
			Calendar: calendar.Shipped()}
		change(&r)
		return r
	}
	parent := &procedure.Parent{Matter: "parent", Link: "city"}
	for _, c := range []struct {
		name   string
		change func(*rulebook.Request)
		code   string // of the refusal; empty: the matter is opened
		fault  string // of the form, as field/code
	}{
		{"on the last evening of January", func(*rulebook.Request) {}, "", ""},
		{"an hour later", func(r *rulebook.Request) { r.At = january.Add(time.Hour) }, "intake-closed", ""},
		{"no such rulebook", func(r *rulebook.Request) { r.Rulebook = "x" }, "unknown-rulebook", ""},
		{"no such procedure", func(r *rulebook.Request) { r.Procedure = "x" }, "unknown-procedure", ""},
		{"without a title", func(r *rulebook.Request) { r.Title = "  " }, "bad-title", ""},
		{"with too long a title", func(r *rulebook.Request) { r.Title = strings.Repeat("长", 201) }, "bad-title", ""},
		{"by the head", func(r *rulebook.Request) { r.Starter = actor("stb/head") }, "not-a-starter", ""},
		{"for another unit", func(r *rulebook.Request) { r.Unit = "finance" }, "not-a-starter", ""},
		{"for a unit of a kind that may not", func(r *rulebook.Request) { r.Unit, r.Starter = "office", actor("office/clerk") }, "not-a-starter", ""},
		{"by another matter", func(r *rulebook.Request) { r.Starter, r.Parent = procedure.Actor{}, parent }, "", ""},
		{"by another matter for an office", func(r *rulebook.Request) { r.Starter, r.Parent, r.Unit = procedure.Actor{}, parent, "office" }, "not-a-starter", ""},
		{"with an unknown field", func(r *rulebook.Request) { r.Form = form(`{"colour": 1}`) }, "bad-form", "colour/unknown"},
		{"with a field of another type", func(r *rulebook.Request) { r.Form = form(`{"summary": 1}`) }, "bad-form", "summary/wrong"},
		{"with a category there is none of", func(r *rulebook.Request) { r.Form = form(`{"category": "x"}`) }, "bad-form", "category/wrong"},
		{"with a broken value", func(r *rulebook.Request) { r.Form = map[string]json.RawMessage{"summary": []byte(`{`)} }, "bad-form", "summary/wrong"},
		{"a field that must be there", func(r *rulebook.Request) {
			r.Procedure, r.Form = "first-study", nil
		}, "bad-form", "subject/missing"},
		{"a unit there is none of", func(r *rulebook.Request) {
			r.Procedure, r.Unit, r.Starter = "provincial-document", "office", actor("office/clerk")
			r.Form = form(`{"draftingUnit": "nowhere"}`)
		}, "bad-form", "draftingUnit/no-such-unit"},
		{"a unit of a kind that may not lead", func(r *rulebook.Request) {
			r.Procedure, r.Unit, r.Starter = "provincial-document", "office", actor("office/clerk")
			r.Form = form(`{"lead": "zhangdian"}`)
		}, "bad-form", "lead/no-such-unit"},
		{"a task for a unit there is none of", func(r *rulebook.Request) {
			r.Procedure, r.Unit, r.Starter = "provincial-document", "office", actor("office/clerk")
			r.Form = form(`{"tasks": [{"title": "x", "unit": "nowhere", "due": "2026-05-01"}]}`)
		}, "bad-form", "tasks/no-such-unit"},
		{"a date there is none of", func(r *rulebook.Request) {
			r.Procedure, r.Unit, r.Starter = "provincial-document", "office", actor("office/clerk")
			r.Form = form(`{"receivedOn": "2026-02-30"}`)
		}, "bad-form", "receivedOn/wrong"},
		{"a city's procedure under the bureau's rules", func(r *rulebook.Request) {
			r.Rulebook, r.Procedure, r.Unit, r.Starter = "zibo-stb", "reform-task", "office", actor("office/clerk")
			r.Form = nil
		}, "not-a-starter", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec, err := library(t).Open(proposal(c.change))
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				if spec.Procedure.Key != "innovation-proposal" || spec.Parties["applicant"][0] != "stb" || spec.Parties["group"][0] != "group-economy" {
					t.Errorf("the specification is of %s with %v", spec.Procedure.Key, spec.Parties)
				}
				return
			}
			var refusal *procedure.Refusal
			if !errors.As(err, &refusal) || refusal.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			if c.fault == "" {
				return
			}
			for _, f := range refusal.Args["fields"].([]rulebook.Fault) {
				if f.Field+"/"+f.Code == c.fault {
					return
				}
			}
			t.Errorf("the faults are %v, without %s", refusal.Args["fields"], c.fault)
		})
	}
}

// What an heir leaves as it was runs under the parent's rules, so that what it starts does too.
func TestAnInheritedProcedureIsTheParents(t *testing.T) {
	l := library(t)
	inherited, _ := l.Procedure("zibo-stb", "provincial-document")
	own, _ := l.Procedure("zibo-city", "provincial-document")
	if inherited != own || own.Rulebook != "zibo-city" {
		t.Error("the bureau has its own copy of the city's procedure")
	}
	overridden, _ := l.Procedure("zibo-stb", "first-study")
	if overridden.Rulebook != "zibo-stb" {
		t.Error("the bureau's first study runs under the city's rules")
	}
}

// A matter's units are those with a part in it, and no others: what may be seen by whom rests on it.
func TestOnlyPartiesThatAreNamedTakePart(t *testing.T) {
	p, _ := library(t).Procedure("zibo-stb", "first-study")
	for _, name := range []string{"bureau", "bureau-group", "leading-group"} {
		if _, ok := p.Parties[name]; ok {
			t.Errorf("%s takes part in a section's study", name)
		}
	}
}

func TestVersionFollowsTheFiles(t *testing.T) {
	l := library(t)
	city, _ := l.Rulebook("zibo-city")
	stb, _ := l.Rulebook("zibo-stb")
	if city.Version == stb.Version || len(city.Version) != 16 {
		t.Errorf("versions %q and %q", city.Version, stb.Version)
	}
	again, _ := library(t).Rulebook("zibo-stb")
	if again.Version != stb.Version {
		t.Error("the same files give another version")
	}
}

// startables is what the actor may start for the units whose posts they hold.
func startables(l *rulebook.Library, actor procedure.Actor) (all []string) {
	for _, book := range l.Rulebooks() {
		for _, key := range book.Order {
			for _, post := range actor.Posts {
				if book.Procedures[key].Rulebook == book.Key && l.MayStart(book.Key, key, post.Unit(), actor) == nil {
					all = append(all, book.Key+"/"+key)
				}
			}
		}
	}
	return all
}

func TestStartables(t *testing.T) {
	for _, c := range []struct {
		actor procedure.Actor
		want  string
	}{
		{actor("stb/clerk"), "zibo-city/first-study zibo-city/innovation-proposal zibo-city/innovation-tracking zibo-city/practice-plan " +
			"zibo-city/practice-progress zibo-city/practice-summary zibo-city/practice-department-evaluation zibo-city/practice-department-check zibo-city/practice-follow-up"},
		{actor("stb/head"), ""},
		{actor("stb-hightech/clerk"), "zibo-stb/first-study zibo-stb/bureau-proposal zibo-stb/practice-plan"},
		{actor("office/clerk"), "zibo-city/central-document zibo-city/provincial-document zibo-city/superior-meeting zibo-city/reform-task zibo-city/innovation-call zibo-city/rule-change " +
			"zibo-city/practice-promotion zibo-city/practice-consultation zibo-city/practice-rollout zibo-city/practice-tracking zibo-city/practice-improvement zibo-city/practice-evaluation"},
	} {
		got := startables(library(t), c.actor)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v may start %v", c.actor.Posts, got)
		}
	}
}

// The units a breakdown of tasks may name are those that can carry a task: the form says so to whoever fills it in, and
// refuses any other, though the party that limits the field takes no part in the matter.
func TestTheUnitsOfABreakdownCanCarryTheirTasks(t *testing.T) {
	l := library(t)
	for _, c := range []struct{ book, key, fits, does string }{
		{"zibo-city", "provincial-document", "drc", "group-economy"},
		{"zibo-city", "superior-meeting", "boshan", "city-leaders"},
		{"zibo-stb", "superior-meeting", "stb-policy", "drc"},
	} {
		p, _ := l.Procedure(c.book, c.key)
		for _, name := range []string{c.fits, c.does} {
			tasks := fmt.Appendf(nil, `[{"title":"甲","unit":%q,"due":"2027-06-30"}]`, name)
			faults := l.CheckFields(p, map[string]json.RawMessage{"tasks": tasks})
			if (len(faults) == 0) != (name == c.fits) {
				t.Errorf("%s/%s naming %s: %v", c.book, c.key, name, faults)
			}
		}
		if _, known := p.Parties["owners"]; known {
			t.Errorf("%s/%s: who is to carry a task takes part in what it comes from", c.book, c.key)
		}
		var form struct {
			Properties struct {
				Tasks struct {
					Items struct {
						Properties struct {
							Unit struct {
								Kinds []string `json:"x-kinds"`
							} `json:"unit"`
						} `json:"properties"`
					} `json:"items"`
				} `json:"tasks"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(p.Form, &form); err != nil || len(form.Properties.Tasks.Items.Properties.Unit.Kinds) == 0 {
			t.Errorf("%s/%s offers every unit (%v)", c.book, c.key, err)
		}
	}
}
