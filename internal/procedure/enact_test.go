package procedure_test

import (
	"errors"
	"testing"
	"time"

	"duban/internal/procedure"
)

// change is a procedure whose change takes effect once it is approved.
func change() procedure.Procedure {
	p := review()
	p.Stages = []procedure.Stage{
		{Key: "submit", Title: "起草", Kind: procedure.KindTask, Authority: procedure.Authority{SetBy: "office"}, Who: p.Stages[0].Who,
			Fields: []string{"summary"}, Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"enact"}}},
		{Key: "enact", Title: "生效", Kind: procedure.KindEnact, Authority: procedure.Authority{SetBy: "office"},
			Enact: &procedure.Enact{Change: "summary", Else: "submit"}, Next: procedure.Closed},
	}
	p.Limits = nil
	return p
}

func TestEnact(t *testing.T) {
	start := func() procedure.State {
		s := procedure.New(spec(change()))
		events, err := procedure.Decide(s, procedure.Command{Key: "0", Action: procedure.ActionStart, Actor: clerk, Submit: true,
			Fields: nil}, monday)
		if err != nil {
			t.Fatal(err)
		}
		return procedure.Fold(s, events)
	}
	for name, c := range map[string]struct {
		enacted procedure.Enacted
		code    string
		stage   string
	}{
		"took effect":         {enacted: procedure.Enacted{Version: "v2"}, stage: procedure.Closed},
		"could not":           {enacted: procedure.Enacted{Refusal: "base-not-in-force"}, stage: "submit"},
		"news of another one": {enacted: procedure.Enacted{Change: "other", Version: "v2"}, code: "already-handled", stage: "enact"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start()
			waiting, is := procedure.Enacting(&s)
			if !is || s.Stage != "enact" {
				t.Fatalf("stands at %s", s.Stage)
			}
			if c.enacted.Change == "" {
				c.enacted.Change = waiting
			}
			events, err := procedure.Decide(s, procedure.Command{Action: procedure.ActionEnacted, Enacted: &c.enacted}, monday.Add(time.Hour))
			var refusal *procedure.Refusal
			if c.code != "" && (!errors.As(err, &refusal) || refusal.Code != c.code) || c.code == "" && err != nil {
				t.Fatalf("%v", err)
			}
			s = procedure.Fold(s, events)
			if s.Stage != c.stage {
				t.Errorf("stands at %s, not at %s", s.Stage, c.stage)
			}
			if _, is := procedure.Enacting(&s); is != (c.stage == "enact") {
				t.Error("it waits to take effect where it should not, or the other way round")
			}
		})
	}
}
