package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// go test ./internal/embedded -run TestHistories -update records anew what the workflow's replay test reads. A history
// recorded by a released version is kept beside the new ones, under another name, for as long as matters of it run.
var update = flag.Bool("update", false, "write the histories to workflows/testdata/history")

const historyFolder = "../../workflows/testdata/history"

// daysPerSecond is how fast the clock of a matter runs that is gone through by its clock alone.
const daysPerSecond = 4 * 24 * 60 * 60

// stage is a server with a worker, on which matters are played.
type stage struct {
	t      *testing.T
	client client.Client
	engine *engine.Engine
	enact  chan struct{} // closed: changes of the rules may take effect
	review *atomic.Bool  // votes are looked into before they are counted
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := start(t, Options{Data: dataFolder(t), Log: slog.New(slog.DiscardHandler)})
	c, err := client.Dial(client.Options{HostPort: s.TemporalAddress, Namespace: applicationName, Identity: applicationName,
		Logger: sdkLogger(quiet())})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	e, err := engine.Dial(t.Context(), engine.Config{
		Address: s.TemporalAddress, Namespace: applicationName, Identity: applicationName, Wait: time.Minute, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(e.Close)
	w := worker.New(c, workflows.TaskQueue, worker.Options{Identity: applicationName})
	workflows.Register(w)
	w.RegisterWorkflowWithOptions(impostor, workflow.RegisterOptions{Name: "Impostor"})
	w.RegisterActivityWithOptions(func(_ context.Context, b activities.Batch) (int64, error) {
		return b.Events[len(b.Events)-1].Seq, nil
	}, activity.RegisterOptions{Name: "Record"})
	w.RegisterActivityWithOptions(func(_ context.Context, o activities.OpenRequest) (activities.Opened, error) {
		child := workflowtest.Child(o.Requested, o.Parent, o.At, o.Clock)
		return activities.Opened{Spec: &child}, nil
	}, activity.RegisterOptions{Name: "Open"})
	review := new(atomic.Bool)
	counting(w, review)
	enact := make(chan struct{})
	w.RegisterActivityWithOptions(func(ctx context.Context, r activities.EnactRequest) (procedure.Enacted, error) {
		select {
		case <-enact:
		case <-ctx.Done():
		}
		return procedure.Enacted{Change: r.Change, Version: "2"}, ctx.Err()
	}, activity.RegisterOptions{Name: "Enact"})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return &stage{t: t, client: c, engine: e, enact: enact, review: review}
}

// impostor is workflow code that changed without care: it takes a matter's input and does something else first.
func impostor(ctx workflow.Context, in workflows.Input) (procedure.Outcome, error) {
	err := workflow.Sleep(ctx, time.Millisecond)
	return in.State.Outcome, err
}

// play begins a review whose clock runs so much faster than the wall's, and gives its id.
func (s *stage) play(submit bool, factor int) string {
	spec := onMonday(workflowtest.Review(), factor)
	begin := workflowtest.Start()
	begin.Submit = submit
	_, err := s.engine.Start(s.t.Context(), spec, begin)
	require.NoError(s.t, err)
	return spec.Matter
}

func (s *stage) act(matter string, actor procedure.Actor, action procedure.ActionName) {
	s.t.Helper()
	_, err := s.engine.Act(s.t.Context(), matter, workflowtest.Act(string(action), actor, action))
	require.NoError(s.t, err)
}

// until waits for the matter to stand so.
func (s *stage) until(matter string, so func(procedure.State) bool) (state procedure.State) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	require.NoError(s.t, retry(ctx, func() (err error) {
		if state, err = s.engine.State(ctx, matter); err == nil && !so(state) {
			err = errors.New("not yet")
		}
		return err
	}))
	return state
}

func (s *stage) ended(matter string) {
	s.t.Helper()
	require.NoError(s.t, s.client.GetWorkflow(s.t.Context(), workflows.WorkflowID(matter), "").Get(s.t.Context(), nil))
}

// settled waits until the workflow has nothing more to do by itself, so that its history is whole.
func (s *stage) settled(matter string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	require.NoError(s.t, retry(ctx, func() error {
		d, err := s.client.DescribeWorkflowExecution(ctx, workflows.WorkflowID(matter), "")
		if err == nil && (len(d.GetPendingActivities()) > 0 || d.GetPendingWorkflowTask() != nil) {
			err = errors.New("busy")
		}
		return err
	}))
}

func (s *stage) history(workflowID string) *historypb.History {
	s.t.Helper()
	var h historypb.History
	each := s.client.GetWorkflowHistory(s.t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for each.HasNext() {
		event, err := each.Next()
		require.NoError(s.t, err)
		h.Events = append(h.Events, event)
	}
	return &h
}

// keep replays a history and, when asked to, writes it down.
func (s *stage) keep(name, workflowID string) *historypb.History {
	s.t.Helper()
	h := s.history(workflowID)
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	require.NoError(s.t, replayer.ReplayWorkflowHistory(sdkLogger(quiet()), h))
	s.write(name, h)
	return h
}

func (s *stage) write(name string, h *historypb.History) {
	s.t.Helper()
	if !*update {
		return
	}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(h)
	require.NoError(s.t, err)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(filepath.Join(historyFolder, name)), 0o755))
	require.NoError(s.t, os.WriteFile(filepath.Join(historyFolder, name+".json"), append(text, '\n'), 0o644))
}

