package api

import (
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// rehearsalClock is a matter's clock that runs so many times as fast as the wall's, and its time now. It begins today, or
// at the opening of the day named: the line through that instant is found by moving its start.
func rehearsalClock(pace int, begins string, now time.Time) (procedure.Clock, time.Time, error) {
	if pace <= 1 {
		return procedure.Clock{}, now, nil
	}
	clock := procedure.Clock{Start: now, Factor: pace}
	if begins == "" {
		return clock, now, nil
	}
	day, err := calendar.ParseDate(begins)
	if err != nil {
		return procedure.Clock{}, now, &fault{code: "invalid-request"}
	}
	clock = procedure.Rehearsal(now, day.At(calendar.Hours{}.OrDefault().Opens), pace)
	return clock, clock.Virtual(now), nil
}
