// Package workflows runs a matter as a durable workflow: the deterministic shell around the machine in
// internal/procedure, which decides everything.
package workflows

import "duban/internal/procedure"

// The names that cross the boundary between the program and Temporal. Histories hold them for as long as a matter
// lives, so they are added to and never changed.
const (
	TaskQueue = "duban"

	UpdateAct      = "act"      // procedure.Command -> Outcome: what a person asks of the matter
	SignalLinked   = "linked"   // procedure.Linked: what became of a matter this one started
	SignalCalendar = "calendar" // procedure.CalendarYear: a year's special days were published
	SignalLapse    = "lapse"    // procedure.Lapse: the collection the matter is for has closed
	SignalVoted    = "voted"    // procedure.Vote: a unit has voted
	QueryState     = "state"    // -> procedure.State

	AttributeProcedure = "DubanProcedure" // keyword: "rulebook/procedure"
	AttributeUnit      = "DubanUnit"      // keyword: the unit that started the matter

	// WorkflowBegin lets a matter begin by itself: Beginning -> Begun.
	WorkflowBegin = "Begin"

	idPrefix    = "matter/"
	beginPrefix = "begin/"
)

// retired are workflow types that no procedure may name any more, and that matters begun under them still run as.
var retired = []string{"Study", "Tracking"}

// Types are the workflow types there are. One interpreter runs them all; the names are for whoever reads Temporal's lists.
func Types() []string { return append(procedure.Workflows(), retired...) }

// WorkflowID is the workflow of a matter.
func WorkflowID(matter string) string { return idPrefix + matter }

// MatterID is the matter of a workflow, and whether the id is one of a matter's workflow.
func MatterID(workflow string) (string, bool) {
	if len(workflow) <= len(idPrefix) || workflow[:len(idPrefix)] != idPrefix {
		return "", false
	}
	return workflow[len(idPrefix):], true
}

// Input is what a run begins with: Spec for a matter's first run, State for one that continues another.
type Input struct {
	Spec     *procedure.Spec    `json:"spec,omitempty"`
	State    *procedure.State   `json:"state,omitempty"`
	Recorded int64              `json:"recorded,omitempty"` // sequence of the last event the runs before recorded
	Told     bool               `json:"told,omitempty"`     // the parent knows the outcome
	Begin    *procedure.Command `json:"begin,omitempty"`    // the start command, where no update brings it: in a child
	// Owed and Replaces are a run's that an administrator began from the record, in the place of one that could not go on:
	// the matters asked for that never began, and the run replaced.
	Owed     []procedure.MatterRequested `json:"owed,omitempty"`
	Replaces string                      `json:"replaces,omitempty"`
}

// Outcome is what one update brought about. First and Last are the sequences of the command's own events. Events holds
// them, after whatever the clock brought about that nobody has recorded yet; it is empty where the command was carried
// out in an earlier run, which recorded it before it ended.
type Outcome struct {
	Events []procedure.Event `json:"events,omitempty"`
	First  int64             `json:"first"`
	Last   int64             `json:"last"`
}
