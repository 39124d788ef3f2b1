// Package activities is everything a matter's workflow does to the world.
package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"duban/internal/procedure"
	"duban/internal/store"
)

// Activities holds what the activities work with. Its exported methods are the activities.
type Activities struct {
	Store *store.Store
	// Opener makes the specification of a matter another one asked for, by the rulebook in force. A *procedure.Refusal
	// is its answer that the rulebook does not let the matter be opened.
	Opener func(context.Context, OpenRequest) (procedure.Spec, error)
	// Enacter puts a change of the rules in force, once however often it is asked.
	Enacter func(context.Context, EnactRequest) (procedure.Enacted, error)
	// Beginner makes the specification of a matter that begins by itself, by the rulebook in force. A *procedure.Refusal
	// is its answer that none does; ErrBegun that it has.
	Beginner func(context.Context, BeginRequest) (procedure.Spec, error)
}

// Batch is some of a matter's events, on their way to the record.
type Batch = store.Batch

// OpenRequest asks for the specification of a matter that another one starts.
type OpenRequest struct {
	Requested procedure.MatterRequested `json:"requested"`
	Parent    procedure.Parent          `json:"parent"`
	Starter   procedure.Actor           `json:"starter"` // of the parent
	At        time.Time                 `json:"at"`      // by the matter's clock
	Clock     procedure.Clock           `json:"clock,omitzero"`
}

// Opened is a specification, or why the rulebook refuses to give one.
type Opened struct {
	Spec    *procedure.Spec    `json:"spec,omitempty"`
	Refusal *procedure.Refusal `json:"refusal,omitempty"`
}

// The types of error an activity fails with. Both are tried again for ever.
const (
	Unavailable = "unavailable" // the database did not answer
	Bug         = "bug"         // it answered, and will answer the same until the program or the data are mended
)

const (
	alertAfter = 5               // attempts that failed before an operator is told
	bugDelay   = 5 * time.Minute // between attempts at what only a mended program can do
)

// Record writes a batch of a matter's events. It gives the sequence up to which the matter is recorded.
func (a *Activities) Record(ctx context.Context, batch Batch) (int64, error) {
	seq, err := a.Store.Record(ctx, batch)
	return seq, failure(ctx, batch.Matter, err)
}

// Open gives the specification of a matter that another one starts. It answers with a refusal where the rulebook says
// no, and fails where it could not find out.
func (a *Activities) Open(ctx context.Context, request OpenRequest) (Opened, error) {
	spec, err := a.Opener(ctx, request)
	var refusal *procedure.Refusal
	switch {
	case errors.As(err, &refusal):
		return Opened{Refusal: refusal}, nil
	case err != nil:
		return Opened{}, failure(ctx, request.Requested.Child, err)
	}
	return Opened{Spec: &spec}, nil
}

// failure says what kind of error it is, and tells the operator of one that will not go away by itself.
func failure(ctx context.Context, matter string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, store.ErrRoundOpen) || errors.Is(err, store.ErrUnderReview) { // the database's clock is a little behind
		return temporal.NewApplicationErrorWithOptions(err.Error(), Unavailable, temporal.ApplicationErrorOptions{
			Cause: err, Category: temporal.ApplicationErrorCategoryBenign,
		})
	}
	log, info := activity.GetLogger(ctx), activity.GetInfo(ctx)
	if errors.Is(err, store.ErrUnavailable) {
		if info.Attempt >= alertAfter {
			log.Error("The database has been away for a while", "matter", matter, "attempt", info.Attempt, "error", err)
		}
		return temporal.NewApplicationErrorWithOptions(err.Error(), Unavailable, temporal.ApplicationErrorOptions{
			Cause: err, Category: temporal.ApplicationErrorCategoryBenign,
		})
	}
	log.Error("An activity cannot do its work until someone mends it", "matter", matter, "attempt", info.Attempt, "error", err)
	return temporal.NewApplicationErrorWithOptions(err.Error(), Bug, temporal.ApplicationErrorOptions{
		Cause: err, NextRetryDelay: bugDelay,
	})
}
