package calendar_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
)

func yearFile(t *testing.T, year int) calendar.Year {
	b, err := os.ReadFile(fmt.Sprintf("years/%d.json", year))
	require.NoError(t, err)
	var y calendar.Year
	require.NoError(t, json.Unmarshal(b, &y))
	require.Equal(t, year, y.Year)
	return y
}

func TestCalendarJSON(t *testing.T) {
	c := calendar.Calendar{
		Table: calendar.Table{}.With(2026, days("2026-10-01", "国庆节"), days("2026-10-10", "国庆节")),
		Hours: calendar.Hours{Opens: 540, Closes: 1080},
	}
	b, err := json.Marshal(c)
	require.NoError(t, err)
	assert.Equal(t, `{"years":[2026],"off":{"2026-10-01":"国庆节"},"work":{"2026-10-10":"国庆节"},`+
		`"hours":{"opens":"09:00","closes":"18:00"}}`, string(b))
	var back calendar.Calendar
	require.NoError(t, json.Unmarshal(b, &back))
	assert.Equal(t, c, back)
}

func TestSliceKeepsTheYearsAsked(t *testing.T) {
	shipped := calendar.Shipped()
	s := shipped.Slice(2018, 2019)
	assert.Equal(t, []int{2018, 2019}, s.Years)
	assert.True(t, s.Published(2019))
	assert.False(t, s.Published(2020))
	assert.Contains(t, s.Work, date("2018-12-29"), "announced for 2019, but a day of 2018")
	for d := date("2018-01-01"); d.Year <= 2019; d = d.AddDays(1) {
		assert.Equal(t, shipped.Workday(d), s.Workday(d), d)
	}
	for d := range s.Off {
		assert.True(t, d.Year == 2018 || d.Year == 2019, d)
	}
	assert.Equal(t, []int{2026}, shipped.Slice(2026, 2030).Years)
	assert.Equal(t, calendar.Shipped(), shipped, "slicing changes nothing")
}

// A slice that reaches one year past the last deadline answers as the whole table does.
func TestSliceAnswersAsTheWhole(t *testing.T) {
	whole := calendar.Calendar{Table: calendar.Shipped()}
	part := calendar.Calendar{Table: whole.Slice(2018, 2020)}
	for d := date("2018-01-01"); d.Year < 2019; d = d.AddDays(1) {
		term := calendar.Duration{N: 30, Unit: calendar.Workdays}
		require.Equal(t, whole.Deadline(noon(d), term), part.Deadline(noon(d), term), d)
	}
}

func TestWithReplacesOneYear(t *testing.T) {
	shipped := calendar.Shipped()
	off, work := yearFile(t, 2019).Off, yearFile(t, 2019).Work
	assert.Equal(t, shipped, shipped.With(2019, off, work), "the same notice changes nothing")

	emptied := shipped.With(2019, nil, nil)
	assert.True(t, emptied.Published(2019))
	assert.False(t, emptied.Workday(date("2018-12-29")), "the make-up day of the earlier notice is gone, though of 2018")
	assert.True(t, emptied.Workday(date("2019-10-01")))
	assert.False(t, emptied.Workday(date("2018-10-01")))
	assert.Equal(t, shipped, emptied.With(2019, off, work))
	assert.Equal(t, calendar.Shipped(), shipped, "and the table itself stays as it was")
}

// Years may arrive in any order.
func TestWithAnyOrder(t *testing.T) {
	var table calendar.Table
	for year := 2026; year >= 2007; year-- {
		y := yearFile(t, year)
		table = table.With(year, y.Off, y.Work)
	}
	assert.Equal(t, calendar.Shipped(), table)
}

func TestShippedIsTheCallersOwn(t *testing.T) {
	mine := calendar.Shipped()
	mine.Off[date("2026-07-01")] = "x"
	mine.Years[0] = 1
	assert.NotEqual(t, mine, calendar.Shipped())
}

func TestYearValidate(t *testing.T) {
	for name, y := range map[string]calendar.Year{
		"a day of another year":              {Year: 2027, Off: days("2026-10-01", "国庆节")},
		"New Year of the year after":         {Year: 2027, Work: days("2027-12-31", "元旦")},
		"a December day of no New Year":      {Year: 2027, Off: days("2026-12-13", "x")},
		"a day without its holiday":          {Year: 2027, Off: days("2027-10-01", "")},
		"a day both off and worked":          {Year: 2027, Off: days("2027-10-02", "国庆节"), Work: days("2027-10-02", "国庆节")},
		"no day at all where one is claimed": {Year: 0, Off: map[calendar.Date]string{{}: "元旦"}},
	} {
		assert.ErrorIs(t, y.Validate(), calendar.ErrYear, name)
	}
	assert.NoError(t, calendar.Year{Year: 2027, Off: days("2026-12-31", "元旦"), Work: days("2027-01-02", "元旦")}.Validate())
}

func TestUnpublishedYearHasWeekendsOnly(t *testing.T) {
	table := calendar.Shipped()
	assert.True(t, table.Workday(date("2027-10-01")), "a Friday; fixed-date holidays are not assumed")
	assert.False(t, table.Workday(date("2027-10-02")), "a Saturday")
}

// Special days are written as the map they are would be, to the byte.
func TestSpecialDaysAreWrittenAsAMap(t *testing.T) {
	for _, days := range []calendar.SpecialDays{nil, {}, {{}: "no day"}, calendar.Shipped().Off, calendar.Shipped().Work,
		{date("2026-10-02"): "国庆节", date("2026-10-01"): `"国庆" <&>`, date("2026-09-30"): ""}} {
		want, err := json.Marshal(map[calendar.Date]string(days))
		require.NoError(t, err)
		got, err := json.Marshal(days)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}
