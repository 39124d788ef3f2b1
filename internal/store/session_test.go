package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

func (p *people) later(d time.Duration) { p.now = p.now.Add(d) }

func TestSessionEnds(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	a := p.activate("a.person")
	good := func(token string) bool {
		_, err := p.Session(ctx, token, p.now)
		if err != nil {
			require.ErrorIs(t, err, store.ErrNotFound)
		}
		return err == nil
	}
	open := func() string {
		token, err := p.logIn("a.person", password, "10.0.0.1")
		require.NoError(t, err)
		require.True(t, good(token))
		return token
	}

	token := open()
	p.later(p.profile.Idle - time.Second)
	assert.True(t, good(token), "used in time")
	p.later(p.profile.Idle - time.Second)
	assert.True(t, good(token), "and again: each use counts")
	p.later(p.profile.Idle)
	assert.False(t, good(token), "unused for too long")
	p.later(-time.Minute)

	token = open()
	begun := p.now
	for p.now.Before(begun.Add(p.profile.Absolute - time.Minute)) {
		p.later(15 * time.Minute)
		if p.now.Before(begun.Add(p.profile.Absolute)) {
			require.True(t, good(token), "after %v", p.now.Sub(begun))
		}
	}
	assert.False(t, good(token), "however much it is used")

	first, second, third := open(), open(), open()
	sessions, err := p.Sessions(ctx, a, p.now)
	require.NoError(t, err)
	require.Len(t, sessions, 3)
	assert.Equal(t, "10.0.0.1", sessions[0].Address)
	b := p.bearer(first)
	assert.ErrorIs(t, p.EndSession(ctx, p.enter("b.person"), b.Session.ID, p.now), store.ErrNotFound, "another's")
	require.NoError(t, p.EndSession(ctx, a, b.Session.ID, p.now))
	assert.False(t, good(first))
	assert.ErrorIs(t, p.EndSession(ctx, a, b.Session.ID, p.now), store.ErrNotFound)
	assert.True(t, good(second) && good(third), "the others stay")

	token = open()
	require.NoError(t, p.SetDisabled(ctx, a, true, "admin", p.now))
	assert.False(t, good(token), "disabled: at once")
	_, err = p.logIn("a.person", password, "10.0.0.1")
	assert.Equal(t, "wrong-credentials", p.code(err), "and not told so")
	require.NoError(t, p.SetDisabled(ctx, a, false, "admin", p.now))
	assert.False(t, good(token), "let in again, but by logging in")
	open()

	for _, none := range []string{"", "x", token[:42] + "!"} {
		assert.False(t, good(none))
	}
}

// The last use is written at most once a minute.
func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	p := newPeople(t)
	p.activate("a.person")
	token, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	begun := p.now
	seen := func() time.Duration {
		var at time.Time
		p.bearer(token)
		require.NoError(t, p.Pool().QueryRow(t.Context(), `SELECT last_seen FROM session`).Scan(&at))
		return at.Sub(begun)
	}
	for _, row := range []struct{ after, seen time.Duration }{
		{59 * time.Second, 0}, {61 * time.Second, 61 * time.Second}, {120 * time.Second, 61 * time.Second}, {121 * time.Second, 121 * time.Second},
	} {
		p.now = begun.Add(row.after)
		assert.Equal(t, row.seen, seen(), "after %v", row.after)
	}
}

func TestSessionReflectsPostsAtOnce(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	a := p.activate("a.person")
	token, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	b := p.bearer(token)
	assert.Empty(t, b.Posts)
	assert.Equal(t, "a.person", b.Login)
	assert.Equal(t, a, b.Person)
	assert.True(t, p.now.Equal(b.PasswordSet))

	holding := p.assign(a, "office/director")
	b = p.bearer(token)
	assert.Equal(t, []procedure.Post{"office/director"}, b.Posts)
	assert.Equal(t, []string{"office"}, b.Units)
	assert.Equal(t, []string{"zibo"}, b.Oversees)
	require.NoError(t, p.EndHolding(ctx, a, holding, "security", p.now))
	assert.Empty(t, p.bearer(token).Posts)
	p.assign(a, identity.PostAuditor)
	assert.True(t, p.bearer(token).Auditor)
}

