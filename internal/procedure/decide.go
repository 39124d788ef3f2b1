package procedure

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Decide says whether the command may happen now and what follows from it. A *Refusal is the only error it returns.
func Decide(s State, c Command, now time.Time) ([]Event, error) {
	d := draft{s: s, at: now, key: c.Key}
	if c.Actor.Person != "" {
		d.by = &Actor{Person: c.Actor.Person, Name: c.Actor.Name}
		d.person = true
	}
	if err := d.decide(c); err != nil {
		return nil, err
	}
	return d.events, nil
}

func (d *draft) decide(c Command) error {
	if sealed := d.s.sealed(c.Action); sealed != nil {
		return sealed
	}
	switch c.Action {
	case ActionStart:
		return d.start(c)
	case ActionLapse:
		return d.lapse(c)
	case ActionDraw:
		return d.drawn(c)
	case ActionVoted:
		return d.voted(c)
	case ActionTally:
		return d.tally(c)
	case ActionLinked:
		return d.link(c)
	case ActionCalendar:
		return d.replan(c)
	case ActionEnacted:
		return d.enacted(c)
	}
	if d.s.Stage == "" {
		return &Refusal{Code: "not-started"}
	}
	if c.Action == ActionSign {
		return d.sign(c)
	}
	if late := d.s.TooLate(); late != nil {
		return late
	}
	if d.s.Stage == Closed {
		return &Refusal{Code: "closed", Args: map[string]any{"outcome": string(d.s.Outcome)}}
	}
	if c.Expect != 0 && c.Expect < d.s.EnteredSeq {
		return &Refusal{Code: "changed-meanwhile", Args: map[string]any{"stage": d.stage().Title}}
	}
	if c.Repair {
		return d.repair(c)
	}
	switch c.Action {
	case ActionAcknowledge:
		return d.acknowledge(c)
	case ActionGrantExtension, ActionDenyExtension:
		return d.answerExtension(c)
	case ActionResume:
		return d.resume(c)
	case ActionComment, ActionCopy, ActionUrge:
		return d.remark(c)
	}
	if d.s.Suspended != nil {
		return &Refusal{Code: "suspended", Args: map[string]any{"reason": d.s.Suspended.Reason, "by": string(d.s.Suspended.By)}}
	}
	switch c.Action {
	case ActionSuspend:
		return d.suspend(c)
	case ActionWithdraw:
		return d.withdraw(c)
	case ActionApprove:
		return d.approve(c)
	case ActionReturn, ActionReject, ActionFinish:
		return d.turn(c)
	case ActionScore:
		return d.score(c)
	case ActionFill:
		return d.fill(c)
	case ActionClaim:
		return d.claim(c)
	case ActionTransfer, ActionDelegate, ActionAddBefore, ActionAddAfter:
		return d.involve(c)
	case ActionAskExtension:
		return d.askExtension(c)
	}
	return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
}

// stage is the current stage; of a procedure that runs there always is one.
func (d *draft) stage() *Stage {
	if stage, ok := d.s.Spec.Procedure.Stage(d.s.Stage); ok {
		return stage
	}
	return &Stage{}
}

func (d *draft) start(c Command) error {
	if d.s.Seq != 0 {
		return &Refusal{Code: "already-started"}
	}
	spec, err := json.Marshal(d.s.Spec)
	if err != nil {
		return &Refusal{Code: "rule-broken"}
	}
	sum := sha256.Sum256(spec)
	d.emit(Started{Digest: hex.EncodeToString(sum[:])})
	d.startProcedureLimits("started", d.at)
	if err := d.advance(d.s.Spec.Procedure.First, ActionStart, ""); err != nil {
		return err
	}
	if !c.Submit || d.stage().Kind != KindTask {
		return nil
	}
	submit := Command{Key: c.Key, Action: ActionApprove, Actor: c.Actor, Opinion: c.Opinion}
	if c.Actor.Person != "" {
		return d.approve(submit)
	}
	d.free = true // a matter started by another passes its first stage in that one's name
	for _, a := range d.s.Assignments {
		if a.Duty == DutyAct && a.Stage == d.s.Spec.Procedure.First {
			submit.Assignment = a.Assignment
			return d.approve(submit)
		}
	}
	return nil
}

