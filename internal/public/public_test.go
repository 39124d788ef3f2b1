package public

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
)

func TestGateway(t *testing.T) {
	status := http.StatusAccepted
	var got map[string]string
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&got))
		w.WriteHeader(status)
	}))
	defer gateway.Close()
	send := ToGateway(gateway.URL, "secret")
	require.NoError(t, send(t.Context(), "13800000000", "012345"))
	assert.Equal(t, "012345", got["code"])
	assert.Contains(t, got["text"], "012345")
	status = http.StatusInternalServerError
	assert.ErrorIs(t, send(t.Context(), "13800000000", "012345"), ErrGateway)
	gateway.Close()
	assert.ErrorIs(t, send(t.Context(), "13800000000", "012345"), ErrGateway)
}

// A code holds for the term it is made in and the next, for its number and its round only.
func TestCodes(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	key, other := identity.VoterKey("0123456789abcdef"), identity.VoterKey("fedcba9876543210")
	code := l.code(key, "13800000000")
	assert.Equal(t, codeRight, l.matches(key, "13800000000", " "+code))
	if l.code(key, "13800000001") != code {
		assert.Equal(t, codeWrong, l.matches(key, "13800000001", code))
	}
	if l.code(other, "13800000000") != code {
		assert.Equal(t, codeWrong, l.matches(other, "13800000000", code))
	}
	now = now.Add(codeTerm)
	assert.Equal(t, codeRight, l.matches(key, "13800000000", code))
	now = now.Add(codeTerm)
	assert.Equal(t, codeWrong, l.matches(key, "13800000000", code))
}

// Work done for one challenge buys one code, in time, from who gave the challenge.
func TestWork(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	l := newLimits(func() time.Time { return now })
	key := identity.VoterKey("0123456789abcdef")
	solve := func(challenge string) string {
		for n := 0; ; n++ {
			trial := newLimits(l.now)
			if solution := strings.Repeat("7", n%3) + time.Duration(n).String(); len(solution) <= 20 && trial.worked(key, challenge, solution) {
				return solution
			}
		}
	}
	challenge := l.challenge(key)
	solution := solve(challenge)
	assert.False(t, l.worked(identity.VoterKey("another"), challenge, solution))
	assert.False(t, l.worked(key, "9"+challenge, solution))
	assert.False(t, l.worked(key, "", solution))
	assert.True(t, l.worked(key, challenge, solution))
	assert.False(t, l.worked(key, challenge, solution), "once")
	late := l.challenge(key)
	solution = solve(late)
	now = now.Add(challengeTerm + time.Second)
	assert.False(t, l.worked(key, late, solution))
}
