package api

import (
	"slices"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// next says what the matter waits for now.
func (v *view) next() Upcoming {
	s := v.state
	stage, ok := v.p.Stage(s.Stage)
	switch {
	case s.Stage == procedure.Closed:
		if who := v.waiting(procedure.DutySign); len(who) > 0 {
			said, all := v.s.words.postsBriefly(who)
			return Upcoming{What: "sign", Sentence: say("next.sign", map[string]any{"who": said}), Posts: all}
		}
		return Upcoming{What: "closed", Sentence: say("next.closed", nil)}
	case s.Suspended != nil:
		return Upcoming{What: "act", Sentence: say("next.suspended", map[string]any{"who": v.s.words.post(s.Suspended.By)})}
	case !ok:
		return Upcoming{Sentence: stageTitle(v.p, s.Stage)}
	}
	who, all := v.s.words.postsBriefly(v.waiting(procedure.DutyAct))
	up := Upcoming{What: "act", Source: stage.Source}
	args := map[string]any{"who": who, "stage": stageTitle(v.p, s.Stage)}
	switch stage.Kind {
	case procedure.KindEnact:
		up.What, up.Sentence = "wait", say("next.enact", args)
	case procedure.KindGate:
		args["reason"] = stage.Gate.Reason
		up.Sentence = say("next.gate", args)
	case procedure.KindWait:
		up.What, up.At = "wait", procedure.WaitEnds(*s)
		if up.At.IsZero() {
			up.Sentence = say("next.wait", nil)
		} else {
			up.Sentence = say("next.wait-until", map[string]any{"at": civil(up.At)})
		}
	case procedure.KindCollect, procedure.KindPoll, procedure.KindDraw:
		up.What, up.At = "wait", procedure.Turns(*s)
		key := "next." + string(stage.Kind)
		if !up.At.IsZero() {
			key, args["at"] = key+"-until", civil(up.At)
		}
		if procedure.UnderReview(s) {
			key = "next.poll-review"
		}
		up.Sentence = say(key, args)
	default:
		up.Posts = all
		for _, l := range s.Limits {
			if l.Stage == s.Stage && l.Slip == 0 && (up.At.IsZero() || l.Due.At.Before(up.At)) {
				up.At = l.Due.At
			}
		}
		if up.At.IsZero() {
			up.Sentence = say("next.act", args)
		} else {
			args["due"] = civil(up.At)
			up.Sentence = say("next.act-until", args)
		}
	}
	return up
}

// waiting lists the posts that have such a duty to do now.
func (v *view) waiting(duty procedure.Duty) []procedure.Post {
	var posts []procedure.Post
	for _, a := range v.state.Assignments {
		if a.Duty == duty && !a.Waits && !slices.Contains(posts, a.Post) {
			posts = append(posts, a.Post)
		}
	}
	return posts
}

// ahead says what the clock will do if nobody acts.
func (v *view) ahead() []Upcoming {
	coming := []Upcoming{}
	if v.state.Suspended != nil || v.state.Stage == "" {
		return coming
	}
	for _, l := range v.state.Limits {
		if l.Due.At.After(v.now) {
			rule, _ := v.state.Rule(l)
			coming = append(coming, Upcoming{At: l.Due.At, What: "due", Source: rule.Source,
				Sentence: say("future.due", map[string]any{"at": civil(l.Due.At), "limit": limitTitle(v.p, l, rule)})})
		}
	}
	for _, a := range procedure.Alarms(*v.state) {
		rule, ok := v.state.Rule(a.Limit)
		if !ok {
			continue
		}
		alarm := rule.Alarms[a.Alarm]
		at := a.At
		if at.Before(v.now) { // it rings as soon as the clock is looked at
			at = v.now
		}
		posts := v.state.Addressees(a)
		to, all := v.s.words.postsBriefly(posts)
		if len(posts) == 0 { // nobody's turn now, as while it waits for a day: whoever's it is then
			to = say("future.whoever", nil)
		}
		args := map[string]any{"at": civil(at), "to": to, "limit": limitTitle(v.p, a.Limit, rule), "slip": v.slipTitle(alarm.Slip)}
		source := alarm.Source
		if source == "" {
			source = rule.Source
		}
		coming = append(coming, Upcoming{At: at, What: string(alarm.Do), Source: source, Posts: all, Sentence: say("future."+string(alarm.Do), args)})
	}
	if at := procedure.WaitEnds(*v.state); !at.IsZero() {
		coming = append(coming, Upcoming{At: at, What: "wait", Sentence: say("future.wait", map[string]any{"at": civil(at)})})
	}
	if stage, ok := v.p.Stage(v.state.Stage); ok && len(coming) == 0 && stage.Kind == procedure.KindTask {
		coming = append(coming, Upcoming{What: "stays", Sentence: say("future.stays", map[string]any{"stage": stage.Title})})
	}
	slices.SortStableFunc(coming, func(a, b Upcoming) int { return a.At.Compare(b.At) })
	return coming[:min(len(coming), upcomingMost)]
}

func (v *view) slipTitle(kind string) string {
	if slip, ok := v.p.Slip(kind); ok {
		return slip.Title
	}
	return kind
}

func actionText(action procedure.ActionName) string {
	return message.Text("actions."+string(action), nil)
}

// provisional is the word that a due rests on days no notice settles yet.
func provisional(is bool) string {
	if is {
		return message.Text("events.provisional", nil)
	}
	return ""
}

// explanation is why a limit falls on its day.
func (v *view) explanation(l procedure.RunningLimit) LimitExplanation {
	rule, _ := v.state.Rule(l)
	e := LimitExplanation{ID: l.Limit, Title: limitTitle(v.p, l, rule), Authority: v.s.words.authority(v.row.Rulebook, rule.Authority),
		From: l.Due.From, Due: l.Due.At, Term: term(v.p, &rule), Provisional: l.Due.Provisional, Days: []Day{}}
	args := map[string]any{"from": civilDay(l.Due.From), "term": e.Term, "due": civil(l.Due.At), "provisional": provisional(l.Due.Provisional)}
	if rule.Within == nil {
		e.Sentence = say("explain.day", args)
		return e
	}
	e.Sentence = say("explain.term", args)
	if l.Due.Granted > 0 {
		e.Sentence += say("explain.granted", map[string]any{"days": l.Due.Granted})
	}
	pauses := v.state.Pauses
	within := *rule.Within
	for _, d := range v.state.Calendar.Explain(l.Due.From, within, pauses...) {
		e.Days = append(e.Days, day(d))
	}
	e.Days = append(e.Days, v.granted(l, within)...)
	return e
}

// granted are the days from the rule's own due to the one granted.
func (v *view) granted(l procedure.RunningLimit, within calendar.Duration) []Day {
	if l.Due.Granted == 0 {
		return nil
	}
	var days []Day
	own := v.state.Calendar.Deadline(l.Due.From, within, v.state.Pauses...).At
	for _, d := range v.state.Calendar.Explain(own, calendar.Duration{N: l.Due.Granted, Unit: calendar.Workdays}, v.state.Pauses...)[1:] {
		days = append(days, day(d))
	}
	return days
}
