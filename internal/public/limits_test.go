package public

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
)

// desk is what the processes of a platform share: the clock, and what is spent.
type desk struct {
	now   time.Time
	spent map[string]int
	away  error
}

func newDesk() *desk {
	return &desk{now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), spent: map[string]int{}}
}

// process is one of them, just started.
func (d *desk) process() *limits {
	return newLimits(func() time.Time { return d.now }, func(_ context.Context, mark []byte, _ time.Time) (int, error) {
		if d.away != nil {
			return 0, d.away
		}
		d.spent[string(mark)]++
		return d.spent[string(mark)], nil
	})
}

const (
	voter    = "13800000000"
	stranger = "13900000000"
	here     = "198.51.100.1"
	there    = "198.51.100.2"
)

var key, otherKey = identity.VoterKey("0123456789abcdef"), identity.VoterKey("fedcba9876543210")

// other is another code than this.
func other(code string) string {
	if code == "000000" {
		return "111111"
	}
	return "000000"
}

// A code holds for the term it is made in and the next, for its number and its round, in every process, with a token that
// was given for them.
func TestCodes(t *testing.T) {
	d := newDesk()
	match := func(key identity.VoterKey, number, token, code string) codeMatch {
		return d.process().match(t.Context(), key, number, token, code, here)
	}
	token := Token(key, voter, d.now)
	code := Code(key, voter, token)
	require.Len(t, code, 6)
	assert.Empty(t, Code(key, stranger, token))
	assert.Equal(t, codeRight, match(key, voter, token, " "+code))
	assert.Equal(t, codeRight, match(key, voter, Token(key, voter, d.now), code), "with the token of another message")
	assert.Equal(t, codeWrong, match(key, voter, token, other(code)))
	assert.Equal(t, codeUnasked, match(key, voter, "", code))
	assert.Equal(t, codeUnasked, match(key, voter, "9"+token, code), "a term of one's own")
	assert.Equal(t, codeUnasked, match(key, stranger, token, Code(key, stranger, Token(key, stranger, d.now))), "another number")
	assert.Equal(t, codeUnasked, match(otherKey, voter, token, Code(otherKey, voter, Token(otherKey, voter, d.now))), "another round")
	d.now = d.now.Add(codeTerm)
	assert.Equal(t, codeRight, match(key, voter, token, code))
	assert.Equal(t, codeRight, match(key, voter, Token(key, voter, d.now), code), "the message came after the next was asked for")
	d.now = d.now.Add(codeTerm)
	assert.Equal(t, codeUnasked, match(key, voter, token, code))
	assert.Equal(t, codeUnasked, match(key, voter, token, Code(key, voter, Token(key, voter, d.now))))
}

// Who guesses for numbers they asked no code for gets nothing, not even with the right one, and uses nothing up.
func TestGuessingAcrossNumbers(t *testing.T) {
	d := newDesk()
	l, own := d.process(), Token(key, stranger, d.now)
	for n := range 2000 {
		number := "138" + strconv.Itoa(10_000_000+n)
		right := Code(key, number, Token(key, number, d.now))
		for _, token := range []string{"", own, Token(otherKey, number, d.now)} {
			require.Equal(t, codeUnasked, l.match(t.Context(), key, number, token, right, there), number)
		}
	}
	assert.Empty(t, d.spent)
	assert.Empty(t, l.tries.entries)
}

// Wrong codes are counted with a token, in all processes together: who asks for another's number has few tries, and takes
// none away from whose it is.
func TestWrongCodesAreCountedByToken(t *testing.T) {
	d := newDesk()
	first, second := d.process(), d.process()
	guessed := Token(key, voter, d.now) // asked for by a stranger
	code := Code(key, voter, guessed)
	for range triesMost - 1 {
		require.Equal(t, codeWrong, first.match(t.Context(), key, voter, guessed, other(code), there))
	}
	require.Equal(t, codeWrong, second.match(t.Context(), key, voter, guessed, other(code), there))
	assert.Equal(t, codeLocked, second.match(t.Context(), key, voter, guessed, code, there), "counted where it was not sent")
	assert.Equal(t, codeRight, second.match(t.Context(), key, voter, Token(key, voter, d.now), code, here), "whose number it is votes all the same")

	d.away = errors.New("away")
	alone, token := d.process(), Token(key, voter, d.now)
	for range triesMost {
		require.Equal(t, codeWrong, alone.match(t.Context(), key, voter, token, other(code), there))
	}
	assert.Equal(t, codeLocked, alone.match(t.Context(), key, voter, token, code, there), "without the database each process counts for itself")
}

