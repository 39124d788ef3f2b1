package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/calendar"
)

func aDate(t *rapid.T, label string) calendar.Date {
	return date("2006-06-01").AddDays(rapid.IntRange(0, 7850).Draw(t, label))
}

func anInstant(t *rapid.T, label string) time.Time {
	return aDate(t, label).At(calendar.Clock(rapid.IntRange(0, 24*60-1).Draw(t, label+" clock")))
}

func aTerm(t *rapid.T, label string) calendar.Duration {
	unit := rapid.SampledFrom([]calendar.Unit{calendar.Days, calendar.Weeks, calendar.Months, calendar.Workdays}).Draw(t, label+" unit")
	most := map[calendar.Unit]int{calendar.Days: 120, calendar.Weeks: 20, calendar.Months: 13, calendar.Workdays: 90}[unit]
	return calendar.Duration{N: rapid.IntRange(0, most).Draw(t, label), Unit: unit}
}

// somePauses lie around from, where they matter; some are empty.
func somePauses(t *rapid.T, from time.Time) []calendar.Pause {
	const hour = 60
	minutes := func(label string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, label)) * time.Minute
	}
	pauses := make([]calendar.Pause, rapid.IntRange(0, 3).Draw(t, "pauses"))
	for i := range pauses {
		pauses[i].From = from.Add(minutes("paused after", -100*hour, 2000*hour))
		pauses[i].To = pauses[i].From.Add(minutes("paused for", -hour, 800*hour))
	}
	return pauses
}

// reference counts a term by the words of the law and the facts as given, day by day by the clock of UTC+8.
type reference map[string]fact

func (r reference) works(day time.Time) bool { return r[day.Format(time.DateOnly)].works(day) }

func (r reference) paused(day time.Time, pauses []calendar.Pause) bool {
	for _, p := range pauses {
		if p.From.Before(p.To) && p.From.Before(day.AddDate(0, 0, 1)) && day.Before(p.To) {
			return true
		}
	}
	return false
}

func (r reference) last(from time.Time, d calendar.Duration, pauses []calendar.Pause) string {
	local := from.In(calendar.Shanghai)
	start := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, calendar.Shanghai)
	end := start
	switch d.Unit {
	case calendar.Workdays:
		for n := 0; n < d.N; {
			end = end.AddDate(0, 0, 1)
			if r.works(end) && !r.paused(end, pauses) {
				n++
			}
		}
	case calendar.Days, calendar.Weeks, calendar.Months:
		planned := start.AddDate(0, 0, map[calendar.Unit]int{calendar.Days: 1, calendar.Weeks: 7}[d.Unit]*d.N)
		if d.Unit == calendar.Months {
			planned = start.AddDate(0, d.N, 0)
			if planned.Day() != start.Day() { // no such day: Go has gone on into the next month
				planned = planned.AddDate(0, 0, -planned.Day())
			}
		}
		// Lengthened by the paused days, and by those in the lengthening.
		for longer := planned; ; {
			paused := 0
			for day := start.AddDate(0, 0, 1); !day.After(longer); day = day.AddDate(0, 0, 1) {
				if r.paused(day, pauses) {
					paused++
				}
			}
			if end = planned.AddDate(0, 0, paused); end.Equal(longer) {
				break
			}
			longer = end
		}
	}
	for !r.works(end) || r.paused(end, pauses) {
		end = end.AddDate(0, 0, 1)
	}
	return end.Format(time.DateOnly)
}

func TestDeadlineAgreesWithTheReference(t *testing.T) {
	c, r := calendar.Calendar{Table: calendar.Shipped()}, reference(facts(t))
	rapid.Check(t, func(t *rapid.T) {
		from, d := anInstant(t, "from"), aTerm(t, "term")
		pauses := somePauses(t, from)
		assert.Equal(t, r.last(from, d, pauses), calendar.DateOf(c.Deadline(from, d, pauses...).At).String())
	})
}

