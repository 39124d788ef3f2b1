package rulebook

import (
	"fmt"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// inIntake reports whether a day lies in the yearly window, which may span a new year.
func inIntake(in *procedure.Intake, d calendar.Date) bool {
	day := fmt.Sprintf("%02d-%02d", int(d.Month), d.Day)
	if in.Opens <= in.Closes {
		return in.Opens <= day && day <= in.Closes
	}
	return day >= in.Opens || day <= in.Closes
}
