package embedded

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// change begins a change of the rules and answers the matter it waits for.
func (s *stage) change(answer procedure.ActionName) string {
	s.t.Helper()
	spec := workflowtest.Spec(workflowtest.Change(), uuid.Must(uuid.NewV7()).String(), time.Now().UTC())
	spec.Form["change"] = json.RawMessage(`"digest"`)
	_, err := s.engine.Start(s.t.Context(), spec, workflowtest.Start())
	require.NoError(s.t, err)
	asked := s.until(spec.Matter, at("fate")).Links[0].Matter
	s.until(asked, at("report"))
	s.act(asked, workflowtest.Clerk, answer)
	s.ended(asked)
	return spec.Matter
}

// Changes of the rules: one before a closed gate, which an administrator ends, and one that takes effect.
func TestHistoriesOfChanges(t *testing.T) {
	s := newStage(t)
	id := workflows.WorkflowID

	barred := s.change(procedure.ActionReject)
	s.until(barred, at("gate"))
	year := procedure.CalendarYear{Year: 2027, Off: calendar.SpecialDays{{Year: 2027, Month: time.January, Day: 1}: "元旦"}}
	require.NoError(t, s.engine.Calendar(t.Context(), barred, year))
	s.until(barred, func(m procedure.State) bool { return m.Calendar.Published(2027) })
	s.settled(barred)
	s.keep("open-gate", id(barred))
	end := workflowtest.Act("end", procedure.Actor{Person: "sysadmin", Name: "系统管理员"}, procedure.ActionTerminate)
	end.Repair = true
	_, err := s.engine.Act(t.Context(), barred, end)
	require.NoError(t, err)
	s.ended(barred)
	s.keep("ended-terminated", id(barred))

	passed := s.change(procedure.ActionApprove)
	s.until(passed, at("enact"))
	h := s.keep("open-enact", id(passed))
	require.Equal(t, count(h, enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)+1, count(h, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), "it is being put in force")
	close(s.enact)
	s.ended(passed)
	s.keep("ended-enacted", id(passed))
}

// A matter begun anew from the record, in the place of a run that could not go on, which still owed a matter it asked for.
func TestHistoriesOfARestart(t *testing.T) {
	s := newStage(t)
	now := time.Now().UTC()
	state := procedure.New(workflowtest.Spec(workflowtest.Review(), uuid.Must(uuid.NewV7()).String(), now))
	var owed []procedure.MatterRequested
	for _, c := range []procedure.Command{workflowtest.Start(), workflowtest.Act("approve", workflowtest.Leader, procedure.ActionApprove)} {
		events, err := procedure.Decide(state, c, now)
		require.NoError(t, err)
		state = procedure.Fold(state, events)
		for _, e := range events {
			if asked, ok := e.Body.(procedure.MatterRequested); ok {
				owed = append(owed, asked)
			}
		}
	}
	require.Len(t, owed, 1)
	matter := state.Spec.Matter
	_, err := s.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: workflows.WorkflowID(matter), TaskQueue: workflows.TaskQueue},
		state.Spec.Procedure.Workflow, workflows.Input{State: &state, Recorded: state.Seq, Owed: owed, Replaces: uuid.NewString()})
	require.NoError(t, err)
	s.until(owed[0].Child, at("report"))
	s.until(matter, func(m procedure.State) bool { return m.Seq > state.Seq })
	s.settled(matter)
	h := s.keep("open-replaced", workflows.WorkflowID(matter))
	require.Equal(t, 1, count(h, enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED), "what the run before owed")
}
