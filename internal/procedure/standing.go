package procedure

import (
	"slices"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
)

// Standing says in one plain sentence where a matter stands: what it waits for, on whom, since or until when. Name gives a
// post as its reader knows it.
func Standing(s State, name func(Post) string) string {
	say := func(key string, args map[string]any) string { return message.Text("standing."+key, args) }
	list := func(posts []Post) string {
		names := make([]string, len(posts))
		for i, post := range posts {
			names[i] = name(post)
		}
		return strings.Join(names, say("and", nil))
	}
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	switch {
	case s.Stage == "":
		return say("not-started", nil)
	case s.Stage == Closed:
		args := map[string]any{"at": civil(s.Closed), "outcome": say("outcome."+string(s.Outcome), nil), "who": list(s.waiting(DutySign))}
		if len(s.Assignments) > 0 {
			return say("closed-unsigned", args)
		}
		return say("closed", args)
	case !ok:
		return s.Stage
	case s.Suspended != nil:
		return say("suspended", map[string]any{"stage": stage.Title, "since": civil(s.Suspended.Since), "by": name(s.Suspended.By), "reason": s.Suspended.Reason})
	case stage.Kind == KindGate:
		return say("gate", map[string]any{"stage": stage.Title, "reason": stage.Gate.Reason})
	case stage.Kind == KindWait:
		if at := waitEnds(&s); !at.IsZero() {
			return say("wait-until", map[string]any{"stage": stage.Title, "at": civil(at)})
		}
		open := 0
		for _, l := range s.Links {
			if l.Link == stage.Wait.Link && !l.Ended {
				open++
			}
		}
		return say("wait", map[string]any{"stage": stage.Title, "n": open})
	}
	args := map[string]any{"stage": stage.Title, "who": list(s.waiting(DutyAct)), "since": civil(s.Entered)}
	var due time.Time
	for _, l := range s.Limits {
		if l.Stage == s.Stage && l.Slip == 0 && (due.IsZero() || l.Due.At.Before(due)) {
			due = l.Due.At
		}
	}
	key := "act"
	if len(s.waiting(DutyAct)) == 0 {
		key = "busy"
	}
	if due.IsZero() {
		return say(key, args)
	}
	args["due"] = civil(due)
	return say(key+"-until", args)
}

// waiting lists the posts that have such a duty to do now.
func (s *State) waiting(duty Duty) []Post {
	var posts []Post
	for _, a := range s.Assignments {
		if a.Duty == duty && !a.Waits && !slices.Contains(posts, a.Post) {
			posts = append(posts, a.Post)
		}
	}
	return posts
}

// civil writes an instant as a reader in Beijing time would.
func civil(t time.Time) string { return t.In(calendar.Shanghai).Format("2006年1月2日15:04") }
