package api

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

// asFilter reads the parameters the lists of matters share; the contract gives each list a type of its own of them.
func asFilter(params any) (f MatterFilter, err error) {
	data, err := json.Marshal(params)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(data, &f)
}

// matterFilter is what the store is asked for: the filter, and no more than the caller may see.
func (s *Server) matterFilter(who caller, params any) (store.MatterFilter, error) {
	p, err := asFilter(params)
	if err != nil {
		return store.MatterFilter{}, err
	}
	f := store.MatterFilter{Organisation: p.Organisation, Rulebook: p.Rulebook, Procedure: p.Procedure, Stage: p.Stage, Unit: p.Unit,
		Colour: storeColour(p.Colour), Text: p.Text, Order: store.MatterOrder(p.Order), Sight: who.sight(),
		Line: store.LineFilter{Owner: p.Owner, Leader: p.Leader, Level: p.Level, Holder: procedure.Post(p.Holder)}}
	if units, confined := identity.Confined(who.Actor); confined {
		f.Among = units
	}
	for _, day := range []struct {
		field, text string
		into        *calendar.Date
	}{{"termFrom", p.TermFrom, &f.Line.From}, {"termTo", p.TermTo, &f.Line.To}} {
		if day.text == "" {
			continue
		}
		if *day.into, err = calendar.ParseDate(day.text); err != nil {
			return f, &fault{code: "invalid-request", fields: []FieldError{{Field: day.field, Message: fieldText("format")}}}
		}
	}
	switch p.State {
	case StateFilterOpen:
		f.Open = new(true)
	case StateFilterClosed:
		f.Open = new(false)
	default:
		f.Outcome = procedure.Outcome(p.State)
	}
	return f, nil
}

// GetLedger counts the matters the caller may see.
func (s *Server) GetLedger(ctx context.Context, r GetLedgerRequestObject) (GetLedgerResponseObject, error) {
	f, err := s.matterFilter(callerOf(ctx), r.Params)
	if err != nil {
		return nil, err
	}
	groups, total, err := s.ledger(ctx, f, r.Params.By)
	if err != nil {
		return nil, err
	}
	return GetLedger200JSONResponse{By: r.Params.By, Groups: groups, Total: total}, nil
}

func (s *Server) ledger(ctx context.Context, f store.MatterFilter, by LedgerBy) (groups []LedgerGroup, total LedgerGroup, err error) {
	found, err := s.store.Ledger(ctx, f, store.LedgerBy(by))
	if err != nil {
		return nil, total, err
	}
	total.Title, groups = say("ledger.total", nil), []LedgerGroup{}
	for _, g := range found {
		group := s.ledgerGroup(by, g)
		groups = append(groups, group)
		total.Total += group.Total
		total.Red += group.Red
		total.Amber += group.Amber
		total.Green += group.Green
		total.Grey += group.Grey
		total.Completed += group.Completed
		total.Ended += group.Ended
	}
	return groups, total, nil
}

func (s *Server) ledgerGroup(by LedgerBy, g store.LedgerGroup) LedgerGroup {
	group := LedgerGroup{Key: g.Key, Total: g.Total(), Red: g.Red, Amber: g.Yellow, Green: g.Green, Grey: g.None, Completed: g.Completed, Ended: g.Ended}
	switch {
	case g.Key == "":
		group.Title = say("ledger.none."+string(by), nil)
	case by == LedgerByUnit:
		group.Title = s.words.unit(g.Key)
	case by == LedgerByLeader:
		group.Title = g.Key
	case by == LedgerByLevel:
		group.Title = levelTitle(g.Key)
	case by == LedgerByProcedure:
		group.Title = s.words.procedureOf(g.Key)
	case by == LedgerByHolder:
		group.Title = s.words.post(procedure.Post(g.Key))
	default:
		if first, err := calendar.ParseDate(g.Key); err == nil {
			last := termEnd(by, first)
			group.From, group.To = first.String(), last.String()
			group.Title = termTitle(by, first, last)
		}
	}
	return group
}

// levelTitle names a kind of unit; the kind itself where the catalogue has no word for it.
func levelTitle(kind string) string {
	if message.Has("view.level." + kind) {
		return say("level."+kind, nil)
	}
	return kind
}

// termEnd is the last day of the term that begins on a day.
func termEnd(by LedgerBy, first calendar.Date) calendar.Date {
	switch by {
	case LedgerByWeek:
		return first.AddDays(6)
	case LedgerByMonth:
		return first.AddMonths(1).AddDays(-1)
	case LedgerByQuarter:
		return first.AddMonths(3).AddDays(-1)
	case LedgerByHalfYear:
		return first.AddMonths(6).AddDays(-1)
	}
	return first.AddMonths(12).AddDays(-1)
}

