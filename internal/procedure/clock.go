package procedure

import "time"

// Rehearsal is a clock that runs so many times faster than the wall's, and shows the given time now.
func Rehearsal(now, shows time.Time, factor int) Clock {
	return Clock{Start: now.Add(-shows.Sub(now) / time.Duration(factor-1)), Factor: factor}
}

// Virtual gives the matter's time at a wall time.
func (c Clock) Virtual(wall time.Time) time.Time {
	if c.Factor == 0 {
		return wall
	}
	return c.Start.Add(wall.Sub(c.Start) * time.Duration(c.Factor))
}

// Wall gives the wall's time at which the matter's clock shows the instant.
func (c Clock) Wall(virtual time.Time) time.Time {
	if c.Factor == 0 {
		return virtual
	}
	return c.Start.Add(virtual.Sub(c.Start) / time.Duration(c.Factor))
}
