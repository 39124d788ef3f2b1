package calendar

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
)

//go:embed years/*.json
var yearFiles embed.FS

// Year is one year's notice: the special days it announces, which may fall in a neighbouring
// year's December. It is the form of the shipped files and of an import.
type Year struct {
	Year int         `json:"year"`
	Off  SpecialDays `json:"off"`
	Work SpecialDays `json:"work"`
}

// ErrYear is wrapped by every refusal of a year's notice.
var ErrYear = errors.New("not a notice of one year's special days")

// Validate refuses days of another year's notice, and days both off and worked.
func (y Year) Validate() error {
	for _, days := range []SpecialDays{y.Off, y.Work} {
		for d, name := range days {
			if d.IsZero() || name == "" || noticeOf(d, name) != y.Year {
				return fmt.Errorf("%w: %s (%s) is no special day of %d", ErrYear, d, name, y.Year)
			}
		}
	}
	for d := range y.Work {
		if _, both := y.Off[d]; both {
			return fmt.Errorf("%w: %s is both off and worked", ErrYear, d)
		}
	}
	return nil
}

// Shipped is the table of the years 2007 to 2026 that come with the program.
func Shipped() Table {
	t := shipped()
	return Table{Years: append([]int(nil), t.Years...), Off: maps.Clone(t.Off), Work: maps.Clone(t.Work)}
}

// shipped reads the embedded files once; they are part of the program, so a fault in them is a fault in it.
var shipped = sync.OnceValue(func() Table {
	files, err := yearFiles.ReadDir("years")
	if err != nil {
		panic(err)
	}
	var t Table
	for _, f := range files {
		var y Year
		b, err := yearFiles.ReadFile("years/" + f.Name())
		if err == nil {
			err = json.Unmarshal(b, &y)
		}
		if err == nil {
			err = y.Validate()
		}
		if err != nil {
			panic(fmt.Errorf("%s: %w", f.Name(), err))
		}
		t = t.With(y.Year, y.Off, y.Work)
	}
	return t
})
