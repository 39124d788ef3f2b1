package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// units of the test: the reform office and the leading group oversee zibo, the bureau's office oversees stb.
func oversees(unit string) (string, bool) {
	organisation, ok := map[string]string{"office": "zibo", "leading-group": "zibo", "stb-office": "stb"}[unit]
	return organisation, ok
}

func actor(person string, posts ...procedure.Post) identity.Actor {
	return identity.NewActor(procedure.Actor{Person: person, Posts: posts}, oversees)
}

// The matter of the matrix is zibo's: district-a started it, group-1 is a party to it.
func matter(draft bool) identity.Facts {
	return identity.Facts{Organisation: "zibo", Unit: "district-a", Units: []string{"district-a", "group-1"}, Draft: draft}
}

// actions are what the policy decides on a matter.
var actions = []struct {
	name   string
	decide func(identity.Actor, identity.Facts) identity.Decision
}{
	{"see", identity.Visible},
	{"act", identity.MayAct},
	{"history", identity.MayReadHistory},
	{"attachment", func(a identity.Actor, f identity.Facts) identity.Decision {
		return identity.MayReadAttachment(a, "somebody", &f)
	}},
}

// TestMatrix is the policy on matters in full: role × relation × state × action.
func TestMatrix(t *testing.T) {
	const (
		yes  = "yes"
		none = identity.CodeNotFound
		read = identity.CodeReadOnly
		over = identity.CodeNotOverseer
	)
	for _, row := range []struct {
		role  string
		posts []procedure.Post
		draft [4]string // see, act, history, attachment
		open  [4]string
	}{
		{"clerk of the starter's unit", []procedure.Post{"district-a/clerk"}, [4]string{yes, yes, over, yes}, [4]string{yes, yes, over, yes}},
		{"leader of a party", []procedure.Post{"group-1/leader"}, [4]string{none, none, none, none}, [4]string{yes, yes, over, yes}},
		{"clerk of an overseeing unit", []procedure.Post{"office/clerk"}, [4]string{none, none, none, none}, [4]string{yes, yes, yes, yes}},
		{"member of the leading group", []procedure.Post{"leading-group/member"}, [4]string{none, none, none, none}, [4]string{yes, yes, yes, yes}},
		{"clerk of another organisation's overseer", []procedure.Post{"stb-office/clerk"}, [4]string{none, none, none, none}, [4]string{none, none, none, none}},
		{"clerk of an unrelated unit", []procedure.Post{"district-b/clerk"}, [4]string{none, none, none, none}, [4]string{none, none, none, none}},
		{"starter's unit and overseer", []procedure.Post{"office/clerk", "district-a/clerk"}, [4]string{yes, yes, yes, yes}, [4]string{yes, yes, yes, yes}},
		{"starter's unit and unrelated", []procedure.Post{"district-b/clerk", "district-a/head"}, [4]string{yes, yes, over, yes}, [4]string{yes, yes, over, yes}},
		{"system administrator", []procedure.Post{identity.PostAdministrator}, [4]string{none, none, none, none}, [4]string{yes, read, yes, yes}},
		{"security administrator", []procedure.Post{identity.PostSecurity}, [4]string{none, none, none, none}, [4]string{none, none, none, none}},
		{"auditor", []procedure.Post{identity.PostAuditor}, [4]string{none, none, none, none}, [4]string{yes, read, yes, yes}},
		{"person without a post", nil, [4]string{none, none, none, none}, [4]string{none, none, none, none}},
	} {
		for state, expected := range map[string][4]string{"draft": row.draft, "open": row.open} {
			for i, action := range actions {
				t.Run(fmt.Sprintf("%s %ss %s", row.role, action.name, state), func(t *testing.T) {
					got := action.decide(actor("p", row.posts...), matter(state == "draft"))
					want := identity.Decision{Allowed: expected[i] == yes}
					if !want.Allowed {
						want.Code = expected[i]
					}
					assert.Equal(t, want, got)
				})
			}
		}
	}
}

