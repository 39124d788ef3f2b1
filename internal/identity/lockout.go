package identity

import "time"

// Failures are the failed attempts to log in that still count against an account, as one attempt from an address finds
// them. An account is a login as typed: one that nobody has is treated the same.
type Failures struct {
	Pair        int       // from this address, since it last succeeded
	PairLast    time.Time // the latest of them
	Account     int       // from addresses the account is not known at, in the last hour
	AccountLast time.Time
	Known       bool // the account logged in from this address not long ago
}

// The terms of the rule.
const (
	FailuresForget = 24 * time.Hour      // after which a pair's failure counts no longer
	FailuresHour   = time.Hour           // in which failures slow an account down
	AddressKnown   = 30 * 24 * time.Hour // since a log-in, that an address stays known to an account

	failuresLock = 5
	lockStep     = 10 * time.Minute
	lockMost     = 30 * time.Minute

	slowFrom = 20
	slowMost = 30 * time.Second
)

// LockedUntil gives the instant from which an attempt is heard again; zero when it is heard now.
//
// Every five failures lock the pair of account and address, for ten minutes, then twenty, then thirty. The account stays
// open from elsewhere, so nobody can lock another person out. Against guessing from many addresses, an account that
// failed twenty times within the hour hears strange addresses one at a time, a second apart at first and up to half a
// minute; the addresses its person uses are not slowed.
func (f Failures) LockedUntil(now time.Time) time.Time {
	until := time.Time{}
	if f.Pair > 0 && f.Pair%failuresLock == 0 {
		until = f.PairLast.Add(min(time.Duration(f.Pair/failuresLock)*lockStep, lockMost))
	}
	if !f.Known && f.Account >= slowFrom {
		pause := min(time.Second<<min((f.Account-slowFrom)/10, 10), slowMost)
		if slow := f.AccountLast.Add(pause); slow.After(until) {
			until = slow
		}
	}
	if until.After(now) {
		return until
	}
	return time.Time{}
}

// Locked says an attempt came too soon, and when the next one is heard.
type Locked struct{ Until time.Time }

func (l *Locked) Error() string { return "login-locked" }