func TestDeadlineIsTheCloseOfAWorkingDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendar.Calendar{Table: calendar.Shipped(), Hours: someHours(t)}
		from, d := anInstant(t, "from"), aTerm(t, "term")
		due := c.Deadline(from, d, somePauses(t, from)...)
		last := calendar.DateOf(due.At)
		assert.True(t, c.Workday(last))
		assert.Equal(t, last.At(c.Hours.OrDefault().Closes), due.At)
		assert.Equal(t, due.At, c.NextWorking(due.At), "the close is still in working hours")
		assert.Equal(t, due.From, from)
		assert.Equal(t, due.Within, d)
		closes, _ := c.CloseOf(last)
		assert.Equal(t, due.At, closes)
	})
}

func someHours(t *rapid.T) calendar.Hours {
	opens := rapid.IntRange(0, 24*60-2).Draw(t, "opens")
	h := calendar.Hours{Opens: calendar.Clock(opens), Closes: calendar.Clock(rapid.IntRange(opens+1, 24*60-1).Draw(t, "closes"))}
	require.NoError(t, h.Validate())
	return h
}

func TestExplainIsConsistentWithDeadline(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		from, d := anInstant(t, "from"), aTerm(t, "term")
		pauses := somePauses(t, from)
		due, days := c.Deadline(from, d, pauses...), c.Explain(from, d, pauses...)

		assert.Equal(t, calendar.Day{Date: calendar.DateOf(from), Why: calendar.WhyStart}, days[0])
		assert.Equal(t, calendar.DateOf(due.At), days[len(days)-1].Date)
		counted, provisional := 0, false
		for i, day := range days {
			assert.Equal(t, days[0].Date.AddDays(i), day.Date, "no day is left out")
			code, holiday, special := strings.Cut(day.Why, ":")
			assert.Equal(t, special, holiday != "")
			switch code {
			case calendar.WhyStart, calendar.WhyPaused, calendar.WhyWeekend, calendar.WhyHoliday,
				calendar.WhyRolledWeekend, calendar.WhyRolledHoliday:
				assert.False(t, day.Counted, day.Why)
			case calendar.WhyCounted, calendar.WhyMakeUp:
				assert.True(t, day.Counted, day.Why)
			case calendar.WhyProvisional:
				provisional = true
				assert.Equal(t, c.Workday(day.Date), day.Counted)
			default:
				assert.Fail(t, "unknown reason", day.Why)
			}
			if d.Unit == calendar.Workdays && day.Counted {
				assert.True(t, c.Workday(day.Date))
			}
			if day.Counted {
				counted++
			}
		}
		if d.N == 0 { // the only day that may be unsettled and not say so is the start
			assert.LessOrEqual(t, counted, 1)
			return
		}
		assert.Equal(t, provisional, due.Provisional)
		assert.True(t, days[len(days)-1].Counted)
		switch d.Unit {
		case calendar.Days, calendar.Workdays:
			assert.Equal(t, d.N, counted)
		case calendar.Weeks:
			assert.Equal(t, 7*d.N, counted)
		case calendar.Months:
			to := days[0].Date.AddMonths(d.N)
			assert.Equal(t, to, days[0].Date.AddDays(counted))
		}
	})
}

func TestDeadlineIsMonotone(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		from, d := anInstant(t, "from"), aTerm(t, "term")
		pauses := somePauses(t, from)
		due := c.Deadline(from, d, pauses...).At
		notEarlier := func(what string, other calendar.Due) { assert.False(t, other.At.Before(due), what) }

		more := d
		more.N += rapid.IntRange(0, 30).Draw(t, "more")
		notEarlier("in N", c.Deadline(from, more, pauses...))

		notEarlier("in the number of pauses", c.Deadline(from, d, append(somePauses(t, from), pauses...)...))

		longer := append([]calendar.Pause(nil), pauses...)
		for i := range longer {
			longer[i].From = longer[i].From.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "earlier")) * time.Hour)
			longer[i].To = longer[i].To.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "longer")) * time.Hour)
		}
		notEarlier("in the length of pauses", c.Deadline(from, d, longer...))

		later := from.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "later")) * time.Minute)
		if d.Unit != calendar.Months { // see Deadline: months with pauses may not be
			notEarlier("in the start", c.Deadline(later, d, pauses...))
		}
		assert.False(t, c.Deadline(later, d).At.Before(c.Deadline(from, d).At), "in the start, without pauses")
	})
}