// TestOffMatters is the policy on everything else.
func TestOffMatters(t *testing.T) {
	people := map[string]identity.Actor{
		"administrator": actor("me", identity.PostAdministrator),
		"security":      actor("me", identity.PostSecurity),
		"auditor":       actor("me", identity.PostAuditor),
		"overseer":      actor("me", "office/director"),
	}
	own := func(decide func(identity.Actor, string) identity.Decision, person string) func(identity.Actor) identity.Decision {
		return func(a identity.Actor) identity.Decision { return decide(a, person) }
	}
	for _, row := range []struct {
		right string
		may   func(identity.Actor) identity.Decision
		who   string // "all", or those who may
	}{
		{"own notification", own(identity.MayReadNotification, "me"), "all"},
		{"another's notification", own(identity.MayReadNotification, "other"), ""},
		{"own sessions", own(identity.MayReadSessions, "me"), "all"},
		{"another's sessions", own(identity.MayReadSessions, "other"), "administrator security"},
		{"own data", own(identity.MayReadPersonalData, "me"), "all"},
		{"another's data", own(identity.MayReadPersonalData, "other"), "administrator security auditor"},
		{"list persons", identity.MayListPersons, "administrator security auditor"},
		{"manage persons", identity.MayManagePersons, "administrator"},
		{"assign posts", identity.MayAssignPosts, "security"},
		{"own attachment in no matter", func(a identity.Actor) identity.Decision { return identity.MayReadAttachment(a, "me", nil) }, "all"},
		{"another's attachment in no matter", func(a identity.Actor) identity.Decision { return identity.MayReadAttachment(a, "other", nil) }, ""},
		{"deputy for own post", func(a identity.Actor) identity.Decision {
			return identity.MaySetDeputy(a, "me", "office/director")
		}, "overseer security"},
		{"deputy for another's", func(a identity.Actor) identity.Decision {
			return identity.MaySetDeputy(a, "other", "office/director")
		}, "security"},
	} {
		for name, a := range people {
			may := row.who == "all" || strings.Contains(row.who, name)
			d := row.may(a)
			assert.Equal(t, may, d.Allowed, "%s: %s", name, row.right)
			assert.Equal(t, may, d.Code == "", "%s: %s: a refusal has its code, a leave has none", name, row.right)
		}
	}
}

func TestDeputyPassesNothingOn(t *testing.T) {
	a := actor("me", "office/director")
	a.Deputises = map[procedure.Post]string{"office/director": "主任"}
	assert.False(t, identity.MaySetDeputy(a, "me", "office/director").Allowed)
}

func TestNewActor(t *testing.T) {
	a := actor("p", "office/clerk", identity.PostAuditor, "office/director", "leading-group/member", "district-a/clerk")
	assert.Equal(t, []procedure.Post{"office/clerk", "office/director", "leading-group/member", "district-a/clerk"}, a.Posts)
	assert.Equal(t, []string{"office", "leading-group", "district-a"}, a.Units)
	assert.Equal(t, []string{"zibo"}, a.Oversees)
	assert.True(t, a.Auditor)
	assert.False(t, a.Administrator || a.Security)
}

func TestPredicateNumbersItsArguments(t *testing.T) {
	for _, posts := range [][]procedure.Post{
		nil, {"office/clerk"}, {"district-a/clerk"}, {identity.PostAuditor}, {identity.PostSecurity},
	} {
		sql, args := identity.VisiblePredicate(actor("p", posts...), 4)
		require.NotEmpty(t, sql, "an empty condition would show everything")
		for n := 1; n <= 9; n++ {
			assert.Equal(t, n >= 4 && n < 4+len(args), strings.Contains(sql, fmt.Sprintf("$%d:", n)), "%v: %s", posts, sql)
		}
	}
}
