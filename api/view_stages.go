package api

import (
	"cmp"
	"slices"

	"duban/internal/procedure"
)

func (v *view) stages() []MatterStage {
	current := slices.IndexFunc(v.p.Stages, func(st procedure.Stage) bool { return st.Key == v.state.Stage })
	stages := make([]MatterStage, 0, len(v.p.Stages))
	for i := range v.p.Stages {
		def := &v.p.Stages[i]
		entered, done := v.state.Marks[def.Key+".entered"], v.state.Marks[def.Key+".done"]
		stage := MatterStage{
			Key: def.Key, Title: cmp.Or(def.Title, def.Key), Kind: string(def.Kind), Rounds: v.state.Rounds[def.Key],
			State: v.stageState(def.Key, i, current), Authority: v.s.words.authority(v.row.Rulebook, def.Authority),
			Who: v.posts(v.state.Resolve(def.Who)), Mode: MatterStageMode(def.Mode), Entered: entered,
		}
		if stage.State == MatterStageStateDone {
			stage.Left = done
		}
		if len(def.Limits) > 0 {
			stage.Term = term(v.p, &def.Limits[0])
		}
		for _, l := range v.state.Limits {
			if l.Stage == def.Key && l.Slip == 0 {
				stage.Limit = l.Limit
				break
			}
		}
		for _, lead := range leads(def) {
			stage.Leads = append(stage.Leads, MatterStage_Leads{Action: ActionCode(lead.action), To: lead.to})
		}
		stages = append(stages, stage)
	}
	return stages
}

// stageState says where a stage stands in the picture. A stage behind which the matter came back is asked again: returned,
// unless its own way leads round to where the matter is, as a month's does.
func (v *view) stageState(key string, i, current int) MatterStageState {
	entered, done := v.state.Marks[key+".entered"], v.state.Marks[key+".done"]
	over := v.state.Stage == procedure.Closed
	switch {
	case key == v.state.Stage:
		return MatterStageStateCurrent
	case v.state.Rounds[key] == 0 && (over || i < current):
		return MatterStageStateSkipped
	case v.state.Rounds[key] == 0:
		return MatterStageStateAhead
	case !over && i > current && goesRound(v.p, key, v.state.Stage):
		return MatterStageStateAhead
	case over && (done.IsZero() || done.Before(entered)) && v.state.Entered.Equal(entered): // in which it was withdrawn or cut off
		return MatterStageStateUnfinished
	case done.IsZero() || done.Before(entered) || !over && i > current:
		return MatterStageStateReturned
	}
	return MatterStageStateDone
}

// goesRound says whether the way ahead from one stage, nothing being sent back, comes to another.
func goesRound(p *procedure.Procedure, from, to string) bool {
	seen := map[string]bool{}
	ahead := []string{from}
	for len(ahead) > 0 {
		key := ahead[0]
		ahead = ahead[1:]
		def, ok := p.Stage(key)
		if !ok || seen[key] {
			continue
		}
		seen[key] = true
		for _, next := range append([]string{def.Next}, def.Actions[procedure.ActionApprove]...) {
			if next == to {
				return true
			}
			ahead = append(ahead, next)
		}
	}
	return false
}

type lead struct {
	action procedure.ActionName
	to     []string
}

// leads lists where a stage's actions lead, and where it leads by itself.
func leads(def *procedure.Stage) []lead {
	var all []lead
	for action, target := range def.Actions {
		all = append(all, lead{action, target})
	}
	slices.SortFunc(all, func(a, b lead) int { return cmp.Compare(a.action, b.action) })
	if def.Next != "" {
		all = append(all, lead{"", []string{def.Next}})
	}
	if def.Wait != nil {
		for _, to := range []string{def.Wait.Else, def.Wait.Refused} {
			if to != "" {
				all = append(all, lead{"", []string{to}})
			}
		}
	}
	if def.Enact != nil {
		all = append(all, lead{"", []string{def.Enact.Else}})
	}
	return all
}
