package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"duban/internal/calendar"
	"duban/internal/rulebook"
	"duban/workflows"
)

// The schedules of what begins by itself.
const (
	// catchUp is how long after its day a matter may still begin, where nothing ran on that day. What is later than that
	// is for a person to decide.
	catchUp = 31 * 24 * time.Hour
	// lookAnew is how often the schedules are looked at although the rules are as they were.
	lookAnew  = time.Hour
	schedules = 100 // read at once
)

// KeepSchedules keeps the schedules as the rules in force have them, until ctx ends, looking at the rules at the
// interval.
func (e *Engine) KeepSchedules(ctx context.Context, wanted func() []rulebook.Beginning, every time.Duration) {
	next := time.NewTicker(every)
	defer next.Stop()
	var kept []string
	var since time.Time
	for {
		if list := wanted(); since.IsZero() || time.Since(since) > lookAnew || !slices.Equal(kept, told(list)) {
			err := e.Schedule(ctx, list)
			switch {
			case err == nil:
				kept, since = told(list), time.Now()
			case ctx.Err() == nil:
				e.log.Warn("What begins by itself cannot be scheduled yet", slog.Any("error", err))
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// told is all that the schedules follow from.
func told(list []rulebook.Beginning) (all []string) {
	for _, b := range list {
		all = append(all, fmt.Sprint(scheduleID(b), " ", days(b)))
	}
	return all
}

func scheduleID(b rulebook.Beginning) string { return workflows.BeginID(b.Rulebook, b.Procedure.Key) }

// Schedule makes the schedules those of the given beginnings, and no others. It may be repeated, and by several at once.
func (e *Engine) Schedule(ctx context.Context, wanted []rulebook.Beginning) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var keep []string
	var faults []error
	for _, b := range wanted {
		keep = append(keep, scheduleID(b))
		faults = append(faults, e.schedule(ctx, b))
	}
	list, err := e.client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: schedules})
	for err == nil && list.HasNext() {
		var found *client.ScheduleListEntry
		if found, err = list.Next(); err != nil || !workflows.IsBeginID(found.ID) || slices.Contains(keep, found.ID) {
			continue
		}
		if err = classify(e.client.ScheduleClient().GetHandle(ctx, found.ID).Delete(ctx)); errors.Is(err, ErrGone) {
			err = nil
		}
	}
	return errors.Join(append(faults, classify(err))...)
}

// schedule makes one schedule as it is wanted. One that is so already is left alone: a change forgets what it missed. So
// does nobody's pause.
func (e *Engine) schedule(ctx context.Context, b rulebook.Beginning) error {
	spec, policy, action := plan(b)
	all := e.client.ScheduleClient()
	err := all.GetHandle(ctx, scheduleID(b)).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			now := in.Description.Schedule
			if slices.Equal(comments(now.Spec), comments(&spec)) && now.Policy.CatchupWindow == policy.CatchupWindow && now.Policy.Overlap == policy.Overlap {
				return nil, temporal.ErrSkipScheduleUpdate
			}
			now.Spec, now.Policy, now.Action = &spec, &policy, &action
			return &client.ScheduleUpdate{Schedule: &now}, nil
		}})
	var absent *serviceerror.NotFound
	if errors.As(err, &absent) {
		_, err = all.Create(ctx, client.ScheduleOptions{ID: scheduleID(b), Spec: spec, Action: &action, Overlap: policy.Overlap,
			CatchupWindow: policy.CatchupWindow})
		if errors.Is(err, temporal.ErrScheduleAlreadyRunning) { // another process was first
			err = nil
		}
	}
	return classify(err)
}

// plan says what a schedule is like. Its runs may overlap, for each day has its own matter: of the days made up for at once
// any other policy leaves out all but two, or waits with one for another's.
func plan(b rulebook.Beginning) (client.ScheduleSpec, client.SchedulePolicies, client.ScheduleWorkflowAction) {
	return client.ScheduleSpec{Calendars: days(b), TimeZoneName: "Asia/Shanghai"},
		client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL, CatchupWindow: catchUp},
		client.ScheduleWorkflowAction{ID: scheduleID(b), Workflow: workflows.WorkflowBegin, TaskQueue: workflows.TaskQueue,
			WorkflowExecutionTimeout: catchUp, Args: []any{workflows.Beginning{Rulebook: b.Rulebook, Procedure: b.Procedure.Key}}}
}

// days are the times at which a schedule rings. In months and years that have no such day it is the last there is, so
// the schedule rings on each that may be, and Begin finds whether it is.
func days(b rulebook.Beginning) (all []client.ScheduleCalendarSpec) {
	for _, on := range b.Procedure.Begins.On {
		spec := client.ScheduleCalendarSpec{Hour: at(int(b.Opens) / 60), Minute: at(int(b.Opens) % 60), Comment: on + " " + b.Opens.String()}
		month, day, yearly := strings.Cut(on, "-")
		if yearly {
			spec.Month = at(number(month))
		} else {
			day = month
		}
		spec.DayOfMonth = at(number(day))
		if !yearly || on == "02-29" {
			spec.DayOfMonth = []client.ScheduleRange{{Start: min(28, number(day)), End: number(day)}}
		}
		all = append(all, spec)
	}
	return all
}

func at(n int) []client.ScheduleRange { return []client.ScheduleRange{{Start: n}} }

func number(text string) int {
	n, _ := strconv.Atoi(text) // the rulebook was read: a day it is
	return n
}

// comments are what tells one plan of a schedule from another.
func comments(spec *client.ScheduleSpec) (all []string) {
	for _, one := range spec.Calendars {
		all = append(all, one.Comment)
	}
	return all
}

// Upcoming says when a matter will begin by itself next.
type Upcoming struct {
	rulebook.Beginning
	Next   time.Time // zero: not scheduled yet
	Paused bool      // by an operator, in Temporal's own tools
}

// Upcoming says of each beginning when it is next.
func (e *Engine) Upcoming(ctx context.Context, list []rulebook.Beginning) ([]Upcoming, error) {
	var all []Upcoming
	for _, b := range list {
		up := Upcoming{Beginning: b}
		found, err := e.client.ScheduleClient().GetHandle(ctx, scheduleID(b)).Describe(ctx)
		if err = classify(err); err != nil && !errors.Is(err, ErrGone) {
			return nil, err
		}
		if err == nil {
			up.Paused = found.Schedule.State.Paused
			if n := slices.IndexFunc(found.Info.NextActionTimes, func(t time.Time) bool { return b.On(calendar.DateOf(t)) }); n >= 0 {
				up.Next = found.Info.NextActionTimes[n]
			}
		}
		all = append(all, up)
	}
	return all, nil
}

// Begin lets a matter begin by itself at once, on a day somebody asks for: a rehearsal's, or one that was missed. Asked
// again for the same it gives the same.
func (e *Engine) Begin(ctx context.Context, b workflows.Beginning) (begun workflows.Begun, err error) {
	id := workflows.BeginID(b.Rulebook, b.Procedure) + "/" + b.Day.String()
	if b.Clock.Factor != 0 {
		id += "/" + b.Clock.Start.UTC().Format(time.RFC3339Nano)
	}
	run, err := e.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE}, workflows.WorkflowBegin, b)
	if err == nil {
		err = run.Get(ctx, &begun)
	}
	return begun, classify(err)
}
