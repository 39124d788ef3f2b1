package rulebook

import (
	"slices"

	"duban/internal/procedure"
)

// act has somebody do something about what waits on them.
func (r *run) act(what string) error {
	switch what[0] {
	case 'e':
		return r.enact()
	case 'k':
		return r.answer(what[1:])
	case 'l':
		return r.endLink(what[1:])
	case 'r':
		return r.command(procedure.Command{Action: procedure.ActionResume, Actor: r.actor(r.state.Suspended.By)})
	}
	a, _ := r.assignment(what)
	c := procedure.Command{Actor: r.actor(a.Post), Assignment: a.Assignment, Slip: a.Slip}
	switch a.Duty {
	case procedure.DutySign:
		c.Action = procedure.ActionSign
	case procedure.DutyAttend:
		c.Action = procedure.ActionAcknowledge
	case procedure.DutyVote:
		polls := r.state.Polls
		c.Action, c.Voted = procedure.ActionVoted, &procedure.Vote{Round: polls[len(polls)-1].Round.ID, Unit: a.Post.Unit(), Post: a.Post}
	case procedure.DutyGrant:
		c.Action, c.Opinion = procedure.ActionGrantExtension, "note"
		if r.chance(30) {
			c.Action = procedure.ActionDenyExtension
		}
	default:
		if r.state.Suspended != nil {
			return nil // planned again once the clock runs
		}
		if err := r.aside(a); err != nil {
			return err
		}
		if current, still := r.assignment(what); !still || current.Waits || r.state.Suspended != nil {
			return nil
		}
		c = r.move(a)
	}
	return r.command(c)
}

// enact says that a change of the rules took effect, or now and then that it could not.
func (r *run) enact() error {
	change, _ := procedure.Enacting(&r.state)
	done := procedure.Enacted{Change: change, Version: "0123456789abcdef"}
	if r.chance(30) {
		done = procedure.Enacted{Change: change, Refusal: "base-not-in-force"}
	}
	return r.command(procedure.Command{Action: procedure.ActionEnacted, Enacted: &done})
}

// endLink brings news of a matter this one started.
func (r *run) endLink(matter string) error {
	for _, l := range r.state.Links {
		if l.Matter != matter {
			continue
		}
		l.Ended, l.At, l.Outcome = true, r.now, procedure.OutcomeCompleted
		if r.chance(30) {
			l.Outcome = procedure.OutcomeRejected
			if _, _, provided := r.state.Spec.Procedure.Asks(l.Link); provided && r.chance(30) {
				l.Refusal = &procedure.Refusal{Code: "intake-closed"}
			}
		} else {
			l.Fields = r.sent(l)
		}
		return r.command(procedure.Command{Action: procedure.ActionLinked, Linked: &l})
	}
	return nil
}

