package api

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/store"
)

// calendar is the table of special days as published now.
func (s *Server) calendar(ctx context.Context) (calendar.Table, error) { return s.store.Calendar(ctx) }

// ListCalendarYears lists the years whose special days are known, and how far the matters are told of those imported.
func (s *Server) ListCalendarYears(ctx context.Context, _ ListCalendarYearsRequestObject) (ListCalendarYearsResponseObject, error) {
	table, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	imported, err := s.store.CalendarYears(ctx)
	if err != nil {
		return nil, err
	}
	items := []CalendarYear{}
	for _, year := range table.Years {
		item := CalendarYear{Year: year, Off: daysOf(table.Off, year), Work: daysOf(table.Work, year)}
		if at := slices.IndexFunc(imported, func(y store.CalendarYear) bool { return y.Year.Year == year }); at >= 0 {
			item.Told, item.Pending = imported[at].Told, imported[at].Pending
		}
		items = append(items, item)
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

// PutCalendarYear imports a year's notice, and the matters whose terms wait for it are re-planned.
func (s *Server) PutCalendarYear(ctx context.Context, r PutCalendarYearRequestObject) (PutCalendarYearResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	year, err := readYear(r.Year, *r.Body)
	if err != nil {
		return nil, err
	}
	told, err := s.store.PutCalendarYear(ctx, year, who.Person)
	if errors.Is(err, calendar.ErrYear) {
		return nil, &fault{code: "bad-year", cause: err}
	}
	if err != nil {
		return nil, err
	}
	pending, err := s.replan(ctx, year.Year, told)
	if err != nil {
		return nil, err
	}
	return PutCalendarYear200JSONResponse{Year: r.Year, Off: maps.Clone(r.Body.Off), Work: maps.Clone(r.Body.Work),
		Replanned: told - pending, Pending: pending}, nil
}

// replan tells the matters that wait for the year, as long as a person would wait, and counts those still to be told: it
// is written down which they are, and a worker sees to them.
func (s *Server) replan(ctx context.Context, year, told int) (pending int, err error) {
	if told == 0 || s.Replan == nil {
		return told, nil
	}
	bounded, cancel := context.WithTimeout(ctx, waitMost)
	defer cancel()
	if err := s.Replan(bounded); err != nil {
		s.log.WarnContext(ctx, "Not every matter could be told of the year", slog.Int("year", year), slog.Any("error", err))
	}
	pending, err = s.store.Replans(ctx, year)
	return min(pending, told), err
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
