package procedure

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/internal/calendar"
)

// remembered is how many commands' receipts a matter keeps beyond Continue-As-New.
const remembered = 32

// Apply is the only way state changes. It never alters what the given state refers to.
func Apply(s State, e Event) State {
	s.Seq = e.Seq
	if e.Key != "" {
		s.Recent = remember(s.Recent, e)
	}
	switch b := e.Body.(type) {
	case Started:
		s.Marks = with(s.Marks, "started", e.At)
	case StageEntered:
		s = enteredStage(s, b, e)
	case StageLeft:
		if !b.Via.undone() {
			s.Marks = with(s.Marks, b.Stage+".done", e.At)
		}
	case ApprovalKept:
		s.Approvals = edit(s.Approvals, func(a *Approval) {
			if a.Stage == b.Stage && a.Post == b.Post {
				a.Survives = false
			}
		})
	case Acted:
		s = acted(s, b, e)
	case FormChanged:
		s.Form = maps.Clone(s.Form)
		if s.Form == nil {
			s.Form = make(map[string]json.RawMessage, len(b.Fields))
		}
		for field, change := range b.Fields {
			if change.To == nil {
				delete(s.Form, field)
			} else {
				s.Form[field] = change.To
			}
		}
	case AssignmentOpened:
		s = openedAssignment(s, b, e.At)
	case AssignmentReady:
		s.Assignments = edit(s.Assignments, func(a *Assignment) {
			if a.Assignment == b.Assignment {
				a.Waits = false
			}
		})
	case AssignmentClaimed:
		s.Assignments = edit(s.Assignments, func(a *Assignment) {
			if a.Assignment == b.Assignment {
				a.Claimed = b.Person
			}
		})
	case AssignmentClosed:
		s.Assignments = drop(s.Assignments, func(a Assignment) bool { return a.Assignment == b.Assignment })
	case LimitStarted:
		s = startedLimit(s, b, e.At)
	case LimitMoved:
		s = movedLimit(s, b, e.At)
	case LimitEnded:
		s = endedLimit(s, b)
	case AlarmFired:
		s.Limits = edit(s.Limits, func(l *RunningLimit) {
			if l.Limit == b.Limit && b.Alarm < len(l.Fired) {
				l.Fired = slices.Clone(l.Fired)
				l.Fired[b.Alarm] = true
			}
		})
	case SlipIssued:
		s.LastID = max(s.LastID, b.Slip)
		s.Slips = plus(s.Slips, Slip{SlipIssued: b, At: e.At})
	case MatterRequested:
		s.Links = plus(s.Links, Linked{Matter: b.Child, Link: b.Link, Title: b.Title, At: e.At, Unit: b.Unit, Seq: e.Seq})
	case MatterLinked:
		s = linked(s, b.Linked)
	case Suspended:
		s.Suspended = &Suspension{By: b.By, Reason: b.Reason, Since: e.At}
	case Resumed:
		if s.Suspended != nil {
			s.Pauses = plus(s.Pauses, calendar.Pause{From: s.Suspended.Since, To: e.At})
			s.Limits = edit(s.Limits, func(l *RunningLimit) {
				if l.Slip == 0 {
					l.Since = e.At
				}
			})
			s.Suspended = nil
		}
	case CalendarReplaced:
		s.Calendar.Table = s.Calendar.With(b.Year, b.Off, b.Work)
	case Gathered:
		stage, _ := s.Spec.Procedure.Stage(b.Stage)
		s.Links = edit(s.Links, func(l *Linked) {
			l.Late = l.Late || slices.Contains(b.Late, l.Matter)
			if stage != nil && l.Link == stage.Link() {
				l.Fields = nil // they are in the form now
				l.Taken = stage.Start == nil
			}
		})
	case Lapsed:
		s.Lapsed = &b.Lapse
	case Scored:
		s.Cards = plus(drop(s.Cards, func(c Card) bool { return c.Stage == b.Stage && c.Post == b.Post }),
			Card{Stage: b.Stage, Post: b.Post, Rows: b.Rows, At: e.At})
	case DrawWanted:
		s.Draws = with(s.Draws, b.Seed, Drawing{Draw: b.Draw, At: e.At})
	case DrawCommitted:
		s.Draws = with(s.Draws, b.Seed, Drawing{Draw: b.Draw, Commitment: b.Commitment, At: e.At})
	case DrawFixed:
		draw := s.Draws[b.Seed]
		draw.Take, draw.Lots, draw.At = b.Take, b.Lots, e.At
		s.Draws = with(s.Draws, b.Seed, draw)
	case DrawRevealed:
		draw := s.Draws[b.Seed]
		draw.Value, draw.At = b.Value, e.At
		s.Draws = with(s.Draws, b.Seed, draw)
	case PollPlan, PollSeal, PollOpened, Voted, PollClosed, PollUnderReview, PollCount, PollDecided:
		s = applyPoll(s, b, e)
	case MatterClosed:
		s.Stage, s.Outcome, s.Closed = Closed, b.Outcome, e.At
		s.Suspended = nil
	}
	s.Held = hold(s, e.At)
	return s
}

