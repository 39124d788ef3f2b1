package api

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

// The pages of workflow operations. What a person is still writing is its unit's alone, so that its title is not told here
// either; what a matter started by itself has its title from the rules.

func operate(key string, args map[string]any) string { return message.Text("operations."+key, args) }

// temporalMost is how long the workflow server may take to say how a matter does.
const temporalMost = 4 * time.Second

// ListParts lists the processes.
func (s *Server) ListParts(ctx context.Context, _ ListPartsRequestObject) (ListPartsResponseObject, error) {
	if err := require(identity.MayWatch(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	found, err := s.store.Parts(ctx)
	if err != nil {
		return nil, err
	}
	answer := ListParts200JSONResponse{Items: []Part{}}
	for _, p := range found {
		title := "part.serves"
		switch {
		case p.Works && p.Serves:
			title = "part.both"
		case p.Works:
			title = "part.works"
		}
		answer.Items = append(answer.Items, Part{ID: p.ID, Title: operate(title, nil), Version: p.Version, Started: p.Started, Seen: p.Seen,
			Drift: float32(p.Drift.Seconds())})
	}
	ctx, cancel := context.WithTimeout(ctx, temporalMost)
	defer cancel()
	answer.Workflow = s.Workflow != nil && s.Workflow(ctx) == nil
	return answer, nil
}

// ListOperations lists running matters by their clock.
func (s *Server) ListOperations(ctx context.Context, r ListOperationsRequestObject) (ListOperationsResponseObject, error) {
	if err := require(identity.MayWatch(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	after, err := readCursor(r.Params.Cursor, func(c store.RunningCursor) bool { return isUUID(c.ID) })
	if err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	found, err := s.store.RunningMatters(ctx, r.Params.Timed, strings.TrimSpace(r.Params.Text), after, size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, store.RunningMatter.Cursor)
	if err != nil {
		return nil, err
	}
	var posts []procedure.Post
	for _, m := range found {
		posts = append(posts, m.Holders...)
	}
	holders, err := s.holders(ctx, posts)
	if err != nil {
		return nil, err
	}
	items := []Operation{}
	for _, m := range found {
		items = append(items, s.operation(m.MatterItem, &m.State, m.Wake, holders))
	}
	return ListOperations200JSONResponse{Items: items, Next: next}, nil
}

func (s *Server) operation(m store.MatterItem, state *procedure.State, wake time.Time, holders map[procedure.Post][]PersonRef) Operation {
	p := &state.Spec.Procedure
	o := Operation{ID: m.ID, Title: m.Title, ProcedureTitle: p.Title, Stage: m.Stage, StageTitle: stageTitle(p, m.Stage),
		State: matterState(m), Colour: colour(m.Colour), Sentence: procedure.Standing(*state, s.words.post), Wake: wake, Timer: s.timer(state),
		Holders: []PostRef{}, Started: m.Started, Sequence: m.Seq}
	if m.Hidden() {
		o.Title = operate("draft", nil)
	}
	for _, post := range m.Holders {
		o.Holders = append(o.Holders, PostRef{Post: string(post), Title: s.words.post(post), Unit: post.Unit(), UnitName: s.words.unit(post.Unit()),
			Holders: list(holders[post])})
	}
	return o
}

// timer says what the matter's clock brings about next.
func (s *Server) timer(state *procedure.State) string {
	at := procedure.Wake(*state)
	if at.IsZero() {
		return ""
	}
	for _, a := range procedure.Alarms(*state) {
		rule, ok := state.Rule(a.Limit)
		if ok && a.At.Equal(at) {
			return operate("timer."+string(rule.Alarms[a.Alarm].Do), map[string]any{"to": s.words.postList(state.Addressees(a)),
				"limit": limitTitle(&state.Spec.Procedure, a.Limit, rule)})
		}
	}
	return operate("timer.wait", map[string]any{"stage": stageTitle(&state.Spec.Procedure, state.Stage)})
}

// watched reads a matter for who may see how it runs.
func (s *Server) watched(ctx context.Context, matter string) (store.MatterRow, error) {
	if err := require(identity.MayWatch(callerOf(ctx).Actor)); err != nil {
		return store.MatterRow{}, err
	}
	if !isUUID(matter) {
		return store.MatterRow{}, store.ErrNotFound
	}
	return s.store.Matter(ctx, matter, nil)
}

// GetOperation says how one matter runs: by the record, and by the workflow server, if it answers.
func (s *Server) GetOperation(ctx context.Context, r GetOperationRequestObject) (GetOperationResponseObject, error) {
	row, err := s.watched(ctx, r.Matter)
	if err != nil {
		return nil, err
	}
	state := &row.State
	holders, err := s.holders(ctx, row.Holders)
	if err != nil {
		return nil, err
	}
	wake := procedure.Wake(*state)
	if !wake.IsZero() {
		wake = row.Spec.Clock.Wall(wake)
	}
	answer := GetOperation200JSONResponse{Matter: s.operation(row.MatterItem, state, wake, holders), Organisation: row.Organisation,
		Assignments: []OperationDetail_Assignments{}, Targets: []OperationDetail_Targets{}}
	for _, a := range state.Assignments {
		answer.Assignments = append(answer.Assignments, OperationDetail_Assignments{ID: a.Assignment, Post: string(a.Post), Title: s.words.post(a.Post),
			Duty: Duty(a.Duty), Waits: a.Waits, Claimed: a.Claimed != "", Since: row.Spec.Clock.Wall(a.Opened)})
	}
	if row.Closed.IsZero() {
		for _, stage := range procedure.MoveTargets(*state) {
			answer.Targets = append(answer.Targets, OperationDetail_Targets{Stage: stage, Title: stageTitle(&row.Spec.Procedure, stage)})
		}
	}
	known, err := s.store.Incidents(ctx, store.IncidentFilter{Matter: row.ID}, 0, doneMost)
	if err != nil {
		return nil, err
	}
	if answer.Incidents, err = s.incidents(ctx, known); err != nil {
		return nil, err
	}
	if answer.Done, err = s.done(ctx, row.ID, time.Time{}, time.Time{}); err != nil {
		return nil, err
	}
	answer.Workflow, err = s.condition(ctx, row.ID)
	if err != nil {
		if answer.WorkflowProblem = workflowProblem(err); answer.WorkflowProblem == "" {
			return nil, err
		}
	}
	return answer, nil
}

// workflowProblem says why the workflow server says nothing of a matter; empty where that is a fault.
func workflowProblem(err error) string {
	switch {
	case errors.Is(err, engine.ErrGone):
		return operate("workflow-gone", nil)
	case errors.Is(err, engine.ErrBusy), errors.Is(err, errNoEngine):
		return message.Text("errors.workflow-unavailable", nil)
	}
	return ""
}

var errNoEngine = errors.New("no workflow server")

func (s *Server) condition(ctx context.Context, matter string) (WorkflowCondition, error) {
	if s.Engine == nil {
		return WorkflowCondition{}, errNoEngine
	}
	ctx, cancel := context.WithTimeout(ctx, temporalMost)
	defer cancel()
	now, err := s.Engine.Inspect(ctx, matter)
	if err != nil {
		return WorkflowCondition{}, err
	}
	runs, err := s.Engine.Runs(ctx, matter)
	if err != nil {
		return WorkflowCondition{}, err
	}
	c := WorkflowCondition{Run: now.Run, Running: now.Running, StatusTitle: statusTitle(now.Status), Since: now.Since, Events: now.Events,
		Runs: []WorkflowCondition_Runs{}, Activities: []WorkflowCondition_Activities{}}
	if now.Running {
		if c.Timer, err = s.Engine.Timer(ctx, matter, now.Run); err != nil {
			return c, err
		}
	}
	for _, run := range runs {
		c.Runs = append(c.Runs, WorkflowCondition_Runs{ID: run.ID, StatusTitle: statusTitle(run.Status), Since: run.Since, Ended: run.Ended, Events: run.Events})
	}
	for _, a := range now.Activities {
		c.Activities = append(c.Activities, WorkflowCondition_Activities{Name: a.Name, Title: activityTitle(a.Name), Attempt: a.Attempt,
			Since: a.Since, Next: a.Next, Worker: a.Worker, Failure: failureView(a.Failure, "")})
	}
	if t := now.Task; t != nil {
		c.Task = &WorkflowCondition_Task{Attempt: t.Attempt, Since: t.Since, Cause: t.Cause, Worker: t.Worker, Failure: failureView(&t.Failure, t.Cause)}
	}
	return c, nil
}

// failureView tells of a failure; kind is what its sentence goes by where that is not the failure's own type.
func failureView(f *engine.Failure, kind string) Failure {
	if f == nil {
		return Failure{}
	}
	return Failure{Sentence: faultText(cmp.Or(kind, f.Type)), Message: cmp.Or(f.Message, f.Type), Type: f.Type, Causes: list(f.Causes)}
}

// faultText says of a kind of failure, an activity's type or Temporal's cause, what failed and what to do.
func faultText(kind any) string {
	if kind, ok := kind.(string); ok && message.Has("operations.fault."+kind) {
		return operate("fault."+kind, nil)
	}
	return operate("fault.other", nil)
}

// activityTitle names an activity; one of a program before this has the name they share.
func activityTitle(name string) string {
	if key := "activity." + name; message.Has("operations." + key) {
		return operate(key, nil)
	}
	return operate("activity.other", nil)
}

func statusTitle(status string) string { return operate("status."+status, nil) }
