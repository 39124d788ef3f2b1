package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// people is a store with an organisation in it, and what its tests ask for at every turn.
type people struct {
	*testing.T
	*store.Store
	hasher  *identity.Hasher
	profile identity.Profile
	now     time.Time
}

func newPeople(t *testing.T) *people {
	p := &people{T: t, Store: storetest.New(t), hasher: identity.NewHasher(2), now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	p.profile, _ = identity.ProfileOf(identity.ProfileDengbao)
	require.NoError(t, p.KeepOrganisations(t.Context(), 0, organisations()))
	return p
}

func organisations() []*rulebook.Organisation {
	return []*rulebook.Organisation{
		{Key: "zibo", Title: "淄博市", Units: []rulebook.Unit{
			{ID: "office", Name: "改革办", Kind: "office", Oversees: true},
			{ID: "district-a", Name: "甲区", Kind: "district", Parent: "office"},
		}, Posts: []rulebook.Post{
			{Unit: "office", Role: "director", Title: "改革办主任", Login: "office.director"},
			{Unit: "office", Role: "clerk", Title: "改革办经办", Login: "office.clerk"},
			{Unit: "district-a", Role: "head", Title: "甲区负责人", Login: "district-a.head"},
			{Unit: "district-a", Role: "clerk", Title: "甲区经办", Login: "office.clerk"},
		}},
		{Key: "stb", Title: "科技局", Within: "zibo", Units: []rulebook.Unit{
			{ID: "stb-office", Name: "局改革办", Kind: "office", Oversees: true},
		}, Posts: []rulebook.Post{{Unit: "stb-office", Role: "clerk", Title: "局改革办经办"}}},
	}
}

// enter enters a person and gives its id.
func (p *people) enter(login string) string {
	p.Helper()
	a, err := p.CreatePerson(p.Context(), store.NewPerson{Login: login, Name: login}, "admin", p.now)
	require.NoError(p, err)
	return a.Person
}

const password = "Gaige-2026-x"

// activate enters a person who has a password.
func (p *people) activate(login string) string {
	p.Helper()
	a, err := p.CreatePerson(p.Context(), store.NewPerson{Login: login, Name: login}, "admin", p.now)
	require.NoError(p, err)
	require.NoError(p, p.Activate(p.Context(), p.hasher, p.profile, a.Token, password, p.now))
	return a.Person
}

func (p *people) assign(person string, post procedure.Post) string {
	p.Helper()
	id, err := p.Assign(p.Context(), store.NewHolding{Person: person, Post: post}, "security", p.now)
	require.NoError(p, err)
	return id
}

func (p *people) logIn(login, password, address string) (string, error) {
	token, _, err := p.LogIn(p.Context(), p.hasher, p.profile, store.Credentials{Login: login, Password: password, Address: address, Agent: "test"}, p.now)
	return token, err
}

// bearer is who bears the token now, who must be somebody.
func (p *people) bearer(token string) store.Bearer {
	p.Helper()
	b, err := p.Session(p.Context(), token, p.now)
	require.NoError(p, err)
	return b
}

// code is the code of a refusal; empty for no error.
func (p *people) code(err error) string {
	p.Helper()
	if err == nil {
		return ""
	}
	var refusal *procedure.Refusal
	require.ErrorAs(p, err, &refusal)
	return refusal.Code
}

func TestOrganisations(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	require.NoError(t, p.KeepOrganisations(ctx, 0, organisations()), "again, at the next start")

	list, err := p.Organisations(ctx)
	require.NoError(t, err)
	assert.Equal(t, []store.Organisation{{"zibo", "淄博市", ""}, {"stb", "科技局", "zibo"}}, list, "the system's own is left out")
	units, err := p.Units(ctx, "zibo")
	require.NoError(t, err)
	assert.Equal(t, []store.Unit{{"office", "改革办", "office", "", true, false}, {"district-a", "甲区", "district", "office", false, false}}, units)
	_, err = p.Units(ctx, "none")
	assert.ErrorIs(t, err, store.ErrNotFound)

	changed := organisations()
	changed[0].Units[0].Name, changed[0].Posts = "委改革办", changed[0].Posts[:1]
	require.NoError(t, p.KeepOrganisations(ctx, 0, changed))
	person := p.enter("a.person")
	p.assign(person, "office/clerk")
	posts, err := p.Posts(ctx, "zibo", "office", p.now)
	require.NoError(t, err)
	assert.Equal(t, []store.Post{
		{Post: "office/director", Title: "改革办主任", Unit: "office", UnitName: "委改革办"},
		{Post: "office/clerk", Title: "改革办经办", Unit: "office", UnitName: "委改革办",
			Holders: []store.Holder{{Person: person, Login: "a.person", Name: "a.person"}}},
	}, posts, "a post the file no longer names stays")

	for _, taken := range []*rulebook.Organisation{{Key: "system"}, {Key: "x", Units: []rulebook.Unit{{ID: "system"}}}} {
		assert.Error(t, p.KeepOrganisations(ctx, 0, []*rulebook.Organisation{taken}))
	}
}

func TestPersons(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	_, err := p.CreatePerson(ctx, store.NewPerson{Login: "b.person", Name: "乙", Email: "b@example.cn"}, "admin", p.now)
	require.NoError(t, err)
	a := p.activate("a.person")
	for login, code := range map[string]string{"a.person": "login-taken", "A": "login-form", "有": "login-form", "x": "login-form"} {
		_, err := p.CreatePerson(ctx, store.NewPerson{Login: login, Name: "甲"}, "admin", p.now)
		assert.Equal(t, code, p.code(err), login)
	}
	holding := p.assign(a, "office/clerk")

	page, err := p.Persons(ctx, "", "", 1)
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, "a.person", page[0].Login)
	assert.True(t, page[0].Active())
	page[0].Holdings[0].From = page[0].Holdings[0].From.UTC()
	assert.Equal(t, []store.Holding{{ID: holding, Post: "office/clerk", Title: "改革办经办", From: p.now}}, page[0].Holdings)
	page, err = p.Persons(ctx, "", "a.person", 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, "b@example.cn", page[0].Email)
	assert.False(t, page[0].Active(), "has no password yet")
	page, err = p.Persons(ctx, "乙", "", 10)
	require.NoError(t, err)
	assert.Len(t, page, 1)

	for _, id := range []string{"", "x", "00000000-0000-0000-0000-000000000000"} {
		_, err := p.Person(ctx, id)
		assert.ErrorIs(t, err, store.ErrNotFound, id)
		assert.ErrorIs(t, p.SetDisabled(ctx, id, true, "admin", p.now), store.ErrNotFound)
		_, err = p.CreateActivation(ctx, id, "admin", p.now)
		assert.ErrorIs(t, err, store.ErrNotFound, id)
		_, err = p.Assign(ctx, store.NewHolding{Person: id, Post: "office/clerk"}, "security", p.now)
		assert.ErrorIs(t, err, store.ErrNotFound, id)
	}
}