func count(h *historypb.History, kind enumspb.EventType) (n int) {
	for _, e := range h.GetEvents() {
		if e.GetEventType() == kind {
			n++
		}
	}
	return n
}

func waitsFor(duty procedure.Duty) func(procedure.State) bool {
	return func(s procedure.State) bool {
		return slices.ContainsFunc(s.Assignments, func(a procedure.Assignment) bool { return a.Duty == duty })
	}
}

func at(stage string) func(procedure.State) bool {
	return func(s procedure.State) bool { return s.Stage == stage }
}

// Matters played on a real server, open in every stage and ended in every way: each history replays.
func TestHistories(t *testing.T) {
	s := newStage(t)

	draft := s.play(false, unhurried)
	s.keep("open-submit", workflows.WorkflowID(draft))
	s.act(draft, workflowtest.Clerk, procedure.ActionWithdraw)
	s.ended(draft)
	s.keep("ended-withdrawn", workflows.WorkflowID(draft))

	reviewed := s.play(true, unhurried)
	h := s.keep("open-group", workflows.WorkflowID(reviewed))
	require.Equal(t, 1, count(h, enumspb.EVENT_TYPE_TIMER_STARTED))
	s.act(reviewed, workflowtest.Director, procedure.ActionSuspend)
	h = s.keep("open-suspended", workflows.WorkflowID(reviewed))
	require.Equal(t, 1, count(h, enumspb.EVENT_TYPE_TIMER_CANCELED))
	s.act(reviewed, workflowtest.Director, procedure.ActionResume)
	s.act(reviewed, workflowtest.Leader, procedure.ActionReturn)
	h = s.keep("open-returned", workflows.WorkflowID(reviewed))
	require.Zero(t, count(h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), "what requests carry costs no activity")
	s.act(reviewed, workflowtest.Clerk, procedure.ActionWithdraw)
	s.ended(reviewed)

	// The notice, the slip and the escalation ring. On a machine that stands still two of them ring at once: then again, slower.
	var late string
	for factor := daysPerSecond; ; factor /= 4 {
		late = s.play(true, factor)
		s.until(late, waitsFor(procedure.DutyAttend))
		s.settled(late)
		if h = s.history(workflows.WorkflowID(late)); count(h, enumspb.EVENT_TYPE_TIMER_FIRED) == 3 || factor < daysPerSecond/16 {
			break
		}
	}
	h = s.keep("open-escalated", workflows.WorkflowID(late))
	require.Equal(t, 3, count(h, enumspb.EVENT_TYPE_TIMER_FIRED))
	require.Equal(t, 3, count(h, enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED), "each alarm is recorded by itself")

	s.act(late, workflowtest.Leader, procedure.ActionApprove)
	begun := s.until(late, func(m procedure.State) bool { return len(m.Links) > 0 && m.Seq > 0 && m.Stage == "fate" })
	child := begun.Links[0].Matter
	s.until(child, at("report"))
	s.settled(late)
	h = s.keep("open-fate", workflows.WorkflowID(late))
	for _, e := range h.GetEvents() {
		if initiated := e.GetStartChildWorkflowExecutionInitiatedEventAttributes(); initiated != nil {
			require.Equal(t, enumspb.PARENT_CLOSE_POLICY_ABANDON, initiated.GetParentClosePolicy())
			require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, initiated.GetWorkflowIdReusePolicy())
		}
	}
	s.act(child, workflowtest.Clerk, procedure.ActionApprove)
	s.ended(child)
	h = s.keep("ended-child", workflows.WorkflowID(child))
	require.Equal(t, 1, count(h, enumspb.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED), "the parent was told")

	closed := s.until(late, at(procedure.Closed))
	require.Equal(t, procedure.OutcomeCompleted, closed.Outcome)
	s.settled(late)
	s.keep("open-unsigned", workflows.WorkflowID(late))
	for _, slip := range closed.Slips {
		who := workflowtest.Clerk
		if slip.Kind == "urging" {
			who = workflowtest.Leader
		}
		sign := workflowtest.Act(fmt.Sprint("sign-", slip.Slip), who, procedure.ActionSign)
		sign.Slip = slip.Slip
		_, err := s.engine.Act(t.Context(), late, sign)
		require.NoError(t, err)
	}
	s.ended(late)
	s.keep("ended-completed", workflows.WorkflowID(late))

	rejected := s.play(true, unhurried)
	s.act(rejected, workflowtest.Leader, procedure.ActionReject)
	s.ended(rejected)
	h = s.keep("ended-rejected", workflows.WorkflowID(rejected))
	require.Equal(t, 1, count(h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), "one record before the end")

	_, err := s.engine.Act(t.Context(), rejected, workflowtest.Act("late", workflowtest.Leader, procedure.ActionApprove))
	var refusal *procedure.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, procedure.Refusal{Code: "closed", Args: map[string]any{"outcome": "rejected"}}, *refusal)
	first, err := s.engine.Act(t.Context(), rejected, workflowtest.Act(string(procedure.ActionReject), workflowtest.Leader, procedure.ActionReject))
	require.NoError(t, err, "the same key has its first outcome, after the end too")
	require.NotEmpty(t, first.Events)
	_, err = s.engine.Act(t.Context(), uuid.NewString(), workflowtest.Act("x", workflowtest.Leader, procedure.ActionApprove))
	require.ErrorIs(t, err, engine.ErrGone)

	broken := workflowtest.Spec(workflowtest.Review(), uuid.NewString(), time.Now().UTC())
	broken.Procedure.First = "nowhere"
	_, err = s.engine.Start(t.Context(), broken, workflowtest.Start())
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "rule-broken", refusal.Code)
	s.ended(broken.Matter)
	s.keep("ended-refused", workflows.WorkflowID(broken.Matter))

	running, _, err := s.engine.ListRunning(t.Context(), 100, nil)
	require.NoError(t, err)
	for _, one := range running {
		require.NotEqual(t, rejected, one.Matter)
	}

	// A changed program is noticed: its history does not replay.
	run, err := s.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: workflows.TaskQueue}, "Impostor",
		workflows.Input{State: &closed, Recorded: closed.Seq})
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))
	bad := s.history(run.GetID())
	bad.Events[0].GetWorkflowExecutionStartedEventAttributes().WorkflowType.Name = "InnovationProposal"
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	require.Error(t, replayer.ReplayWorkflowHistory(sdkLogger(quiet()), bad))
	s.write("bad/another-first-step", bad)
}

