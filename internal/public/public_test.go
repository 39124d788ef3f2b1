package public

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"rsc.io/qr"

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

// A square's picture is the code itself, with its margin, as any reader of PNG sees it.
func TestSquares(t *testing.T) {
	var s squares
	for _, text := range []string{"https://duban.example/vote/first.vote.1/verify#2222-2222-2222", strings.Repeat("x", 400)} {
		address, width, err := s.draw(text)
		require.NoError(t, err)
		data, found := strings.CutPrefix(address, "data:image/png;base64,")
		require.True(t, found)
		file, err := base64.StdEncoding.DecodeString(data)
		require.NoError(t, err)
		drawn, err := png.Decode(bytes.NewReader(file))
		require.NoError(t, err)
		assert.Equal(t, image.Rect(0, 0, width, width), drawn.Bounds())
		code, err := qr.Encode(text, qr.M)
		require.NoError(t, err)
		assert.Equal(t, code.Size+8, width)
		for y := range width {
			for x := range width {
				grey, _, _, _ := drawn.At(x, y).RGBA()
				require.Equal(t, code.Black(x-4, y-4), grey == 0, "%d %d", x, y)
			}
		}
	}
	_, _, err := s.draw(strings.Repeat("x", 3000))
	assert.Error(t, err)
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
