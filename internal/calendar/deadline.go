package calendar

import (
	"maps"
	"slices"
	"time"
)

// Calendar is the table of working days and the working hours: all that deadlines depend on.
type Calendar struct {
	Table
	Hours Hours `json:"hours"`
}

// IsZero reports whether c is no calendar at all.
func (c Calendar) IsZero() bool { return c.Equal(Calendar{}) }

// Equal reports whether by both the same days are worked, in the same hours, and known of the same notices.
func (c Calendar) Equal(o Calendar) bool {
	return c.Hours == o.Hours && slices.Equal(c.Years, o.Years) && maps.Equal(c.Off, o.Off) && maps.Equal(c.Work, o.Work)
}

// Pause is a suspension of a term, from From up to but not including To. A pause whose To is not
// after its From is empty: a suspension still running is closed by the caller, at its own now.
//
// Every civil day a pause touches, however briefly, is paused: such a day counts neither as a
// working day nor as a day of any term, and no term ends on it. So a longer pause never gives an
// earlier deadline, and overlapping pauses count once.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Why a day counts or not. The last three are followed by ":" and the holiday.
// On a day "provisional", Counted says whether it is taken for a working day.
const (
	WhyStart         = "start"          // the starting day is not counted (Civil Code art. 201)
	WhyCounted       = "counted"        // an ordinary day of the term
	WhyWeekend       = "weekend"        // not a working day
	WhyPaused        = "paused"         // touched by a suspension
	WhyRolledWeekend = "rolled-weekend" // would be the last day, but the term rolls over it (art. 203)
	WhyProvisional   = "provisional"    // judged by the weekday alone: no notice settles the day yet
	WhyHoliday       = "holiday"        // a statutory day off
	WhyMakeUp        = "make-up"        // a weekend day worked instead, counted
	WhyRolledHoliday = "rolled-holiday" // as WhyRolledWeekend
)

// Day is one day of a term explained.
type Day struct {
	Date    Date   `json:"date"`
	Counted bool   `json:"counted"`
	Why     string `json:"why"`
}

// Due is a deadline: the term Within counted from From ends at At.
// Provisional says that the counting rests on a day no published notice settles.
type Due struct {
	At          time.Time `json:"at"`
	From        time.Time `json:"from"`
	Within      Duration  `json:"within"`
	Granted     int       `json:"granted,omitempty"` // workdays granted beyond Within
	Provisional bool      `json:"provisional,omitempty"`
}

// Deadline is the end of the term d that starts at from (Civil Code arts. 200 to 204):
//
//   - the starting day is not counted; the time of day of from is of no account;
//   - workdays: the last day is the d.N-th working day after it;
//   - days and weeks: the last day is d.N (7 d.N) days after it; months: the corresponding day, or
//     the month's last; each paused day after the start adds one day;
//   - a last day that is no working day, or is paused, gives way to the next that is neither;
//   - the term ends at close of business of the last day.
//
// A term of 0 ends at the close of the starting day, if that is a working day and not paused, even
// if from is later that day; else at the close of the next one that is.
//
// It never gets earlier by a later start, a greater d.N, or more or longer pauses; but for terms in
// months with pauses a later start can gain: from 30 and from 31 January one month ends on the same
// day, and only the first may be lengthened by a pause on the 31st.
func (c Calendar) Deadline(from time.Time, d Duration, pauses ...Pause) Due {
	last, provisional := c.count(from, d, pauses, func(Day) {})
	return Due{At: c.close(last), From: from, Within: d, Provisional: provisional}
}

// Explain is every day from the starting day to the last with the reason it counts or not.
// Deadline is the close of the last of them. As many are Counted as the term has days (for
// months: as lie between the start and the corresponding day); a term of 0 that rolls over counts one.
func (c Calendar) Explain(from time.Time, d Duration, pauses ...Pause) []Day {
	var days []Day
	c.count(from, d, pauses, func(day Day) { days = append(days, day) })
	return days
}

// CloseOf is the end of a term set by a date: the close of d, or of the next working day where d is none.
func (c Calendar) CloseOf(d Date) (at time.Time, provisional bool) {
	for ; ; d = d.AddDays(1) {
		provisional = provisional || !c.settled(d)
		if c.Workday(d) {
			return c.close(d), provisional
		}
	}
}

func (c Calendar) close(d Date) time.Time { return d.At(c.Hours.OrDefault().Closes) }
func (c Calendar) open(d Date) time.Time  { return d.At(c.Hours.OrDefault().Opens) }

// count walks from the starting day to the last and shows every day to visit.
func (c Calendar) count(from time.Time, d Duration, pauses []Pause, visit func(Day)) (last Date, provisional bool) {
	start := DateOf(from)
	paused := pausedDays(pauses)
	visit(Day{start, false, WhyStart})
	left := d.daysFrom(start)
	if left <= 0 && !paused.touch(start) {
		provisional = !c.settled(start)
		if c.Workday(start) {
			return start, provisional
		}
	}
	for day := start.AddDays(1); ; day = day.AddDays(1) {
		if paused.touch(day) {
			visit(Day{day, false, WhyPaused})
			continue
		}
		if d.Unit != Workdays && left > 1 { // only the last day of such a term asks for the table
			left--
			visit(Day{day, true, WhyCounted})
			continue
		}
		works, why := c.judge(day)
		provisional = provisional || why == WhyProvisional
		if !works && d.Unit != Workdays && why != WhyProvisional {
			why = "rolled-" + why
		}
		visit(Day{day, works, why})
		if works {
			if left--; left <= 0 {
				return day, provisional
			}
		}
	}
}

// daysFrom is how many days must be counted after start: working days, or days of any kind.
func (d Duration) daysFrom(start Date) int {
	switch d.Unit {
	case Weeks:
		return 7 * d.N
	case Months:
		return start.daysUntil(start.AddMonths(d.N))
	}
	return d.N
}

// judge says whether the day is worked, and why.
func (c Calendar) judge(d Date) (works bool, why string) {
	if holiday, off := c.Off[d]; off {
		return false, WhyHoliday + ":" + holiday
	}
	if holiday, work := c.Work[d]; work && weekend(d) {
		return true, WhyMakeUp + ":" + holiday
	} else if work { // a notice may also name a weekday on which work resumes: 2020-02-03
		return true, WhyCounted
	}
	switch off := weekend(d); {
	case !c.settled(d):
		return !off, WhyProvisional
	case off:
		return false, WhyWeekend
	}
	return true, WhyCounted
}

// spans are the civil days pauses touch.
type spans []struct{ first, last Date }

func pausedDays(pauses []Pause) spans {
	var s spans
	for _, p := range pauses {
		if p.To.After(p.From) {
			s = append(s, struct{ first, last Date }{DateOf(p.From), DateOf(p.To.Add(-1))})
		}
	}
	return s
}

func (s spans) touch(d Date) bool {
	for _, p := range s {
		if !d.Before(p.first) && !d.After(p.last) {
			return true
		}
	}
	return false
}
