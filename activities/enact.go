package activities

import (
	"context"

	"duban/internal/procedure"
)

// EnactRequest asks that a change of a rulebook take effect.
type EnactRequest struct {
	Matter    string `json:"matter"`
	Rulebook  string `json:"rulebook"`
	Change    string `json:"change"`              // digest it is kept under
	Rehearsal bool   `json:"rehearsal,omitempty"` // look whether it could, and leave the rules as they are
}

// Enact puts a change of the rules in force, or answers why it cannot be; it fails where it could not find out.
func (a *Activities) Enact(ctx context.Context, request EnactRequest) (procedure.Enacted, error) {
	done, err := a.Enacter(ctx, request)
	return done, failure(ctx, request.Matter, err)
}