// A matter with very many actions continues as a new run: nothing is lost between the two, and an old key still has its
// one outcome.
func TestContinuedAsNew(t *testing.T) {
	s := newStage(t)
	spec := workflowtest.Spec(workflowtest.Review(), uuid.Must(uuid.NewV7()).String(), time.Now().UTC())
	_, err := s.engine.Start(t.Context(), spec, workflowtest.Start())
	require.NoError(t, err)
	id := workflows.WorkflowID(spec.Matter)
	begun, err := s.client.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	firstRun := begun.GetWorkflowExecutionInfo().GetExecution().GetRunId()

	next := make(chan int, 1)
	next <- 0
	var acted []workflows.Outcome
	var keys []string
	var work errgroup.Group
	for range 8 {
		work.Go(func() error {
			for {
				n := <-next
				next <- n + 1
				if n >= 3000 {
					return errors.New("no new run")
				}
				c := workflowtest.Act(fmt.Sprint("comment-", n), workflowtest.Leader, procedure.ActionComment)
				outcome, err := s.engine.Act(t.Context(), spec.Matter, c)
				if err != nil {
					return err
				}
				n = <-next
				acted, keys = append(acted, outcome), append(keys, c.Key)
				next <- n
				now, err := s.client.DescribeWorkflowExecution(t.Context(), id, "")
				if err != nil || now.GetWorkflowExecutionInfo().GetExecution().GetRunId() != firstRun {
					return err
				}
			}
		})
	}
	require.NoError(t, work.Wait())
	seen := map[int64]bool{}
	for _, outcome := range acted {
		for seq := outcome.First; seq <= outcome.Last; seq++ {
			require.False(t, seen[seq], "event %d belongs to one command", seq)
			seen[seq] = true
		}
	}
	state, err := s.engine.State(t.Context(), spec.Matter)
	require.NoError(t, err)
	newest := slices.MaxFunc(acted, func(a, b workflows.Outcome) int { return int(a.Last - b.Last) })
	require.Equal(t, newest.Last, state.Seq)

	last := keys[slices.IndexFunc(acted, func(o workflows.Outcome) bool { return o.Last == newest.Last })]
	again, err := s.engine.Act(t.Context(), spec.Matter, workflowtest.Act(last, workflowtest.Leader, procedure.ActionComment))
	require.NoError(t, err)
	require.Equal(t, newest.Last, again.Last)

	s.keep("open-continued", id)
	told, err := s.engine.History(t.Context(), spec.Matter)
	require.NoError(t, err)
	require.Equal(t, firstRun, told[0].Run, "both runs, the first one first")
	require.Equal(t, "WorkflowExecutionStarted", told[0].Type)
	require.NotEqual(t, firstRun, told[len(told)-1].Run)
	var begin struct {
		Input struct {
			Payloads []workflows.Input `json:"payloads"`
		} `json:"input"`
	}
	require.NoError(t, json.Unmarshal(told[0].Data, &begin))
	require.Equal(t, spec.Title, begin.Input.Payloads[0].Spec.Title)
	found := 0
	for _, e := range told {
		if e.Type == "WorkflowExecutionContinuedAsNew" {
			found++
			require.True(t, strings.Contains(string(e.Data), `"DubanProcedure"`), "it can still be searched for")
		}
	}
	require.Equal(t, 1, found)
}
