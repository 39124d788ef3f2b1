package calendar_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
)

// tell writes an explanation one day a line: date, + for a counted day, why.
func tell(days []calendar.Day) string {
	var b strings.Builder
	for _, d := range days {
		mark := " - "
		if d.Counted {
			mark = " + "
		}
		b.WriteString("\n" + d.Date.String() + mark + d.Why)
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, g := range []struct {
		name, from, term string
		pauses           []calendar.Pause
		want             string
		provisional      bool
	}{
		{name: "National Day 2025: make-up days on a Sunday and a Saturday", from: "2025-09-26 16:00", term: "10 workdays", want: `
2025-09-26 - start
2025-09-27 - weekend
2025-09-28 + make-up:国庆节、中秋节
2025-09-29 + counted
2025-09-30 + counted
2025-10-01 - holiday:国庆节、中秋节
2025-10-02 - holiday:国庆节、中秋节
2025-10-03 - holiday:国庆节、中秋节
2025-10-04 - holiday:国庆节、中秋节
2025-10-05 - holiday:国庆节、中秋节
2025-10-06 - holiday:国庆节、中秋节
2025-10-07 - holiday:国庆节、中秋节
2025-10-08 - holiday:国庆节、中秋节
2025-10-09 + counted
2025-10-10 + counted
2025-10-11 + make-up:国庆节、中秋节
2025-10-12 - weekend
2025-10-13 + counted
2025-10-14 + counted
2025-10-15 + counted
2025-10-16 + counted`},
		{name: "Spring Festival 2026: a make-up Saturday before nine days off", from: "2026-02-12 09:00", term: "5 workdays", want: `
2026-02-12 - start
2026-02-13 + counted
2026-02-14 + make-up:春节
2026-02-15 - holiday:春节
2026-02-16 - holiday:春节
2026-02-17 - holiday:春节
2026-02-18 - holiday:春节
2026-02-19 - holiday:春节
2026-02-20 - holiday:春节
2026-02-21 - holiday:春节
2026-02-22 - holiday:春节
2026-02-23 - holiday:春节
2026-02-24 + counted
2026-02-25 + counted
2026-02-26 + counted`},
		{name: "the last workday is a make-up Saturday", from: "2026-02-27 18:00", term: "1 workday", want: `
2026-02-27 - start
2026-02-28 + make-up:春节`},
		{name: "days: the last falls in National Day and rolls over it", from: "2025-10-02 10:00", term: "3 days", want: `
2025-10-02 - start
2025-10-03 + counted
2025-10-04 + counted
2025-10-05 - rolled-holiday:国庆节、中秋节
2025-10-06 - rolled-holiday:国庆节、中秋节
2025-10-07 - rolled-holiday:国庆节、中秋节
2025-10-08 - rolled-holiday:国庆节、中秋节
2025-10-09 + counted`},
		{name: "days: a make-up Sunday is a last day like any other", from: "2025-09-25 10:00", term: "3 days", want: `
2025-09-25 - start
2025-09-26 + counted
2025-09-27 + counted
2025-09-28 + make-up:国庆节、中秋节`},
		{name: "a week rolls over a weekend", from: "2026-03-07 10:00", term: "1 week", want: `
2026-03-07 - start
2026-03-08 + counted
2026-03-09 + counted
2026-03-10 + counted
2026-03-11 + counted
2026-03-12 + counted
2026-03-13 + counted
2026-03-14 - rolled-weekend
2026-03-15 - rolled-weekend
2026-03-16 + counted`},
		{name: "workdays: a suspension stops the count on every day it touches", from: "2026-03-02 10:00", term: "3 workdays",
			pauses: []calendar.Pause{{From: at("2026-03-03 15:00"), To: at("2026-03-04 09:00")}}, want: `
2026-03-02 - start
2026-03-03 - paused
2026-03-04 - paused
2026-03-05 + counted
2026-03-06 + counted
2026-03-07 - weekend
2026-03-08 - weekend
2026-03-09 + counted`},
		{name: "days: lengthened by the suspended days, then rolled", from: "2026-03-02 10:00", term: "3 days",
			pauses: []calendar.Pause{{From: at("2026-03-03 15:00"), To: at("2026-03-05 00:00")}}, want: `
2026-03-02 - start
2026-03-03 - paused
2026-03-04 - paused
2026-03-05 + counted
2026-03-06 + counted
2026-03-07 - rolled-weekend
2026-03-08 - rolled-weekend
2026-03-09 + counted`},
		{name: "days: no term ends on a suspended day", from: "2026-03-04 10:00", term: "3 days",
			pauses: []calendar.Pause{{From: at("2026-03-09 08:30"), To: at("2026-03-09 08:31")}}, want: `
2026-03-04 - start
2026-03-05 + counted
2026-03-06 + counted
2026-03-07 - rolled-weekend
2026-03-08 - rolled-weekend
2026-03-09 - paused
2026-03-10 + counted`},
		{name: "suspensions of the starting day, before it, empty or reversed change nothing", from: "2026-03-04 10:00", term: "1 day",
			pauses: []calendar.Pause{
				{From: at("2026-03-01 08:30"), To: at("2026-03-04 23:00")},
				{From: at("2026-03-05 08:30"), To: at("2026-03-05 08:30")},
				{From: at("2026-03-06 08:30"), To: at("2026-03-05 08:30")},
				{From: at("2026-03-05 08:30")},
			}, want: `
2026-03-04 - start
2026-03-05 + counted`},
		{name: "a year not published yet: weekends only, and said so", from: "2027-09-29 10:00", term: "3 workdays", provisional: true, want: `
2027-09-29 - start
2027-09-30 + provisional
2027-10-01 + provisional
2027-10-02 - provisional
2027-10-03 - provisional
2027-10-04 + provisional`},
		{name: "days: only the last day asks for the table", from: "2027-01-02 10:00", term: "2 days", provisional: true, want: `
2027-01-02 - start
2027-01-03 + counted
2027-01-04 + provisional`},
		{name: "the last week of December waits for the next year's notice", from: "2026-12-23 10:00", term: "2 workdays", provisional: true, want: `
2026-12-23 - start
2026-12-24 + counted
2026-12-25 + provisional`},
		{name: "a worked weekday the notice names is an ordinary day", from: "2020-02-01 10:00", term: "1 workday", want: `
2020-02-01 - start
2020-02-02 - holiday:春节
2020-02-03 + counted`},
		{name: "nothing to count: the starting day itself", from: "2026-03-06 20:00", term: "0 days", want: `
2026-03-06 - start`},
		{name: "nothing to count, from a day no notice settles", from: "2027-03-05 10:00", term: "0 days", provisional: true, want: `
2027-03-05 - start`},
		{name: "nothing to count, from a suspended day", from: "2026-03-05 10:00", term: "0 days",
			pauses: []calendar.Pause{{From: at("2026-03-05 15:00"), To: at("2026-03-05 16:00")}}, want: `
2026-03-05 - start
2026-03-06 + counted`},
		{name: "nothing to count, from a day off", from: "2026-03-07 20:00", term: "0 days", want: `
2026-03-07 - start
2026-03-08 - rolled-weekend
2026-03-09 + counted`},
	} {
		t.Run(g.name, func(t *testing.T) {
			explained := c.Explain(at(g.from), term(g.term), g.pauses...)
			assert.Equal(t, g.want, tell(explained))
			due := c.Deadline(at(g.from), term(g.term), g.pauses...)
			assert.Equal(t, calendar.Due{
				At:          explained[len(explained)-1].Date.At(17*60 + 30),
				From:        at(g.from),
				Within:      term(g.term),
				Provisional: g.provisional,
			}, due)
		})
	}
}

func TestDeadlineInMonths(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped(), Hours: calendar.Hours{Opens: 540, Closes: 1080}}
	for _, g := range []struct{ from, term, want string }{
		{"2026-01-15 00:00", "1 month", "2026-02-24 18:00"}, // the 15th, rolled over Spring Festival
		{"2026-01-31 23:59", "1 month", "2026-02-28 18:00"}, // no 31 February; a make-up Saturday
		{"2025-08-31 10:00", "1 month", "2025-09-30 18:00"}, // no 31 September
		{"2025-09-01 10:00", "1 month", "2025-10-09 18:00"}, // rolled over National Day
		{"2025-08-28 10:00", "1 month", "2025-09-28 18:00"}, // a make-up Sunday
		{"2024-02-29 10:00", "12 months", "2025-02-28 18:00"},
		{"2025-12-10 10:00", "6 months", "2026-06-10 18:00"},
	} {
		assert.Equal(t, at(g.want), c.Deadline(at(g.from), term(g.term)).At, "%s from %s", g.term, g.from)
	}
}

