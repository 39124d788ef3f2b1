package api

import (
	"context"
	"slices"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/procedure"
)

// movedMost is how many moved terms a preview names; the rest it counts.
const movedMost = 200

// PreviewCalendarYear says which terms would move, by asking the machine of every matter that waits for the year.
func (s *Server) PreviewCalendarYear(ctx context.Context, r PreviewCalendarYearRequestObject) (PreviewCalendarYearResponseObject, error) {
	if err := require(identity.MayManagePersons(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	year, err := readYear(r.Year, *r.Body)
	if err != nil {
		return nil, err
	}
	if year.Validate() != nil {
		return nil, &fault{code: "bad-year"}
	}
	preview := CalendarPreview{Items: []MovedLimit{}}
	for after := ""; ; {
		matters, err := s.store.Unsettled(ctx, after, unsettledMost)
		if err != nil {
			return nil, err
		}
		for _, matter := range matters {
			if err := s.previewMatter(ctx, &preview, matter, year); err != nil {
				return nil, err
			}
			after = matter
		}
		if len(matters) < unsettledMost {
			return PreviewCalendarYear200JSONResponse(preview), nil
		}
	}
}

func (s *Server) previewMatter(ctx context.Context, preview *CalendarPreview, matter string, year calendar.Year) error {
	row, err := s.store.Matter(ctx, matter, nil)
	if err != nil {
		return err
	}
	preview.Matters++
	published := procedure.CalendarYear{Year: year.Year, Off: year.Off, Work: year.Work}
	now := row.State.Spec.Clock.Virtual(s.now())
	events, err := procedure.Decide(row.State, procedure.Command{Action: procedure.ActionCalendar, Calendar: &published}, now)
	if err != nil {
		return err
	}
	for _, e := range events {
		moved, ok := e.Body.(procedure.LimitMoved)
		if !ok {
			continue
		}
		at := slices.IndexFunc(row.State.Limits, func(l procedure.RunningLimit) bool { return l.Limit == moved.Limit })
		limit := row.State.Limits[at]
		if moved.Due.At.Equal(limit.Due.At) {
			continue // settled where it was
		}
		preview.Moved++
		if len(preview.Items) < movedMost {
			rule, _ := row.State.Rule(limit)
			preview.Items = append(preview.Items, MovedLimit{Matter: row.ID, Title: row.Title,
				Limit: limitTitle(&row.Spec.Procedure, limit, rule), From: limit.Due.At, To: moved.Due.At})
		}
	}
	return nil
}

// unsettledMost is how many matters are looked at at a time.
const unsettledMost = 500
