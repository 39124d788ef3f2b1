// Package procedure is the state machine of a matter: pure, event-sourced, and the only place that decides.
//
// [Decide] says whether a command may happen and what follows, [Apply] is the only way state changes, [Elapse] says
// what the clock alone brings about, [Wake] names the next instant at which it does.
package procedure

import (
	"cmp"
	"encoding/json"

	"duban/internal/calendar"
)

// Kind says what a stage is: people act, a document goes out, other matters start or are gathered, votes and marks are
// counted, lots are drawn, time passes, a condition holds.
type Kind string

// The kinds of stage.
const (
	KindTask    Kind = "task"
	KindStart   Kind = "start"
	KindIssue   Kind = "issue"
	KindWait    Kind = "wait"
	KindGate    Kind = "gate"
	KindEnact   Kind = "enact"
	KindCollect Kind = "collect"
	KindPoll    Kind = "poll"
	KindScore   Kind = "score"
	KindDraw    Kind = "draw"
)

// Closed is the target that ends a matter.
const Closed = "closed"

// Mode says how many of a task's holders must approve.
type Mode string

// The modes of a task with several holders (或签, 会签, 依次, 按比例).
const (
	ModeAny      Mode = "any"
	ModeAll      Mode = "all"
	ModeSequence Mode = "sequence"
	ModeRatio    Mode = "ratio"
)

// Post is a role in a unit, written "unit/role"; persons hold posts for a time.
type Post string

// Authority is where a rule comes from: an article of a document, or the office that set it where the document is silent.
type Authority struct {
	Source string `json:"source,omitempty"` // "001 art. 5(3)"
	SetBy  string `json:"setBy,omitempty"`  // "office"
}

// Procedure says how one kind of matter runs. It is plain data: a matter carries the procedure it began under.
type Procedure struct {
	Key      string `json:"key"`
	Rulebook string `json:"rulebook"`
	Version  string `json:"version"` // digest of the rulebook it was compiled from
	Title    string `json:"title"`
	Authority
	Workflow string           `json:"workflow"` // Temporal workflow type
	Intake   *Intake          `json:"intake,omitempty"`
	Form     json.RawMessage  `json:"form,omitempty"` // JSON Schema of the matter's form
	Starters []Role           `json:"starters,omitempty"`
	Parties  map[string]Party `json:"parties,omitempty"`
	Begins   *Begins          `json:"begins,omitempty"`
	First    string           `json:"first"`
	Stages   []Stage          `json:"stages"`
	Limits   []Limit          `json:"limits,omitempty"` // limits that span stages
	Slips    []SlipKind       `json:"slips,omitempty"`  // kinds this procedure issues
	Urge     *Urge            `json:"urge,omitempty"`
	Ledger   *Ledger          `json:"ledger,omitempty"`
}

// Intake is the yearly window in which matters of a procedure may be started, as month-day, both days included.
type Intake struct {
	Opens  string `json:"opens"`
	Closes string `json:"closes"`
	Authority
}

// Begins are the days on which a matter of the procedure begins by itself, in the name of a party that is one unit.
type Begins struct {
	On     []string           `json:"on"` // "01-10", "07-10"
	As     string             `json:"as"`
	Title  string             `json:"title"`            // placeholders {year}, {half}, {last-year}
	Form   map[string]string  `json:"form,omitempty"`   // field -> text with the same placeholders
	Gather map[string]Earlier `json:"gather,omitempty"` // list field -> what earlier matters came to
	Authority
}

// Earlier is a list field of the matters of a procedure that were completed last year.
type Earlier struct {
	Procedure string `json:"procedure"`
	Field     string `json:"field"`
}

// Role names posts relative to a matter: a party and a role in its units ("group/leader"), or "holder", "holder.head".
type Role string

// Party says which units play a part in a matter. Exactly one of Unit, Units, Field and Starter is set.
type Party struct {
	Title   string            `json:"title,omitempty"`
	Unit    string            `json:"unit,omitempty"`    // always this unit
	Units   []string          `json:"units,omitempty"`   // always these units
	Field   string            `json:"field,omitempty"`   // the unit or units named by a form field, or "list.field" by its entries
	Map     map[string]string `json:"map,omitempty"`     // field value -> unit, where the field is no unit itself
	Starter bool              `json:"starter,omitempty"` // the unit of whoever starts the matter
	Role    string            `json:"role,omitempty"`    // role addressed when a Role names only the party
}

