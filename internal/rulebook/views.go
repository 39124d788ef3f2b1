package rulebook

import (
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// IntakeClosed says why a matter of the procedure may not be started at that time; nil where it may, or may always.
func IntakeClosed(p *procedure.Procedure, at time.Time) *procedure.Refusal {
	if p.Intake == nil || inIntake(p.Intake, calendar.DateOf(at)) {
		return nil
	}
	return &procedure.Refusal{Code: "intake-closed", Authority: p.Intake.Authority,
		Args: args{"opens": p.Intake.Opens, "closes": p.Intake.Closes}}
}
