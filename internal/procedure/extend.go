package procedure

import (
	"slices"

	"duban/internal/calendar"
)

// askExtension asks for more time, before the term is over.
func (d *draft) askExtension(c Command) error {
	stage := d.stage()
	rule := stage.Extend
	if rule == nil {
		return d.notHere(stage, c.Action)
	}
	if stage.Kind == KindPoll {
		return d.postpone(stage, c)
	}
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	limits := d.extensible(stage)
	switch {
	case len(limits) == 0:
		return d.notHere(stage, c.Action)
	case d.at.After(limits[0].Due.At):
		return &Refusal{Code: "too-late-to-ask", Authority: rule.Authority}
	case d.s.Extensions[stage.Key] >= rule.Times:
		return &Refusal{Code: "extended-enough", Authority: rule.Authority, Args: map[string]any{"times": rule.Times}}
	case slices.ContainsFunc(d.s.Assignments, func(o Assignment) bool { return o.Duty == DutyGrant }):
		return &Refusal{Code: "already-asked", Authority: rule.Authority}
	case c.Opinion == "":
		return &Refusal{Code: "reason-required", Authority: rule.Authority, Input: true}
	case c.Days <= 0:
		return &Refusal{Code: "days-required", Authority: rule.Authority, Input: true, Args: map[string]any{"max": rule.Max.N}}
	}
	if err := d.within(rule, limits[0], c.Days); err != nil {
		return err
	}
	by := d.s.posts(rule.By, []Post{a.Post})
	if len(by) == 0 {
		return &Refusal{Code: "nobody-to-act", Authority: rule.Authority, Args: map[string]any{"stage": stage.Title}}
	}
	d.act(c, a, func(b *Acted) { b.Days = c.Days })
	for _, post := range by {
		d.emit(AssignmentOpened{Assignment: d.id(), Stage: stage.Key, Post: post, Duty: DutyGrant, Limit: limits[0].Limit,
			For: a.Assignment, Days: c.Days})
	}
	return nil
}

// within refuses more time than one extension may give.
func (d *draft) within(rule *Extension, l RunningLimit, days int) error {
	if d.s.extended(l.Due, days).At.After(d.s.Calendar.Deadline(l.Due.At, rule.Max).At) {
		return &Refusal{Code: "too-much-time", Authority: rule.Authority, Input: true, Args: map[string]any{"max": rule.Max.Chinese()}}
	}
	return nil
}

// extensible are the stage's running terms.
func (d *draft) extensible(stage *Stage) []RunningLimit {
	var limits []RunningLimit
	for _, l := range d.s.Limits {
		if l.Stage == stage.Key {
			limits = append(limits, l)
		}
	}
	return limits
}

// answerExtension grants or denies the time asked for; a grant may give fewer days.
func (d *draft) answerExtension(c Command) error {
	stage := d.stage()
	a, err := d.mine(c, DutyGrant)
	if err != nil {
		return err
	}
	days := a.Days
	if c.Days > 0 {
		days = c.Days
	}
	limits := d.extensible(stage)
	switch {
	case c.Action == ActionDenyExtension && c.Opinion == "":
		return &Refusal{Code: "reason-required", Authority: stage.Authority, Input: true}
	case c.Action == ActionDenyExtension:
		d.act(c, a, nil)
	case len(limits) == 0 || stage.Extend == nil:
		return &Refusal{Code: "already-handled"}
	default:
		if err := d.within(stage.Extend, limits[0], days); err != nil {
			return err
		}
		d.act(c, a, func(b *Acted) { b.Days = days })
		for _, l := range limits {
			d.emit(LimitMoved{Limit: l.Limit, Due: d.s.extended(l.Due, days), Why: "extension"})
		}
	}
	for _, o := range d.s.Assignments {
		if o.Duty == DutyGrant {
			how := EndedNotNeeded
			if o.Assignment == a.Assignment {
				how = EndedDone
			}
			d.emit(AssignmentClosed{Assignment: o.Assignment, How: how})
		}
	}
	return nil
}

// extended is a due so many working days later.
func (s *State) extended(due calendar.Due, days int) calendar.Due {
	later := s.Calendar.Deadline(due.At, calendar.Duration{N: days, Unit: calendar.Workdays}, s.Pauses...)
	due.At = later.At
	due.Granted += days
	due.Provisional = due.Provisional || later.Provisional
	return due
}

func (d *draft) suspend(c Command) error {
	stage := d.stage()
	post, err := d.clockmaster(stage, c)
	if err != nil {
		return err
	}
	if c.Opinion == "" {
		return &Refusal{Code: "reason-required", Authority: stage.Suspend.Authority, Input: true}
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: stage.Key, Post: post}}, func(b *Acted) { b.Source = stage.Suspend.Source })
	d.emit(Suspended{By: post, Reason: c.Opinion})
	return nil
}

func (d *draft) resume(c Command) error {
	stage := d.stage()
	if d.s.Suspended == nil {
		return &Refusal{Code: "not-suspended"}
	}
	post, err := d.clockmaster(stage, c)
	if err != nil {
		return err
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: stage.Key, Post: post}}, func(b *Acted) { b.Source = stage.Suspend.Source })
	return d.restart(stage, post)
}

// restart lets the clock go on, and the matter, if what it waits for came meanwhile.
func (d *draft) restart(stage *Stage, by Post) error {
	d.emit(Resumed{By: by})
	d.recount("resumed")
	next := ""
	switch {
	case stage.Kind == KindWait && stage.Wait.Link != "":
		next = d.linksEnded(stage)
	case stage.Kind == KindCollect:
		next = d.gatherAll(stage)
	}
	if next == "" {
		return nil
	}
	return d.advance(next, "", stage.Key)
}

// clockmaster is the post for which the actor may stop and restart the clock here.
func (d *draft) clockmaster(stage *Stage, c Command) (Post, error) {
	if stage.Suspend == nil {
		return "", d.notHere(stage, c.Action)
	}
	posts := d.s.posts(stage.Suspend.By, nil)
	for _, post := range posts {
		if c.Actor.Holds(post) {
			return post, nil
		}
	}
	return "", &Refusal{Code: "not-your-turn", Authority: stage.Suspend.Authority, Args: map[string]any{"who": postNames(posts)}}
}
