package procedure

import (
	"errors"
	"slices"
	"time"
)

// Offer is an action as it stands for one actor: open, perhaps still lacking something, or refused with the reason.
type Offer struct {
	Action     ActionName `json:"action"`
	Label      string     `json:"label,omitempty"` // the procedure's own wording, if it has one
	Assignment int64      `json:"assignment,omitempty"`
	To         []string   `json:"to,omitempty"`      // return: the stages one may choose
	Fields     []string   `json:"fields,omitempty"`  // form fields to fill with it
	Lacks      *Refusal   `json:"lacks,omitempty"`   // what must come with it: a reason, a post, fields
	Refusal    *Refusal   `json:"refusal,omitempty"` // why not
}

// shown is the order in which actions are offered.
var shown = []ActionName{
	ActionApprove, ActionScore, ActionFinish, ActionReturn, ActionReject, ActionFill, ActionTransfer, ActionDelegate, ActionAddBefore,
	ActionAddAfter, ActionClaim, ActionAskExtension, ActionSuspend, ActionResume, ActionWithdraw, ActionUrge, ActionCopy,
	ActionComment,
}

// Offers says what the actor can do here now, and why not where one might expect it. It asks Decide itself.
func Offers(s State, a Actor, now time.Time) []Offer {
	var offers []Offer
	for _, open := range s.Assignments {
		if !a.Holds(open.Post) {
			continue
		}
		for _, action := range duties[open.Duty] {
			offers = append(offers, s.offer(Command{Action: action, Actor: a, Assignment: open.Assignment}, now))
		}
	}
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if !ok {
		return offers
	}
	for _, action := range shown {
		if !stage.knows(action, &s) {
			continue
		}
		offer := s.offer(Command{Action: action, Actor: a}, now)
		if targets := stage.Actions[action]; action == ActionReturn {
			offer.To = targets
		}
		switch action {
		case ActionApprove, ActionFill:
			offer.Fields = FieldsOf(s, a)
		case ActionScore:
			offer.Fields = []string{stage.Score.Card}
		}
		offer.Label = stage.Labels[action]
		offers = append(offers, offer)
	}
	return offers
}

var duties = map[Duty][]ActionName{
	DutySign:   {ActionSign},
	DutyAttend: {ActionAcknowledge},
	DutyGrant:  {ActionGrantExtension, ActionDenyExtension},
}

// knows reports whether the action has a place at the stage at all.
func (st *Stage) knows(action ActionName, s *State) bool {
	if _, moves := st.Actions[action]; moves || slices.Contains(st.Allow, action) {
		return true
	}
	switch action {
	case ActionScore:
		return st.Kind == KindScore
	case ActionFill:
		return len(st.Fields) > 0
	case ActionAskExtension:
		return st.Extend != nil
	case ActionSuspend:
		return st.Suspend != nil && s.Suspended == nil
	case ActionResume:
		return s.Suspended != nil
	case ActionUrge:
		return s.Spec.Procedure.Urge != nil
	}
	return false
}

func (s *State) offer(c Command, now time.Time) Offer {
	offer := Offer{Action: c.Action, Assignment: c.Assignment}
	_, err := Decide(*s, c, now)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		if refusal.Input {
			offer.Lacks = refusal
		} else {
			offer.Refusal = refusal
		}
	}
	return offer
}