func (d *draft) link(c Command) error {
	if c.Linked == nil {
		return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
	}
	for _, l := range d.s.Links {
		if l.Matter == c.Linked.Matter && l.Ended {
			return nil // told before
		}
	}
	news := *c.Linked
	news.Unit, news.Seq, news.Late, news.Taken = "", 0, false, false // the matter's own to say
	d.emit(MatterLinked{news})
	stage := d.stage()
	switch {
	case d.s.Stage == Closed || d.s.Suspended != nil:
	case stage.Kind == KindWait && stage.Wait.Link != "":
		if next := d.linksEnded(stage); next != "" {
			return d.advance(next, "", stage.Key)
		}
	case stage.Kind == KindCollect:
		if next := d.gatherAll(stage); next != "" {
			return d.advance(next, "", stage.Key)
		}
	case stage.Kind == KindGate:
		return d.passGate(stage)
	}
	return nil
}

// passGate tries the gate a matter stands before; it goes on standing there when the gate is closed.
func (d *draft) passGate(stage *Stage) error {
	if !stage.Gate.open(&d.s) {
		return nil
	}
	d.leave(stage, "")
	return d.advance(stage.Next, "", stage.Key)
}

// replan gives the matter a published year and counts its provisional terms again.
func (d *draft) replan(c Command) error {
	if c.Calendar == nil {
		return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
	}
	d.emit(CalendarReplaced{*c.Calendar})
	d.recount("calendar")
	return nil
}

// recount moves every running term whose due is another by the calendar and pauses as they now are. Time granted
// beyond the rule's own term is kept, in working days.
func (d *draft) recount(why string) {
	for _, l := range d.s.Limits {
		def := definition(&d.s, l)
		if def == nil || why == "resumed" && l.Slip != 0 || strings.HasSuffix(def.From, ".opened") {
			continue // a vote closes when it was announced to
		}
		again, ok := due(&d.s, def, l.Due.From)
		if !ok {
			continue
		}
		if granted := l.Due.Granted; granted > 0 {
			again = d.s.extended(again, granted)
		}
		if !again.At.Equal(l.Due.At) || again.Provisional != l.Due.Provisional {
			d.emit(LimitMoved{Limit: l.Limit, Due: again, Why: why})
		}
	}
}

// mine finds the assignment the command means and the actor may act on.
func (d *draft) mine(c Command, duty Duty) (Assignment, error) {
	var held, others []Assignment
	for _, a := range d.s.Assignments {
		if a.Duty != duty || c.Assignment != 0 && a.Assignment != c.Assignment || c.Slip != 0 && a.Slip != c.Slip {
			continue
		}
		if d.free || c.Actor.Holds(a.Post) {
			held = append(held, a)
		} else {
			others = append(others, a)
		}
	}
	slices.SortStableFunc(held, func(a, b Assignment) int { // those whose turn it is first
		switch {
		case a.Waits == b.Waits:
			return cmp.Compare(a.Assignment, b.Assignment)
		case a.Waits:
			return 1
		}
		return -1
	})
	authority := d.stage().Authority
	switch {
	case len(held) == 0 && len(others) > 0:
		return Assignment{}, &Refusal{Code: "not-your-turn", Authority: authority, Args: map[string]any{"who": postsOf(others)}}
	case len(held) == 0 && c.Assignment != 0:
		return Assignment{}, &Refusal{Code: "already-handled"}
	case len(held) == 0:
		return Assignment{}, &Refusal{Code: "nothing-to-do", Authority: authority}
	case held[0].Waits:
		return Assignment{}, &Refusal{Code: "not-ready", Authority: authority}
	case held[0].Claimed != "" && held[0].Claimed != c.Actor.Person && c.Action != ActionClaim: // a claim may be taken over
		return Assignment{}, &Refusal{Code: "claimed-by-other"}
	}
	return held[0], nil
}

func postsOf(assignments []Assignment) []string {
	var posts []string
	for _, a := range assignments {
		if p := string(a.Post); !a.Waits && !slices.Contains(posts, p) {
			posts = append(posts, p)
		}
	}
	return posts
}

// act records the action itself, in the actor's words and for the post acted for.
func (d *draft) act(c Command, a Assignment, more func(*Acted)) {
	b := Acted{Action: c.Action, Stage: a.Stage, Assignment: a.Assignment, Post: a.Post, Opinion: c.Opinion,
		Deputy: c.Actor.Deputises[a.Post], Source: d.stage().Source}
	if more != nil {
		more(&b)
	}
	d.emit(b)
}
