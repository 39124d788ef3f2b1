package calendar_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/calendar"
)

func TestDurationText(t *testing.T) {
	for _, c := range []struct{ in, out, chinese string }{
		{"10 workdays", "10 workdays", "10个工作日"},
		{"1 workday", "1 workday", "1个工作日"},
		{"1 month", "1 month", "1个月"},
		{"1 months", "1 month", "1个月"},
		{"6 month", "6 months", "6个月"},
		{"3 weeks", "3 weeks", "3周"},
		{"5 days", "5 days", "5日"},
		{"0 days", "0 days", "0日"},
		{"9999 days", "9999 days", "9999日"},
	} {
		d, err := calendar.ParseDuration(c.in)
		require.NoError(t, err)
		assert.Equal(t, c.out, d.String())
		assert.Equal(t, c.chinese, d.Chinese())
		var back calendar.Duration
		require.NoError(t, back.UnmarshalText([]byte(c.out)))
		assert.Equal(t, d, back)
	}
}

func TestDurationRefusals(t *testing.T) {
	for _, s := range []string{"", " ", "10", "workdays", "10workdays", "10  workdays", "-1 days", "+1 days", "01 days",
		"1.5 months", "10000 days", "99999999999999999999 days", "1 year", "1 Day", "1 day ", "1 dayss", "十 days"} {
		_, err := calendar.ParseDuration(s)
		assert.ErrorContains(t, err, "10 workdays", "%q: the refusal shows what a term looks like", s)
	}
	var d calendar.Duration
	assert.Error(t, d.UnmarshalText([]byte("soon")))
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
	assert.Empty(t, d.String())
	assert.Empty(t, d.Chinese())
}

func TestLooserThan(t *testing.T) {
	for _, c := range []struct {
		d, o   string
		looser bool
	}{
		{"10 workdays", "10 workdays", false},
		{"11 workdays", "10 workdays", true},
		{"2 weeks", "14 days", false},
		{"15 days", "2 weeks", true},
		{"28 days", "1 month", false},
		{"30 days", "1 month", true},
		{"1 month", "31 days", false},
		{"1 month", "30 days", true},
		{"2 months", "59 days", true},
		{"59 days", "2 months", false},
		{"12 months", "366 days", false},
		{"365 days", "12 months", false},
		{"10 days", "10 workdays", false},
		{"11 days", "10 workdays", true},
		{"10 workdays", "1 month", false},
		{"10 workdays", "3 weeks", true},
		{"10 workdays", "10 days", true},
		{"3 workdays", "1 month", false},
	} {
		assert.Equal(t, c.looser, term(c.d).LooserThan(term(c.o)), "%s for %s", c.d, c.o)
	}
}

// What is not looser never ends later, whatever the starting day.
func TestLooserThanIsConservative(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	rapid.Check(t, func(t *rapid.T) {
		d, o, from := aTerm(t, "d"), aTerm(t, "o"), anInstant(t, "from")
		later := c.Deadline(from, d).At.After(c.Deadline(from, o).At)
		if later {
			assert.True(t, d.LooserThan(o), "%s ends later than %s", d, o)
		}
		assert.False(t, d.LooserThan(d))
	})
}

// The bound on workdays holds from every day of the shipped years, not only from those drawn.
func TestLooserThanBoundsWorkdaysOnEveryDay(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, n := range []int{1, 4, 6, 11, 22, 60, 90, 250} {
		w := calendar.Duration{N: n, Unit: calendar.Workdays}
		bound := calendar.Duration{N: n, Unit: calendar.Days}
		for w.LooserThan(bound) {
			bound.N++
		}
		for d := date("2007-01-01"); d.Year < 2026; d = d.AddDays(1) {
			require.False(t, c.Deadline(noon(d), w).At.After(c.Deadline(noon(d), bound).At), "%s from %s", w, d)
		}
	}
}