// Pauses count as the days they touch: their order and their overlaps are of no account.
func TestPausesCountOnce(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		from, d := anInstant(t, "from"), aTerm(t, "term")
		pauses := somePauses(t, from)
		shuffled := append(rapid.Permutation(pauses).Draw(t, "order"), pauses...)
		assert.Equal(t, c.Explain(from, d, pauses...), c.Explain(from, d, shuffled...))
	})
}

func TestBeforeAndAfterOpenWorkdays(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		from := anInstant(t, "at")
		d := calendar.Duration{N: rapid.IntRange(0, 40).Draw(t, "n"), Unit: calendar.Workdays}
		before, after := c.Before(from, d), c.After(from, d)
		for _, fires := range []time.Time{before, after} {
			day := calendar.DateOf(fires)
			assert.True(t, c.Workday(day))
			assert.Equal(t, day.At(c.Hours.OrDefault().Opens), fires)
			assert.Equal(t, fires, c.NextWorking(fires))
		}
		day := calendar.DateOf(from)
		if d.N > 0 {
			assert.True(t, calendar.DateOf(before).Before(day))
			assert.Equal(t, calendar.DateOf(c.Deadline(from, d).At), calendar.DateOf(after), "as a deadline counts")
		}
		if c.Workday(day) {
			assert.Equal(t, day, calendar.DateOf(c.After(before, d)), "there and back")
			assert.Equal(t, day, calendar.DateOf(c.Before(after, d)), "and back again")
		}
	})
}

func TestNextWorkingIsTheFirstInstantInWorkingHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendar.Calendar{Table: calendar.Shipped(), Hours: someHours(t)}
		from := anInstant(t, "from")
		next := c.NextWorking(from)
		assert.False(t, next.Before(from))
		assert.Equal(t, next, c.NextWorking(next))
		assert.True(t, c.Workday(calendar.DateOf(next)))
		assert.Zero(t, c.WorkingTime(from, next), "no working time is let pass")
		if !next.Equal(from) {
			assert.Equal(t, calendar.DateOf(next).At(c.Hours.Opens), next)
		}
	})
}

func TestWorkingTimeAdds(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		from := anInstant(t, "from")
		mid := from.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "mid")) * time.Minute)
		to := mid.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "to")) * time.Minute)
		whole := c.WorkingTime(from, to)
		assert.Equal(t, whole, c.WorkingTime(from, mid)+c.WorkingTime(mid, to))
		assert.LessOrEqual(t, whole, to.Sub(from))
		assert.Zero(t, c.WorkingTime(to, from))
	})
}

func TestNextDatesAreTheFirstNotBefore(t *testing.T) {
	var c calendar.Calendar
	rapid.Check(t, func(t *rapid.T) {
		after := anInstant(t, "after")
		day := calendar.DateOf(after)
		year, err := c.NextYearly(after, rapid.SampledFrom([]string{"01-01", "01-31", "02-29", "06-30", "12-31"}).Draw(t, "yearly"))
		require.NoError(t, err)
		assert.False(t, year.Before(day))
		assert.True(t, year.Before(day.AddDays(367)))
		month, err := c.NextMonthly(after, rapid.SampledFrom([]string{"1", "15", "28", "29", "30", "31"}).Draw(t, "monthly"))
		require.NoError(t, err)
		assert.False(t, month.Before(day))
		assert.True(t, month.Before(day.AddDays(32)))
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"10 workdays", "1 month", "2026-01-31", "08:30", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := calendar.ParseDuration(s); err == nil {
			back, err := calendar.ParseDuration(d.String())
			require.NoError(t, err)
			assert.Equal(t, d, back)
		}
		if d, err := calendar.ParseDate(s); err == nil {
			assert.Equal(t, s, d.String())
		}
		if c, err := calendar.ParseClock(s); err == nil {
			assert.Equal(t, s, c.String())
		}
	})
}
