package procedure

import (
	"cmp"
	"slices"
	"time"
)

func (d *draft) approve(c Command) error {
	stage := d.stage()
	switch stage.Kind {
	case KindGate:
		return d.atGate(stage)
	case KindTask:
	default:
		return d.notHere(stage, c.Action)
	}
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	d.act(c, a, func(b *Acted) {
		form := merged(d.s.Form, c.Fields)
		b.Inputs = stage.inputs(form)
	})
	if err := d.change(stage, a, c.Fields); err != nil {
		return err
	}
	helper := a.How == ActionDelegate || a.How == ActionAddBefore || a.How == ActionAddAfter
	if !helper {
		if missing := d.s.missing(stage, a); len(missing) > 0 {
			return &Refusal{Code: "fields-missing", Authority: stage.Authority, Input: true, Args: map[string]any{"fields": missing}}
		}
	}
	d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedDone})
	for _, other := range d.s.Assignments {
		back := helper && a.How != ActionAddAfter && other.Assignment == a.For
		after := other.How == ActionAddAfter && other.For == a.Assignment
		if other.Waits && (back || after) {
			d.emit(AssignmentReady{Assignment: other.Assignment})
		}
	}
	return d.settle(stage)
}

// atGate answers an attempt to pass a gate a matter stands before.
func (d *draft) atGate(stage *Stage) error {
	before := d.s.Seq
	if err := d.passGate(stage); err != nil {
		return err
	}
	if d.s.Seq == before {
		return &Refusal{Code: "gate-closed", Authority: stage.Authority,
			Args: map[string]any{"stage": stage.Title, "reason": stage.Gate.Reason}}
	}
	return nil
}

// settle moves on once the stage has the approvals it asks for and nobody added to it is still to be heard.
func (d *draft) settle(stage *Stage) error {
	open, waiting := 0, int64(0)
	for _, a := range d.s.Assignments {
		if a.Stage != stage.Key || a.Duty != DutyAct {
			continue
		}
		switch {
		case a.How == ActionAddAfter && !a.Waits:
			return nil // added after an approval already given
		case a.How == "":
			open++
			if a.Waits && waiting == 0 && !d.s.delegated(a.Assignment) {
				waiting = a.Assignment
			}
		}
	}
	if d.approved(stage, open) {
		d.leave(stage, ActionApprove)
		return d.advance(stage.Actions[ActionApprove].one(), ActionApprove, stage.Key)
	}
	if stage.Mode == ModeSequence && waiting != 0 && !d.s.turn(stage.Key) {
		d.emit(AssignmentReady{Assignment: waiting})
	}
	return nil
}

// delegated reports whether an assignment waits for another's answer.
func (s *State) delegated(id int64) bool {
	return slices.ContainsFunc(s.Assignments, func(a Assignment) bool {
		return a.For == id && (a.How == ActionDelegate || a.How == ActionAddBefore)
	})
}

// turn reports whether it is somebody's turn at a stage in sequence.
func (s *State) turn(stage string) bool {
	return slices.ContainsFunc(s.Assignments, func(a Assignment) bool {
		return a.Stage == stage && a.Duty == DutyAct && !a.Waits
	})
}

// turn is return, reject and finish: the stage ends by one holder's word.
func (d *draft) turn(c Command) error {
	stage := d.stage()
	targets, allowed := stage.Actions[c.Action]
	if !allowed {
		return d.notHere(stage, c.Action)
	}
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	if a.How == ActionDelegate || a.How == ActionAddBefore || a.How == ActionAddAfter {
		return &Refusal{Code: "advises-only", Authority: stage.Authority}
	}
	if c.Action != ActionFinish && c.Opinion == "" {
		return &Refusal{Code: "reason-required", Authority: stage.Authority, Input: true}
	}
	to := targets.one()
	if len(targets) > 1 || c.To != "" {
		if to = c.To; to == "" {
			return &Refusal{Code: "choose-stage", Authority: stage.Authority, Input: true, Args: map[string]any{"stages": []string(targets)}}
		}
		if !slices.Contains(targets, to) {
			return &Refusal{Code: "stage-not-offered", Authority: stage.Authority, Args: map[string]any{"stages": []string(targets)}}
		}
	}
	d.act(c, a, func(b *Acted) { b.To = to })
	if c.Action == ActionFinish {
		if err := d.change(stage, a, c.Fields); err != nil {
			return err
		}
	}
	d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedDone})
	d.leave(stage, c.Action)
	return d.advance(to, c.Action, stage.Key)
}

func (d *draft) notHere(stage *Stage, action ActionName) error {
	return &Refusal{Code: "not-allowed-here", Authority: stage.Authority,
		Args: map[string]any{"action": string(action), "stage": stage.Title}}
}

// withdraw takes the matter back on its starter's word, or that of whoever holds the starter's stage.
func (d *draft) withdraw(c Command) error {
	stage := d.stage()
	targets, allowed := stage.Actions[ActionWithdraw]
	if !allowed {
		return d.notHere(stage, c.Action)
	}
	first, _ := d.s.Spec.Procedure.Stage(d.s.Spec.Procedure.First)
	post := Post("")
	for _, p := range d.s.posts(first.Who, nil) {
		if c.Actor.Holds(p) {
			post = p
			break
		}
	}
	if post == "" && (c.Actor.Person == "" || c.Actor.Person != d.s.Spec.Starter.Person) {
		return &Refusal{Code: "not-the-starter", Authority: stage.Authority}
	}
	if c.Opinion == "" {
		return &Refusal{Code: "reason-required", Authority: stage.Authority, Input: true}
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: stage.Key, Post: post}}, func(b *Acted) { b.To = targets.one() })
	d.leave(stage, ActionWithdraw)
	return d.advance(targets.one(), ActionWithdraw, stage.Key)
}

