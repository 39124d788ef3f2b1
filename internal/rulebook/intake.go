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

// within reports whether every day of a window is one of another's too.
func within(in, of *procedure.Intake) bool {
	first := calendar.Date{Year: 2024, Month: 1, Day: 1} // a leap year, so every day there is
	for d := first; d.Year == first.Year; d = d.AddDays(1) {
		if inIntake(in, d) && !inIntake(of, d) {
			return false
		}
	}
	return true
}
