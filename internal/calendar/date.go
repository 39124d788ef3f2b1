// Package calendar counts time as the civil code and the working calendar of
// mainland China do: which days are worked, when a term ends, and why.
//
// It is pure: no clock, no I/O; the same arguments always give the same answer.
package calendar

import (
	"fmt"
	"time"
)

// Shanghai is the civil time of every date here: a fixed UTC+8, so no zone database can change a deadline.
var Shanghai = time.FixedZone("CST", 8*60*60)

// Date is a civil day in Asia/Shanghai. Its text form is "2006-01-02"; the zero Date is the empty text.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the civil day the instant t falls on.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Shanghai).Date()
	return Date{y, m, d}
}

// ParseDate reads "2006-01-02"; a day that does not exist is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2026-01-31", s)
	}
	y, m, d := t.Date()
	return Date{y, m, d}, nil
}

func (d Date) String() string {
	return string(d.appendTo(nil))
}

func (d Date) appendTo(text []byte) []byte {
	if d.IsZero() {
		return text
	}
	return d.utc().AppendFormat(text, time.DateOnly)
}

// IsZero reports whether d is no date at all.
func (d Date) IsZero() bool { return d == Date{} }

// MarshalText writes the text form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form; the empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// utc is midnight of d as if the day were one of UTC: good for arithmetic on days, not an instant.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays is the day n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date {
	if last := d.Day + n; last >= 1 && last <= 28 {
		return Date{d.Year, d.Month, last}
	}
	y, m, day := d.utc().AddDate(0, 0, n).Date()
	return Date{y, m, day}
}

// AddMonths is the corresponding day n months later, or that month's last day where it has none
// (Civil Code art. 202).
func (d Date) AddMonths(n int) Date {
	y, m, _ := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, min(d.Day, daysIn(y, m))}
}

// daysIn is the number of days of a month.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// daysUntil is the number of days from d to o.
func (d Date) daysUntil(o Date) int { return int(o.utc().Sub(d.utc()) / (24 * time.Hour)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Before reports whether d is earlier than o.
func (d Date) Before(o Date) bool {
	if d.Year != o.Year {
		return d.Year < o.Year
	}
	if d.Month != o.Month {
		return d.Month < o.Month
	}
	return d.Day < o.Day
}

// After reports whether d is later than o.
func (d Date) After(o Date) bool { return o.Before(d) }

func (d Date) compare(o Date) int {
	switch {
	case d.Before(o):
		return -1
	case o.Before(d):
		return 1
	}
	return 0
}

// At is the instant of the clock c on day d, in UTC.
func (d Date) At(c Clock) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, int(c), 0, 0, Shanghai).UTC()
}
