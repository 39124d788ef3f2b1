package api

import (
	"testing"
	"time"
)

func TestARehearsalBeginsOnTheDayNamed(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, begins := range []string{"2027-01-05", "2026-01-05", "2026-11-22"} {
		clock, at, err := rehearsalClock(14_400, begins, now)
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse("2006-01-02 15:04 -0700", begins+" 08:30 +0800")
		if err != nil {
			t.Fatal(err)
		}
		if off := at.Sub(want).Abs(); off > time.Minute {
			t.Errorf("begins %s by its clock, want %s", at, want)
		}
		if day := clock.Virtual(now.Add(6 * time.Second)).Sub(at); day != 24*time.Hour {
			t.Errorf("six seconds are %s by its clock", day)
		}
	}
	if clock, at, err := rehearsalClock(1, "", now); err != nil || clock.Factor != 0 || !at.Equal(now) {
		t.Error("an ordinary matter has another clock than the wall's")
	}
}