// aside does, now and then, one of the things that leave the matter where it is.
func (r *run) aside(a procedure.Assignment) error {
	stage, ok := r.state.Spec.Procedure.Stage(a.Stage)
	if !ok || !r.chance(25) {
		return nil
	}
	c := procedure.Command{Actor: r.actor(a.Post), Assignment: a.Assignment, Opinion: "note"}
	switch actions := append(slices.Clone(stage.Allow), procedure.ActionFill, procedure.ActionAskExtension,
		procedure.ActionSuspend, procedure.ActionUrge); actions[r.rng.IntN(len(actions))] {
	case procedure.ActionTransfer:
		c.Action, c.Post = procedure.ActionTransfer, r.colleague(a.Post)
	case procedure.ActionDelegate:
		c.Action, c.Post = procedure.ActionDelegate, r.colleague(a.Post)
	case procedure.ActionAddBefore:
		c.Action, c.Post = procedure.ActionAddBefore, r.colleague(a.Post)
	case procedure.ActionAddAfter:
		c.Action, c.Post = procedure.ActionAddAfter, r.colleague(a.Post)
	case procedure.ActionClaim:
		c.Action = procedure.ActionClaim
	case procedure.ActionComment:
		c.Action = procedure.ActionComment
	case procedure.ActionCopy:
		c.Action, c.Posts = procedure.ActionCopy, []procedure.Post{r.colleague(a.Post)}
	case procedure.ActionFill:
		c.Action, c.Fields = procedure.ActionFill, r.invent.fields(r.state.AskedOf(stage, a), r.now)
	case procedure.ActionAskExtension:
		c.Action, c.Days = procedure.ActionAskExtension, 1+r.rng.IntN(8)
	case procedure.ActionSuspend:
		if posts := r.state.Resolve(suspenders(stage)); len(posts) > 0 {
			c.Action, c.Actor = procedure.ActionSuspend, r.actor(posts[0])
		}
	case procedure.ActionUrge:
		if urge := r.state.Spec.Procedure.Urge; urge != nil {
			if posts := r.state.Resolve(urge.By); len(posts) > 0 {
				c.Action, c.Actor = procedure.ActionUrge, r.actor(posts[0])
			}
		}
	}
	if c.Action == "" || c.Post == "" && slices.Contains(involving, c.Action) {
		return nil
	}
	return r.command(c)
}

// involving are the actions that bring another post in.
var involving = []procedure.ActionName{procedure.ActionTransfer, procedure.ActionDelegate, procedure.ActionAddBefore, procedure.ActionAddAfter}

// colleague is another post of the same unit, if it has one.
func (r *run) colleague(post procedure.Post) procedure.Post {
	var others []procedure.Post
	for _, role := range sortedKeys(r.library.roles[post.Unit()]) {
		if p := procedure.Post(post.Unit() + "/" + role); p != post {
			others = append(others, p)
		}
	}
	if len(others) == 0 {
		return ""
	}
	return others[r.rng.IntN(len(others))]
}

// move moves the matter on, back, or out.
func (r *run) move(a procedure.Assignment) procedure.Command {
	stage, _ := r.state.Spec.Procedure.Stage(a.Stage)
	c := procedure.Command{Action: procedure.ActionApprove, Actor: r.actor(a.Post), Assignment: a.Assignment, Opinion: "note"}
	if stage.Kind == procedure.KindScore {
		c.Action, c.Fields = procedure.ActionScore, r.marks(stage, a.Post)
		return c
	}
	offered := func(action procedure.ActionName, percent int) bool {
		return len(stage.Actions[action]) > 0 && r.chance(percent)
	}
	switch {
	case offered(procedure.ActionReturn, 12):
		targets := stage.Actions[procedure.ActionReturn]
		c.Action, c.To = procedure.ActionReturn, targets[r.rng.IntN(len(targets))]
	case offered(procedure.ActionReject, 4):
		c.Action = procedure.ActionReject
	case offered(procedure.ActionFinish, 25):
		c.Action, c.Fields = procedure.ActionFinish, r.invent.fields(r.state.AskedOf(stage, a), r.now)
	case offered(procedure.ActionWithdraw, 5):
		c.Action = procedure.ActionWithdraw
		if first, ok := r.state.Spec.Procedure.Stage(r.state.Spec.Procedure.First); ok {
			if posts := r.state.Resolve(first.Who); len(posts) > 0 {
				c.Actor = r.actor(posts[0])
			}
		}
	default:
		c.Fields = r.invent.fields(r.state.AskedOf(stage, a), r.now)
		if r.chance(80) { // most leave what is filled in already
			for _, field := range sortedKeys(c.Fields) {
				if _, filled := r.state.Form[field]; filled && !slices.Contains(stage.Needs, field) {
					delete(c.Fields, field)
				}
			}
		}
	}
	return c
}

// suspenders are who may stop the clock in a stage.
func suspenders(stage *procedure.Stage) []procedure.Role {
	if stage.Suspend == nil {
		return nil
	}
	return stage.Suspend.By
}
