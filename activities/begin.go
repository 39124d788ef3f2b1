package activities

import (
	"context"
	"errors"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
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

// Begin gives the specification of a matter that begins by itself: neither that nor a refusal where it has begun before.
func (a *Activities) Begin(ctx context.Context, request BeginRequest) (Opened, error) {
	spec, err := a.Beginner(ctx, request)
	var refusal *procedure.Refusal
	switch {
	case errors.Is(err, ErrBegun):
		return Opened{}, nil
	case errors.As(err, &refusal):
		return Opened{Refusal: refusal}, nil
	case err != nil:
		return Opened{}, failure(ctx, request.Matter, err)
	}
	return Opened{Spec: &spec}, nil
}
