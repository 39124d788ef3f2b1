package faults

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Attempt is what a client asked for under one key, and what it was told in the end.
type Attempt struct {
	Key     string
	Login   string
	Matter  string // empty: it starts one, until it is known which
	Action  string
	Start   bool
	Outcome Outcome
	Left    bool     // the client went away before it was answered
	Code    string   // of the refusal
	Told    []string // every answer, or why there was none
}

// Outcome is what an attempt came to.
type Outcome string

// The outcomes. Unknown stays where a client left, or was never answered.
const (
	Unknown Outcome = ""
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Ledger is what the clients asked for and were told, kept apart from everything that is examined.
type Ledger struct {
	mu       sync.Mutex
	attempts map[string]*Attempt
	wrong    []string // answers that contradict one another, or that nobody should ever get
	sent     chan struct{}
}

// NewLedger is an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{attempts: map[string]*Attempt{}, sent: make(chan struct{})}
}

// Attempts are all there were, by key.
func (l *Ledger) Attempts() map[string]*Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.attempts)
}

// Wrong are the answers nobody should have got.
func (l *Ledger) Wrong() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.wrong)
}

func (l *Ledger) begin(a *Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts[a.Key] = a
}

func (l *Ledger) tell(a *Attempt, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.Told = append(a.Told, what)
}

// settle notes an outcome. The same key never has two.
func (l *Ledger) settle(a *Attempt, outcome Outcome, code, matter string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case a.Outcome == Unknown:
		a.Outcome, a.Code = outcome, code
		if outcome == Done {
			a.Matter = matter
		}
	case a.Outcome != outcome, a.Code != code, outcome == Done && a.Matter != matter:
		l.wrong = append(l.wrong, fmt.Sprintf("%s by %s was told %s %q of %s, then %s %q of %s: %v",
			a.Key, a.Login, a.Outcome, a.Code, a.Matter, outcome, code, matter, a.Told))
	}
}

func (l *Ledger) leave(a *Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.Left = a.Outcome == Unknown
}

func (l *Ledger) complain(a *Attempt, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf("%s by %s (%s): %s", a.Key, a.Login, a.Action, what))
}

// sending lets whoever waits know that a command is under way now.
func (l *Ledger) sending() {
	select {
	case l.sent <- struct{}{}:
	default:
	}
}

// Sent yields while commands are being sent.
func (l *Ledger) Sent() <-chan struct{} { return l.sent }