func TestLockout(t *testing.T) {
	p := newPeople(t)
	a := p.activate("a.person")
	var locked *identity.Locked
	for _, login := range []string{"a.person", "nobody.has.it"} { // nobody can tell them apart
		for i := range 5 {
			_, err := p.logIn(login, "wrong", "10.0.0.1")
			require.Equal(t, "wrong-credentials", p.code(err), "%s %d", login, i)
		}
		_, err := p.logIn(login, password, "10.0.0.1")
		require.ErrorAs(t, err, &locked, login)
		assert.True(t, locked.Until.Equal(p.now.Add(10*time.Minute)), "%s until %v", login, locked.Until)
	}
	_, err := p.logIn("a.person", password, "10.0.0.2")
	assert.NoError(t, err, "from elsewhere the account is open")

	p.later(10 * time.Minute)
	_, err = p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err, "heard again")
	for range 4 {
		_, err = p.logIn("a.person", "wrong", "10.0.0.1")
		require.Equal(t, "wrong-credentials", p.code(err), "what was right cleared what was before")
	}
	_, err = p.logIn("a.person", "wrong", "10.0.0.1")
	require.Equal(t, "wrong-credentials", p.code(err))
	_, err = p.logIn("a.person", password, "10.0.0.1")
	require.ErrorAs(t, err, &locked)
	require.NoError(t, p.Unlock(t.Context(), a, p.now))
	_, err = p.logIn("a.person", password, "10.0.0.1")
	assert.NoError(t, err)
}

// Guesses sent at once are each counted before they are checked: no more than five are heard.
func TestLockoutCountsGuessesSentAtOnce(t *testing.T) {
	p := newPeople(t)
	p.activate("a.person")
	var mu sync.Mutex
	var all sync.WaitGroup
	heard, locked := 0, 0
	for range 12 {
		all.Go(func() {
			_, err := p.logIn("a.person", "wrong", "10.0.0.1")
			mu.Lock()
			defer mu.Unlock()
			var turnedAway *identity.Locked
			if errors.As(err, &turnedAway) {
				locked++
			} else {
				heard++
			}
		})
	}
	all.Wait()
	assert.Equal(t, [2]int{5, 7}, [2]int{heard, locked})
}

func TestSlowDownFromManyAddresses(t *testing.T) {
	p := newPeople(t)
	p.activate("a.person")
	_, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	for i := range 20 {
		_, err := p.logIn("a.person", "wrong", fmt.Sprintf("192.0.2.%d", i))
		require.Equal(t, "wrong-credentials", p.code(err))
	}
	var locked *identity.Locked
	_, err = p.logIn("a.person", password, "198.51.100.1")
	require.ErrorAs(t, err, &locked, "a stranger waits")
	assert.True(t, locked.Until.Equal(p.now.Add(time.Second)))
	_, err = p.logIn("a.person", password, "10.0.0.1")
	assert.NoError(t, err, "the person does not")
	p.later(time.Second)
	_, err = p.logIn("a.person", password, "198.51.100.1")
	assert.NoError(t, err)
}

func TestActivation(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	created, err := p.CreatePerson(ctx, store.NewPerson{Login: "a.person", Name: "甲"}, "admin", p.now)
	require.NoError(t, err)
	_, err = p.logIn("a.person", "", "10.0.0.1")
	assert.Equal(t, "wrong-credentials", p.code(err), "no password is none")
	activate := func(token, password string) string {
		return p.code(p.Activate(ctx, p.hasher, p.profile, token, password, p.now))
	}
	assert.Equal(t, "activation-invalid", activate("x", password))
	assert.Equal(t, "password-short", activate(created.Token, "short"), "the link is still good")
	require.Empty(t, activate(created.Token, password))
	assert.Equal(t, "activation-invalid", activate(created.Token, password), "once")
	token, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)

	replaced, err := p.CreateActivation(ctx, created.Person, "admin", p.now)
	require.NoError(t, err)
	link, err := p.CreateActivation(ctx, created.Person, "admin", p.now)
	require.NoError(t, err)
	assert.Equal(t, "activation-invalid", activate(replaced.Token, "Other-2026-y"), "another took its place")
	p.bearer(token) // a link not used changes nothing
	assert.Equal(t, "password-used", activate(link.Token, password))
	p.now = link.Expires
	assert.Equal(t, "activation-expired", activate(link.Token, "Other-2026-y"))
	p.later(-time.Hour)
	token, err = p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	require.Empty(t, activate(link.Token, "Other-2026-y"))
	_, err = p.Session(ctx, token, p.now)
	assert.ErrorIs(t, err, store.ErrNotFound, "a new password ends the sessions")

	link, err = p.CreateActivation(ctx, created.Person, "admin", p.now)
	require.NoError(t, err)
	require.NoError(t, p.SetDisabled(ctx, created.Person, true, "admin", p.now))
	assert.Equal(t, "activation-invalid", activate(link.Token, "Third-2026-z"), "disabled")
}

