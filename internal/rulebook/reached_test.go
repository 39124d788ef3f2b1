package rulebook_test

import (
	"fmt"
	"testing"
	"time"

	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// 001 art. 14(2): a practice for the townships reaches at least two of them in each district. What the summaries say was
// reached is on record, and no district that fell short passes.
func TestNoDistrictPassesThatReachedTooFew(t *testing.T) {
	for name, c := range map[string]struct {
		unit, reached, result string
		passes                bool
	}{
		"two reached":           {"boshan", `[{"practice":"甲","places":["a","b"]}]`, "passed", true},
		"four reached":          {"boshan", `[{"practice":"甲","places":["a","b","c","d"]}]`, "passed", true},
		"one reached":           {"boshan", `[{"practice":"甲","places":["a"]}]`, "passed", false},
		"another practice":      {"boshan", `[{"practice":"乙","places":["a","b"]}]`, "passed", false},
		"nothing said":          {"boshan", ``, "passed", false},
		"one, and said so":      {"boshan", `[{"practice":"甲","places":["a"]}]`, "partly", true},
		"a department, nothing": {"stb", ``, "passed", true},
	} {
		t.Run(name, func(t *testing.T) {
			reached := ""
			if c.reached != "" {
				reached = `,"reached":` + c.reached
			}
			spec, err := shipped().Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "practice-rollout", Title: "推广", Unit: "office",
				Starter: actor("office/clerk"), At: monday, Form: form(`{"term":"一期","practices":[{"title":"甲","unit":"boshan","lead":"stb","township":true},
				{"title":"乙","unit":"linzi","lead":"drc","township":false}]}`)})
			if err != nil {
				t.Fatal(err)
			}
			spec.Procedure.First = "acceptance"
			spec.Form["summaries"] = []byte(fmt.Sprintf(`[{"unit":%q,"report":"x"%s}]`, c.unit, reached))
			s := procedure.New(spec)
			var at procedure.State
			for i, command := range []procedure.Command{{Action: procedure.ActionStart}, {Action: procedure.ActionApprove,
				Fields: form(fmt.Sprintf(`{"acceptance":[{"unit":%q,"result":%q}],"acceptanceReport":"总结"}`, c.unit, c.result))}} {
				command.Key, command.Actor = fmt.Sprint(i), actor("office/clerk")
				events, err := procedure.Decide(s, command, monday.Add(time.Hour))
				if i == 1 && (err == nil) != c.passes {
					t.Fatalf("refused: %v", err)
				}
				s = procedure.Fold(s, events)
				at = s
			}
			if c.passes != (at.Stage == "report") {
				t.Errorf("it stands at %s", at.Stage)
			}
		})
	}
}

// What a department is asked to score, or is evaluated on, are the practices it leads.
func TestADepartmentIsGivenWhatItLeads(t *testing.T) {
	p, _ := shipped().Procedure("zibo-city", "practice-evaluation")
	for _, key := range []string{"departments", "checks"} {
		stage, _ := p.Stage(key)
		if asks := p.StartOf(stage); asks.Form["practices"] != "=practices" || asks.Own["practices"] != "lead" {
			t.Errorf("%s gives %v of %v", key, asks.Own, asks.Form)
		}
	}
}
