package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Clock is a time of day in minutes since midnight; its text form is "08:30".
type Clock int

// ParseClock reads "08:30"; "23:59" is the last.
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("%q is not a time of day like 08:30", s)
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// MarshalText writes the text form.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the text form.
func (c *Clock) UnmarshalText(b []byte) error {
	v, err := ParseClock(string(b))
	if err != nil {
		return err
	}
	*c = v
	return nil
}

// Hours are the working hours of every working day. The zero value means the default.
type Hours struct {
	Opens  Clock `json:"opens"`
	Closes Clock `json:"closes"`
}

// OrDefault is h, or 08:30 to 17:30 where h is zero.
func (h Hours) OrDefault() Hours {
	if h == (Hours{}) {
		return Hours{Opens: 8*60 + 30, Closes: 17*60 + 30}
	}
	return h
}

// ErrHours says that the working hours close before they open, or leave the day.
var ErrHours = errors.New("working hours must open before they close, within one day")

// Validate refuses hours by which no deadline can be set.
func (h Hours) Validate() error {
	h = h.OrDefault()
	if h.Opens < 0 || h.Opens >= h.Closes || h.Closes >= 24*60 {
		return ErrHours
	}
	return nil
}
