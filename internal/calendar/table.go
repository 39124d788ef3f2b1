package calendar

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Table says which days are worked: Monday to Friday, but for the special days of the State
// Council's yearly notices. Its maps are read-only: With and Slice return new ones.
type Table struct {
	Years []int       `json:"years"`          // years whose notice is in the table, ascending
	Off   SpecialDays `json:"off,omitempty"`  // days off
	Work  SpecialDays `json:"work,omitempty"` // days worked, nearly all of a weekend (调休)
}

// SpecialDays are days of a table, each with the holiday it belongs to (国庆节).
type SpecialDays map[Date]string

// MarshalJSON writes an object of the days in order, as a map is written, at a fraction of what that costs: every matter
// carries some years of them wherever it goes.
func (days SpecialDays) MarshalJSON() ([]byte, error) {
	if days == nil {
		return []byte("null"), nil
	}
	text := append(make([]byte, 0, 32*len(days)+2), '{')
	var holiday string
	var quoted []byte
	for i, d := range slices.SortedFunc(maps.Keys(days), Date.compare) {
		if quoted == nil || days[d] != holiday { // a holiday's days stand together
			name, err := json.Marshal(days[d])
			if err != nil {
				return nil, err
			}
			holiday, quoted = days[d], name
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(d.appendTo(append(text, '"')), '"', ':')
		text = append(text, quoted...)
	}
	return append(text, '}'), nil
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
	cut := func(days SpecialDays) SpecialDays {
		kept := SpecialDays{}
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
func (t Table) With(year int, off, work SpecialDays) Table {
	put := func(days, announced SpecialDays) SpecialDays {
		kept := SpecialDays{}
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
