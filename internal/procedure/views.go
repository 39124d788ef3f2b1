package procedure

import (
	"slices"
	"time"
)

// Resolve gives the posts roles stand for in the matter now, without doubles. "holder" stands for whoever the current
// stage waits on.
func (s *State) Resolve(roles []Role) []Post {
	return s.posts(roles, s.held(RunningLimit{}))
}

// Addressees gives the posts an alarm will speak to, as things stand.
func (s *State) Addressees(a Alarmed) []Post {
	def := definition(s, a.Limit)
	if def == nil || a.Alarm >= len(def.Alarms) {
		return nil
	}
	return s.posts(def.Alarms[a.Alarm].To, s.held(a.Limit))
}

// Open is the id of the round that is open now; empty where none is.
func Open(s *State) string {
	if p := s.polling(); p != nil && p.Phase == PollOpen {
		return p.Round.ID
	}
	return ""
}

// HasVoted reports whether word came that a unit voted in the current vote.
func HasVoted(s *State, unit string) bool {
	p := s.polling()
	return p != nil && slices.Contains(p.Voted, unit)
}

// Turns is when the clock next moves the current stage on if nobody does: a wait ends, a collection closes, a vote opens
// or ends; zero where it does not.
func Turns(s State) time.Time { return turns(&s) }

// WaitEnds is when the wait the matter is in ends by the clock; zero where it waits for something else, or for nothing.
func WaitEnds(s State) time.Time { return waitEnds(&s) }
