package api

import (
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one address may try to log in, whatever account it tries: an office of hundreds behind one address logs in
// within the first minutes of the day, and who sprays passwords over many accounts needs far more.
const (
	logInsRate    = 5   // a second
	logInsBurst   = 100 // at once
	addressesMost = 10_000
)

// logIns limits attempts by address. What is forgotten is an address that has its whole burst again.
type logIns struct {
	mu  sync.Mutex
	by  map[string]*rate.Limiter
	now func() time.Time
}

// allow says whether an attempt is heard.
func (l *logIns) allow(address string) bool {
	if ip := net.ParseIP(address); ip != nil && ip.IsLoopback() {
		return true // this machine's own
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	limiter, ok := l.by[address]
	if !ok {
		if len(l.by) >= addressesMost {
			l.forget(now)
		}
		limiter = rate.NewLimiter(logInsRate, logInsBurst)
		l.by[address] = limiter
	}
	return limiter.AllowN(now, 1)
}

func (l *logIns) forget(now time.Time) {
	for address, limiter := range l.by {
		if limiter.TokensAt(now) >= logInsBurst {
			delete(l.by, address)
		}
	}
	if len(l.by) >= addressesMost { // a flood from everywhere: start anew rather than grow
		clear(l.by)
	}
}
