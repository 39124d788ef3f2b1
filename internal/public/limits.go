package public

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"duban/internal/identity"
)

const (
	workBits      = 17               // leading zero bits asked for: some 130,000 hashes, a second of an old phone
	challengeTerm = 10 * time.Minute // a challenge holds so long
	codeTerm      = 10 * time.Minute // a code, and the token that goes with it, hold for the term they are made in and the next
	triesMost     = 5                // wrong codes with a token
	remembered    = 200_000          // entries of each kind at most
)

// Spend counts the uses of what a mark names, in every process together ([store.Store.Spend]).
type Spend func(ctx context.Context, mark []byte, ends time.Time) (times int, err error)

// limits holds back who asks too often or guesses. Numbers, addresses and tokens are known by tags only. What a process
// remembers is its own; what has to hold for all of them is spent.
type limits struct {
	now   func() time.Time
	spend Spend

	mu        sync.Mutex
	numbers   *bucket      // codes sent to them
	addresses *bucket      // that ask for codes
	wrong     *bucket      // addresses that send wrong codes
	tries     *recent[int] // wrong codes with each token
}

func newLimits(now func() time.Time, spend Spend) *limits {
	return &limits{now: now, spend: spend, numbers: newBucket(3*time.Minute, 2, remembered), addresses: newBucket(10*time.Second, 30, remembered),
		wrong: newBucket(30*time.Second, 30, remembered), tries: newRecent[int](2*codeTerm, remembered)}
}

// challenge is a text to work on.
func (l *limits) challenge(key identity.VoterKey) string {
	return seal(key, "challenge", "", l.now().Add(challengeTerm).Unix())
}

// worked says whether a challenge is ours, holds, is solved, and was not used before: SHA-256 of it, a colon and the
// solution begins with as many zero bits as are asked for.
func (l *limits) worked(ctx context.Context, key identity.VoterKey, challenge, solution string) (bool, error) {
	ends, own, ok := unseal(key, "challenge", "", challenge)
	if !ok || len(solution) > 20 || l.now().Unix() > ends {
		return false, nil
	}
	sum := sha256.Sum256([]byte(challenge + ":" + solution))
	if bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) < workBits {
		return false, nil
	}
	times, err := l.spend(ctx, own, time.Unix(ends, 0))
	return times == 1, err
}

// mayAsk says whether an address may ask for another code.
func (l *limits) mayAsk(key identity.VoterKey, address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addresses.take(from(key, address), l.now())
}

// maySend says whether a number may be sent another code.
func (l *limits) maySend(key identity.VoterKey, number string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.numbers.take(string(key.Trace("asked", number)), l.now())
}

// from is what stands for an address. Whoever has one of the new kind has 2⁶⁴ of them.
func from(key identity.VoterKey, address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		if prefix, err := ip.WithZone("").Prefix(64); err == nil {
			address = prefix.String()
		}
	}
	return string(key.Trace("address", address))
}

func termOf(at time.Time) int64 { return at.Unix() / int64(codeTerm/time.Second) }

// Token is given to whoever asks for a code for a number, and goes back with the code: without it none is accepted, so
// nobody guesses for numbers by the thousand, or uses up another's tries. It is bound to the round, the number and the term.
func Token(key identity.VoterKey, number string, at time.Time) string {
	return seal(key, "token", number, termOf(at))
}

// Code is the one-time code sent to a number with a token, empty if the token is not the number's. Those of a term are the
// same, so that it does not matter which message is read.
func Code(key identity.VoterKey, number, token string) string {
	term, _, ok := unseal(key, "token", number, token)
	if !ok {
		return ""
	}
	return codeOf(key, number, term)
}

func codeOf(key identity.VoterKey, number string, term int64) string {
	mac := key.Trace("code", number+"."+strconv.FormatInt(term, 10))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac)%1_000_000)
}

// codeMatch is what is to be said of a code: the key of a text, empty when it is right.
type codeMatch string

const (
	codeRight   codeMatch = ""
	codeUnasked codeMatch = "code-unasked" // nobody asked for it here, or too long ago
	codeWrong   codeMatch = "code-wrong"
	codeLocked  codeMatch = "code-locked"  // too many wrong ones: not even the right one is taken with this token
	codeCrowded codeMatch = "code-crowded" // too many wrong ones from the address: a token's first try is all that is heard
)

func (m codeMatch) status() int {
	if m == codeLocked || m == codeCrowded {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// match says whether a code is the number's, with the token it was given.
func (l *limits) match(ctx context.Context, key identity.VoterKey, number, token, code, address string) codeMatch {
	now := l.now()
	term, own, ok := unseal(key, "token", number, token)
	if !ok || term < termOf(now)-1 {
		return codeUnasked
	}
	who := from(key, address)
	if said := l.judge(key, number, code, term, own, who, now); said != codeWrong {
		return said
	}
	times, err := l.spend(ctx, own, now.Add(2*codeTerm))
	if err != nil {
		return codeWrong // this process has counted it
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	tries := l.tries.of(string(own), now)
	*tries = max(*tries, times)
	return codeWrong
}

// judge judges a code by what this process knows, and counts it if it is wrong.
func (l *limits) judge(key identity.VoterKey, number, code string, term int64, own []byte, who string, now time.Time) codeMatch {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch tries := l.tries.known(string(own)); {
	case tries >= triesMost:
		return codeLocked
	case tries > 0 && !l.wrong.has(who, now):
		return codeCrowded
	}
	for _, t := range []int64{term, term - 1} { // a message may come after the next was asked for
		if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(code)), []byte(codeOf(key, number, t))) == 1 {
			return codeRight
		}
	}
	*l.tries.of(string(own), now)++
	l.wrong.take(who, now)
	return codeWrong
}
