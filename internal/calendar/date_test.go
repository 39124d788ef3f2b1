package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/calendar"
)

// date reads a date the test itself spells.
func date(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func days(s, holiday string) map[calendar.Date]string {
	return map[calendar.Date]string{date(s): holiday}
}

// at reads an instant the test itself spells in civil time: "2026-01-31 08:30".
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Shanghai)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func noon(d calendar.Date) time.Time { return d.At(12 * 60) }

// term reads a term the test itself spells.
func term(s string) calendar.Duration {
	d, err := calendar.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestDateOfIsCivilTimeInShanghai(t *testing.T) {
	assert.Equal(t, date("2026-03-01"), calendar.DateOf(time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)))
	assert.Equal(t, date("2026-02-28"), calendar.DateOf(time.Date(2026, 2, 28, 15, 59, 59, 0, time.UTC)))
	assert.Equal(t, time.Date(2026, 2, 28, 0, 30, 0, 0, time.UTC), date("2026-02-28").At(8*60+30))
	assert.Equal(t, time.Date(2026, 2, 27, 16, 0, 0, 0, time.UTC), date("2026-02-28").At(0))
}

func TestAddMonthsClampsToTheMonthsEnd(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2026-01-31", 3, "2026-04-30"},
		{"2026-12-31", 1, "2027-01-31"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2026-05-15", 0, "2026-05-15"},
	} {
		assert.Equal(t, date(c.want), date(c.from).AddMonths(c.n), "%s %+d", c.from, c.n)
	}
}

func TestDateArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := aDate(t, "d"), rapid.IntRange(-800, 800).Draw(t, "n")
		later := d.AddDays(n)
		want := time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC)
		assert.Equal(t, want.Format(time.DateOnly), later.String())
		assert.Equal(t, want.Weekday(), later.Weekday())
		assert.Equal(t, n > 0, d.Before(later))
		assert.Equal(t, n < 0, d.After(later))
		assert.Equal(t, d, later.AddDays(-n))
		assert.Equal(t, d, calendar.DateOf(d.At(calendar.Clock(rapid.IntRange(0, 24*60-1).Draw(t, "clock")))))
	})
}

func TestDateText(t *testing.T) {
	for _, s := range []string{"", "2026-02-29", "2026-2-1", "2026-13-01", "20260101", "2026-01-01 "} {
		_, err := calendar.ParseDate(s)
		assert.Error(t, err, "%q", s)
	}
	var v struct {
		Day  calendar.Date                    `json:"day"`
		None calendar.Date                    `json:"none"`
		Map  map[calendar.Date]string         `json:"map"`
		Omit calendar.Date                    `json:"omit,omitzero"`
		Bare map[calendar.Date]calendar.Clock `json:"bare"`
		Ref  *calendar.Date                   `json:"ref"`
		Term map[string]calendar.Duration     `json:"term"`
	}
	in := `{"day":"2026-01-31","none":"","map":{"2026-01-01":"元旦"},"bare":{"2026-01-02":"08:30"},"ref":null,"term":{"a":"1 month","b":""}}`
	require.NoError(t, json.Unmarshal([]byte(in), &v))
	assert.Equal(t, date("2026-01-31"), v.Day)
	assert.True(t, v.None.IsZero())
	out, err := json.Marshal(v)
	require.NoError(t, err)
	assert.Equal(t, in, string(out))
	assert.Error(t, json.Unmarshal([]byte(`{"day":"2026-02-30"}`), &v))
}

func TestClockAndHours(t *testing.T) {
	for s, want := range map[string]calendar.Clock{"00:00": 0, "08:30": 510, "23:59": 1439} {
		got, err := calendar.ParseClock(s)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, s, got.String())
	}
	for _, s := range []string{"", "8:30", "24:00", "08:60", "08:30:00", "0830"} {
		_, err := calendar.ParseClock(s)
		assert.Error(t, err, "%q", s)
	}
	assert.Equal(t, calendar.Hours{Opens: 510, Closes: 1050}, calendar.Hours{}.OrDefault())
	assert.Equal(t, calendar.Hours{Opens: 540, Closes: 1080}, calendar.Hours{Opens: 540, Closes: 1080}.OrDefault())
	assert.NoError(t, calendar.Hours{}.Validate())
	for _, h := range []calendar.Hours{{Opens: 600, Closes: 600}, {Opens: 600, Closes: 500}, {Opens: -1, Closes: 500}, {Opens: 1, Closes: 1440}} {
		assert.ErrorIs(t, h.Validate(), calendar.ErrHours, "%v", h)
	}
}
