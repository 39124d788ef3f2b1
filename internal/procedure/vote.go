package procedure

import (
	"slices"
	"time"

	"duban/internal/calendar"
	"duban/internal/poll"
)

// Poll is a vote: of units, of the public, or of both in one window. The posts of the stage's Who vote for their units.
type Poll struct {
	Options   string       `json:"options"`             // list field of what is voted for
	Own       string       `json:"own,omitempty"`       // field of its entries that names the unit, or units, whose own it is
	OwnChoice bool         `json:"ownChoice,omitempty"` // a unit may vote for its own
	Roll      string       `json:"roll,omitempty"`      // list field {unit, eligible}: the public's roll; empty: the public does not vote
	Opens     *Wait        `json:"opens,omitempty"`     // when it opens: a term from its notice, or a day; at once if not given
	Closes    string       `json:"closes"`              // key of the stage's limit, counted from the opening, whose due closes it
	Choices   poll.Choices `json:"choices"`
	Winners   int          `json:"winners"`
	Enough    int          `json:"enough,omitempty"` // options there must be to choose among; with fewer no vote is held
	Formula   string       `json:"formula"`
	PublicCap float64      `json:"publicCap"`
	Order     poll.Order   `json:"order"`
	Ties      []poll.Rule  `json:"ties"`
	Open      bool         `json:"open,omitempty"`    // units' ballots are published with their names; else they are secret
	Into      string       `json:"into"`              // list field that takes the winners' entries, in the order they are listed
	Missing   string       `json:"missing,omitempty"` // list field of the units that did not vote
	// Review is between its closing and its counting, for looking into what came in; nil: it is counted at once.
	Review *PollTerm `json:"review,omitempty"`
	// Objections is for how many days after its closing it can still be told who voted; nil: no longer than until it is counted.
	Objections *PollTerm `json:"objections,omitempty"`
	Else       string    `json:"else"` // where to, when there is too little to vote on
}

// PollTerm is a term of a vote, and what it rests on.
type PollTerm struct {
	Within calendar.Duration `json:"within"`
	Authority
}

// Phase is how far a vote is.
type Phase string

// The phases of a vote. From PollSealed on, nothing promised of it can be taken back.
const (
	PollPlanned  Phase = "planned"
	PollSealed   Phase = "sealed" // published; it opens soon
	PollOpen     Phase = "open"
	PollClosing  Phase = "closing"  // over; its log is being closed, and counted unless it is looked into first
	PollReview   Phase = "review"   // closed; what came in is looked into
	PollCounting Phase = "counting" // looked into, not yet counted
	PollCounted  Phase = "counted"
)

// sealing is how long before its opening a vote is published and can no longer be changed.
const sealing = time.Hour

// Polling is a vote of the matter: how it will be held, how far it is and which units have voted. For whom is not here.
type Polling struct {
	Notice
	Phase  Phase        `json:"phase"`
	Voted  []string     `json:"voted,omitempty"`
	Result *poll.Result `json:"result,omitempty"`
}

// Notice is how a vote will be held: the round, and what the matter needs to know of it beside.
type Notice struct {
	Round  poll.Round `json:"round"`
	Stage  string     `json:"stage"`
	Opens  time.Time  `json:"opens"` // by the matter's clock
	Closes time.Time  `json:"closes"`
	Counts time.Time  `json:"counts,omitzero"` // when it is counted; zero: once it is closed
	Days   int        `json:"days,omitempty"`  // working days granted beyond the rule's own
}

// Unvotable is why no vote can be held.
type Unvotable string

// Why no vote can be held. What else one needs, the rulebook's check has seen to.
const (
	UnvotableEmpty  Unvotable = "empty"  // nothing to vote on
	UnvotableNobody Unvotable = "nobody" // no unit and no district votes
	UnvotableShort  Unvotable = "short"  // fewer options than a vote is held on: nothing would be chosen
	UnvotableFew    Unvotable = "few"    // fewer options than each ballot has to choose
	UnvotableOwn    Unvotable = "own"    // units that may not vote for their own are left with fewer
	UnvotableWindow Unvotable = "window" // it would be over before it began
)

// The events of a vote.
type (
	// PollPlan says how a vote will be held, for now.
	PollPlan struct {
		Notice
	}
	// PollSeal publishes how it will be held: from now on that stands.
	PollSeal struct {
		Notice
	}
	// PollSkipped says that no vote can be held, and why.
	PollSkipped struct {
		Stage   string    `json:"stage"`
		Options int       `json:"options"`
		Why     Unvotable `json:"why,omitempty"`   // empty in records older than the reasons
		Least   int       `json:"least,omitempty"` // how many each ballot has to choose; of UnvotableShort how many options there must be
		Units   []string  `json:"units,omitempty"` // who cannot choose so many besides their own, UnvotableOwn
	}
	// PollOpened opens it.
	PollOpened struct {
		Round string `json:"round"`
		Stage string `json:"stage"`
	}
	// Voted says that a unit has voted, and nothing more.
	Voted struct {
		Round string `json:"round"`
		Unit  string `json:"unit"`
		Post  Post   `json:"post"`
	}
	// PollClosed ends it; no ballot counts from now on.
	PollClosed struct {
		Round   string   `json:"round"`
		Stage   string   `json:"stage"`
		Missing []string `json:"missing,omitempty"` // units that did not vote
	}
	// PollUnderReview says that it is closed with so many ballots, and looked into until an instant.
	PollUnderReview struct {
		Stage string    `json:"stage"`
		End   LogEnd    `json:"end"`
		Until time.Time `json:"until"`
	}
	// PollCount ends the looking into it: it is counted.
	PollCount struct {
		Round string `json:"round"`
		Stage string `json:"stage"`
	}
	// PollDecided is what it came to.
	PollDecided struct {
		Stage  string      `json:"stage"`
		Result poll.Result `json:"result"`
	}
)