func TestDueJSON(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	b, err := json.Marshal(c.Deadline(at("2026-12-28 10:00"), term("1 workday")))
	require.NoError(t, err)
	assert.Equal(t, `{"at":"2026-12-29T09:30:00Z","from":"2026-12-28T02:00:00Z","within":"1 workday","provisional":true}`, string(b))
	b, err = json.Marshal(c.Explain(at("2026-03-02 10:00"), term("1 workday"))[1])
	require.NoError(t, err)
	assert.Equal(t, `{"date":"2026-03-03","counted":true,"why":"counted"}`, string(b))
}

// When the missing notice arrives, what was provisional is counted again and may move.
func TestProvisionalIsSettledByTheNotice(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	from := at("2026-12-30 10:00")
	before := c.Deadline(from, term("2 workdays"))
	assert.True(t, before.Provisional)
	assert.Equal(t, at("2027-01-01 17:30"), before.At)

	c.Table = c.With(2027, days("2027-01-01", "元旦"), days("2027-01-03", "元旦"))
	after := c.Deadline(from, term("2 workdays"))
	assert.False(t, after.Provisional)
	assert.Equal(t, at("2027-01-03 17:30"), after.At)
}

func TestCloseOf(t *testing.T) {
	c := calendar.Calendar{Table: calendar.Shipped()}
	for _, g := range []struct {
		day, want   string
		provisional bool
	}{
		{"2026-06-30", "2026-06-30 17:30", false},
		{"2026-10-01", "2026-10-08 17:30", false},
		{"2026-10-10", "2026-10-10 17:30", false}, // a make-up Saturday
		{"2026-10-31", "2026-11-02 17:30", false},
		{"2026-12-31", "2026-12-31 17:30", true},
		{"2018-12-31", "2019-01-02 17:30", false}, // off by the notice of 2019
		{"2027-06-30", "2027-06-30 17:30", true},
		{"2006-12-30", "2006-12-30 17:30", false}, // 2006 is not published, but this day is announced
	} {
		due, provisional := c.CloseOf(date(g.day))
		assert.Equal(t, at(g.want), due, g.day)
		assert.Equal(t, g.provisional, provisional, g.day)
	}
}
