// Package poll is the pure core of votes: who may vote for what, what the ballots add up to, who wins and by which rule,
// draws that anyone can repeat, receipts, and the log of ballots. It knows neither database nor network; docs/verify.md
// says to the byte what it publishes.
package poll

import (
	"regexp"
	"slices"
	"time"
)

// Class is a kind of voter.
type Class string

const (
	ClassUnit   Class = "unit"   // units of the roll, one ballot each
	ClassPublic Class = "public" // everybody on a district's roll
)

// Rule breaks a tie.
type Rule string

const (
	RulePublic  Rule = "public"  // more votes of the public
	RuleUnit    Rule = "unit"    // more votes of units
	RuleEarlier Rule = "earlier" // recommended earlier
	RuleDraw    Rule = "draw"    // drawn, publicly and repeatably
)

// Order is how the winners are listed.
type Order string

const (
	OrderScore  Order = "score"  // by score
	OrderPublic Order = "public" // by votes of the public (001 art. 14(1))
)

// Round is one vote, as it is frozen and published before it opens. Instants are the wall's.
type Round struct {
	ID        string     `json:"id"`
	Matter    string     `json:"matter"`
	Stage     string     `json:"stage"`
	Title     string     `json:"title"`
	Source    string     `json:"source"` // the article it rests on
	Rehearsal bool       `json:"rehearsal,omitempty"`
	Options   []Option   `json:"options"`
	Choices   Choices    `json:"choices"`
	Units     []Unit     `json:"units"`           // the roll of units; empty: units do not vote
	Districts []District `json:"districts"`       // the roll of the public; empty: the public does not vote
	Opens     time.Time  `json:"opens"`           // the first instant at which a ballot counts
	Closes    time.Time  `json:"closes"`          // the first instant at which none does any more
	Counts    time.Time  `json:"counts,omitzero"` // the first instant at which it may be counted, after Closes; zero: once it is closed
	OwnChoice bool       `json:"ownChoice"`       // whether a unit may vote for its own
	Winners   int        `json:"winners"`
	Formula   string     `json:"formula"`   // CEL over unit and public, the shares of ballots that chose an option; see [CheckFormula]
	PublicCap float64    `json:"publicCap"` // the largest share of the public that counts, above 0 to 1
	Order     Order      `json:"order"`
	Ties      []Rule     `json:"ties"` // in this order; the draw last
	Draw      string     `json:"draw"` // commitment to the seed of its draw
	Promises  Promises   `json:"promises"`
	// Objections is for how many days after the closing whoever has the round's key can still tell who voted.
	Objections int `json:"objections"`
}

// Option is what can be voted for.
type Option struct {
	ID          string    `json:"id"`
	Number      int       `json:"number"` // order of recommendation, from 1; its name in a draw
	Title       string    `json:"title"`
	Units       []string  `json:"units"` // whose own it is
	Recommended time.Time `json:"recommended"`
}

// Choices is how many options a ballot names, both included.
type Choices struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Unit is a unit with a ballot.
type Unit struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// District is a part of the public's roll. Its ballots can never be more than those eligible.
type District struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Eligible int    `json:"eligible"`
}

// Promises hold from the opening on and cannot be taken back.
type Promises struct {
	Secret bool `json:"secret"` // units' ballots are published without the unit's name; the public's always are
	Hidden bool `json:"hidden"` // no result before closing, to nobody
}

// Ballot is a vote as it is cast.
type Ballot struct {
	Class    Class
	Unit     string // of ClassUnit
	District string // of ClassPublic
	Choices  []string
	Cast     time.Time
}

// Code names why a ballot is refused.
type Code string

const (
	CodeEarly    Code = "ballot-early"
	CodeLate     Code = "ballot-late"
	CodeNotOn    Code = "ballot-not-on-roll"
	CodeFew      Code = "ballot-too-few"
	CodeMany     Code = "ballot-too-many"
	CodeTwice    Code = "ballot-twice"
	CodeUnknown  Code = "ballot-unknown-choice"
	CodeOwn      Code = "ballot-own-choice"
	CodeDistrict Code = "ballot-roll-full" // the district has cast as many as are eligible
)

// Refusal is a ballot refused. Option is the one that is at fault, where it is one.
type Refusal struct {
	Code   Code
	Option string
}

func (r *Refusal) Error() string { return string(r.Code) }

// Open says whether ballots count at an instant: nil, or the refusal that it is early or late.
func (r *Round) Open(at time.Time) *Refusal {
	switch {
	case at.Before(r.Opens):
		return &Refusal{Code: CodeEarly}
	case !at.Before(r.Closes):
		return &Refusal{Code: CodeLate}
	}
	return nil
}

// Judge says whether a ballot is good, whenever it is cast.
func Judge(r *Round, b Ballot) *Refusal {
	if !r.onRoll(b) {
		return &Refusal{Code: CodeNotOn}
	}
	for i, id := range b.Choices {
		option, known := r.Option(id)
		switch {
		case !known:
			return &Refusal{Code: CodeUnknown, Option: id}
		case slices.Contains(b.Choices[:i], id):
			return &Refusal{Code: CodeTwice, Option: id}
		case b.Class == ClassUnit && !r.OwnChoice && slices.Contains(option.Units, b.Unit):
			return &Refusal{Code: CodeOwn, Option: id}
		}
	}
	switch n := len(b.Choices); {
	case n < r.Choices.Min:
		return &Refusal{Code: CodeFew}
	case n > r.Choices.Max:
		return &Refusal{Code: CodeMany}
	}
	return nil
}

func (r *Round) onRoll(b Ballot) bool {
	switch b.Class {
	case ClassUnit:
		return slices.ContainsFunc(r.Units, func(u Unit) bool { return u.ID == b.Unit })
	case ClassPublic:
		return slices.ContainsFunc(r.Districts, func(d District) bool { return d.ID == b.District })
	}
	return false
}

// Option finds an option.
func (r *Round) Option(id string) (Option, bool) {
	for i := range r.Options { // each is a hundred bytes, and every ballot asks for all its own
		if r.Options[i].ID == id {
			return r.Options[i], true
		}
	}
	return Option{}, false
}

// Own lists the options a unit may not choose, being its own.
func (r *Round) Own(unit string) []string {
	var own []string
	for _, o := range r.Options {
		if !r.OwnChoice && slices.Contains(o.Units, unit) {
			own = append(own, o.ID)
		}
	}
	return own
}

var (
	roundID = regexp.MustCompile(`^[0-9a-z][0-9a-z.-]{0,99}$`)
	partID  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`) // of options, units and districts: they stand in CSV
)
