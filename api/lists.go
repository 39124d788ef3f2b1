package api

import (
	"context"
	"slices"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// ListAssignments lists the caller's to-dos, nearest limit first.
func (s *Server) ListAssignments(ctx context.Context, r ListAssignmentsRequestObject) (ListAssignmentsResponseObject, error) {
	who, p := callerOf(ctx), r.Params
	after, err := readCursor(p.Cursor, func(c store.AssignmentCursor) bool { return isUUID(c.Matter) })
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(ctx, who.Posts)
	if err != nil {
		return nil, err
	}
	answer := ListAssignments200JSONResponse{Items: []Assignment{}, Counts: counts}
	if len(who.Posts) == 0 {
		return answer, nil
	}
	size := pageSize(p.Limit)
	filter := store.AssignmentFilter{Posts: who.Posts, Duty: procedure.Duty(p.Duty), Colour: storeColour(p.Colour), Returned: p.Returned}
	if p.Today {
		filter.From, filter.To = s.today()
	}
	found, err := s.store.Assignments(ctx, filter, after, size+1)
	if err != nil {
		return nil, err
	}
	found, answer.Next, err = page(found, size, store.AssignmentItem.Cursor)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		answer.Items = append(answer.Items, s.assignment(a))
	}
	return answer, nil
}

func (s *Server) assignment(a store.AssignmentItem) Assignment {
	item := Assignment{Matter: a.Matter, ID: a.ID, MatterTitle: a.Title, Procedure: a.Procedure,
		ProcedureTitle: s.words.procedureTitle(a.Rulebook, a.Procedure), Stage: a.Stage, Duty: Duty(a.Duty), Post: string(a.Post),
		PostTitle: s.words.post(a.Post), UnitName: s.words.unit(a.Unit), Colour: colour(a.Colour), Due: a.Due, Opened: a.Opened,
		Slip: slipID(a.Matter, a.Slip), Claimed: a.Claimed}
	if a.Stage != "" {
		item.StageTitle = s.words.stageTitle(a.Rulebook, a.Procedure, a.Stage)
		item.Batch = a.Duty == procedure.DutyAct && a.How == "" && s.words.batch(a.Rulebook, a.Procedure, a.Stage)
	}
	return item
}

// ListNotifications lists what the caller was told.
func (s *Server) ListNotifications(ctx context.Context, r ListNotificationsRequestObject) (ListNotificationsResponseObject, error) {
	who := callerOf(ctx)
	before, err := readCursor(r.Params.Cursor, func(id int64) bool { return id > 0 })
	if err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	found, err := s.store.Notifications(ctx, who.Person, r.Params.Unread, orEmpty(before), size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, func(n store.Notification) int64 { return n.ID })
	if err != nil {
		return nil, err
	}
	unread, err := s.store.Unread(ctx, who.Person)
	if err != nil {
		return nil, err
	}
	items := []Notification{}
	for _, n := range found {
		items = append(items, Notification{ID: n.ID, At: n.Created, Kind: n.Kind, Title: s.words.told(n), Matter: n.Matter, Urgent: n.Urgent,
			Read: !n.Read.IsZero()})
	}
	return ListNotifications200JSONResponse{Items: items, Unread: unread, Next: next}, nil
}

// ReadNotifications marks the caller's notifications as read.
func (s *Server) ReadNotifications(ctx context.Context, r ReadNotificationsRequestObject) (ReadNotificationsResponseObject, error) {
	who := callerOf(ctx)
	if r.Body.UpTo > 0 {
		if err := s.store.MarkRead(ctx, who.Person, r.Body.UpTo, true); err != nil {
			return nil, err
		}
	}
	for _, id := range r.Body.Ids {
		if err := s.store.MarkRead(ctx, who.Person, id, false); err != nil {
			return nil, err
		}
	}
	return ReadNotifications204Response{}, nil
}

// ListEvents tells a matter's story.
func (s *Server) ListEvents(ctx context.Context, r ListEventsRequestObject) (ListEventsResponseObject, error) {
	row, err := s.sees(ctx, callerOf(ctx), r.Matter)
	if err != nil {
		return nil, err
	}
	limit := r.Params.Limit
	if limit == 0 {
		limit = 200
	}
	items, next, err := s.story(ctx, row, r.Params.After, limit)
	return ListEvents200JSONResponse{Items: items, Next: next}, err
}

// ExplainLimit says why a limit falls, or fell, on its day: one that has ended by the calendar and the pauses of then.
func (s *Server) ExplainLimit(ctx context.Context, r ExplainLimitRequestObject) (ExplainLimitResponseObject, error) {
	who := callerOf(ctx)
	row, err := s.sees(ctx, who, r.Matter)
	if err != nil {
		return nil, err
	}
	state := row.State
	is := func(l procedure.RunningLimit) bool { return l.Limit == r.Limit }
	if !slices.ContainsFunc(state.Limits, is) {
		state, _, err = s.store.Before(ctx, row, func(e procedure.Event) bool {
			ended, ok := e.Body.(procedure.LimitEnded)
			return ok && ended.Limit == r.Limit
		})
		if err != nil {
			return nil, err
		}
	}
	at := slices.IndexFunc(state.Limits, is)
	if at < 0 {
		return nil, store.ErrNotFound
	}
	v := view{s: s, who: who, row: row, state: &state, p: &row.Spec.Procedure}
	return ExplainLimit200JSONResponse(v.explanation(state.Limits[at])), nil
}

// GetWorkflow gives a matter's workflow history, for who oversees or audits.
func (s *Server) GetWorkflow(ctx context.Context, r GetWorkflowRequestObject) (GetWorkflowResponseObject, error) {
	who := callerOf(ctx)
	row, err := s.sees(ctx, who, r.Matter)
	if err != nil {
		return nil, err
	}
	if err := require(identity.MayReadHistory(who.Actor, facts(row))); err != nil {
		return nil, err
	}
	if s.History == nil {
		return nil, &fault{code: "workflow-unavailable"}
	}
	found, err := s.History(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	answer := GetWorkflow200JSONResponse{Workflow: "matter/" + row.ID, Events: []WorkflowHistory_Events{}}
	for _, e := range found {
		answer.Events = append(answer.Events, WorkflowHistory_Events{Run: e.Run, ID: e.ID, At: e.At, Type: e.Type, Data: e.Data})
	}
	return answer, nil
}