// EventType names the body in records, API and catalogue.
func (PollPlan) EventType() string        { return "poll-plan" }
func (PollSeal) EventType() string        { return "poll-seal" }
func (PollSkipped) EventType() string     { return "poll-skipped" }
func (PollOpened) EventType() string      { return "poll-opened" }
func (Voted) EventType() string           { return "voted" }
func (PollClosed) EventType() string      { return "poll-closed" }
func (PollUnderReview) EventType() string { return "poll-review" }
func (PollCount) EventType() string       { return "poll-count" }
func (PollDecided) EventType() string     { return "poll-decided" }

// LogEnd is where the log of a closed vote ends: with so many ballots, and this root.
type LogEnd struct {
	Round   string `json:"round"`
	Ballots int64  `json:"ballots"`
	Root    string `json:"root"`
}

// polling is the vote of the current stage, if it is planned.
func (s *State) polling() *Polling {
	if n := len(s.Polls); n > 0 && s.Polls[n-1].Stage == s.Stage && s.Polls[n-1].Phase != PollCounted {
		return &s.Polls[n-1]
	}
	return nil
}

// sealed says why an action may not happen now: a vote is published or open, and nothing promised of it is taken back.
func (s *State) sealed(action ActionName) *Refusal {
	p := s.polling()
	if p == nil || p.Phase == PollPlanned || slices.Contains(harmless, action) {
		return nil
	}
	stage, _ := s.Spec.Procedure.Stage(p.Stage)
	return &Refusal{Code: "poll-open", Authority: stage.Authority,
		Args: map[string]any{"stage": stage.Title, "closed": p.Closes.UTC().Format(time.RFC3339)}}
}

// harmless are the actions that touch nothing of a vote.
var harmless = []ActionName{ActionVoted, ActionTally, ActionDraw, ActionLinked, ActionCalendar, ActionSign, ActionAcknowledge,
	ActionComment, ActionCopy, ActionUrge}

// pollTurns is when the clock next moves a vote on; zero where it does not.
func pollTurns(s *State) time.Time {
	p := s.polling()
	switch {
	case p == nil || s.Suspended != nil:
	case p.Phase == PollPlanned:
		return latest(p.Opens.Add(-sealing), s.Entered)
	case p.Phase == PollSealed:
		return p.Opens
	case p.Phase == PollOpen:
		return p.Closes
	case p.Phase == PollReview:
		return p.Counts
	}
	return time.Time{}
}

// turnPoll publishes a vote, opens it, ends it, or ends the looking into it.
func (d *draft) turnPoll(stage *Stage) {
	p := *d.s.polling()
	switch p.Phase {
	case PollPlanned:
		if d.at.After(p.Opens) { // the platform was away, or the clock stood still: the window is as long as it was to be
			p.Notice = d.s.notice(stage, p.Round.Draw, d.at, p.Days)
		}
		d.emit(PollSeal{p.Notice})
	case PollSealed:
		d.open(stage, p)
	case PollReview:
		d.emit(PollCount{Round: p.Round.ID, Stage: stage.Key})
	default:
		d.shut(stage, p)
	}
}

// open opens a vote: its limit starts, and each unit is asked to vote.
func (d *draft) open(stage *Stage, p Polling) {
	d.emit(PollOpened{Round: p.Round.ID, Stage: stage.Key})
	var limit int64
	for i := range stage.Limits {
		def := &stage.Limits[i]
		if def.From != stage.Key+".opened" {
			continue
		}
		at, ok := due(&d.s, def, p.Opens)
		if def.Key == stage.Poll.Closes {
			at, ok = calendar.Due{At: p.Closes, From: p.Opens}, true // as published, whatever calendar was since
			limit = d.id()
		}
		if ok {
			d.emit(LimitStarted{Limit: d.id(), Key: def.Key, Stage: stage.Key, Due: at})
		}
	}
	for _, post := range d.s.posts(stage.Who, nil) {
		d.emit(AssignmentOpened{Assignment: d.id(), Stage: stage.Key, Post: post, Duty: DutyVote, Limit: limit})
	}
}

