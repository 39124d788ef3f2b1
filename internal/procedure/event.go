package procedure

import (
	"encoding/json"
	"fmt"
	"time"

	"duban/internal/calendar"
)

// Event is one thing that happened to a matter. Seq counts from 1 without gaps.
type Event struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`            // the matter's clock
	Key  string    `json:"key,omitempty"` // of the command it follows from; empty: the clock's
	By   *Actor    `json:"by,omitempty"`
	Body Body      `json:"-"`
}

// Body is what happened. The types below are all there are.
type Body interface{ EventType() string }

// The bodies of events.
type (
	// Started opens a matter; the specification it began with is recorded beside the events.
	Started struct {
		Digest string `json:"digest"` // of the specification
	}
	// StageEntered says the matter reached a stage; Via is the action that led there, empty for the machine's own step.
	StageEntered struct {
		Stage string     `json:"stage"`
		Round int        `json:"round"` // 1, and one more at each re-entry
		Via   ActionName `json:"via,omitempty"`
		From  string     `json:"from,omitempty"`
	}
	// StageLeft says the stage is done and why.
	StageLeft struct {
		Stage string     `json:"stage"`
		Via   ActionName `json:"via,omitempty"`
	}
	// ApprovalKept says an approval given before a return still holds: nothing it rests on changed.
	ApprovalKept struct {
		Stage string `json:"stage"`
		Post  Post   `json:"post"`
		Event int64  `json:"event"` // the approval's own
	}
	// Acted is a person's action on the matter, in their words.
	Acted struct {
		Action     ActionName `json:"action"`
		Stage      string     `json:"stage,omitempty"`
		Assignment int64      `json:"assignment,omitempty"`
		Post       Post       `json:"post,omitempty"` // acted for
		Opinion    string     `json:"opinion,omitempty"`
		To         string     `json:"to,omitempty"`     // stage, for return
		Toward     []Post     `json:"toward,omitempty"` // transfer, delegate, copy …
		Days       int        `json:"days,omitempty"`   // extension
		Inputs     string     `json:"inputs,omitempty"` // digest of what an approval rests on
		Slip       int64      `json:"slip,omitempty"`   // sign
		Deputy     string     `json:"deputy,omitempty"` // on whose behalf
		Source     string     `json:"source,omitempty"` // article of the stage
	}
	// FormChanged gives the form fields that changed, before and after.
	FormChanged struct {
		Fields map[string]Change `json:"fields"`
	}
	// AssignmentOpened puts a to-do before a post.
	AssignmentOpened struct {
		Assignment int64      `json:"assignment"`
		Stage      string     `json:"stage,omitempty"`
		Post       Post       `json:"post"`
		Duty       Duty       `json:"duty"`
		Slip       int64      `json:"slip,omitempty"`
		Limit      int64      `json:"limit,omitempty"`    // the running limit it stands under
		For        int64      `json:"for,omitempty"`      // assignment it serves: delegated, added, extension asked
		Waits      bool       `json:"waits,omitempty"`    // not yet its turn
		How        ActionName `json:"how,omitempty"`      // delegate, add-before, add-after; empty: the stage's own
		Replaces   int64      `json:"replaces,omitempty"` // assignment it was transferred from
		Days       int        `json:"days,omitempty"`     // workdays asked for, duty grant
		Of         Post       `json:"of,omitempty"`       // post of the stage's own that it stands for, where each fills fields of its own
	}
	// AssignmentReady says a waiting assignment's turn has come.
	AssignmentReady struct {
		Assignment int64 `json:"assignment"`
	}
	// AssignmentClaimed says one person of a post took the to-do.
	AssignmentClaimed struct {
		Assignment int64  `json:"assignment"`
		Person     string `json:"person"`
	}
	// AssignmentClosed takes a to-do away and says how it ended.
	AssignmentClosed struct {
		Assignment int64 `json:"assignment"`
		How        Ended `json:"how"`
	}
	// LimitStarted starts a term.
	LimitStarted struct {
		Limit int64        `json:"limit"`
		Key   string       `json:"key"` // "<stage>.<limit>", or the procedure's own limit's key
		Stage string       `json:"stage,omitempty"`
		Slip  int64        `json:"slip,omitempty"` // the term in which a slip is to be signed
		Due   calendar.Due `json:"due"`
	}
	// LimitMoved gives a running term another due: an extension, a suspension's end, a calendar published.
	LimitMoved struct {
		Limit int64        `json:"limit"`
		Due   calendar.Due `json:"due"`
		Why   string       `json:"why"` // extension, resumed, calendar
	}
	// LimitEnded stops a term: met in time or late, missed for good, or dropped because nothing asks for it any more.
	LimitEnded struct {
		Limit int64 `json:"limit"`
		How   Kept  `json:"how"`
	}
	// AlarmFired is what the clock did.
	AlarmFired struct {
		Limit  int64   `json:"limit"`
		Alarm  int     `json:"alarm"` // index in the limit's alarms
		Do     AlarmDo `json:"do"`
		To     []Post  `json:"to"`
		Urgent bool    `json:"urgent,omitempty"`
		Merged bool    `json:"merged,omitempty"` // a later one of the same limit was due at once and speaks for it
		Source string  `json:"source,omitempty"`
	}
	// SlipIssued issues a document to addressees; its number is given when it is recorded.
	SlipIssued struct {
		Slip   int64     `json:"slip"`
		Kind   string    `json:"kind"`
		Unit   string    `json:"unit"` // that issues it
		To     []Post    `json:"to"`
		Title  string    `json:"title"`
		Body   string    `json:"body"`
		Source string    `json:"source,omitempty"`
		Due    time.Time `json:"due,omitzero"`    // of what it asks for
		Cause  int64     `json:"cause,omitempty"` // sequence of the event that caused it
	}
	// MatterRequested asks for another matter to be started; Child is the new matter's id.
	MatterRequested struct {
		Child     string                     `json:"child"`
		Link      string                     `json:"link"`
		Rulebook  string                     `json:"rulebook"`
		Procedure string                     `json:"procedure"`
		Title     string                     `json:"title"`
		Form      map[string]json.RawMessage `json:"form"`
		Unit      string                     `json:"unit"` // on whose behalf it starts
		Submit    bool                       `json:"submit,omitempty"`
		Take      []string                   `json:"take,omitempty"` // fields of its form that are collected
	}
	// MatterLinked says what became of a matter this one started.
	MatterLinked struct {
		Linked
	}
	// Suspended stops the clock: By holds it until Resumed.
	Suspended struct {
		By     Post   `json:"by"`
		Reason string `json:"reason"`
	}
	// Resumed starts the clock again.
	Resumed struct {
		By Post `json:"by"`
	}
	// CalendarReplaced gives the matter a year's special days.
	CalendarReplaced struct {
		CalendarYear
	}
	// Gathered ends a collection: who sent nothing in time, and which of the matters it asked for come too late from now on.
	Gathered struct {
		Stage   string   `json:"stage"`
		Sent    int      `json:"sent"` // matters that were completed in time
		Missing []string `json:"missing,omitempty"`
		Late    []string `json:"late,omitempty"` // matters still open
	}
	// Lapsed ends a matter that did not make the collection it was for; Late are those it collected itself.
	Lapsed struct {
		Lapse
		Late []string `json:"late,omitempty"`
	}
	// Scored is one post's scorecard; a later one takes its place.
	Scored struct {
		Stage string    `json:"stage"`
		Post  Post      `json:"post"`
		Rows  []CardRow `json:"rows"`
	}
	// ScoresClosed is what a scoring came to, by the rulebook's formula, the best first.
	ScoresClosed struct {
		Stage   string      `json:"stage"`
		Results []ScoreLine `json:"results"`
		Missing []Post      `json:"missing,omitempty"` // gave no card
	}
	// DrawWanted asks for a seed that is committed to before the list it draws from is fixed.
	DrawWanted struct {
		Draw string `json:"draw"` // id
		Seed string `json:"seed"` // its name in the procedure
	}
	// DrawCommitted publishes the digest of a seed nobody knows yet.
	DrawCommitted struct {
		Draw       string `json:"draw"`
		Seed       string `json:"seed"`
		Commitment string `json:"commitment"`
	}
	// DrawFixed fixes what is drawn from; the seed may be revealed from now on.
	DrawFixed struct {
		Draw  string      `json:"draw"`
		Seed  string      `json:"seed"`
		Stage string      `json:"stage"`
		Take  int         `json:"take"`
		Lots  []DrawGroup `json:"lots"`
	}
	// DrawRevealed reveals the seed and what it draws: anyone can repeat it.
	DrawRevealed struct {
		Draw  string      `json:"draw"`
		Seed  string      `json:"seed"`
		Value string      `json:"value"` // the seed itself
		Drawn []DrawGroup `json:"drawn"`
	}
	// MatterClosed ends the matter.
	MatterClosed struct {
		Outcome Outcome `json:"outcome"`
		Stage   string  `json:"stage"`
	}
)

// Change is a form field before and after; nil is absent.
type Change struct {
	From json.RawMessage `json:"from,omitempty"`
	To   json.RawMessage `json:"to,omitempty"`
}

// CalendarYear is one year's special days as published.
type CalendarYear struct {
	Year int                  `json:"year"`
	Off  calendar.SpecialDays `json:"off,omitempty"`
	Work calendar.SpecialDays `json:"work,omitempty"`
}

// EventType names the body in records, API and catalogue.
func (Started) EventType() string           { return "started" }
func (StageEntered) EventType() string      { return "stage-entered" }
func (StageLeft) EventType() string         { return "stage-left" }
func (ApprovalKept) EventType() string      { return "approval-kept" }
func (Acted) EventType() string             { return "acted" }
func (FormChanged) EventType() string       { return "form-changed" }
func (AssignmentOpened) EventType() string  { return "assignment-opened" }
func (AssignmentReady) EventType() string   { return "assignment-ready" }
func (AssignmentClaimed) EventType() string { return "assignment-claimed" }
func (AssignmentClosed) EventType() string  { return "assignment-closed" }
func (LimitStarted) EventType() string      { return "limit-started" }
func (LimitMoved) EventType() string        { return "limit-moved" }
func (LimitEnded) EventType() string        { return "limit-ended" }
func (AlarmFired) EventType() string        { return "alarm-fired" }
func (SlipIssued) EventType() string        { return "slip-issued" }
func (MatterRequested) EventType() string   { return "matter-requested" }
func (MatterLinked) EventType() string      { return "matter-linked" }
func (Suspended) EventType() string         { return "suspended" }
func (Resumed) EventType() string           { return "resumed" }
func (CalendarReplaced) EventType() string  { return "calendar-replaced" }
func (Gathered) EventType() string          { return "gathered" }
func (Lapsed) EventType() string            { return "lapsed" }
func (Scored) EventType() string            { return "scored" }
func (ScoresClosed) EventType() string      { return "scores-closed" }
func (DrawWanted) EventType() string        { return "draw-wanted" }
func (DrawCommitted) EventType() string     { return "draw-committed" }
func (DrawFixed) EventType() string         { return "draw-fixed" }
func (DrawRevealed) EventType() string      { return "draw-revealed" }
func (MatterClosed) EventType() string      { return "matter-closed" }
func (Enacted) EventType() string           { return "enacted" }

// DecodeBody reads a body by its type.
func DecodeBody(eventType string, data []byte) (Body, error) {
	switch eventType {
	case "started":
		return decode[Started](data)
	case "stage-entered":
		return decode[StageEntered](data)
	case "stage-left":
		return decode[StageLeft](data)
	case "approval-kept":
		return decode[ApprovalKept](data)
	case "acted":
		return decode[Acted](data)
	case "form-changed":
		return decode[FormChanged](data)
	case "assignment-opened":
		return decode[AssignmentOpened](data)
	case "assignment-ready":
		return decode[AssignmentReady](data)
	case "assignment-claimed":
		return decode[AssignmentClaimed](data)
	case "assignment-closed":
		return decode[AssignmentClosed](data)
	case "limit-started":
		return decode[LimitStarted](data)
	case "limit-moved":
		return decode[LimitMoved](data)
	case "limit-ended":
		return decode[LimitEnded](data)
	case "alarm-fired":
		return decode[AlarmFired](data)
	case "slip-issued":
		return decode[SlipIssued](data)
	case "matter-requested":
		return decode[MatterRequested](data)
	case "matter-linked":
		return decode[MatterLinked](data)
	case "suspended":
		return decode[Suspended](data)
	case "resumed":
		return decode[Resumed](data)
	case "calendar-replaced":
		return decode[CalendarReplaced](data)
	case "gathered":
		return decode[Gathered](data)
	case "lapsed":
		return decode[Lapsed](data)
	case "scored":
		return decode[Scored](data)
	case "scores-closed":
		return decode[ScoresClosed](data)
	case "draw-wanted":
		return decode[DrawWanted](data)
	case "draw-committed":
		return decode[DrawCommitted](data)
	case "draw-fixed":
		return decode[DrawFixed](data)
	case "draw-revealed":
		return decode[DrawRevealed](data)
	case "poll-plan":
		return decode[PollPlan](data)
	case "poll-seal":
		return decode[PollSeal](data)
	case "poll-skipped":
		return decode[PollSkipped](data)
	case "poll-opened":
		return decode[PollOpened](data)
	case "voted":
		return decode[Voted](data)
	case "poll-closed":
		return decode[PollClosed](data)
	case "poll-review":
		return decode[PollUnderReview](data)
	case "poll-count":
		return decode[PollCount](data)
	case "poll-decided":
		return decode[PollDecided](data)
	case "matter-closed":
		return decode[MatterClosed](data)
	case "enacted":
		return decode[Enacted](data)
	}
	return nil, fmt.Errorf("procedure: unknown event type %q", eventType)
}

func decode[B Body](data []byte) (Body, error) {
	var body B
	err := json.Unmarshal(data, &body)
	return body, err
}

type plainEvent Event

type wireEvent struct {
	plainEvent
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// MarshalJSON writes the body under its type.
func (e Event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(wireEvent{plainEvent(e), e.Body.EventType(), data})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var w wireEvent
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*e = Event(w.plainEvent)
	var err error
	e.Body, err = DecodeBody(w.Type, w.Data)
	return err
}