func (d *draft) fill(c Command) error {
	stage := d.stage()
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	if len(stage.Fields) == 0 {
		return d.notHere(stage, c.Action)
	}
	if len(c.Fields) == 0 {
		return &Refusal{Code: "nothing-filled", Input: true}
	}
	d.act(c, a, nil)
	return d.change(stage, a, c.Fields)
}

func (d *draft) claim(c Command) error {
	stage := d.stage()
	if !slices.Contains(stage.Allow, c.Action) {
		return d.notHere(stage, c.Action)
	}
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	if a.Claimed == c.Actor.Person {
		return &Refusal{Code: "already-handled"}
	}
	d.act(c, a, nil)
	d.emit(AssignmentClaimed{Assignment: a.Assignment, Person: c.Actor.Person})
	return nil
}

// involve is transfer, delegate and the two ways of adding a signer: another post comes in.
func (d *draft) involve(c Command) error {
	stage := d.stage()
	if !slices.Contains(stage.Allow, c.Action) {
		return d.notHere(stage, c.Action)
	}
	a, err := d.mine(c, DutyAct)
	if err != nil {
		return err
	}
	switch {
	case c.Post == "":
		return &Refusal{Code: "post-required", Input: true}
	case c.Post.Unit() == "" || c.Post.Role() == "":
		return &Refusal{Code: "post-unknown", Input: true, Args: map[string]any{"post": string(c.Post)}}
	case slices.ContainsFunc(d.s.Assignments, func(o Assignment) bool {
		return o.Duty == DutyAct && o.Stage == stage.Key && o.Post == c.Post
	}):
		return &Refusal{Code: "already-involved", Input: true, Args: map[string]any{"post": string(c.Post)}}
	}
	d.act(c, a, func(b *Acted) { b.Toward = []Post{c.Post} })
	opened := AssignmentOpened{Assignment: d.id(), Stage: a.Stage, Post: c.Post, Duty: DutyAct, Limit: a.Limit}
	if len(stage.FilledBy) > 0 {
		opened.Of = cmp.Or(a.Of, a.Post)
	}
	switch c.Action {
	case ActionTransfer:
		opened.How, opened.For, opened.Replaces = a.How, a.For, a.Assignment
		d.emit(opened)
		d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedPassed})
		return nil
	case ActionAddAfter:
		opened.Waits = true
	}
	opened.How, opened.For = c.Action, a.Assignment
	d.emit(opened)
	return nil
}

// remark is what leaves the stage as it is: a comment, a copy, an urging by hand.
func (d *draft) remark(c Command) error {
	stage := d.stage()
	post := Post("")
	switch c.Action {
	case ActionComment:
		if c.Opinion == "" {
			return &Refusal{Code: "reason-required", Input: true}
		}
	case ActionCopy:
		if len(c.Posts) == 0 {
			return &Refusal{Code: "post-required", Input: true}
		}
	case ActionUrge:
		return d.urge(c, stage)
	}
	if !slices.Contains(stage.Allow, c.Action) {
		return d.notHere(stage, c.Action)
	}
	for _, a := range d.s.Assignments {
		if c.Actor.Holds(a.Post) {
			post = a.Post
			break
		}
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: d.s.Stage, Post: post}}, func(b *Acted) { b.Toward = c.Posts })
	return nil
}

func (d *draft) urge(c Command, stage *Stage) error {
	rule := d.s.Spec.Procedure.Urge
	if rule == nil {
		return d.notHere(stage, c.Action)
	}
	post := Post("")
	for _, p := range d.s.posts(rule.By, nil) {
		if c.Actor.Holds(p) {
			post = p
			break
		}
	}
	if post == "" && c.Actor.Person != d.s.Spec.Starter.Person {
		return &Refusal{Code: "not-yours-to-urge", Authority: rule.Authority}
	}
	if !d.s.Urged.IsZero() {
		if again := d.s.Calendar.After(d.s.Urged, rule.Every); d.at.Before(again) {
			return &Refusal{Code: "urged-lately", Authority: rule.Authority, Args: map[string]any{"again": again.Format(time.RFC3339)}}
		}
	}
	var to []Post
	for _, a := range d.s.Assignments {
		if !a.Waits && !slices.Contains(to, a.Post) {
			to = append(to, a.Post)
		}
	}
	if len(to) == 0 || d.s.Suspended != nil {
		return &Refusal{Code: "nobody-to-urge"}
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: d.s.Stage, Post: post}}, func(b *Acted) { b.Toward = to })
	return nil
}

func (d *draft) sign(c Command) error {
	a, err := d.mine(c, DutySign)
	if err != nil {
		return err
	}
	d.act(c, a, func(b *Acted) { b.Slip = a.Slip })
	d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedDone})
	if slices.ContainsFunc(d.s.Assignments, func(o Assignment) bool { return o.Slip == a.Slip }) {
		return nil
	}
	for _, l := range d.s.Limits {
		if l.Slip == a.Slip {
			d.end(l)
		}
	}
	return nil
}

func (d *draft) acknowledge(c Command) error {
	a, err := d.mine(c, DutyAttend)
	if err != nil {
		return err
	}
	d.act(c, a, nil)
	d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedDone})
	return nil
}