// Stage is one step of a procedure.
type Stage struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Kind  Kind   `json:"kind"`
	Authority
	Who    []Role   `json:"who,omitempty"`
	Mode   Mode     `json:"mode,omitempty"`
	Ratio  int      `json:"ratio,omitempty"`  // percent of holders who must approve, mode ratio
	Fields []string `json:"fields,omitempty"` // form fields its holders fill in or may change
	Needs  []string `json:"needs,omitempty"`  // form fields that must be answered before approve; "no" answers
	// FilledBy are the fields that one role alone fills and answers for, of those that several of its holders fill in.
	FilledBy map[string]Role       `json:"filledBy,omitempty"`
	Prefill  map[string]string     `json:"prefill,omitempty"` // field -> "=field" copied, or a text with placeholders: what it holds as the stage opens
	Inputs   []string              `json:"inputs,omitempty"`  // fields its approval rests on; empty: the whole form
	Actions  map[ActionName]Target `json:"actions,omitempty"` // actions that move the matter, and where to
	Allow    []ActionName          `json:"allow,omitempty"`   // actions that do not move it
	Labels   map[ActionName]string `json:"labels,omitempty"`  // Chinese wording where the usual one does not fit
	Limits   []Limit               `json:"limits,omitempty"`  // start with the stage, unless From says otherwise
	Extend   *Extension            `json:"extend,omitempty"`
	Suspend  *Suspending           `json:"suspend,omitempty"`
	Batch    bool                  `json:"batch,omitempty"` // safe to approve many at once

	Start   *Start   `json:"start,omitempty"`   // kinds start and collect
	Collect *Collect `json:"collect,omitempty"` // kind collect
	Poll    *Poll    `json:"poll,omitempty"`    // kind poll
	Score   *Score   `json:"score,omitempty"`   // kind score
	Draw    *Draw    `json:"draw,omitempty"`    // kind draw
	Issue   *Issue   `json:"issue,omitempty"`   // kind issue
	Wait    *Wait    `json:"wait,omitempty"`    // kind wait
	Gate    *Gate    `json:"gate,omitempty"`    // kind gate
	Enact   *Enact   `json:"enact,omitempty"`   // kind enact
	Next    string   `json:"next,omitempty"`    // where every kind but task leads
}

// Target is where an action leads: one stage (or Closed), or, for return, the stages one may choose from.
type Target []string

// Limit (时限) is a term that starts with one event, is met by another, and has its alarms.
type Limit struct {
	Key   string `json:"key"`
	Title string `json:"title,omitempty"`
	Authority
	From   string             `json:"from,omitempty"`   // Mark it counts from; empty: its stage is entered, or the matter starts. A stage's counts from no due that passed before it was entered
	Until  string             `json:"until,omitempty"`  // Mark that meets it; empty: its stage is left, or the matter closes
	Within *calendar.Duration `json:"within,omitempty"` // term from From
	On     string             `json:"on,omitempty"`     // or a fixed day each year ("01-31") or month ("28"), or several ("06-30,12-31"): the next one
	Field  string             `json:"field,omitempty"`  // or the date in this form field
	Alarms []Alarm            `json:"alarms,omitempty"`
}

// Mark names an instant in a matter's course: "started", "<stage>.entered", "<stage>.done", "<stage>.opened" of a vote,
// "<limit>.due" of a limit of the procedure.
type Mark = string

// AlarmDo is what the clock does at an alarm's time.
type AlarmDo string

// What an alarm does: tell (提醒), urge (催办), issue a slip, put the matter before a higher post (升级).
const (
	DoNotice   AlarmDo = "notice"
	DoUrge     AlarmDo = "urge"
	DoSlip     AlarmDo = "slip"
	DoEscalate AlarmDo = "escalate"
)

// Alarm is what happens by itself at a time relative to its limit's due. Exactly one of Before, At and After is set.
type Alarm struct {
	Before *calendar.Duration `json:"before,omitempty"`
	At     string             `json:"at,omitempty"` // "due"
	After  *calendar.Duration `json:"after,omitempty"`
	Do     AlarmDo            `json:"do"`
	Slip   string             `json:"slip,omitempty"` // kind of slip, do slip
	To     []Role             `json:"to"`
	Urgent bool               `json:"urgent,omitempty"` // may fire and be delivered outside working hours
	Authority
}

