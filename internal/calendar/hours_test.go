package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
)

func TestBeforeAndAfter(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, g := range []struct{ at, term, before, after string }{
		{"2025-10-09 17:30", "3 workdays", "2025-09-28 08:30", "2025-10-13 08:30"}, // over National Day and both make-up days
		{"2026-03-04 17:30", "1 workday", "2026-03-03 08:30", "2026-03-05 08:30"},
		{"2026-03-07 12:00", "1 workday", "2026-03-06 08:30", "2026-03-09 08:30"}, // from a Saturday
		{"2026-03-07 12:00", "0 workdays", "2026-03-06 08:30", "2026-03-09 08:30"},
		{"2026-03-04 17:30", "0 workdays", "2026-03-04 08:30", "2026-03-04 08:30"},
		{"2026-03-04 17:30", "0 days", "2026-03-04 08:30", "2026-03-04 08:30"},
		{"2026-03-09 17:30", "2 days", "2026-03-07 08:30", "2026-03-11 08:30"}, // a Saturday: days are not workdays
		{"2026-03-09 17:30", "1 week", "2026-03-02 08:30", "2026-03-16 08:30"},
		{"2026-03-31 17:30", "1 month", "2026-02-28 08:30", "2026-04-30 08:30"},
	} {
		assert.Equal(t, at(g.before), c.Before(at(g.at), term(g.term)), "%s before %s", g.term, g.at)
		assert.Equal(t, at(g.after), c.After(at(g.at), term(g.term)), "%s after %s", g.term, g.at)
	}
}

// A regression other systems shipped: of a due on a Friday, the steps after 1 and after 2 days fired on
// the weekend, when nobody could act on the first before the second came.
func TestEscalationStepsDoNotFireOnAWeekend(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	due := at("2026-03-06 17:30") // a Friday
	first, second := c.After(due, term("1 workday")), c.After(due, term("2 workdays"))
	assert.Equal(t, at("2026-03-09 08:30"), first)
	assert.Equal(t, at("2026-03-10 08:30"), second)
	assert.Equal(t, first, c.NextWorking(first))
	assert.Equal(t, second, c.NextWorking(second))

	for _, d := range []string{"1 day", "2 days"} {
		fires := c.NextWorking(c.After(due, term(d)))
		assert.Equal(t, at("2026-03-09 08:30"), fires, "%s after, moved into working hours", d)
	}
	assert.Equal(t, at("2025-10-09 08:30"), c.NextWorking(c.After(at("2025-09-30 17:30"), term("1 day"))), "nor in National Day")
}

func TestNextWorking(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for from, want := range map[string]string{
		"2026-03-04 08:29": "2026-03-04 08:30",
		"2026-03-04 08:30": "2026-03-04 08:30",
		"2026-03-04 12:15": "2026-03-04 12:15",
		"2026-03-04 17:30": "2026-03-04 17:30",
		"2026-03-04 17:31": "2026-03-05 08:30",
		"2026-03-06 17:31": "2026-03-09 08:30",
		"2026-03-07 12:00": "2026-03-09 08:30",
		"2026-02-13 18:00": "2026-02-14 08:30",
		"2026-02-14 18:00": "2026-02-24 08:30",
	} {
		assert.Equal(t, at(want), c.NextWorking(at(from)), from)
	}
}

func TestNextYearlyAndMonthly(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, g := range []struct{ after, spec, want string }{
		{"2026-01-30 10:00", "01-31", "2026-01-31"},
		{"2026-01-31 23:59", "01-31", "2026-01-31"},
		{"2026-02-01 00:00", "01-31", "2027-01-31"},
		{"2026-02-28 10:00", "02-29", "2026-02-28"},
		{"2027-03-01 10:00", "02-29", "2028-02-29"},
		{"2026-12-31 10:00", "12-31", "2026-12-31"},
	} {
		got, err := c.NextYearly(at(g.after), g.spec)
		require.NoError(t, err)
		assert.Equal(t, date(g.want), got, "%s after %s", g.spec, g.after)
	}
	for _, g := range []struct{ after, spec, want string }{
		{"2026-01-28 10:00", "28", "2026-01-28"},
		{"2026-01-29 10:00", "28", "2026-02-28"},
		{"2026-01-31 10:00", "31", "2026-01-31"},
		{"2026-02-01 10:00", "31", "2026-02-28"},
		{"2026-12-31 10:00", "5", "2027-01-05"},
	} {
		got, err := c.NextMonthly(at(g.after), g.spec)
		require.NoError(t, err)
		assert.Equal(t, date(g.want), got, "%s after %s", g.spec, g.after)
	}
	for _, s := range []string{"", "1-31", "13-01", "02-30", "0131", "01-31 "} {
		_, err := c.NextYearly(at("2026-01-01 00:00"), s)
		assert.Error(t, err, "%q", s)
	}
	for _, s := range []string{"", "0", "32", "-1", "last"} {
		_, err := c.NextMonthly(at("2026-01-01 00:00"), s)
		assert.Error(t, err, "%q", s)
	}
}

func TestWorkingTime(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, g := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-03-04 09:00", "2026-03-04 10:30", 90 * time.Minute},
		{"2026-03-04 00:00", "2026-03-05 00:00", 9 * time.Hour},
		{"2026-03-06 16:30", "2026-03-09 09:30", 2 * time.Hour},
		{"2026-03-07 09:00", "2026-03-08 18:00", 0},
		{"2026-03-04 18:00", "2026-03-04 20:00", 0},
		{"2026-03-04 10:00", "2026-03-04 09:00", 0},
		{"2025-09-28 00:00", "2025-10-12 00:00", 6 * 9 * time.Hour}, // over National Day, both make-up days worked
	} {
		assert.Equal(t, g.want, c.WorkingTime(at(g.from), at(g.to)), "%s to %s", g.from, g.to)
	}
}
