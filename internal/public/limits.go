package public

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"duban/internal/identity"
)

const (
	workBits      = 17               // leading zero bits asked for: some 130,000 hashes, a second of an old phone
	challengeTerm = 10 * time.Minute // a challenge holds so long
	codeTerm      = 10 * time.Minute // a code holds for the term it is made in and the next
	triesMost     = 5                // wrong codes for a number in a term
	remembered    = 200_000          // entries of each kind at most
)

// limits holds back who asks too often, for one process: numbers and addresses are known by tags only. A code needs no
// memory: it follows from the round's key, the number and the time.
type limits struct {
	now func() time.Time

	mu    sync.Mutex
	term  int64
	tries map[string]int // wrong codes by number, in this term
	used  map[string]bool
	asked map[string]*rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	l := &limits{now: now}
	l.forget(0)
	return l
}

func (l *limits) forget(term int64) {
	l.term, l.tries, l.used, l.asked = term, map[string]int{}, map[string]bool{}, map[string]*rate.Limiter{}
}

// turn forgets what belongs to terms gone by, or is too much to keep. The mutex is held.
func (l *limits) turn() int64 {
	term := l.now().Unix() / int64(codeTerm/time.Second)
	if term != l.term || len(l.used) > remembered || len(l.tries) > remembered || len(l.asked) > remembered {
		l.forget(term)
	}
	return term
}

// challenge is a text to work on: its end, something random, and what shows that it is ours.
func (l *limits) challenge(key identity.VoterKey) string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails: the program ends instead
	text := strconv.FormatInt(l.now().Add(challengeTerm).Unix(), 10) + "." + hex.EncodeToString(random[:])
	return text + "." + hex.EncodeToString(key.Trace("challenge", text))
}

// worked says whether a challenge is ours, holds, was not used before, and is solved: SHA-256 of it, a colon and the
// solution begins with as many zero bits as are asked for.
func (l *limits) worked(key identity.VoterKey, challenge, solution string) bool {
	at := strings.LastIndexByte(challenge, '.')
	if at < 0 || len(challenge) > 100 || len(solution) > 20 {
		return false
	}
	text := challenge[:at]
	own := hex.EncodeToString(key.Trace("challenge", text))
	ends, err := strconv.ParseInt(text[:max(0, strings.IndexByte(text, '.'))], 10, 64)
	if err != nil || subtle.ConstantTimeCompare([]byte(own), []byte(challenge[at+1:])) != 1 || l.now().Unix() > ends {
		return false
	}
	sum := sha256.Sum256([]byte(challenge + ":" + solution))
	if bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) < workBits {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	fresh := !l.used[challenge]
	l.used[challenge] = true
	return fresh
}

// mayAsk says whether a number, and an address, may be sent another code: two at once and one every three minutes for a
// number, thirty at once and one every ten seconds for an address.
func (l *limits) mayAsk(key identity.VoterKey, number, address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn()
	return l.allow("n"+string(key.Trace("asked", number)), 3*time.Minute, 2) && l.allow("a"+string(key.Trace("address", address)), 10*time.Second, 30)
}

func (l *limits) allow(who string, every time.Duration, burst int) bool {
	limiter := l.asked[who]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Every(every), burst)
		l.asked[who] = limiter
	}
	return limiter.AllowN(l.now(), 1)
}

// code is a number's code in this term.
func (l *limits) code(key identity.VoterKey, number string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return codeOf(key, number, l.turn())
}

// Code is the one-time code sent to a number at an instant.
func Code(key identity.VoterKey, number string, at time.Time) string {
	return codeOf(key, number, at.Unix()/int64(codeTerm/time.Second))
}

func codeOf(key identity.VoterKey, number string, term int64) string {
	mac := key.Trace("code", number+"."+strconv.FormatInt(term, 10))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac)%1_000_000)
}

type codeMatch int

const (
	codeRight codeMatch = iota
	codeWrong
	codeLocked // too many wrong ones: not even the right one is taken until the term is over
)

func (l *limits) matches(key identity.VoterKey, number, code string) codeMatch {
	code = strings.TrimSpace(code)
	who := string(key.Trace("tries", number))
	l.mu.Lock()
	defer l.mu.Unlock()
	term := l.turn()
	if l.tries[who] >= triesMost {
		return codeLocked
	}
	for _, t := range []int64{term, term - 1} {
		if subtle.ConstantTimeCompare([]byte(code), []byte(codeOf(key, number, t))) == 1 {
			return codeRight
		}
	}
	l.tries[who]++
	return codeWrong
}
