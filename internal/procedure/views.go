package procedure

import (
	"encoding/json"
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

// UnderReview reports whether the current vote is closed and looked into before it is counted.
func UnderReview(s *State) bool {
	p := s.polling()
	return p != nil && p.Phase == PollReview
}

// Ending is what the matter that asked for this one is told of its end: the outcome, and of a completed one what is collected.
func Ending(s *State) Linked {
	parent := s.Spec.Parent
	told := Linked{Matter: s.Spec.Matter, Link: parent.Link, Title: s.Spec.Title, Ended: true, Outcome: s.Outcome, At: s.Closed}
	for _, field := range parent.Take {
		if value, ok := s.Form[field]; ok && s.Outcome == OutcomeCompleted {
			if told.Fields == nil {
				told.Fields = make(map[string]json.RawMessage, len(parent.Take))
			}
			told.Fields[field] = value
		}
	}
	return told
}

// Turns is when the clock next moves the current stage on if nobody does: a wait ends, a collection closes, a vote opens
// or ends; zero where it does not.
func Turns(s State) time.Time { return turns(&s) }

// WaitEnds is when the wait the matter is in ends by the clock; zero where it waits for something else, or for nothing.
func WaitEnds(s State) time.Time { return waitEnds(&s) }