// What the constraints on holdings refuse.
func TestAssign(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	day := func(n int) time.Time { return p.now.AddDate(0, 0, n) }
	type step struct {
		person   string
		post     procedure.Post
		from, to int // days; to 0: open
		code     string
	}
	persons := map[string]string{"a": p.enter("a.person"), "b": p.enter("b.person")}
	for _, s := range []step{
		{"a", "office/clerk", 0, 10, ""},
		{"a", "office/clerk", 9, 20, "holding-overlaps"},
		{"a", "office/clerk", 10, 0, ""}, // ends and begins at one instant
		{"a", "office/clerk", 30, 0, "holding-overlaps"},
		{"a", "office/director", 0, 0, ""},
		{"b", "office/director", 0, 0, ""}, // two may hold a post
		{"a", identity.PostSecurity, 0, 0, "system-post-conflict"},
		{"b", identity.PostAuditor, -20, -10, ""},
		{"b", identity.PostSecurity, -15, -5, "system-post-conflict"},
		{"b", "district-a/clerk", -12, 0, "system-post-conflict"},
		{"b", "office/none", 0, 0, "unknown-post"},
		{"b", "district-a/clerk", 0, -1, "bad-period"},
	} {
		h := store.NewHolding{Person: persons[s.person], Post: s.post, From: day(s.from)}
		if s.to != 0 {
			h.To = day(s.to)
		}
		_, err := p.Assign(ctx, h, "security", p.now)
		assert.Equal(t, s.code, p.code(err), "%+v", s)
	}
}

