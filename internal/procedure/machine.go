package procedure

import "time"

// Fold applies events in order.
func Fold(s State, events []Event) State {
	for _, e := range events {
		s = Apply(s, e)
	}
	return s
}

// Offer is an action as it stands for one actor: allowed, or refused with the reason and its article.
type Offer struct {
	Action     ActionName `json:"action"`
	Label      string     `json:"label,omitempty"` // the procedure's own wording, if it has one
	Assignment int64      `json:"assignment,omitempty"`
	To         []string   `json:"to,omitempty"` // return: the stages one may choose
	Refusal    *Refusal   `json:"refusal,omitempty"`
}

// Decide says whether the command may happen now and what follows from it. A *Refusal is the only error it returns.
func Decide(s State, c Command, now time.Time) ([]Event, error) {
	return nil, &Refusal{Code: "not-allowed-here"}
}

// Apply is the only way state changes. It never alters what the given state refers to.
func Apply(s State, e Event) State { return s }

// Elapse gives what the clock alone brings about by now, in order; empty when nothing is due.
func Elapse(s State, now time.Time) []Event { return nil }

// Wake names the next instant at which Elapse has something; zero when the clock asks for nothing.
func Wake(s State) time.Time { return time.Time{} }

// Offers says what the actor can do here now, and why not where one might expect it.
func Offers(s State, a Actor, now time.Time) []Offer { return nil }
