package procedure

import (
	"encoding/json"
	"time"

	"duban/internal/calendar"
)

// Spec is everything a matter begins with. It does not change; the events after it do the rest.
type Spec struct {
	Matter    string                     `json:"matter"` // id, a UUID
	Title     string                     `json:"title"`
	Procedure Procedure                  `json:"procedure"`
	Calendar  calendar.Calendar          `json:"calendar"`        // special days of the years the matter may touch
	Parties   map[string][]string        `json:"parties"`         // party -> units
	Names     map[string]string          `json:"names"`           // unit -> its name, for documents
	Heads     map[string]string          `json:"heads,omitempty"` // unit -> role of its head, where that is not "head"
	Form      map[string]json.RawMessage `json:"form"`
	Unit      string                     `json:"unit"` // that starts it
	Starter   Actor                      `json:"starter"`
	Parent    *Parent                    `json:"parent,omitempty"`
	At        time.Time                  `json:"at"` // start, by the matter's clock
	Clock     Clock                      `json:"clock,omitzero"`
}

// Parent is the matter that started this one.
type Parent struct {
	Matter string   `json:"matter"`
	Title  string   `json:"title"`
	Link   string   `json:"link"`
	Take   []string `json:"take,omitempty"` // form fields it collects when this one is completed
}

// Clock maps the wall's time to the matter's: virtual = Start + Factor × (wall − Start). The zero Clock is the wall's.
type Clock struct {
	Start  time.Time `json:"start,omitzero"`
	Factor int       `json:"factor,omitempty"`
}

// Outcome is how a matter ended.
type Outcome string

// The outcomes.
const (
	OutcomeCompleted Outcome = "completed"
	OutcomeRejected  Outcome = "rejected"
	OutcomeWithdrawn Outcome = "withdrawn"
	// OutcomeTerminated is an administrator's end of a matter that could not go on.
	OutcomeTerminated Outcome = "terminated"
)

// Duty is what an assignment asks of its post.
type Duty string

// The duties: carry out the stage, sign for a slip, decide on an extension, attend to what escalated, vote.
const (
	DutyAct    Duty = "act"
	DutyVote   Duty = "vote"
	DutySign   Duty = "sign"
	DutyGrant  Duty = "grant"
	DutyAttend Duty = "attend"
)

// Ended is how an assignment ended.
type Ended string

// How assignments end.
const (
	EndedDone      Ended = "done"       // its holder did it
	EndedPassed    Ended = "passed"     // handed to another post
	EndedNotNeeded Ended = "not-needed" // others decided, or the matter moved or closed
)

// Kept says whether a limit was kept.
type Kept string

// How limits end.
const (
	KeptMet     Kept = "met"
	KeptLate    Kept = "late"    // done, after its due
	KeptMissed  Kept = "missed"  // its due passed, and the matter ended without it being done
	KeptDropped Kept = "dropped" // nothing asks for it any more, before its due
)

// State is where a matter stands: plain data, changed by Apply alone.
type State struct {
	Spec Spec `json:"spec"`

	Seq         int64                      `json:"seq"`
	Form        map[string]json.RawMessage `json:"form"`
	Calendar    calendar.Calendar          `json:"calendar,omitzero"`
	Stage       string                     `json:"stage,omitempty"` // current; Closed at the end
	Outcome     Outcome                    `json:"outcome,omitempty"`
	Entered     time.Time                  `json:"entered,omitzero"` // the current stage
	EnteredSeq  int64                      `json:"enteredSeq,omitempty"`
	Via         ActionName                 `json:"via,omitempty"` // action that led to the current stage; empty: the machine's own step
	Closed      time.Time                  `json:"closed,omitzero"`
	Rounds      map[string]int             `json:"rounds,omitempty"` // stage -> times entered
	Marks       map[Mark]time.Time         `json:"marks,omitempty"`
	Assignments []Assignment               `json:"assignments,omitempty"` // open ones
	Limits      []RunningLimit             `json:"limits,omitempty"`      // running ones
	Past        []RunningLimit             `json:"past,omitempty"`        // ended ones that count from an earlier mark
	Kept        map[Kept]int               `json:"kept,omitempty"`        // ended limits, counted
	Slips       []Slip                     `json:"slips,omitempty"`
	Approvals   []Approval                 `json:"approvals,omitempty"`
	Copied      []Post                     `json:"copied,omitempty"`
	Links       []Linked                   `json:"links,omitempty"`
	Suspended   *Suspension                `json:"suspended,omitempty"`
	Pauses      []calendar.Pause           `json:"pauses,omitempty"`     // past suspensions
	Extensions  map[string]int             `json:"extensions,omitempty"` // stage -> times granted
	Urged       time.Time                  `json:"urged,omitzero"`
	Held        []Hold                     `json:"held,omitempty"` // who held the clock, in order; the last is open
	Recent      []Receipt                  `json:"recent,omitempty"`
	Cards       []Card                     `json:"cards,omitempty"`  // scorecards of the score stages, the latest round of each
	Draws       map[string]Drawing         `json:"draws,omitempty"`  // by the name of their seed
	Polls       []Polling                  `json:"polls,omitempty"`  // votes announced, in order
	Lapsed      *Lapse                     `json:"lapsed,omitempty"` // it came too late for the matter that collected it
	LastID      int64                      `json:"lastID,omitempty"` // of assignments, limits and slips
}

// Assignment (待办) is a stage, a slip or a question waiting on one post.
type Assignment struct {
	AssignmentOpened
	Opened  time.Time `json:"opened"`
	Claimed string    `json:"claimed,omitempty"` // person
}

// RunningLimit is a term under way.
type RunningLimit struct {
	LimitStarted
	Fired []bool    `json:"fired,omitempty"` // by alarm
	Since time.Time `json:"since,omitzero"`  // last started, moved or resumed: what should have rung before rings after it
}

// Slip is a document issued in the matter.
type Slip struct {
	SlipIssued
	At     time.Time          `json:"at"`
	Signed map[Post]time.Time `json:"signed,omitempty"`
}

// Approval is one post's approval of a stage, with a digest of what it rests on.
type Approval struct {
	Stage  string    `json:"stage"`
	Post   Post      `json:"post"`
	Inputs string    `json:"inputs"`
	Event  int64     `json:"event"`
	At     time.Time `json:"at"`
	// Survives is set by a return: when the stage comes up again the approval holds if its inputs are unchanged.
	Survives bool `json:"survives,omitempty"`
}

// Suspension is the clock stopped.
type Suspension struct {
	By     Post      `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Hold is a time in which one holder had the clock: a post, "suspended:<post>", or "system".
type Hold struct {
	Holder string    `json:"holder"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
}

// Receipt remembers a command's outcome beyond Continue-As-New, where the server's own memory ends.
type Receipt struct {
	Key   string `json:"key"`
	First int64  `json:"first"` // sequence of its first event
	Last  int64  `json:"last"`
}

// New is a matter that has not begun: Decide its ActionStart first.
func New(spec Spec) State {
	return State{Spec: spec, Form: spec.Form, Calendar: spec.Calendar}
}

// Receipt returns the outcome of the command with that key, if it is remembered.
func (s *State) Receipt(key string) (Receipt, bool) {
	for _, r := range s.Recent {
		if r.Key == key {
			return r, true
		}
	}
	return Receipt{}, false
}