func TestDeputies(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	director, deputy, third := p.enter("director"), p.activate("deputy"), p.activate("third")
	officer := p.enter("officer")
	held := p.assign(director, "office/director")
	p.assign(deputy, "district-a/clerk")
	p.assign(officer, identity.PostSecurity)
	start := p.now
	at := func(days int) time.Time { return start.AddDate(0, 0, days) }

	for _, row := range []struct {
		d    store.NewDeputy
		code string
	}{
		{store.NewDeputy{Person: deputy, For: director, Post: "office/director", From: at(10), To: at(20), Reason: "出差"}, ""},
		{store.NewDeputy{Person: third, For: director, Post: "office/director", From: at(19), To: at(25)}, "deputy-overlaps"},
		{store.NewDeputy{Person: third, For: director, Post: "office/director", From: at(20), To: at(386)}, ""},
		{store.NewDeputy{Person: third, For: director, Post: "office/director", From: at(400), To: at(767)}, "deputy-too-long"},
		{store.NewDeputy{Person: third, For: director, Post: "office/director", From: at(400), To: at(399)}, "bad-period"},
		{store.NewDeputy{Person: director, For: director, Post: "office/director", From: at(400), To: at(401)}, "deputy-self"},
		{store.NewDeputy{Person: third, For: director, Post: "office/clerk", From: at(1), To: at(2)}, "deputy-not-holder"},
		{store.NewDeputy{Person: third, For: deputy, Post: "office/director", From: at(12), To: at(14)}, "deputy-not-holder"}, // no chain
		{store.NewDeputy{Person: officer, For: director, Post: "office/director", From: at(1), To: at(2)}, "system-post-conflict"},
		{store.NewDeputy{Person: third, For: officer, Post: identity.PostSecurity, From: at(1), To: at(2)}, "system-post-no-deputy"},
	} {
		_, err := p.SetDeputy(ctx, row.d, "security", p.now)
		assert.Equal(t, row.code, p.code(err), "%+v", row.d)
	}
	_, err := p.Assign(ctx, store.NewHolding{Person: third, Post: identity.PostAuditor}, "security", p.now)
	assert.Equal(t, "system-post-conflict", p.code(err), "deputises later on")

	// Who acts, day by day.
	for _, row := range []struct {
		day     int
		may     bool
		holders []string
	}{
		{0, false, []string{"director"}},
		{9, false, []string{"director"}},
		{10, true, []string{"director", "deputy"}},
		{19, true, []string{"director", "deputy"}},
		{20, false, []string{"director", "third"}},
		{386, false, []string{"director"}},
	} {
		p.now = at(row.day)
		token, err := p.logIn("deputy", password, "10.0.0.1")
		require.NoError(t, err)
		b := p.bearer(token)
		assert.Equal(t, row.may, b.Holds("office/director"), "day %d", row.day)
		if row.may {
			assert.Equal(t, map[procedure.Post]string{"office/director": "director"}, b.Deputises)
			assert.Equal(t, []procedure.Post{"district-a/clerk", "office/director"}, b.Posts)
			assert.Equal(t, []string{"zibo"}, b.Oversees)
			assert.False(t, identity.MaySetDeputy(b.Actor, director, "office/director").Allowed)
			posts, err := p.PostsOf(ctx, deputy, p.now)
			require.NoError(t, err)
			posts[1].Until = posts[1].Until.UTC()
			assert.Equal(t, store.HeldPost{Post: "office/director", Title: "改革办主任", Unit: "office", UnitName: "改革办",
				Organisation: "zibo", Oversees: true, For: director, ForName: "director", Until: at(20)}, posts[1])
		} else {
			assert.Empty(t, b.Deputises)
			assert.Empty(t, b.Oversees)
		}
		holders, err := p.HoldersOf(ctx, []procedure.Post{"office/director", "office/clerk"}, p.now)
		require.NoError(t, err)
		var logins []string
		for _, h := range holders["office/director"] {
			logins = append(logins, h.Login)
		}
		assert.Equal(t, row.holders, logins, "day %d", row.day)
		assert.Empty(t, holders["office/clerk"])
	}

	// The deputy's time ends with the post of the person deputised for, and when it is ended.
	p.now = at(12)
	token, err := p.logIn("deputy", password, "10.0.0.1")
	require.NoError(t, err)
	require.True(t, p.bearer(token).Holds("office/director"))
	person, err := p.Person(ctx, director)
	require.NoError(t, err)
	require.Len(t, person.Deputies, 2)
	assert.Equal(t, "出差", person.Deputies[1].Reason)
	require.NoError(t, p.EndDeputy(ctx, director, person.Deputies[1].ID, "security", p.now))
	assert.False(t, p.bearer(token).Holds("office/director"))
	assert.ErrorIs(t, p.EndDeputy(ctx, director, person.Deputies[1].ID, "security", p.now), store.ErrNotFound)
	_, err = p.SetDeputy(ctx, store.NewDeputy{Person: deputy, For: director, Post: "office/director", To: at(19)}, "security", p.now)
	require.NoError(t, err)
	require.True(t, p.bearer(token).Holds("office/director"))
	require.NoError(t, p.EndHolding(ctx, director, held, "security", p.now))
	assert.False(t, p.bearer(token).Holds("office/director"), "whoever lost a post has no deputy in it")
	assert.ErrorIs(t, p.EndHolding(ctx, director, held, "security", p.now), store.ErrNotFound)
}