func enteredStage(s State, b StageEntered, e Event) State {
	s.Stage, s.Entered, s.EnteredSeq, s.Via = b.Stage, e.At, e.Seq, b.Via
	s.Rounds = with(s.Rounds, b.Stage, b.Round)
	s.Marks = with(s.Marks, b.Stage+".entered", e.At)
	// A new round asks anew; only approvals that outlived a return may still speak.
	s.Approvals = drop(s.Approvals, func(a Approval) bool { return a.Stage == b.Stage && !a.Survives })
	s.Cards = drop(s.Cards, func(c Card) bool { return c.Stage == b.Stage })
	if stage, ok := s.Spec.Procedure.Stage(b.Stage); ok && stage.Start != nil { // what was refused is asked for anew
		s.Links = drop(s.Links, func(l Linked) bool { return l.Refusal != nil && l.Link == stage.Link() })
	}
	if stage, ok := s.Spec.Procedure.Stage(b.Stage); ok && stage.Kind == KindWait {
		// After a wait it is another month: what outlived a return was said of the time before.
		s.Approvals = drop(s.Approvals, func(a Approval) bool { return a.Survives })
	}
	return s
}

func acted(s State, b Acted, e Event) State {
	switch b.Action {
	case ActionApprove:
		if a, ok := s.assignment(b.Assignment); ok && a.How == "" && a.Duty == DutyAct {
			s.Approvals = plus(
				drop(s.Approvals, func(a Approval) bool { return a.Stage == b.Stage && a.Post == b.Post }),
				Approval{Stage: b.Stage, Post: b.Post, Inputs: b.Inputs, Event: e.Seq, At: e.At})
		}
	case ActionReturn, ActionWithdraw, ActionMove:
		// The stage that returns and the one returned to start over; what others approved may survive.
		s.Approvals = drop(s.Approvals, func(a Approval) bool { return a.Stage == b.Stage || a.Stage == b.To })
		s.Approvals = edit(s.Approvals, func(a *Approval) { a.Survives = true })
	case ActionCopy:
		for _, post := range b.Toward {
			if !slices.Contains(s.Copied, post) {
				s.Copied = plus(s.Copied, post)
			}
		}
	case ActionUrge:
		s.Urged = e.At
	case ActionGrantExtension:
		s.Extensions = with(s.Extensions, b.Stage, s.Extensions[b.Stage]+1)
	case ActionSign:
		s.Slips = edit(s.Slips, func(slip *Slip) {
			if slip.Slip == b.Slip {
				slip.Signed = with(slip.Signed, b.Post, e.At)
			}
		})
	}
	return s
}

func openedAssignment(s State, b AssignmentOpened, at time.Time) State {
	s.LastID = max(s.LastID, b.Assignment)
	if b.Replaces != 0 || b.For != 0 {
		s.Assignments = edit(s.Assignments, func(a *Assignment) {
			switch {
			case b.Replaces != 0 && a.For == b.Replaces:
				a.For = b.Assignment // what was added after the old one now follows the new one
			case b.For != 0 && a.Assignment == b.For && (b.How == ActionDelegate || b.How == ActionAddBefore):
				a.Waits = true
			}
		})
	}
	s.Assignments = plus(s.Assignments, Assignment{AssignmentOpened: b, Opened: at})
	return s
}

func startedLimit(s State, b LimitStarted, at time.Time) State {
	s.LastID = max(s.LastID, b.Limit)
	l := RunningLimit{LimitStarted: b, Since: at}
	if def := definition(&s, l); def != nil {
		l.Fired = make([]bool, len(def.Alarms))
	}
	for _, past := range s.Past { // counted from the same mark before: what fired then has fired
		if past.Key == b.Key && past.Stage == b.Stage && past.Due.From.Equal(b.Due.From) && len(past.Fired) == len(l.Fired) {
			l.Fired = slices.Clone(past.Fired)
		}
	}
	s.Past = drop(s.Past, func(past RunningLimit) bool { return past.Key == b.Key && past.Stage == b.Stage })
	s.Limits = plus(s.Limits, l)
	return s
}

