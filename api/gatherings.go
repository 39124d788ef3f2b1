package api

import (
	"context"
	"slices"

	"duban/internal/procedure"
	"duban/internal/store"
)

// gatherings say, for each stage that gathers, votes or scores, which units have done their part in its last round and which
// have not, in the order of the stages.
func (s *Server) gatherings(ctx context.Context, row store.MatterRow) ([]Gathering, error) {
	p := &row.Spec.Procedure
	gathers := func(stage procedure.Stage) bool {
		return stage.Kind == procedure.KindCollect || stage.Kind == procedure.KindPoll || stage.Kind == procedure.KindScore
	}
	if !slices.ContainsFunc(p.Stages, gathers) {
		return nil, nil
	}
	found, err := s.store.Contributions(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	last := map[string]int{}
	for _, part := range found {
		last[part.Stage] = max(last[part.Stage], part.Round)
	}
	var all []Gathering
	for _, stage := range p.Stages {
		g := Gathering{Stage: stage.Key, Title: stage.Title, Kind: string(stage.Kind), Parts: []Gathering_Parts{}}
		for _, part := range found {
			if part.Stage != stage.Key || part.Round != last[stage.Key] {
				continue
			}
			if !part.Done.IsZero() {
				g.Done++
			}
			g.Parts = append(g.Parts, Gathering_Parts{Unit: part.Unit, UnitName: s.words.unit(part.Unit), Done: part.Done, Missed: part.Missed})
		}
		if len(g.Parts) > 0 {
			all = append(all, g)
		}
	}
	return all, nil
}
