package api

import (
	"context"

	"duban/internal/procedure"
	"duban/internal/store"
)

// chartUsual is how many matters a page of the chart has where the request does not say.
const chartUsual = 40

// GetChart gives matters with the stages their rules plan and the stages as they went.
func (s *Server) GetChart(ctx context.Context, r GetChartRequestObject) (GetChartResponseObject, error) {
	f, err := s.matterFilter(callerOf(ctx), r.Params)
	if err != nil {
		return nil, err
	}
	after, err := readCursor(r.Params.Cursor, func(c store.MatterCursor) bool { return isUUID(c.ID) })
	if err != nil {
		return nil, err
	}
	size := r.Params.Limit
	if size == 0 {
		size = chartUsual
	}
	found, err := s.store.Matters(ctx, f, after, size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, store.MatterItem.Cursor)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	states, err := s.store.States(ctx, ids)
	if err != nil {
		return nil, err
	}
	answer := GetChart200JSONResponse{Items: []ChartMatter{}, Next: next}
	for _, m := range found {
		if state, ok := states[m.ID]; ok && state.Seq > 0 {
			answer.Items = append(answer.Items, s.chartMatter(m, state))
		}
	}
	return answer, nil
}

func (s *Server) chartMatter(m store.MatterItem, state procedure.State) ChartMatter {
	now := state.Spec.Clock.Virtual(s.now())
	plan := procedure.Plan(state)
	item := ChartMatter{Matter: s.matterSummary(m), From: state.Spec.At, Plan: spans(&state, plan),
		Progress: spans(&state, procedure.Progress(state, plan, now))}
	if state.Spec.Clock.Factor != 0 {
		item.Now = now
	}
	return item
}

// spans are the spans that take time, or go on.
func spans(state *procedure.State, found []procedure.Span) []ChartSpan {
	shown := []ChartSpan{}
	for _, span := range found {
		if span.To.Equal(span.From) {
			continue
		}
		shown = append(shown, ChartSpan{Stage: span.Stage, Title: stageTitle(&state.Spec.Procedure, span.Stage), From: span.From, To: span.To, Late: span.Late})
	}
	return shown
}
