package calendar_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
)

// fact is one line of the facts: a special day, by its text.
type fact struct {
	kind, holiday string
	table         int
}

// facts reads testdata/special-days.csv, without help from the package under test.
func facts(t require.TestingT) map[string]fact {
	f, err := os.Open("testdata/special-days.csv")
	require.NoError(t, err)
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"date", "kind", "holiday", "announced_in_the_table_of"}, lines[0])
	days := map[string]fact{}
	for _, l := range lines[1:] {
		year, err := strconv.Atoi(l[3])
		require.NoError(t, err)
		require.Contains(t, []string{"off", "work"}, l[1])
		require.NotContains(t, days, l[0])
		days[l[0]] = fact{kind: l[1], holiday: l[2], table: year}
	}
	require.Len(t, days, 678)
	return days
}

func (f fact) works(day time.Time) bool {
	if f.kind != "" {
		return f.kind == "work"
	}
	return day.Weekday() >= time.Monday && day.Weekday() <= time.Friday
}

func TestShippedAgreesWithTheFactsOnEveryDay(t *testing.T) {
	special, table := facts(t), calendar.Shipped()
	days := 0
	for day := time.Date(2007, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() <= 2026; day = day.AddDate(0, 0, 1) {
		days++
		text := day.Format(time.DateOnly)
		d, err := calendar.ParseDate(text)
		require.NoError(t, err)
		f := special[text]
		assert.Equal(t, f.works(day), table.Workday(d), text)
		switch f.kind {
		case "off":
			assert.Equal(t, f.holiday, table.Off[d], text)
			assert.NotContains(t, table.Work, d)
		case "work":
			assert.Equal(t, f.holiday, table.Work[d], text)
			assert.NotContains(t, table.Off, d)
		default:
			assert.NotContains(t, table.Off, d)
			assert.NotContains(t, table.Work, d)
		}
	}
	assert.Equal(t, 7305, days)
	assert.Len(t, special, len(table.Off)+len(table.Work), "and no special day beside")
	assert.False(t, table.Published(2006))
	assert.False(t, table.Published(2027))
}

// Each shipped file holds what its own year's notice announced, and nothing else.
func TestShippedFilesAreKeyedByTheAnnouncingYear(t *testing.T) {
	byTable := map[int]map[string]fact{}
	for date, f := range facts(t) {
		if byTable[f.table] == nil {
			byTable[f.table] = map[string]fact{}
		}
		byTable[f.table][date] = f
	}
	for year := 2007; year <= 2026; year++ {
		y := yearFile(t, year)
		require.NoError(t, y.Validate())
		got := map[string]fact{}
		for d, name := range y.Off {
			got[d.String()] = fact{"off", name, year}
		}
		for d, name := range y.Work {
			got[d.String()] = fact{"work", name, year}
		}
		assert.Equal(t, byTable[year], got)
	}
	assert.Len(t, byTable, 20)
}

// What makes a day of December provisional: only its last week was ever rearranged by the next year's notice.
func TestNextYearsNoticeReachesBackOneWeekAtMost(t *testing.T) {
	for date, f := range facts(t) {
		d, err := calendar.ParseDate(date)
		require.NoError(t, err)
		if d.Year != f.table {
			assert.Equal(t, f.table-1, d.Year, date)
			assert.Equal(t, time.December, d.Month, date)
			assert.GreaterOrEqual(t, d.Day, 25, date)
		}
	}
}