func TestEndHoldingBeforeItBegins(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	a := p.enter("a.person")
	later := p.now.AddDate(0, 1, 0)
	id, err := p.Assign(ctx, store.NewHolding{Person: a, Post: "office/clerk", From: later}, "security", p.now)
	require.NoError(t, err)
	require.NoError(t, p.EndHolding(ctx, a, id, "security", p.now))
	assert.ErrorIs(t, p.EndHolding(ctx, a, id, "security", p.now), store.ErrNotFound)
	holders, err := p.HoldersOf(ctx, []procedure.Post{"office/clerk"}, later)
	require.NoError(t, err)
	assert.Empty(t, holders)
	_, err = p.Assign(ctx, store.NewHolding{Person: a, Post: "office/clerk", From: later}, "security", p.now)
	assert.NoError(t, err, "what never began stands in nobody's way")
}

func TestLoadSample(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	secret := identity.GeneratePassword()
	hash, err := p.hasher.Hash(ctx, secret)
	require.NoError(t, err)

	// Two at once: one enters everybody, the other nobody.
	var both sync.WaitGroup
	codes := make([]string, 2)
	for i := range codes {
		both.Go(func() {
			if err := p.LoadSample(ctx, organisations(), hash, p.now); err != nil {
				codes[i] = err.Error()
			}
		})
	}
	both.Wait()
	assert.ElementsMatch(t, []string{"", "persons-exist"}, codes)

	token, err := p.logIn("office.clerk", secret, "10.0.0.1")
	require.NoError(t, err)
	b := p.bearer(token)
	assert.Equal(t, "改革办经办", b.Name, "a demonstration's persons are called as their posts are")
	assert.Equal(t, []procedure.Post{"office/clerk", "district-a/clerk"}, b.Posts, "one login, two posts")
	token, err = p.logIn("auditor", secret, "10.0.0.1")
	require.NoError(t, err)
	assert.True(t, p.bearer(token).Auditor)

	links, err := p.FirstStart(ctx, p.now)
	require.NoError(t, err)
	assert.Empty(t, links, "who has a password needs no link")
}

func TestFirstStart(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	lost, err := p.FirstStart(ctx, p.now)
	require.NoError(t, err)
	require.Len(t, lost, 3)
	links, err := p.FirstStart(ctx, p.now)
	require.NoError(t, err)
	require.Len(t, links, 3, "until each was used")
	assert.Equal(t, "activation-invalid", p.code(p.Activate(ctx, p.hasher, p.profile, lost[0].Token, password, p.now)), "the latest links only")

	flags := func(b store.Bearer) [3]bool { return [3]bool{b.Administrator, b.Security, b.Auditor} }
	for i, link := range links {
		require.NoError(t, p.Activate(ctx, p.hasher, p.profile, link.Token, password, p.now))
		token, err := p.logIn(link.Login, password, "10.0.0.1")
		require.NoError(t, err)
		var want [3]bool
		want[i] = true
		b := p.bearer(token)
		assert.Equal(t, want, flags(b), link.Login)
		assert.NotEmpty(t, b.Name)
		assert.False(t, strings.HasPrefix(b.Name, "identity."), "the catalogue has the title")
	}
	links, err = p.FirstStart(ctx, p.now)
	require.NoError(t, err)
	assert.Empty(t, links)
	person, err := p.Persons(ctx, "secadmin", "", 1)
	require.NoError(t, err)
	assert.Equal(t, "安全管理员", person[0].Holdings[0].Title)
}
