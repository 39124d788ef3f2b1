package identity_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/identity"
)

func TestHashAndVerify(t *testing.T) {
	ctx := t.Context()
	h := identity.NewHasher(2)
	hash, err := h.Hash(ctx, "Gaige-2026é")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
	again, err := h.Hash(ctx, "Gaige-2026é")
	require.NoError(t, err)
	assert.NotEqual(t, hash, again, "each hash has its salt")

	for name, row := range map[string]struct {
		hash, password string
		right          bool
	}{
		"the password":                    {hash, "Gaige-2026é", true},
		"the same characters, decomposed": {hash, "Gaige-2026e\u0301", true},
		"full-width forms of the same":    {hash, "Ｇａｉｇｅ－２０２６é", true},
		"another":                         {hash, "Gaige-2027é", false},
		"nothing":                         {hash, "", false},
		"a login nobody has":              {"", "Gaige-2026é", false},
	} {
		right, err := h.Verify(ctx, row.hash, row.password)
		require.NoError(t, err, name)
		assert.Equal(t, row.right, right, name)
	}
	for _, broken := range []string{"plain", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1$!$!", "$2a$10$abc"} {
		_, err := h.Verify(ctx, broken, "x")
		assert.Error(t, err, broken)
	}
}

func TestHasherHonoursItsContext(t *testing.T) {
	h := identity.NewHasher(1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Hash(ended, "x")
	assert.ErrorIs(t, err, context.Canceled)
	_, err = h.Verify(ended, "", "x")
	assert.ErrorIs(t, err, context.Canceled, "an unanswered check is no wrong password")

	var right atomic.Int32
	var all sync.WaitGroup
	hash, err := h.Hash(t.Context(), "x")
	require.NoError(t, err)
	for range 4 { // more than it takes at once: each has its turn
		all.Go(func() {
			if ok, err := h.Verify(t.Context(), hash, "x"); err == nil && ok {
				right.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 4, right.Load())
}

func TestProfiles(t *testing.T) {
	dengbao, ok := identity.ProfileOf(identity.ProfileDengbao)
	require.True(t, ok)
	asvs, ok := identity.ProfileOf(identity.ProfileASVS)
	require.True(t, ok)
	_, ok = identity.ProfileOf("none")
	assert.False(t, ok)

	for _, row := range []struct {
		password      string
		dengbao, asvs string
	}{
		{"Hb7-xQz", "password-short", "password-short"},
		{"Hb7-xQzw", "", "password-short"},
		{"hb7xqzwk", "password-classes", "password-short"},
		{"全面深化2026-a", "", "password-short"},
		{"a long phrase of plain words", "password-classes", ""},
		{"P@ssw0rd123", "password-common", "password-short"},
		{"Admin@123", "password-common", "password-short"},
		{"Abc123!Abc123!Abc123!", "password-common", "password-common"},
		{"x-Office.Director-9", "password-has-login", "password-has-login"},
		{"Tab\tinside-99-long", "password-characters", "password-characters"},
		{strings.Repeat("Aa1-", 33), "password-long", "password-long"},
	} {
		for profile, want := range map[*identity.Profile]string{&dengbao: row.dengbao, &asvs: row.asvs} {
			got := ""
			if refusal := profile.Check(row.password, "office.director"); refusal != nil {
				got = refusal.Code
				assert.True(t, refusal.Input)
			}
			assert.Equal(t, want, got, "%s: %q", profile.Key, row.password)
		}
	}

	set := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.False(t, dengbao.Expired(set, set.Add(90*24*time.Hour-time.Second)))
	assert.True(t, dengbao.Expired(set, set.Add(90*24*time.Hour)))
	assert.False(t, asvs.Expired(set, set.AddDate(10, 0, 0)))
}

func TestGeneratedPasswordsFitEveryProfile(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		password := identity.GeneratePassword()
		assert.False(t, seen[password])
		seen[password] = true
		for _, key := range []string{identity.ProfileDengbao, identity.ProfileASVS} {
			profile, _ := identity.ProfileOf(key)
			assert.Nil(t, profile.Check(password, "office.clerk"), password)
		}
	}
}

func TestTokens(t *testing.T) {
	token, digest := identity.NewToken()
	assert.Len(t, token, 43, "256 bits")
	got, ok := identity.TokenDigest(token)
	require.True(t, ok)
	assert.Equal(t, digest, got)
	other, _ := identity.NewToken()
	assert.NotEqual(t, token, other)
	for _, bad := range []string{"", "x", token + "A", token[:42], strings.Repeat("=", 43), strings.Repeat("é", 43)} {
		_, ok := identity.TokenDigest(bad)
		assert.False(t, ok, bad)
	}
}

func TestLockedUntil(t *testing.T) {
	last := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name     string
		failures identity.Failures
		wait     time.Duration // after the last failure; 0: none
	}{
		{"none", identity.Failures{}, 0},
		{"four", identity.Failures{Pair: 4, PairLast: last}, 0},
		{"five", identity.Failures{Pair: 5, PairLast: last}, 10 * time.Minute},
		{"six: heard again after the first lock", identity.Failures{Pair: 6, PairLast: last}, 0},
		{"ten", identity.Failures{Pair: 10, PairLast: last}, 20 * time.Minute},
		{"fifteen", identity.Failures{Pair: 15, PairLast: last}, 30 * time.Minute},
		{"fifty: no longer than half an hour", identity.Failures{Pair: 50, PairLast: last}, 30 * time.Minute},
		{"five known: known or not, the pair is locked", identity.Failures{Pair: 5, PairLast: last, Known: true}, 10 * time.Minute},
		{"nineteen from strangers", identity.Failures{Account: 19, AccountLast: last}, 0},
		{"twenty from strangers", identity.Failures{Account: 20, AccountLast: last}, time.Second},
		{"forty from strangers", identity.Failures{Account: 40, AccountLast: last}, 4 * time.Second},
		{"thousands from strangers", identity.Failures{Account: 5000, AccountLast: last}, 30 * time.Second},
		{"thousands from strangers, but a known address", identity.Failures{Account: 5000, AccountLast: last, Known: true}, 0},
		{"both: the longer", identity.Failures{Pair: 5, PairLast: last, Account: 5000, AccountLast: last}, 10 * time.Minute},
	} {
		until := row.failures.LockedUntil(last)
		if row.wait == 0 {
			assert.Zero(t, until, row.name)
			continue
		}
		assert.Equal(t, last.Add(row.wait), until, row.name)
		assert.Equal(t, until, row.failures.LockedUntil(until.Add(-1)), row.name)
		assert.Zero(t, row.failures.LockedUntil(until), row.name)
	}
}

// However an attacker fails, a person at a known address whose own attempts are right is heard at once; and no lock
// outlasts half an hour.
func TestNobodyLocksAnotherOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		last := now.Add(-time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "ago")))
		f := identity.Failures{
			Pair: rapid.IntRange(0, 100).Draw(t, "pair"), PairLast: last,
			Account: rapid.IntRange(0, 100_000).Draw(t, "account"), AccountLast: last,
			Known: rapid.Bool().Draw(t, "known"),
		}
		if until := f.LockedUntil(now); until.After(now.Add(30 * time.Minute)) {
			t.Fatalf("locked until %v", until)
		}
		f.Pair, f.Known = rapid.IntRange(0, 4).Draw(t, "own"), true
		if until := f.LockedUntil(now); !until.IsZero() {
			t.Fatalf("a known address with %d failures of its own waits until %v", f.Pair, until)
		}
	})
}
