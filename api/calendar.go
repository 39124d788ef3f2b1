package api

import (
	"context"
	"errors"
	"maps"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/procedure"
)

// calendar is the table of special days as published now.
func (s *Server) calendar(ctx context.Context) (calendar.Table, error) { return s.store.Calendar(ctx) }

// ListCalendarYears lists the years whose special days are known.
func (s *Server) ListCalendarYears(ctx context.Context, _ ListCalendarYearsRequestObject) (ListCalendarYearsResponseObject, error) {
	table, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	items := []CalendarYear{}
	for _, year := range table.Years {
		items = append(items, CalendarYear{Year: year, Off: daysOf(table.Off, year), Work: daysOf(table.Work, year)})
	}
	return ListCalendarYears200JSONResponse{Items: items}, nil
}

func daysOf(days map[calendar.Date]string, year int) map[string]string {
	some := map[string]string{}
	for date, name := range days {
		if date.Year == year {
			some[date.String()] = name
		}
	}
	return some
}

// PutCalendarYear imports a year's notice and tells the matters whose terms wait for it.
func (s *Server) PutCalendarYear(ctx context.Context, r PutCalendarYearRequestObject) (PutCalendarYearResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	year, err := readYear(r.Year, *r.Body)
	if err != nil {
		return nil, err
	}
	changed, err := s.store.PutCalendarYear(ctx, year, who.Person)
	if errors.Is(err, calendar.ErrYear) {
		return nil, &fault{code: "bad-year"}
	}
	if err != nil {
		return nil, err
	}
	if changed && s.Calendar != nil {
		if err := s.replan(ctx, procedure.CalendarYear{Year: year.Year, Off: year.Off, Work: year.Work}); err != nil {
			return nil, err
		}
	}
	return PutCalendarYear200JSONResponse{Year: r.Year, Off: maps.Clone(r.Body.Off), Work: maps.Clone(r.Body.Work)}, nil
}

func readYear(number int, days SpecialDays) (calendar.Year, error) {
	year := calendar.Year{Year: number, Off: map[calendar.Date]string{}, Work: map[calendar.Date]string{}}
	return year, errors.Join(readDays(year.Off, "off", days.Off), readDays(year.Work, "work", days.Work))
}

func readDays(into map[calendar.Date]string, field string, days map[string]string) error {
	for text, name := range days {
		date, err := calendar.ParseDate(text)
		if err != nil || name == "" {
			return &fault{code: "bad-year", fields: []FieldError{{Field: field + "." + text, Message: fieldText("format")}}}
		}
		into[date] = name
	}
	return nil
}

// unsettledMost is how many matters are told of a year at a time.
const unsettledMost = 500

// replan tells every open matter with provisional terms of a year. What cannot be told now is found again by the next
// import; the request fails, so that whoever imports knows to repeat it.
func (s *Server) replan(ctx context.Context, year procedure.CalendarYear) error {
	for after := ""; ; {
		matters, err := s.store.Unsettled(ctx, after, unsettledMost)
		if err != nil {
			return err
		}
		for _, matter := range matters {
			if err := s.Calendar(ctx, matter, year); err != nil {
				return err
			}
			after = matter
		}
		if len(matters) < unsettledMost {
			return nil
		}
	}
}
