package calendar

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Table says which days are worked: Monday to Friday, but for the special days of the State
// Council's yearly notices. Its maps are read-only: With and Slice return new ones.
type Table struct {
	Years []int           `json:"years"`          // years whose notice is in the table, ascending
	Off   map[Date]string `json:"off,omitempty"`  // days off -> the holiday they belong to (国庆节)
	Work  map[Date]string `json:"work,omitempty"` // days worked, nearly all of a weekend (调休) -> the holiday
}

// Published reports whether the notice of the year is in the table.
func (t Table) Published(year int) bool { return slices.Contains(t.Years, year) }

// Workday reports whether d is worked. In a year that is not published only weekends are off.
func (t Table) Workday(d Date) bool {
	if _, off := t.Off[d]; off {
		return false
	}
	if _, work := t.Work[d]; work {
		return true
	}
	return !weekend(d)
}

func weekend(d Date) bool {
	w := d.Weekday()
	return w == time.Saturday || w == time.Sunday
}

// settled reports whether no notice still to come can change whether d is worked, as far as
// the table shows: d is a special day already, or its year is published, and for the last week
// of December, which the next year's notice rearranges around New Year's Day, the next year too.
func (t Table) settled(d Date) bool {
	if _, off := t.Off[d]; off {
		return true
	}
	if _, work := t.Work[d]; work {
		return true
	}
	newYear := d.Month == time.December && d.Day >= 25
	return t.Published(d.Year) && (!newYear || t.Published(d.Year+1))
}

// Slice is the part of the table a matter carries along: the special days that fall in the years
// from to to, both included, and which of these years are published. As the last week of December
// is settled by the next year's notice, give a year more than the last deadline needs.
func (t Table) Slice(from, to int) Table {
	in := func(year int) bool { return from <= year && year <= to }
	cut := func(days map[Date]string) map[Date]string {
		kept := map[Date]string{}
		for d, name := range days {
			if in(d.Year) {
				kept[d] = name
			}
		}
		return kept
	}
	s := Table{Years: []int{}, Off: cut(t.Off), Work: cut(t.Work)}
	for _, y := range t.Years {
		if in(y) {
			s.Years = append(s.Years, y)
		}
	}
	return s
}

// With is the table with the notice of one year put in, in place of that year's earlier one.
func (t Table) With(year int, off, work map[Date]string) Table {
	put := func(days, announced map[Date]string) map[Date]string {
		kept := map[Date]string{}
		for d, name := range days {
			if noticeOf(d, name) != year {
				kept[d] = name
			}
		}
		maps.Copy(kept, announced)
		return kept
	}
	years := append(slices.Clone(t.Years), year)
	slices.Sort(years)
	return Table{Years: slices.Compact(years), Off: put(t.Off, off), Work: put(t.Work, work)}
}

// noticeOf is the year whose notice announced a special day: the day's own, but the next one's
// for the days of December that belong to New Year's Day.
func noticeOf(d Date, holiday string) int {
	if d.Month == time.December && strings.Contains(holiday, "元旦") {
		return d.Year + 1
	}
	return d.Year
}
