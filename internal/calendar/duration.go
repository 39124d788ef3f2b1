package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a term is counted in.
type Unit string

// The units of a term.
const (
	Days     Unit = "days"
	Weeks    Unit = "weeks"
	Months   Unit = "months"
	Workdays Unit = "workdays"
)

// Duration is a term: so many of a unit. Its text form is "10 workdays", "1 month";
// the zero Duration is the empty text.
type Duration struct {
	N    int
	Unit Unit
}

// maxN keeps a slip of the pen in a rulebook from asking for centuries.
const maxN = 9999

// ParseDuration reads a number and a unit, singular or plural, parted by one space.
func ParseDuration(s string) (Duration, error) {
	number, word, _ := strings.Cut(s, " ")
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || n > maxN || number[0] == '0' && len(number) > 1 {
		return Duration{}, fmt.Errorf("%q is not a term like \"10 workdays\": it must begin with a whole number up to %d", s, maxN)
	}
	for _, u := range []Unit{Days, Weeks, Months, Workdays} {
		if word == string(u) || word+"s" == string(u) {
			return Duration{int(n), u}, nil
		}
	}
	return Duration{}, fmt.Errorf("%q is not a term like \"10 workdays\": the unit must be days, weeks, months or workdays", s)
}

// IsZero reports whether d is no term at all.
func (d Duration) IsZero() bool { return d == Duration{} }

func (d Duration) String() string {
	switch {
	case d.IsZero():
		return ""
	case d.N == 1:
		return "1 " + strings.TrimSuffix(string(d.Unit), "s")
	}
	return strconv.Itoa(d.N) + " " + string(d.Unit)
}

// MarshalText writes the text form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form; the empty text is the zero Duration.
func (d *Duration) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Duration{}
		return nil
	}
	v, err := ParseDuration(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Chinese is the term as an official document says it: 10个工作日, 1个月, 3周, 5日.
func (d Duration) Chinese() string {
	n := strconv.Itoa(d.N)
	switch d.Unit {
	case Workdays:
		return n + "个工作日"
	case Months:
		return n + "个月"
	case Weeks:
		return n + "周"
	case Days:
		return n + "日"
	}
	return ""
}

// LooserThan reports whether d may end later than o for some starting day, so that d
// may not take o's place in a derived rulebook. It is conservative: it compares the most
// days d can span with the fewest o can, unless both are of one kind.
//
//   - Days and weeks compare exactly (a week is 7 days), months with months, workdays with workdays.
//   - A month spans 28 to 31 days, n months the sums of n months in a row.
//   - n workdays span at least n days (make-up days can join weeks without a break) and at most
//     3 days for every 2 workdays, and 12 more for the long holidays; no year since 2007 exceeds this.
//
// So 28 days may replace 1 month but 30 days may not; 10 days may replace 10 workdays, and
// 10 workdays may replace 1 month but not 3 weeks. Suspensions are left out: they lengthen both.
func (d Duration) LooserThan(o Duration) bool {
	if d.Unit == o.Unit {
		return d.N > o.N
	}
	_, most := d.span()
	least, _ := o.span()
	return most > least
}

// span is the fewest and the most days from the starting day to the last, before the last day rolls over.
func (d Duration) span() (least, most int) {
	switch d.Unit {
	case Weeks:
		return 7 * d.N, 7 * d.N
	case Workdays:
		return d.N, d.N + (d.N+1)/2 + 12
	case Months:
		// The month lengths repeat after four years, and a start inside a month lies between two firsts.
		for first, i := (Date{2025, 1, 1}), 0; i < 48; first, i = first.AddMonths(1), i+1 {
			n := first.daysUntil(first.AddMonths(d.N))
			if i == 0 || n < least {
				least = n
			}
			most = max(most, n)
		}
		return least, most
	}
	return d.N, d.N
}