// An address that sent too many wrong codes is heard once for each code it asked for; others are not concerned.
func TestWrongCodesAreCountedByAddress(t *testing.T) {
	d := newDesk()
	l := d.process()
	for range l.wrong.burst {
		token := Token(key, stranger, d.now)
		require.Equal(t, codeWrong, l.match(t.Context(), key, stranger, token, "x", "2001:db8::1"))
	}
	token := Token(key, voter, d.now)
	code := Code(key, voter, token)
	assert.Equal(t, codeWrong, l.match(t.Context(), key, voter, token, other(code), "2001:db8::2"))
	assert.Equal(t, codeCrowded, l.match(t.Context(), key, voter, token, code, "2001:db8::3"))
	assert.Equal(t, codeRight, l.match(t.Context(), key, voter, token, code, "2001:db8:0:1::1"))
	assert.Equal(t, codeRight, l.match(t.Context(), key, voter, Token(key, voter, d.now), code, "2001:db8::2"), "a neighbour of who guesses votes")
	d.now = d.now.Add(l.wrong.every)
	assert.Equal(t, codeRight, l.match(t.Context(), key, voter, token, code, "2001:db8::3"))
}

// Codes are sent to a number, and asked for by an address, so often and no more.
func TestAskingForCodes(t *testing.T) {
	d := newDesk()
	l := d.process()
	assert.True(t, l.maySend(key, voter))
	assert.True(t, l.maySend(key, voter), "a second message")
	assert.False(t, l.maySend(key, voter))
	assert.True(t, l.maySend(key, stranger))
	d.now = d.now.Add(l.numbers.every)
	assert.True(t, l.maySend(key, voter))
	assert.False(t, l.maySend(key, voter))
	for range l.addresses.burst {
		assert.True(t, l.mayAsk(key, there))
	}
	assert.False(t, l.mayAsk(key, there))
	assert.True(t, l.mayAsk(key, here))
}

// Entries go by age, one by one: a flood of new ones does not make anybody else's limits be forgotten.
func TestEntriesAreForgottenByAge(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	b := newBucket(time.Minute, 1, 100)
	for n := range 100 {
		require.True(t, b.take(strconv.Itoa(n), now))
	}
	require.False(t, b.take("99", now))
	for n := range 50 {
		require.True(t, b.take("new "+strconv.Itoa(n), now))
	}
	assert.Len(t, b.full.entries, 100)
	assert.Equal(t, 100, b.full.order.Len())
	for n := 50; n < 100; n++ {
		assert.False(t, b.take(strconv.Itoa(n), now), "%d is not among the oldest", n)
	}
	assert.True(t, b.take("0", now), "the oldest made room")
	now = now.Add(time.Minute + 1)
	assert.True(t, b.take("99", now))
	assert.Len(t, b.full.entries, 1, "all others are full again")
}

// Work done for one challenge buys one code, in time, from who gave the challenge, in one process of all.
func TestWork(t *testing.T) {
	d := newDesk()
	worked := func(key identity.VoterKey, challenge, solution string) bool {
		ok, err := d.process().worked(t.Context(), key, challenge, solution)
		require.NoError(t, err)
		return ok
	}
	solve := func(challenge string) string {
		trial := &desk{now: d.now}
		for n := 0; ; n++ {
			trial.spent = map[string]int{}
			if ok, _ := trial.process().worked(t.Context(), key, challenge, strconv.Itoa(n)); ok {
				return strconv.Itoa(n)
			}
		}
	}
	challenge := d.process().challenge(key)
	solution := solve(challenge)
	assert.False(t, worked(otherKey, challenge, solution))
	assert.False(t, worked(key, "9"+challenge, solution))
	assert.False(t, worked(key, "", solution))
	assert.False(t, worked(key, challenge, strings.Repeat("7", 21)))
	assert.True(t, worked(key, challenge, solution))
	assert.False(t, worked(key, challenge, solution), "once")
	late := d.process().challenge(key)
	solution = solve(late)
	d.away = errors.New("away")
	_, err := d.process().worked(t.Context(), key, late, solution)
	assert.ErrorIs(t, err, d.away, "whether it was used is not known")
	d.away, d.now = nil, d.now.Add(challengeTerm+time.Second)
	assert.False(t, worked(key, late, solution))
}