func termTitle(by LedgerBy, first, last calendar.Date) string {
	half := "first"
	if first.Month > time.June {
		half = "second"
	}
	return say("ledger.term."+string(by), map[string]any{"year": first.Year, "month": int(first.Month), "day": first.Day,
		"last-month": int(last.Month), "last-day": last.Day, "quarter": (int(first.Month)-1)/3 + 1, "half": say("ledger.half."+half, nil)})
}

// ListLeaders lists who is in charge of what the caller may see.
func (s *Server) ListLeaders(ctx context.Context, _ ListLeadersRequestObject) (ListLeadersResponseObject, error) {
	found, err := s.store.Leaders(ctx, callerOf(ctx).sight(), leadersMost)
	return ListLeaders200JSONResponse{Items: list(found)}, err
}

// leadersMost bounds how many leaders are listed, overdueShown how many overdue matters, overdueGroups how many groups.
const (
	leadersMost   = 1000
	overdueShown  = 8
	overdueGroups = 8
)

// GetOverdue gives a leader what is overdue in their units, and whose clock it is.
func (s *Server) GetOverdue(ctx context.Context, _ GetOverdueRequestObject) (GetOverdueResponseObject, error) {
	who := callerOf(ctx)
	answer := Overdue{Units: []UnitRef{}, ByUnit: []LedgerGroup{}, ByHolder: []LedgerGroup{}, Items: []MatterSummary{}}
	units, all := s.leads(who)
	if len(units) == 0 && !all {
		return GetOverdue200JSONResponse(answer), nil
	}
	answer.Leads = true
	if !all {
		answer.Units = s.units(units)
	} else {
		units = nil
	}
	found, err := s.store.Overdue(ctx, units, who.sight(), overdueShown)
	if err != nil {
		return nil, err
	}
	answer.Total = found.Total
	for _, g := range found.ByUnit[:min(len(found.ByUnit), overdueGroups)] {
		answer.ByUnit = append(answer.ByUnit, s.ledgerGroup(LedgerByUnit, g))
	}
	for _, g := range found.ByPost[:min(len(found.ByPost), overdueGroups)] {
		answer.ByHolder = append(answer.ByHolder, s.ledgerGroup(LedgerByHolder, g))
	}
	for _, m := range found.Longest {
		answer.Items = append(answer.Items, s.matterSummary(m))
	}
	return GetOverdue200JSONResponse(answer), nil
}

// leads gives the units whose heads' posts the caller may act for, with the units below them; all: such a unit oversees
// its organisation.
func (s *Server) leads(who caller) (units []string, all bool) {
	library := s.library()
	for _, post := range who.Posts {
		unit, ok := library.Unit(post.Unit())
		if !ok || post.Role() != unit.Head {
			continue
		}
		all = all || unit.Oversees
		units = append(units, unit.ID)
	}
	for i := 0; i < len(units); i++ { // those below, and below these
		for _, organisation := range library.Organisations() {
			for _, unit := range organisation.Units {
				if unit.Parent == units[i] && !slices.Contains(units, unit.ID) {
					units = append(units, unit.ID)
				}
			}
		}
	}
	return units, all
}

// GetHeld sums who had the clock.
func (s *Server) GetHeld(ctx context.Context, r GetHeldRequestObject) (GetHeldResponseObject, error) {
	f, err := s.matterFilter(callerOf(ctx), r.Params)
	if err != nil {
		return nil, err
	}
	f.Line.Matter = r.Params.Matter
	table, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Held(ctx, f, store.HeldBy(r.Params.By), s.now(), table)
	if err != nil {
		return nil, err
	}
	answer := HeldTimes{By: r.Params.By, Items: []HeldTime{}}
	for _, sum := range found {
		item := s.heldTime(r.Params.By, sum)
		answer.Items = append(answer.Items, item)
		answer.WorkingMinutes += item.WorkingMinutes
		answer.CalendarMinutes += item.CalendarMinutes
		if item.Office {
			answer.OfficeMinutes += item.WorkingMinutes
		}
	}
	return GetHeld200JSONResponse(answer), nil
}

func (s *Server) heldTime(by HeldBy, sum store.HeldSum) HeldTime {
	minutes := func(d time.Duration) int { return int(d.Minutes()) }
	item := HeldTime{Key: sum.Key, Kind: HeldTimeKind(sum.Kind), Matters: sum.Matters, Now: sum.Now, CalendarMinutes: minutes(sum.Calendar),
		WorkingMinutes: minutes(sum.Working), LongestMinutes: minutes(sum.Longest)}
	unit := ""
	switch by {
	case HeldByMatter:
		item.Title = sum.Title
	case HeldByProcedure:
		item.Title = s.words.procedureOf(sum.Key)
	case HeldByPost:
		item.Title, unit = s.words.post(procedure.Post(sum.Key)), procedure.Post(sum.Key).Unit()
	default:
		item.Title, unit = s.words.unit(sum.Key), sum.Key
	}
	if sum.Key == "" {
		item.Title = say("holder.system", nil)
	}
	if u, ok := s.library().Unit(unit); ok {
		item.Office = u.Oversees
	}
	return item
}