// Start is what a start stage starts: one matter, or one for each unit of a party or each entry of a list field.
type Start struct {
	Rulebook  string            `json:"rulebook,omitempty"` // empty: the matter's own
	Procedure string            `json:"procedure"`
	Each      string            `json:"each,omitempty"`   // "party:lead,participants" or "field:tasks"
	Title     string            `json:"title,omitempty"`  // placeholders {field}, {unit}, {item.field}
	Form      map[string]string `json:"form,omitempty"`   // child's field -> text with placeholders, or "=field" copied as it is
	Own       map[string]string `json:"own,omitempty"`    // child's list field -> field of its entries that names a unit: it gets the entries of its own
	As        string            `json:"as,omitempty"`     // party of this matter whose unit starts the child, or "item.field" naming it; empty: the starter's
	Submit    bool              `json:"submit,omitempty"` // pass the child's first stage at once
	Link      string            `json:"link,omitempty"`   // name of the link, awaited by a wait stage
}

// Issue is a numbered document sent to addressees who sign for it.
type Issue struct {
	Slip string `json:"slip"` // kind, declared in the procedure's Slips
	To   []Role `json:"to"`
}

// SlipKind declares a kind of numbered document (督办单, 简报 …). Text has placeholders {field}, {due}, {unit}, {title}.
type SlipKind struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Prefix string `json:"prefix"` // of the document number: "淄改办交" in 淄改办交〔2026〕3号
	From   string `json:"from"`   // party that issues it, and whose year sequence numbers it
	Body   string `json:"body"`
	Authority
	Sign *Limit `json:"sign,omitempty"` // term in which receivers sign for it
}

// Wait holds a matter until a day, for a term, or until linked matters end. Exactly one of For, Field, On, Before, Link is set.
type Wait struct {
	For    *calendar.Duration `json:"for,omitempty"`
	Field  string             `json:"field,omitempty"`
	On     string             `json:"on,omitempty"`     // next day "01-31" of the year or "28" of the month
	Before string             `json:"before,omitempty"` // limit of the procedure: until Term before its due, at once if that has passed
	Term   *calendar.Duration `json:"term,omitempty"`
	Link   string             `json:"link,omitempty"` // Start.Link whose matters must all end
	Else   string             `json:"else,omitempty"` // where to, when a linked matter ended otherwise than completed
	// Refused is where to, when one never began because the rules refused it; empty: Else.
	Refused string `json:"refused,omitempty"`
}

// Gate refuses whatever would pass it while its condition is false.
type Gate struct {
	When   string `json:"when"`   // CEL over form, approvals, links, parties
	Reason string `json:"reason"` // why it refuses, for the reader
}

// Extension says who may grant more time, how much and how often.
type Extension struct {
	By    []Role            `json:"by"`
	Max   calendar.Duration `json:"max"`
	Times int               `json:"times"`
	Authority
}

// Suspending says who may stop and restart the clock.
type Suspending struct {
	By []Role `json:"by"`
	Authority
}

// MarshalJSON writes the roles alone where nothing is said of where the rule comes from: so do the specifications of matters
// that began before it was.
func (s Suspending) MarshalJSON() ([]byte, error) {
	if s.Authority == (Authority{}) {
		return json.Marshal(s.By)
	}
	type plain Suspending
	return json.Marshal(plain(s))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Suspending) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		*s = Suspending{}
		return json.Unmarshal(data, &s.By)
	}
	type plain Suspending
	return json.Unmarshal(data, (*plain)(s))
}

// Urge says how often a matter's holders may be urged by hand, and by whom.
type Urge struct {
	By    []Role            `json:"by"`
	Every calendar.Duration `json:"every"`
	Authority
}

// Stage returns the stage with that key.
func (p *Procedure) Stage(key string) (*Stage, bool) {
	for i := range p.Stages {
		if p.Stages[i].Key == key {
			return &p.Stages[i], true
		}
	}
	return nil, false
}

// Slip returns the slip kind with that key.
func (p *Procedure) Slip(key string) (*SlipKind, bool) {
	for i := range p.Slips {
		if p.Slips[i].Key == key {
			return &p.Slips[i], true
		}
	}
	return nil, false
}

// Asks names the procedure whose matters are started under a link, and says whether a wait for them has a way of its own
// for one that the rules refuse.
func (p *Procedure) Asks(link string) (rulebook, procedure string, provided bool) {
	for i := range p.Stages {
		stage := &p.Stages[i]
		switch {
		case stage.Start != nil && stage.Link() == link:
			rulebook, procedure = cmp.Or(stage.Start.Rulebook, p.Rulebook), stage.Start.Procedure
		case stage.Wait != nil && stage.Wait.Link == link:
			provided = provided || stage.Wait.Refused != ""
		}
	}
	return rulebook, procedure, provided
}
