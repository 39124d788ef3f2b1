package procedure

import (
	"encoding/json"

	"cel.dev/cel-go/cel"

	"duban/internal/expression"
)

// conditions see form (the fields by name), approvals (stage -> how many hold), links (name of a link -> "open", or the
// outcome of its matters, the first that is not "completed") and parties (party -> its units), and are true or false.
var conditions = expression.NewLanguage(cel.BoolType,
	cel.Variable("form", cel.MapType(cel.StringType, cel.DynType)),
	cel.Variable("approvals", cel.MapType(cel.StringType, cel.IntType)),
	cel.Variable("links", cel.MapType(cel.StringType, cel.StringType)),
	cel.Variable("parties", cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
)

// CheckGate says what is wrong with a gate's condition.
func CheckGate(condition string) error {
	_, _, err := conditions.Compile(condition)
	return err
}

// open reports whether the gate's condition holds. One that cannot be evaluated, for a field not there say, does not.
func (g *Gate) open(s *State) bool {
	open, err := g.evaluate(s)
	return err == nil && open
}

func (g *Gate) evaluate(s *State) (bool, error) {
	program, err := conditions.Program(g.When)
	if err != nil {
		return false, err
	}
	form := make(map[string]any, len(s.Form))
	for field, raw := range s.Form {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return false, err
		}
		form[field] = value
	}
	approvals := map[string]int64{}
	for _, a := range s.Approvals {
		if !a.Survives {
			approvals[a.Stage]++
		}
	}
	links := map[string]string{}
	for _, l := range s.Links {
		state := string(l.Outcome)
		if !l.Ended {
			state = "open"
		}
		if earlier, ok := links[l.Link]; !ok || earlier == string(OutcomeCompleted) {
			links[l.Link] = state
		}
	}
	parties := map[string][]string{}
	for party := range s.Spec.Procedure.Parties {
		parties[party] = s.Units(party)
	}
	result, _, err := program.Eval(map[string]any{"form": form, "approvals": approvals, "links": links, "parties": parties})
	if err != nil {
		return false, err
	}
	open, ok := result.Value().(bool)
	return ok && open, nil
}
