package rulebook_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// withDistrict is what is shipped and a district's rulebook beside it.
func withDistrict(t *testing.T) *rulebook.Library {
	t.Helper()
	files := fstest.MapFS{"boshan.yaml": {Data: []byte(read(t, "testdata/derived/boshan.yaml"))}}
	names, err := fs.Glob(rulebooks.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(rulebooks.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	l, err := rulebook.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A district runs its own promotion by the same rules with its own numbers; the rest is inherited, limits included.
func TestADistrictsOwnNumbers(t *testing.T) {
	l := withDistrict(t)
	for _, c := range []struct {
		book            string
		mutual, winners int
		formula, window string
		begins          []string
	}{
		{"zibo-city", 20, 10, "0.5 * unit + 0.5 * public", "10 workdays", []string{"01-10", "07-10"}},
		{"boshan", 8, 4, "0.4 * unit + 0.6 * public", "5 workdays", []string{"01-20", "07-20"}},
	} {
		p, _ := l.Procedure(c.book, "practice-promotion")
		mutual, _ := p.Stage("mutual")
		vote, _ := p.Stage("vote")
		if mutual.Poll.Winners != c.mutual || vote.Poll.Winners != c.winners || vote.Poll.Formula != c.formula ||
			vote.Limits[0].Within.String() != c.window || !slices.Equal(p.Begins.On, c.begins) {
			t.Errorf("%s: %d, %d, %s, %s, %v", c.book, mutual.Poll.Winners, vote.Poll.Winners, vote.Poll.Formula, vote.Limits[0].Within, p.Begins.On)
		}
		if vote.Poll.Order != "public" || mutual.Poll.OwnChoice || mutual.Poll.Own != "unit" {
			t.Errorf("%s: the order or the recusal is lost", c.book)
		}
		for _, vote := range []*procedure.Poll{mutual.Poll, vote.Poll} {
			if vote.Objections == nil || vote.Objections.Within.String() != "15 days" || vote.Objections.SetBy != "office" {
				t.Errorf("%s: objections: %+v", c.book, vote.Objections)
			}
		}
	}
	if _, err := rulebook.Simulate(l, "boshan", "practice-promotion", 50, 1, calendar.Shipped()); err != nil {
		t.Error(err)
	}
	d, _ := l.Diff("boshan")
	var said []string
	for _, p := range d.Procedures {
		for _, s := range p.Stages {
			for _, c := range s.Changes {
				said = append(said, c.To)
			}
		}
	}
	if text := strings.Join(said, "\n"); !strings.Contains(text, "取4项") || !strings.Contains(text, "0.4 * unit") {
		t.Errorf("the difference says %s", text)
	}
}

// A district that would give its units longer to vote than the city does is refused, like any longer limit.
func TestADistrictMayNotTakeLonger(t *testing.T) {
	text := strings.Replace(read(t, "testdata/derived/boshan.yaml"), "{within: 5 workdays}", "{within: 15 workdays}", 1)
	files := fstest.MapFS{"boshan.yaml": {Data: []byte(text)}}
	for _, name := range []string{"zibo-city.yaml", "zibo.org.yaml"} {
		data, err := fs.ReadFile(rulebooks.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	found, err := problems(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Code != "loosened-limit" {
		t.Errorf("found %v", found)
	}
}

// Every practice for the townships reaches at least two of them in each district: the form takes no fewer, and the gate lets
// no plan pass that leaves one out.
func TestTownships(t *testing.T) {
	l := library(t)
	p, _ := l.Procedure("zibo-city", "practice-district-plan")
	for places, wrong := range map[string]bool{`["a"]`: true, `["a","b"]`: false, `["a","b","c"]`: false, `["a","b","c","d"]`: false, `["a","a"]`: true} {
		faults := rulebook.ValidateForm(p, form(`{"townships":[{"practice":"一件事","places":`+places+`}]}`))
		if (len(faults) > 0) != wrong {
			t.Errorf("%s: %v", places, faults)
		}
	}
	practices := `[{"title":"一件事","township":true},{"title":"另一件","township":false}]`
	for townships, passes := range map[string]bool{
		`[]`: false,
		`[{"practice":"另一件","places":["a","b"]}]`: false,
		`[{"practice":"一件事","places":["a","b"]}]`: true,
	} {
		f := form(`{"practices":` + practices + `,"townships":` + townships + `,"opinions":"x","plans":["x"]}`)
		spec, err := l.Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "practice-district-plan", Title: "t", Form: f,
			Unit: "boshan", Starter: actor("boshan/clerk"), At: monday})
		if err != nil {
			t.Fatal(err)
		}
		s := procedure.New(spec)
		events, err := procedure.Decide(s, procedure.Command{Key: "k", Action: procedure.ActionStart, Actor: actor("boshan/clerk"), Submit: true}, monday)
		if (err == nil) != passes {
			t.Errorf("%s: %v", townships, err)
		}
		if passes && procedure.Fold(s, events).Stage != "consent" {
			t.Errorf("%s leads to %s", townships, procedure.Fold(s, events).Stage)
		}
	}
}

// What the promotion and its roll-out gather is shown with the unit it comes from, under titles, and its files as files.
func TestWhatIsGatheredCanBeRead(t *testing.T) {
	l := library(t)
	type schema struct {
		Title, Format string
		Items         *schema
		Properties    map[string]schema
	}
	form := func(key string) (*procedure.Procedure, schema) {
		p, _ := l.Procedure("zibo-city", key)
		var f schema
		if err := json.Unmarshal(p.Form, &f); err != nil {
			t.Fatal(err)
		}
		return p, f
	}
	for _, key := range []string{"practice-promotion", "practice-recommendation", "practice-rollout", "practice-tracking"} {
		p, f := form(key)
		for _, stage := range p.Stages {
			if stage.Collect == nil {
				continue
			}
			entry := f.Properties[stage.Collect.Into].Items
			if entry == nil || entry.Properties["unit"].Format != "unit" {
				t.Errorf("%s/%s: what is gathered does not say from whom", key, stage.Key)
				continue
			}
			_, child := form(p.StartOf(&stage).Procedure)
			for _, name := range stage.Collect.Take {
				got, from := entry.Properties[name], child.Properties[name]
				if got.Title == "" || (from.Format == "attachment") != (got.Format == "attachment") {
					t.Errorf("%s/%s: %s is shown as %+v, being %+v", key, stage.Key, name, got, from)
				}
			}
		}
	}
}

// What was consulted on stays its own unit's, though the office asks on its behalf: the roll-out is begun with the unit.
func TestAConsultationKeepsWhoseThePracticeIs(t *testing.T) {
	p, _ := library(t).Procedure("zibo-city", "practice-promotion")
	consult, _ := p.Stage("consult")
	if consult.Start.As != "office" || !slices.Contains(consult.Collect.Take, "unit") {
		t.Errorf("begun as %s, taking %v", consult.Start.As, consult.Collect.Take)
	}
}