func movedLimit(s State, b LimitMoved, now time.Time) State {
	s.Limits = edit(s.Limits, func(l *RunningLimit) {
		if l.Limit != b.Limit {
			return
		}
		l.Due, l.Since = b.Due, now
		def := definition(&s, *l)
		if def == nil {
			return
		}
		l.Fired = slices.Clone(l.Fired)
		for i := range def.Alarms { // an alarm whose time lies ahead again rings again
			if alarmTime(&s, *l, def, i).After(now) {
				l.Fired[i] = false
			}
		}
	})
	return s
}

func endedLimit(s State, b LimitEnded) State {
	for _, l := range s.Limits {
		if l.Limit != b.Limit {
			continue
		}
		if def := definition(&s, l); def != nil && def.From != "" {
			s.Past = plus(s.Past, l)
		}
	}
	s.Limits = drop(s.Limits, func(l RunningLimit) bool { return l.Limit == b.Limit })
	s.Kept = with(s.Kept, b.How, s.Kept[b.How]+1)
	return s
}

func linked(s State, b Linked) State {
	for i := range s.Links {
		if s.Links[i].Matter == b.Matter {
			s.Links = slices.Clone(s.Links)
			if b.Title == "" {
				b.Title = s.Links[i].Title
			}
			b.Link, b.Unit, b.Seq = s.Links[i].Link, s.Links[i].Unit, s.Links[i].Seq
			b.Late, b.Taken = s.Links[i].Late, s.Links[i].Taken
			if b.Late {
				b.Fields = nil
			}
			s.Links[i] = b
			return s
		}
	}
	s.Links = plus(s.Links, b)
	return s
}

// hold keeps who had the clock, as segments without gap or overlap.
func hold(s State, at time.Time) []Hold {
	holder := Holder(&s)
	n := len(s.Held)
	if n > 0 && s.Held[n-1].To.IsZero() && s.Held[n-1].Holder == holder || n == 0 && holder == "" {
		return s.Held
	}
	held := slices.Clone(s.Held)
	if n > 0 && held[n-1].To.IsZero() {
		held[n-1].To = at
		if held[n-1].From.Equal(at) {
			held = held[:n-1]
		}
	}
	if holder == "" {
		return held
	}
	if n = len(held); n > 0 && held[n-1].Holder == holder && held[n-1].To.Equal(at) {
		held[n-1].To = time.Time{}
		return held
	}
	return plus(held, Hold{Holder: holder, From: at})
}

// Holder names who has the clock now: the posts whose turn it is, "suspended:<post>", "system" while the matter waits
// for a day or another matter, or nobody once it is closed.
func Holder(s *State) string {
	switch {
	case s.Stage == "" || s.Stage == Closed:
		return ""
	case s.Suspended != nil:
		return "suspended:" + string(s.Suspended.By)
	}
	var posts []string
	for _, a := range s.Assignments {
		if (a.Duty == DutyAct || a.Duty == DutyVote) && !a.Waits && a.Stage == s.Stage && !slices.Contains(posts, string(a.Post)) {
			posts = append(posts, string(a.Post))
		}
	}
	if len(posts) == 0 {
		return "system"
	}
	slices.Sort(posts)
	return strings.Join(posts, ",")
}

// remember keeps the receipt of the command an event follows from.
func remember(recent []Receipt, e Event) []Receipt {
	if n := len(recent); n > 0 && recent[n-1].Key == e.Key {
		recent = slices.Clone(recent)
		recent[n-1].Last = e.Seq
		return recent
	}
	if len(recent) == remembered {
		recent = recent[1:]
	}
	return plus(recent, Receipt{Key: e.Key, First: e.Seq, Last: e.Seq})
}

func (s *State) assignment(id int64) (Assignment, bool) {
	for _, a := range s.Assignments {
		if a.Assignment == id {
			return a, true
		}
	}
	return Assignment{}, false
}

func (s *State) slip(id int64) (Slip, bool) {
	for _, slip := range s.Slips {
		if slip.Slip == id {
			return slip, true
		}
	}
	return Slip{}, false
}

func with[M ~map[K]V, K comparable, V any](m M, key K, value V) M {
	m = maps.Clone(m)
	if m == nil {
		m = make(M)
	}
	m[key] = value
	return m
}

func edit[T any](list []T, change func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		change(&list[i])
	}
	return list
}

// plus is the list with one more, in a place of its own.
func plus[T any](list []T, item T) []T {
	return append(append(make([]T, 0, len(list)+1), list...), item)
}

// drop is the list without what is gone: the list itself where nothing is.
func drop[T any](list []T, gone func(T) bool) []T {
	if !slices.ContainsFunc(list, gone) {
		return list
	}
	kept := make([]T, 0, len(list))
	for _, item := range list {
		if !gone(item) {
			kept = append(kept, item)
		}
	}
	return kept
}
