package identity_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
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
		return identity.MayReadAttachment(a, "somebody", f)
	}},
	{"oversee", identity.MayOversee},
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
		draft [5]string // see, act, history, attachment, oversee
		open  [5]string
	}{
		{"clerk of the starter's unit", []procedure.Post{"district-a/clerk"}, [5]string{yes, yes, over, yes, over}, [5]string{yes, yes, over, yes, over}},
		{"leader of a party", []procedure.Post{"group-1/leader"}, [5]string{none, none, none, none, none}, [5]string{yes, yes, over, yes, over}},
		{"clerk of an overseeing unit", []procedure.Post{"office/clerk"}, [5]string{none, none, none, none, none}, [5]string{yes, yes, yes, yes, yes}},
		{"member of the leading group", []procedure.Post{"leading-group/member"}, [5]string{none, none, none, none, none}, [5]string{yes, yes, yes, yes, yes}},
		{"clerk of another organisation's overseer", []procedure.Post{"stb-office/clerk"}, [5]string{none, none, none, none, none}, [5]string{none, none, none, none, none}},
		{"clerk of an unrelated unit", []procedure.Post{"district-b/clerk"}, [5]string{none, none, none, none, none}, [5]string{none, none, none, none, none}},
		{"starter's unit and overseer", []procedure.Post{"office/clerk", "district-a/clerk"}, [5]string{yes, yes, yes, yes, yes}, [5]string{yes, yes, yes, yes, yes}},
		{"starter's unit and unrelated", []procedure.Post{"district-b/clerk", "district-a/head"}, [5]string{yes, yes, over, yes, over}, [5]string{yes, yes, over, yes, over}},
		{"system administrator", []procedure.Post{identity.PostAdministrator}, [5]string{none, none, none, none, none}, [5]string{yes, read, yes, yes, over}},
		{"security administrator", []procedure.Post{identity.PostSecurity}, [5]string{none, none, none, none, none}, [5]string{none, none, none, none, none}},
		{"auditor", []procedure.Post{identity.PostAuditor}, [5]string{none, none, none, none, none}, [5]string{yes, read, yes, yes, over}},
		{"person without a post", nil, [5]string{none, none, none, none, none}, [5]string{none, none, none, none, none}},
	} {
		for state, expected := range map[string][5]string{"draft": row.draft, "open": row.open} {
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
		{"own sessions", own(identity.MayReadSessions, "me"), "all"},
		{"another's sessions", own(identity.MayReadSessions, "other"), "administrator security"},
		{"own data", own(identity.MayReadPersonalData, "me"), "all"},
		{"another's data", own(identity.MayReadPersonalData, "other"), "administrator security auditor"},
		{"list persons", identity.MayListPersons, "administrator security auditor"},
		{"manage persons", identity.MayManagePersons, "administrator"},
		{"assign posts", identity.MayAssignPosts, "security"},
		{"propose a change of units", identity.MayAmendUnits, "administrator"},
		{"confirm a change of units", identity.MayConfirmUnits, "security"},
		{"see how matters run", identity.MayWatch, "administrator auditor"},
		{"set right what is stuck", identity.MayRepair, "administrator"},
		{"read the audit", identity.MayReadAudit, "auditor"},
		{"own attachment in a matter not seen", func(a identity.Actor) identity.Decision {
			return identity.MayReadAttachment(a, "me", identity.Facts{Organisation: "elsewhere", Unit: "elsewhere", Draft: true})
		}, ""},
		{"own attachment in no matter", func(a identity.Actor) identity.Decision { return identity.MayReadAttachment(a, "me") }, "all"},
		{"another's attachment in no matter", func(a identity.Actor) identity.Decision { return identity.MayReadAttachment(a, "other") }, ""},
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

// Every right there is stands in one of the two tables.
func TestEveryRightIsInTheMatrix(t *testing.T) {
	rights, asked := map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declared := range parsed.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && !strings.HasSuffix(file, "_test.go") {
				if f.Name.Name == "Visible" || strings.HasPrefix(f.Name.Name, "May") {
					rights[f.Name.Name] = true
				}
				continue
			}
			if table, ok := declared.(*ast.FuncDecl); ok && table.Name.Name != "TestOffMatters" {
				continue
			}
			ast.Inspect(declared, func(n ast.Node) bool {
				if named, ok := n.(*ast.SelectorExpr); ok {
					asked[named.Sel.Name] = true
				}
				return true
			})
		}
	}
	require.Greater(t, len(rights), 10)
	for right := range rights {
		require.True(t, asked[right], "%s has no row", right)
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
		for _, predicate := range []func(identity.Actor, int) (string, []any){identity.VisiblePredicate, identity.AttachmentPredicate} {
			sql, args := predicate(actor("p", posts...), 4)
			require.NotEmpty(t, sql, "an empty condition would show everything")
			for n := 1; n <= 9; n++ {
				assert.Equal(t, n >= 4 && n < 4+len(args), strings.Contains(sql, fmt.Sprintf("$%d:", n)), "%v: %s", posts, sql)
			}
		}
	}
}
