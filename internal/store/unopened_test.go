package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/workflows/workflowtest"
)

// refused is a matter of the procedure whose child the rules refuse.
func refused(t require.TestingT, p procedure.Procedure, starter string) *story {
	spec := workflowtest.Spec(p, matterID(), began)
	spec.Starter.Person = starter
	s := newStory(spec)
	require.NoError(t, s.start(true))
	s.wait(time.Hour)
	require.NoError(t, s.try(procedure.Command{Action: procedure.ActionApprove, Actor: workflowtest.Leader}))
	require.Len(t, s.state.Links, 1)
	child := s.state.Links[0]
	child.Ended, child.Outcome, child.At = true, procedure.OutcomeRejected, s.now
	child.Refusal = &procedure.Refusal{Code: "intake-closed", Authority: procedure.Authority{Source: "001 art. 12(1)"}, Args: map[string]any{"opens": "01-01", "closes": "01-31"}}
	require.NoError(t, s.try(procedure.Command{Action: procedure.ActionLinked, Linked: &child}))
	return s
}

// Whoever began a matter and the office are told of one it asked for that never began, with the reason; it waits for them
// until a matter of that procedure and title has begun after all. What the procedure has a way for waits for nobody.
func TestAMatterThatNeverBeganIsToldOfAndWaits(t *testing.T) {
	s := storetest.New(t)
	p := workflowtest.Review()
	p.Urge = &procedure.Urge{By: []procedure.Role{"office/director"}, Every: *workdays(1)}
	starter, office := hired(t, s, "bureau/clerk", ""), hired(t, s, "office/director", "")
	told := refused(t, p, starter)
	record(t, s, told)
	record(t, s, told)
	for _, person := range []string{starter, office} {
		list, err := s.Notifications(t.Context(), person, false, 0, 100)
		require.NoError(t, err)
		var found []store.Notification
		for _, n := range list {
			if n.Kind == store.TellUnopened {
				found = append(found, n)
			}
		}
		require.Len(t, found, 1, person)
		assert.Equal(t, "intake-closed", found[0].Args["code"])
		assert.Equal(t, "test/tracking", found[0].Args["of"])
		assert.Equal(t, "01-31", found[0].Args["closes"])
		assert.Equal(t, told.state.Links[0].Title, found[0].Args["child"])
	}
	waiting, err := s.Unopened(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	assert.Equal(t, told.spec.Matter, waiting[0].Matter)
	assert.Equal(t, told.state.Links[0].Matter, waiting[0].Child)
	assert.Equal(t, "001 art. 12(1)", waiting[0].Details()["source"])

	p.Stages = append([]procedure.Stage{}, p.Stages...)
	for i := range p.Stages {
		if p.Stages[i].Wait != nil {
			p.Stages[i].Wait = &procedure.Wait{Link: p.Stages[i].Wait.Link, Refused: p.First}
		}
	}
	record(t, s, refused(t, p, starter))
	waiting, err = s.Unopened(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1, "the other has a way of its own")

	after := workflowtest.Spec(workflowtest.Tracking(), matterID(), began)
	after.Title = told.state.Links[0].Title
	begun := newStory(after)
	require.NoError(t, begun.start(false))
	record(t, s, begun)
	_, err = s.Pool().Exec(t.Context(), `UPDATE matter SET draft = false WHERE id = $1`, after.Matter)
	require.NoError(t, err)
	waiting, err = s.Unopened(t.Context(), 10)
	require.NoError(t, err)
	assert.Empty(t, waiting, "it has begun after all")
}
