package activities

import (
	"context"
	"errors"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
)

// BeginRequest asks for the specification of a matter that begins by itself.
type BeginRequest struct {
	Matter    string          `json:"matter"`
	Rulebook  string          `json:"rulebook"`
	Procedure string          `json:"procedure"`
	Day       calendar.Date   `json:"day"`
	Asked     bool            `json:"asked,omitempty"` // somebody asked for it, whatever days the rulebook names
	At        time.Time       `json:"at"`              // by the matter's clock
	Clock     procedure.Clock `json:"clock,omitzero"`
}

// ErrBegun says that the matter is on the record already.
var ErrBegun = errors.New("the matter has begun")

// AnotherDay is the code of the refusal that is in order: a schedule rings on each day that may be a month's last, and this
// is not the one.
const AnotherDay = "begins-another-day"

// Failing is the code under which the administrators hear of a beginning that cannot be made ready until someone mends the
// program or the data: there is no matter yet whose workflow they could look at.
const Failing = "begin-failing"

// Begin gives the specification of a matter that begins by itself: neither that nor a refusal where it has begun before. A
// refusal that nobody hears is kept for the administrators, and so is what fails for good.
func (a *Activities) Begin(ctx context.Context, request BeginRequest) (Opened, error) {
	spec, err := a.Beginner(ctx, request)
	var refusal *procedure.Refusal
	var opened Opened
	switch {
	case errors.As(err, &refusal):
		opened.Refusal = refusal
		err = nil
		if !request.Asked && refusal.Code != AnotherDay {
			err = a.Store.BeginRefused(ctx, store.RefusedBeginning{Rulebook: request.Rulebook, Procedure: request.Procedure, Day: request.Day, Refusal: *refusal})
		}
		return opened, failure(ctx, request.Matter, err)
	case err == nil:
		opened.Spec = &spec
	case !errors.Is(err, ErrBegun):
		if !request.Asked && !errors.Is(err, store.ErrUnavailable) {
			err = errors.Join(err, a.Store.BeginRefused(ctx, store.RefusedBeginning{Rulebook: request.Rulebook, Procedure: request.Procedure,
				Day: request.Day, Refusal: procedure.Refusal{Code: Failing}}))
		}
		return opened, failure(ctx, request.Matter, err)
	}
	if !request.Asked {
		err = a.Store.Begun(ctx, request.Rulebook, request.Procedure)
	}
	return opened, failure(ctx, request.Matter, err)
}