// Of two who use a link at once exactly one sets the password.
func TestActivationOnceAtOnce(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	for round := range 5 {
		login := fmt.Sprintf("person.%d", round)
		created, err := p.CreatePerson(ctx, store.NewPerson{Login: login, Name: "甲"}, "admin", p.now)
		require.NoError(t, err)
		errs := make([]error, 2)
		passwords := []string{"First-2026-x", "Second-2026-y"}
		var both sync.WaitGroup
		for i := range errs {
			both.Go(func() { errs[i] = p.Activate(ctx, p.hasher, p.profile, created.Token, passwords[i], p.now) })
		}
		both.Wait()
		won := 0
		for i, err := range errs {
			_, loginErr := p.logIn(login, passwords[i], "10.0.0.1")
			if err == nil {
				won++
				assert.NoError(t, loginErr)
			} else {
				assert.Equal(t, "activation-invalid", p.code(err))
				assert.Equal(t, "wrong-credentials", p.code(loginErr))
			}
		}
		assert.Equal(t, 1, won)
	}
}

func TestChangePassword(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	a := p.activate("a.person")
	here, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	there, err := p.logIn("a.person", password, "10.0.0.2")
	require.NoError(t, err)
	change := func(current, next string) error {
		p.later(time.Second)
		return p.ChangePassword(ctx, p.hasher, p.profile, store.PasswordChange{Person: a, Session: p.bearer(here).Session.ID,
			Address: "10.0.0.1", Current: current, Password: next}, p.now)
	}
	assert.Equal(t, "password-wrong", p.code(change("wrong", "Other-2026-1")))
	assert.Equal(t, "password-classes", p.code(change(password, "otherother")))
	assert.Equal(t, "password-has-login", p.code(change(password, "A.person-2026")))
	p.bearer(there)
	require.NoError(t, change(password, "Other-2026-1"))
	p.bearer(here)
	_, err = p.Session(ctx, there, p.now)
	assert.ErrorIs(t, err, store.ErrNotFound, "the other sessions end")
	assert.True(t, p.bearer(here).PasswordSet.Equal(p.now))

	current := "Other-2026-1"
	for i := 2; i <= 5; i++ {
		assert.Equal(t, "password-used", p.code(change(current, password)), "one of the last five")
		next := fmt.Sprintf("Other-2026-%d", i)
		require.NoError(t, change(current, next))
		current = next
	}
	require.NoError(t, change(current, password), "the sixth last may come again")

	for range 5 { // guesses in a stolen session are locked out like any others
		assert.Equal(t, "password-wrong", p.code(change("guess", "Other-2026-9")))
	}
	var locked *identity.Locked
	assert.ErrorAs(t, change(password, "Other-2026-9"), &locked)
}

func TestPurgeIdentity(t *testing.T) {
	p := newPeople(t)
	ctx := t.Context()
	p.activate("a.person")
	token, err := p.logIn("a.person", password, "10.0.0.1")
	require.NoError(t, err)
	_, err = p.logIn("a.person", "wrong", "10.0.0.1")
	require.Error(t, err)
	count := func() (n int) {
		require.NoError(t, p.Pool().QueryRow(ctx, `SELECT (SELECT count(*) FROM login_failure) + (SELECT count(*) FROM session) + (SELECT count(*) FROM activation)`).Scan(&n))
		return n
	}
	before := count()
	require.NoError(t, p.PurgeIdentity(ctx, p.now.AddDate(0, 6, 0)))
	assert.Equal(t, before, count(), "half a year is kept")
	p.bearer(token)
	require.NoError(t, p.PurgeIdentity(ctx, p.now.AddDate(0, 7, 0)))
	assert.Zero(t, count())
}
