package calendar

import (
	"fmt"
	"strconv"
	"time"
)

// Before is the opening hour of the day d before the day of at. For workdays it is the d.N-th
// working day before it, whether or not that day is one itself; "0 workdays" is the day itself or the
// last working day before. For other units it may be a day off: see NextWorking.
func (c Calendar) Before(at time.Time, d Duration) time.Time {
	return c.open(c.step(DateOf(at), d, -1))
}

// After is the opening hour of the day d after the day of at, counted as in Before.
func (c Calendar) After(at time.Time, d Duration) time.Time {
	return c.open(c.step(DateOf(at), d, 1))
}

// step goes d from day, forward (1) or back (-1).
func (c Calendar) step(day Date, d Duration, direction int) Date {
	switch d.Unit {
	case Weeks:
		return day.AddDays(direction * 7 * d.N)
	case Months:
		return day.AddMonths(direction * d.N)
	case Workdays:
		for left := d.N; left > 0 || !c.Workday(day); {
			if day = day.AddDays(direction); c.Workday(day) {
				left--
			}
		}
		return day
	}
	return day.AddDays(direction * d.N)
}

// NextWorking is at itself if it lies in the working hours of a working day, both ends included
// (what is due at closing time is still in time), else the next opening hour.
func (c Calendar) NextWorking(at time.Time) time.Time {
	day := DateOf(at)
	if c.Workday(day) {
		if open := c.open(day); at.Before(open) {
			return open
		}
		if !at.After(c.close(day)) {
			return at
		}
	}
	for day = day.AddDays(1); !c.Workday(day); day = day.AddDays(1) {
	}
	return c.open(day)
}

// NextYearly is the next day of the year like "01-31" that is not before the day of after. 29 February
// is the 28th in common years. The day need not be a working day: see CloseOf.
func (c Calendar) NextYearly(after time.Time, monthDay string) (Date, error) {
	t, err := time.Parse("2006-01-02", "2000-"+monthDay) // a leap year: 02-29 is a day of the year
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a day of the year like 01-31", monthDay)
	}
	day := DateOf(after)
	in := func(year int) Date { return Date{year, t.Month(), min(t.Day(), daysIn(year, t.Month()))} }
	if next := in(day.Year); !next.Before(day) {
		return next, nil
	}
	return in(day.Year + 1), nil
}

// NextMonthly is the next day of the month like "28" that is not before the day of after; in a month
// that has no such day it is the last. The day need not be a working day: see CloseOf.
func (c Calendar) NextMonthly(after time.Time, dayOfMonth string) (Date, error) {
	n, err := strconv.Atoi(dayOfMonth)
	if err != nil || n < 1 || n > 31 {
		return Date{}, fmt.Errorf("%q is not a day of the month from 1 to 31", dayOfMonth)
	}
	day := DateOf(after)
	in := func(first Date) Date { return Date{first.Year, first.Month, min(n, daysIn(first.Year, first.Month))} }
	first := Date{day.Year, day.Month, 1}
	if next := in(first); !next.Before(day) {
		return next, nil
	}
	return in(first.AddMonths(1)), nil
}

// WorkingTime is the working time between two instants; nothing where to is not after from.
func (c Calendar) WorkingTime(from, to time.Time) time.Duration {
	var sum time.Duration
	for day, last := DateOf(from), DateOf(to); !day.After(last); day = day.AddDays(1) {
		if !c.Workday(day) {
			continue
		}
		opens, closes := c.open(day), c.close(day)
		if from.After(opens) {
			opens = from
		}
		if to.Before(closes) {
			closes = to
		}
		sum += max(0, closes.Sub(opens))
	}
	return sum
}
