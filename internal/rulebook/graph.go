package rulebook

import (
	"slices"

	"duban/internal/procedure"
)

// leads lists the stages a stage can lead to, and Closed.
func leads(s *procedure.Stage) []string {
	var to []string
	for _, action := range []procedure.ActionName{procedure.ActionApprove, procedure.ActionFinish, procedure.ActionReturn,
		procedure.ActionReject, procedure.ActionWithdraw} {
		to = append(to, s.Actions[action]...)
	}
	if s.Next != "" {
		to = append(to, s.Next)
	}
	if s.Wait != nil {
		for _, other := range []string{s.Wait.Else, s.Wait.Refused} {
			if other != "" {
				to = append(to, other)
			}
		}
	}
	if s.Enact != nil {
		to = append(to, s.Enact.Else)
	}
	if s.Poll != nil && s.Poll.Else != "" {
		to = append(to, s.Poll.Else)
	}
	return to
}

// graph reports stages no matter can reach, stages none can leave, and stages from which none can end well.
func (w *work) graph() {
	reached := map[string]bool{}
	var walk func(string)
	walk = func(key string) {
		stage, ok := w.p.Stage(key)
		if reached[key] || !ok {
			return
		}
		reached[key] = true
		for _, to := range leads(stage) {
			walk(to)
		}
	}
	walk(w.p.First)
	ends := map[string]bool{procedure.Closed: true}
	for changed := true; changed; {
		changed = false
		for i := range w.p.Stages {
			s := &w.p.Stages[i]
			if !ends[s.Key] && slices.ContainsFunc(leads(s), func(to string) bool { return ends[to] }) {
				ends[s.Key], changed = true, true
			}
		}
	}
	for _, e := range w.node.get("stages").entries {
		stage, ok := w.p.Stage(e.key)
		switch {
		case !ok:
		case len(leads(stage)) == 0:
			w.add(e.at, "stage-not-left", args{"stage": e.key})
		case !reached[e.key]:
			w.add(e.at, "stage-not-reached", args{"stage": e.key, "first": w.p.First})
		case !ends[e.key]:
			w.add(e.at, "stage-never-ends", args{"stage": e.key})
		}
	}
}
