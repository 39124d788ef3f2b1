package rulebook_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

func amended(t *testing.T, sources rulebook.Sources, a rulebook.Amendment) rulebook.Sources {
	t.Helper()
	a.Organisation = "zibo"
	next, err := sources.Amend(a)
	require.NoError(t, err)
	return next
}

func TestAnOrganisationIsAmended(t *testing.T) {
	shipped, err := rulebook.ReadSources(rulebooks.FS)
	require.NoError(t, err)
	before, err := shipped.Load()
	require.NoError(t, err)
	model, ok := before.Unit("boshan")
	require.True(t, ok)
	posts := []rulebook.Post{}
	organisation, _ := before.Organisation("zibo")
	for _, p := range organisation.Posts {
		if p.Unit == "boshan" {
			posts = append(posts, rulebook.Post{Unit: "u-new", Role: p.Role, Title: "新区" + p.Role})
		}
	}
	next := amended(t, shipped, rulebook.Amendment{Kind: rulebook.UnitAdded, Unit: "u-new", Name: "新区", UnitKind: model.Kind, Parent: model.Parent,
		Head: model.Head, Posts: posts})
	next = amended(t, next, rulebook.Amendment{Kind: rulebook.UnitRenamed, Unit: "u-new", Name: "高新新区",
		Posts: []rulebook.Post{{Role: posts[0].Role, Title: "高新新区负责人"}}})
	next = amended(t, next, rulebook.Amendment{Kind: rulebook.UnitMoved, Unit: "u-new", Parent: "leading-group"})
	after, err := next.Load()
	require.NoError(t, err)
	unit, ok := after.Unit("u-new")
	require.True(t, ok)
	require.Equal(t, rulebook.Unit{ID: "u-new", Name: "高新新区", Kind: model.Kind, Parent: "leading-group", Head: model.Head}, unit)
	title, ok := after.Post(procedure.Post("u-new/" + posts[0].Role))
	require.True(t, ok)
	require.Equal(t, "高新新区负责人", title)

	// What was not amended is as it was, whatever has become of its file.
	was, _ := before.Organisation("zibo")
	is, _ := after.Organisation("zibo")
	require.Equal(t, was.Units, is.Units[:len(was.Units)])
	require.Equal(t, was.Posts, is.Posts[:len(was.Posts)])

	next = amended(t, next, rulebook.Amendment{Kind: rulebook.UnitEnded, Unit: "u-new"})
	after, err = next.Load()
	require.NoError(t, err)
	unit, ok = after.Unit("u-new")
	require.True(t, ok && unit.Ended, "it is known by its name still")
	actor := procedure.Actor{Person: "p", Posts: []procedure.Post{"u-new/clerk"}}
	require.Empty(t, startables(after, actor), "it starts nothing any more")
}

func TestAnAmendmentThatCannotBe(t *testing.T) {
	shipped, err := rulebook.ReadSources(rulebooks.FS)
	require.NoError(t, err)
	ended := amended(t, shipped, rulebook.Amendment{Kind: rulebook.UnitEnded, Unit: "boshan"})
	head := []rulebook.Post{{Role: "head", Title: "负责人"}}
	for code, a := range map[string]rulebook.Amendment{
		"unit-unknown":    {Kind: rulebook.UnitMoved, Unit: "nowhere"},
		"unit-ended":      {Kind: rulebook.UnitRenamed, Unit: "boshan", Name: "博山"},
		"unit-exists":     {Kind: rulebook.UnitAdded, Unit: "zhangdian", Name: "新区", UnitKind: "district", Head: "head", Posts: head},
		"unit-name-taken": {Kind: rulebook.UnitRenamed, Unit: "office", Name: "市委全面深化改革领导小组"},
		"unit-parent":     {Kind: rulebook.UnitMoved, Unit: "leading-group", Parent: "office"},
		"unit-has-units":  {Kind: rulebook.UnitEnded, Unit: "leading-group"},
		"unit-posts":      {Kind: rulebook.UnitAdded, Unit: "u-new", Name: "新区", UnitKind: "district", Head: "clerk", Posts: head},
		"unit-unchanged":  {Kind: rulebook.UnitMoved, Unit: "office", Parent: "leading-group"},
	} {
		t.Run(code, func(t *testing.T) {
			a.Organisation = "zibo"
			_, err := ended.Amend(a)
			var refusal *procedure.Refusal
			require.True(t, errors.As(err, &refusal), "%v", err)
			require.Equal(t, code, refusal.Code)
		})
	}
	_, err = shipped.Amend(rulebook.Amendment{Organisation: "mars", Kind: rulebook.UnitEnded, Unit: "boshan"})
	require.Error(t, err)
}

func TestRulesKeepTheUnitsTheyName(t *testing.T) {
	shipped, err := rulebook.ReadSources(rulebooks.FS)
	require.NoError(t, err)
	next := amended(t, shipped, rulebook.Amendment{Kind: rulebook.UnitEnded, Unit: "group-economy"})
	_, err = next.Load()
	var found rulebook.Problems
	require.True(t, errors.As(err, &found), "%v", err)
}
