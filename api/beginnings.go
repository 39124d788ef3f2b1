package api

import (
	"cmp"
	"context"
	"slices"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/rulebook"
)

// ListBeginnings lists what begins by itself, the next first: by the rules, with what the workflow server says of it.
func (s *Server) ListBeginnings(ctx context.Context, _ ListBeginningsRequestObject) (ListBeginningsResponseObject, error) {
	if err := require(identity.MayWatch(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	list := s.library().Beginnings()
	known, err := s.scheduled(ctx, list)
	if err != nil && workflowProblem(err) == "" {
		return nil, err
	}
	now := s.now()
	answer := ListBeginnings200JSONResponse{Items: []Beginning{}}
	for i, b := range list {
		next := b.After(now)
		request, err := b.Request(next, nil)
		if err != nil {
			return nil, err
		}
		item := Beginning{Rulebook: b.Rulebook, Procedure: b.Procedure.Key, Title: request.Title, ProcedureTitle: b.Procedure.Title,
			Unit: request.Unit, UnitName: s.words.unit(request.Unit), Next: next.At(b.Opens), State: BeginningStateUnknown,
			Authority: s.words.authority(b.Rulebook, b.Procedure.Begins.Authority)}
		if known != nil {
			item.State = beginningState(known[i])
		}
		item.StateTitle = operate("begins."+string(item.State), nil)
		answer.Items = append(answer.Items, item)
	}
	slices.SortStableFunc(answer.Items, func(a, b Beginning) int { return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.Title, b.Title)) })
	return answer, nil
}

func beginningState(up engine.Upcoming) BeginningState {
	switch {
	case up.Paused:
		return BeginningStatePaused
	case up.Next.IsZero():
		return BeginningStateMissing
	}
	return BeginningStateScheduled
}

// scheduled is what the workflow server says of what begins by itself.
func (s *Server) scheduled(ctx context.Context, list []rulebook.Beginning) ([]engine.Upcoming, error) {
	if s.Engine == nil {
		return nil, errNoEngine
	}
	ctx, cancel := context.WithTimeout(ctx, temporalMost)
	defer cancel()
	return s.Engine.Upcoming(ctx, list)
}