// shut ends a vote; it is counted from outside.
func (d *draft) shut(stage *Stage, p Polling) {
	closed := PollClosed{Round: p.Round.ID, Stage: stage.Key}
	for _, unit := range p.Round.Units {
		if !slices.Contains(p.Voted, unit.ID) {
			closed.Missing = append(closed.Missing, unit.ID)
		}
	}
	d.emit(closed)
	for _, l := range d.s.Limits {
		if l.Stage == stage.Key && l.Slip == 0 && l.Key == stage.Poll.Closes {
			d.emit(LimitEnded{Limit: l.Limit, How: KeptMet}) // the window ends as published, however late the clock's turn comes
		}
	}
	for _, a := range d.s.Assignments {
		if a.Stage == stage.Key && a.Duty == DutyVote {
			d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedNotNeeded})
		}
	}
}

func postNames(posts []Post) []string {
	names := make([]string, len(posts))
	for i, post := range posts {
		names[i] = string(post)
	}
	return names
}

// voted notes that a unit has voted. Its ballot is elsewhere; a later ballot of the same unit is no news.
func (d *draft) voted(c Command) error {
	p := d.s.polling()
	if p == nil || !slices.Contains([]Phase{PollOpen, PollClosing, PollReview, PollCounting}, p.Phase) || c.Voted == nil || c.Voted.Round != p.Round.ID || slices.Contains(p.Voted, c.Voted.Unit) ||
		!slices.ContainsFunc(p.Round.Units, func(u poll.Unit) bool { return u.ID == c.Voted.Unit }) {
		return nil
	}
	d.emit(Voted{Round: p.Round.ID, Unit: c.Voted.Unit, Post: c.Voted.Post})
	for _, a := range d.s.Assignments {
		if a.Duty == DutyVote && a.Stage == p.Stage && a.Post.Unit() == c.Voted.Unit {
			d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedDone})
		}
	}
	return nil
}

// tally takes the result of the vote that has ended, puts the winners into the form and goes on; or hears that the vote is
// closed, and is looked into before it is counted.
func (d *draft) tally(c Command) error {
	p, stage := d.s.polling(), d.stage()
	switch {
	case p == nil || p.Phase != PollClosing && p.Phase != PollCounting:
		return nil
	case p.Phase == PollClosing && c.Closed != nil && c.Closed.Round == p.Round.ID:
		d.emit(PollUnderReview{Stage: stage.Key, End: *c.Closed, Until: p.Counts})
		return nil
	case c.Result == nil || c.Result.Round != p.Round.ID:
		return nil
	}
	list := d.s.list(stage.Poll.Options)
	winners := []map[string]any{}
	for place, id := range c.Result.Winners {
		for i, option := range p.Round.Options {
			if option.ID != id || i >= len(list) {
				continue
			}
			entry := map[string]any{}
			for key, value := range list[i] {
				entry[key] = value
			}
			entry["key"], entry["place"] = id, place+1
			for _, row := range c.Result.Rows {
				if row.Option == id {
					entry["unitVotes"], entry["publicVotes"], entry["score"] = row.Unit, row.Public, row.Score
				}
			}
			winners = append(winners, entry)
		}
	}
	missing := []string{}
	for _, unit := range p.Round.Units {
		if !slices.Contains(p.Voted, unit.ID) {
			missing = append(missing, unit.ID)
		}
	}
	d.emit(PollDecided{Stage: stage.Key, Result: *c.Result})
	d.put(stage.Poll.Into, winners)
	if stage.Poll.Missing != "" {
		d.put(stage.Poll.Missing, missing)
	}
	d.leave(stage, "")
	return d.advance(stage.Next, "", stage.Key)
}

// applyPoll changes the state by an event of a vote.
func applyPoll(s State, b Body, e Event) State {
	change := func(how func(*Polling)) {
		s.Polls = slices.Clone(s.Polls)
		if n := len(s.Polls); n > 0 {
			how(&s.Polls[n-1])
		}
	}
	switch b := b.(type) {
	case PollPlan:
		if p := s.polling(); p != nil { // planned anew
			if b.Days > p.Days {
				s.Extensions = with(s.Extensions, b.Stage, s.Extensions[b.Stage]+1)
			}
			s.Polls = s.Polls[:len(s.Polls)-1]
		}
		s.Polls = plus(s.Polls, Polling{Notice: b.Notice, Phase: PollPlanned})
	case PollSeal:
		change(func(p *Polling) { p.Notice, p.Phase = b.Notice, PollSealed })
	case PollOpened:
		s.Marks = with(s.Marks, b.Stage+".opened", e.At)
		change(func(p *Polling) { p.Phase = PollOpen })
	case Voted:
		change(func(p *Polling) { p.Voted = plus(p.Voted, b.Unit) })
	case PollClosed:
		change(func(p *Polling) { p.Phase = PollClosing })
	case PollUnderReview:
		change(func(p *Polling) { p.Phase = PollReview })
	case PollCount:
		change(func(p *Polling) { p.Phase = PollCounting })
	case PollDecided:
		change(func(p *Polling) { p.Phase, p.Result = PollCounted, &b.Result })
	}
	return s
}

// Vote tells a matter that a unit has voted.
type Vote struct {
	Round string `json:"round"`
	Unit  string `json:"unit"`
	Post  Post   `json:"post"` // that voted for it
}
