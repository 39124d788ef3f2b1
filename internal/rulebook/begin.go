package rulebook

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// Beginning is a procedure whose matters begin by themselves on days of the year.
type Beginning struct {
	Rulebook  string
	Procedure *procedure.Procedure // its Begins is set
	Opens     calendar.Clock       // when on those days: as the offices open
	under     map[string]string    // procedure gathered from -> rulebook its matters stand under
}

// Beginnings lists what begins by itself under the rules in force. What a rulebook inherits as it is begins once, under
// the rulebook it comes from.
func (l *Library) Beginnings() []Beginning {
	var all []Beginning
	for _, book := range l.Rulebooks() {
		for _, key := range book.Order {
			if b, ok := l.Beginning(book.Key, key); ok {
				all = append(all, b)
			}
		}
	}
	return all
}

// Beginning says how matters of a procedure begin by themselves, if they do.
func (l *Library) Beginning(rulebook, key string) (Beginning, bool) {
	book, ok := l.rulebooks[rulebook]
	if !ok {
		return Beginning{}, false
	}
	p, ok := book.Procedures[key]
	if !ok || p.Begins == nil || p.Rulebook != book.Key {
		return Beginning{}, false
	}
	b := Beginning{Rulebook: rulebook, Procedure: p, Opens: book.Hours.OrDefault().Opens, under: map[string]string{}}
	for _, from := range p.Begins.Gather {
		b.under[from.Procedure] = book.Procedures[from.Procedure].Rulebook
	}
	return b, true
}

// Next is the first of the days on or after the given one. It need not be a working day: the limits of what begins on
// it are counted as of any other start.
func (b Beginning) Next(day calendar.Date) calendar.Date {
	next, err := procedure.NextDay(calendar.Calendar{}, day.At(0), strings.Join(b.Procedure.Begins.On, ","))
	if err != nil {
		return calendar.Date{} // a rulebook with such a day is refused
	}
	return next
}

// After is the first of the days that has not begun yet.
func (b Beginning) After(now time.Time) calendar.Date {
	day := b.Next(calendar.DateOf(now))
	if !day.At(b.Opens).After(now) {
		day = b.Next(day.AddDays(1))
	}
	return day
}

// On reports whether a matter begins on the day.
func (b Beginning) On(day calendar.Date) bool { return b.Next(day) == day }

// Rings reports whether the schedule rings for the day: on each that a matter begins on, and where a month may lack its day,
// on each that may be the last it has.
func (b Beginning) Rings(day calendar.Date) bool {
	return slices.ContainsFunc(b.Procedure.Begins.On, func(on string) bool {
		month, last, yearly := strings.Cut(on, "-")
		if !yearly {
			last = month
		} else if number(month) != int(day.Month) {
			return false
		}
		first := number(last)
		if !yearly || on == "02-29" {
			first = min(28, first)
		}
		return first <= day.Day && day.Day <= number(last)
	})
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // the rulebook was read: a day it is
	return n
}

// Gathering is a list field of a matter that begins, made of what earlier matters came to.
type Gathering struct {
	Field     string // of the matter that begins
	Rulebook  string // of the earlier matters,
	Procedure string
	Of        string    // their field
	From, To  time.Time // between which they were completed, the end left out
}

// Gatherings lists what a matter that begins on the day takes from those completed in the year before.
func (b Beginning) Gatherings(day calendar.Date) []Gathering {
	from, to := calendar.Date{Year: day.Year - 1, Month: 1, Day: 1}, calendar.Date{Year: day.Year, Month: 1, Day: 1}
	var all []Gathering
	for _, field := range sortedKeys(b.Procedure.Begins.Gather) {
		earlier := b.Procedure.Begins.Gather[field]
		all = append(all, Gathering{Field: field, Rulebook: b.under[earlier.Procedure], Procedure: earlier.Procedure, Of: earlier.Field,
			From: from.At(0), To: to.At(0)})
	}
	return all
}

// Request is the matter that begins on the day, with the lists gathered for it by field: in the name of the rule, on
// behalf of the party's unit. Whoever asks adds the matter's id, its clock and the calendar.
func (b Beginning) Request(day calendar.Date, gathered map[string][]json.RawMessage) (Request, error) {
	begins := b.Procedure.Begins
	say := ofDay(day)
	r := Request{Rulebook: b.Rulebook, Procedure: b.Procedure.Key, Title: say.Replace(begins.Title), Unit: b.Procedure.Parties[begins.As].Unit,
		Form: map[string]json.RawMessage{}}
	set := func(field string, value any) (err error) {
		r.Form[field], err = json.Marshal(value)
		return err
	}
	for _, field := range sortedKeys(begins.Form) {
		if err := set(field, say.Replace(begins.Form[field])); err != nil {
			return r, err
		}
	}
	for _, field := range sortedKeys(gathered) {
		if len(gathered[field]) == 0 {
			continue
		}
		if err := set(field, gathered[field]); err != nil {
			return r, err
		}
	}
	return r, nil
}

// ofDay replaces what texts of a matter that begins by itself may say of its day.
func ofDay(day calendar.Date) *strings.Replacer {
	half := "half.first"
	if day.Month > time.June {
		half = "half.second"
	}
	return strings.NewReplacer("{year}", strconv.Itoa(day.Year), "{last-year}", strconv.Itoa(day.Year-1),
		"{half}", message.Text("view.ledger."+half, nil))
}

// dayWords are the placeholders of such texts.
var dayWords = []string{"year", "half", "last-year"}

// dated checks the placeholders of a text of a matter that begins by itself.
func (w *work) dated(n *node) {
	for _, m := range placeholder.FindAllStringSubmatch(n.text(), -1) {
		if !slices.Contains(dayWords, m[1]) {
			w.add(n.at, "unknown-placeholder", args{"placeholder": m[0], "known": join(dayWords)})
		}
	}
}
