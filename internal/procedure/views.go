package procedure

import "time"

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

// WaitEnds is when the wait the matter is in ends by the clock; zero where it waits for something else, or for nothing.
func WaitEnds(s State) time.Time { return waitEnds(&s) }
