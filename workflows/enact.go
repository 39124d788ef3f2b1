package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/procedure"
)

// enacting reports whether a change of the rules waits to take effect.
func (m *matter) enacting() bool {
	_, is := procedure.Enacting(&m.state)
	return is
}

// enact lets a change of the rules take effect whenever the matter stands where it is to, and tells the machine what
// became of it. What is asked follows from the state alone: a run that is reset, or continues another, asks again.
func (m *matter) enact(ctx workflow.Context) {
	ctx = workflow.WithActivityOptions(ctx, patient())
	for workflow.Await(ctx, m.enacting) == nil {
		change, _ := procedure.Enacting(&m.state)
		var a *activities.Activities
		var done procedure.Enacted
		err := workflow.ExecuteActivity(ctx, a.Enact, activities.EnactRequest{
			Matter:    m.state.Spec.Matter,
			Rulebook:  m.state.Spec.Procedure.Rulebook,
			Change:    change,
			Rehearsal: m.state.Spec.Clock.Factor != 0,
		}).Get(ctx, &done)
		if err == nil {
			err = m.command(ctx, procedure.Command{Action: procedure.ActionEnacted, Enacted: &done})
		}
		if err != nil {
			workflow.GetLogger(ctx).Error("A change of the rules did not take effect; it is tried again", "error", err)
			if workflow.Sleep(ctx, time.Minute) != nil {
				return
			}
		}
	}
}
