package workflows_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// A change of the rules takes effect by itself when the matter comes there, is tried again while that cannot be found out,
// and what became of it is the machine's to follow: on, or back to whoever wrote it.
func TestEnact(t *testing.T) {
	for _, refusal := range []string{"", "base-not-in-force"} {
		p := workflowtest.Tracking()
		p.Workflow = "RuleChange"
		p.Stages[0].Actions[procedure.ActionApprove] = procedure.Target{"enact"}
		p.Stages = append(p.Stages, procedure.Stage{Key: "enact", Title: "生效", Kind: procedure.KindEnact,
			Enact: &procedure.Enact{Change: "summary", Else: "report"}, Next: procedure.Closed})
		spec := workflowtest.Spec(p, matterID, workflowtest.Monday)
		r := newRun(t, spec)
		var a *activities.Activities
		var asked []activities.EnactRequest
		r.OnActivity(a.Enact, mock.Anything, mock.Anything).Return(func(_ context.Context, request activities.EnactRequest) (procedure.Enacted, error) {
			if asked = append(asked, request); len(asked) == 1 {
				return procedure.Enacted{}, errors.New("the database is away")
			}
			done := procedure.Enacted{Change: request.Change, Refusal: refusal}
			if refusal == "" {
				done.Version = "v2"
			}
			r.tell(procedure.Command{Action: procedure.ActionEnacted, Enacted: &done})
			return done, nil
		})
		r.after(0, func() { r.act(workflowtest.Start()) })
		r.after(day, func() {
			if refusal != "" {
				r.act(workflowtest.Act("give up", workflowtest.Clerk, procedure.ActionReject))
			}
		})
		r.matter(workflows.Input{Spec: &spec})
		require.NoError(t, r.GetWorkflowError())
		want := activities.EnactRequest{Matter: matterID, Rulebook: "test", Change: "先行先试"}
		require.Equal(t, []activities.EnactRequest{want, want}, asked)
		require.Equal(t, procedure.Closed, r.oracle.Stage)
		r.sameStory()
	}
}
