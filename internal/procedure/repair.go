package procedure

import "slices"

// Administrator is the post in whose name a platform's administrator repairs a matter. It is no post of an organisation:
// no matter waits on it.
const Administrator Post = "system/administrator"

// undone reports whether a stage left so has not been done: it is gone back from, or cut short.
func (a ActionName) undone() bool {
	return a == ActionReturn || a == ActionWithdraw || a == ActionMove || a == ActionTerminate
}

// repair is what an administrator does to a matter that stands still. It never passes a stage: who must approve still
// must, and a closed gate stays closed.
func (d *draft) repair(c Command) error {
	if c.Opinion == "" {
		return &Refusal{Code: "reason-required", Input: true}
	}
	switch c.Action {
	case ActionReassign:
		return d.reassign(c)
	case ActionMove:
		return d.move(c)
	case ActionSuspend:
		return d.halt(c)
	case ActionResume:
		if d.s.Suspended == nil {
			return &Refusal{Code: "not-suspended"}
		}
		d.repaired(c, Assignment{}, nil)
		return d.restart(d.stage(), Administrator)
	case ActionTerminate:
		d.repaired(c, Assignment{}, nil)
		d.emit(StageLeft{Stage: d.s.Stage, Via: ActionTerminate})
		d.close(OutcomeTerminated)
		return nil
	}
	return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
}

// repaired records the repair itself. No article says so: the administrator's reason does.
func (d *draft) repaired(c Command, a Assignment, more func(*Acted)) {
	b := Acted{Action: c.Action, Stage: d.s.Stage, Assignment: a.Assignment, Post: Administrator, Opinion: c.Opinion}
	if more != nil {
		more(&b)
	}
	d.emit(b)
}

// reassign puts a to-do before another post, or one person of it. A slip is signed for by whom it is addressed to.
func (d *draft) reassign(c Command) error {
	var open []Assignment
	for _, a := range d.s.Assignments {
		if a.Assignment == c.Assignment || c.Assignment == 0 && a.Duty == DutyAct && !a.Waits {
			open = append(open, a)
		}
	}
	switch {
	case len(open) == 0 && c.Assignment != 0:
		return &Refusal{Code: "already-handled"}
	case len(open) == 0:
		return &Refusal{Code: "nothing-to-do"}
	case len(open) > 1:
		return &Refusal{Code: "assignment-required", Input: true}
	case open[0].Duty == DutySign:
		return &Refusal{Code: "slip-not-reassigned"}
	case c.Post == "":
		return &Refusal{Code: "post-required", Input: true}
	case c.Post.Unit() == "" || c.Post.Role() == "":
		return &Refusal{Code: "post-unknown", Input: true, Args: map[string]any{"post": string(c.Post)}}
	}
	a := open[0]
	same := c.Post == a.Post
	involved := slices.ContainsFunc(d.s.Assignments, func(o Assignment) bool {
		return o.Assignment != a.Assignment && o.Duty == a.Duty && o.Stage == a.Stage && o.Post == c.Post
	})
	if involved || same && (c.Person == "" || c.Person == a.Claimed) {
		return &Refusal{Code: "already-involved", Input: true, Args: map[string]any{"post": string(c.Post)}}
	}
	d.repaired(c, a, func(b *Acted) { b.Toward = []Post{c.Post} })
	id := a.Assignment
	if !same {
		opened := a.AssignmentOpened
		opened.Assignment, opened.Post, opened.Replaces = d.id(), c.Post, a.Assignment
		d.emit(opened)
		d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedPassed})
		id = opened.Assignment
	}
	if c.Person != "" {
		d.emit(AssignmentClaimed{Assignment: id, Person: c.Person})
	}
	return nil
}

// move takes the matter to another stage, from which it goes on by its rules.
func (d *draft) move(c Command) error {
	target, ok := d.s.Spec.Procedure.Stage(c.To)
	switch {
	case d.s.Suspended != nil:
		return &Refusal{Code: "suspended", Args: map[string]any{"reason": d.s.Suspended.Reason, "by": string(d.s.Suspended.By)}}
	case !ok:
		return &Refusal{Code: "stage-unknown", Input: true, Args: map[string]any{"stages": MoveTargets(d.s)}}
	}
	reached, gate := d.s.reach()
	if !slices.Contains(reached, target.Key) {
		if gate == nil {
			return &Refusal{Code: "stage-unknown", Input: true, Args: map[string]any{"stages": reached}}
		}
		return &Refusal{Code: "gate-closed", Authority: gate.Authority, Args: map[string]any{"stage": gate.Title, "reason": gate.Gate.Reason}}
	}
	stage := d.stage()
	d.repaired(c, Assignment{}, func(b *Acted) { b.To = target.Key })
	d.leave(stage, ActionMove)
	return d.advance(target.Key, ActionMove, stage.Key)
}

// halt stops the clock, where the stage's own rule need not say who may.
func (d *draft) halt(c Command) error {
	if s := d.s.Suspended; s != nil {
		return &Refusal{Code: "suspended", Args: map[string]any{"reason": s.Reason, "by": string(s.By)}}
	}
	d.repaired(c, Assignment{}, nil)
	d.emit(Suspended{By: Administrator, Reason: c.Opinion})
	return nil
}

// MoveTargets lists the stages an administrator may move the matter to: those it was in before, and those it would come
// to from there without anybody's word and without a gate that is closed now.
func MoveTargets(s State) []string {
	reached, _ := s.reach()
	return reached
}

// reach lists the stages entered before, in the procedure's order, then those that follow by themselves; and names the
// first closed gate in the way.
func (s *State) reach() (stages []string, closed *Stage) {
	p := &s.Spec.Procedure
	var todo []string
	for i := range p.Stages {
		if s.Rounds[p.Stages[i].Key] > 0 {
			todo = append(todo, p.Stages[i].Key)
		}
	}
	for len(todo) > 0 {
		stage, ok := p.Stage(todo[0])
		todo = todo[1:]
		if !ok || slices.Contains(stages, stage.Key) {
			continue
		}
		if stage.Kind == KindGate && !stage.Gate.open(s) {
			if closed == nil {
				closed = stage
			}
			continue
		}
		stages = append(stages, stage.Key)
		switch stage.Kind { // any other takes somebody's word
		case KindIssue, KindStart, KindGate:
			todo = append(todo, stage.Next)
		case KindWait:
			todo = append(todo, stage.Next, stage.Wait.Else, stage.Wait.Refused)
		}
	}
	return stages, closed
}
