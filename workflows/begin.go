package workflows

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Beginning is what a run of Begin is given.
type Beginning struct {
	Rulebook  string `json:"rulebook"`
	Procedure string `json:"procedure"`
	// Day is the one somebody asks for; else it is the one for which the schedule rang.
	Day   calendar.Date   `json:"day,omitzero"`
	Clock procedure.Clock `json:"clock,omitzero"` // of a rehearsal
}

// Begun is what came of it: the matter's id, or why there is none.
type Begun struct {
	Matter  string             `json:"matter,omitempty"`
	Refusal *procedure.Refusal `json:"refusal,omitempty"`
}

// BeginID is what the schedule of a procedure and the runs of Begin are called by; a run has its time besides.
func BeginID(rulebook, procedure string) string { return beginPrefix + rulebook + "/" + procedure }

// IsBeginID tells the schedules of Begin from others.
func IsBeginID(schedule string) bool { return strings.HasPrefix(schedule, beginPrefix) }

// Begin lets a matter begin by itself on its day: one, however often it is run for the day.
func Begin(ctx workflow.Context, in Beginning) (Begun, error) {
	day := in.Day
	if day.IsZero() {
		day = calendar.DateOf(rang(ctx))
	}
	begun := Begun{Matter: in.matter(day)}
	ctx = workflow.WithActivityOptions(ctx, patient())
	var a *activities.Activities
	var opened activities.Opened
	err := workflow.ExecuteActivity(ctx, a.Begin, activities.BeginRequest{
		Matter: begun.Matter, Rulebook: in.Rulebook, Procedure: in.Procedure, Day: day, Asked: !in.Day.IsZero(),
		At: in.Clock.Virtual(workflow.Now(ctx)).UTC(), Clock: in.Clock,
	}).Get(ctx, &opened)
	if err != nil {
		return Begun{}, err
	}
	switch {
	case opened.Refusal != nil:
		workflow.GetLogger(ctx).Warn("No matter begins by itself", "rulebook", in.Rulebook, "procedure", in.Procedure,
			"day", day.String(), "reason", opened.Refusal.Code)
		return Begun{Refusal: opened.Refusal}, nil //nolint:nilerr // a refusal is an answer
	case opened.Spec == nil:
		return begun, nil
	}
	return begun, launch(ctx, *opened.Spec, false)
}

// rang is the time for which the schedule rang: earlier than now where it could not ring then.
func rang(ctx workflow.Context) time.Time {
	if at, ok := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledFor); ok {
		return at
	}
	return workflow.Now(ctx)
}

// scheduledFor is the attribute Temporal gives every run that a schedule starts.
var scheduledFor = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// matter is the id of the matter that begins on the day: always the same, and among others' ids where its day puts it.
// A rehearsal has matters of its own.
func (b Beginning) matter(day calendar.Date) string {
	at, rehearsal := day.At(0), ""
	if b.Clock.Factor != 0 {
		at, rehearsal = b.Clock.Start, b.Clock.Start.UTC().Format(time.RFC3339Nano)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "begin\n%s\n%s\n%s\n%s", b.Rulebook, b.Procedure, day, rehearsal))
	id := uuid.UUID(sum[:16])
	var since [8]byte
	binary.BigEndian.PutUint64(since[:], uint64(at.UnixMilli()))
	copy(id[:6], since[2:])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80 // a version 7
	return id.String()
}
