package e2e

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/rehearsal"
)

// twoSeconds makes a day of the matter two seconds: slow enough to import a calendar before the term of two weeks ends.
const twoSeconds = 43_200

// A term that ends in a year whose special days nobody has published is provisional. When the year is imported it is
// counted again, says why, and the alarm follows the new day.
func TestAnImportedYearMovesRunningTerms(t *testing.T) {
	t.Parallel()
	program := own(t, scratch(t))
	office, admin := program.session(t, "office.director"), program.session(t, "sysadmin")
	next := slices.Max(calendar.Shipped().Years) + 1
	script := play(t, "central-document")
	script.Begins, script.Steps = fmt.Sprint(next-1, "-12-28"), nil
	s := rehearsal.Stage{URL: program.URL, Password: password(program.Data), Pace: twoSeconds}
	id, err := s.Perform(within(t, time.Minute), script)
	if err != nil {
		t.Fatal(err)
	}
	term := func(m api.Matter) api.MatterLimit {
		at := slices.IndexFunc(m.Limits, func(l api.MatterLimit) bool { return l.Key == "prepared" })
		if at < 0 {
			t.Fatalf("no term runs: %+v", m.Limits)
		}
		return m.Limits[at]
	}
	m, err := office.Matter(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	before := term(m)
	if !before.Provisional {
		t.Fatalf("due on %s, in a year nobody published, and not provisional", before.Due)
	}

	var imported api.ImportedYear
	days := api.SpecialDays{Off: map[string]string{}, Work: map[string]string{}}
	for day := (calendar.Date{Year: next, Month: time.January, Day: 1}); len(days.Off) < 9; day = day.AddDays(1) {
		days.Off[day.String()] = "元旦" // among nine days are five to seven of a working week
	}
	_, err = admin.Do(within(t, time.Minute), http.MethodPut, fmt.Sprint("/api/v1/calendar/years/", next), "", days, &imported)
	if err != nil {
		t.Fatal(err)
	}
	if imported.Replanned+imported.Pending == 0 {
		t.Errorf("nothing is said to be re-planned: %+v", imported)
	}
	m = until(t, time.Minute, "the term to move", func(ctx context.Context) (api.Matter, error) { return office.Matter(ctx, id) },
		func(m api.Matter) bool { return !term(m).Provisional })
	after := term(m)
	if moved := after.Due.Sub(before.Due); moved < 5*24*time.Hour {
		t.Errorf("five days off moved the term by %s", moved)
	}
	moved, rang := time.Time{}, time.Time{}
	until(t, 4*time.Minute, "the alarm to follow", func(ctx context.Context) (api.EventList, error) { return office.Events(ctx, id) },
		func(story api.EventList) bool {
			for _, e := range story.Items {
				switch {
				case e.Type == "limit-moved" && strings.Contains(e.Sentence, "日历公布") && strings.Contains(e.Sentence, after.Title):
					moved = e.At
				case e.Type == "alarm-fired" && strings.Contains(e.Sentence, after.Title) && !e.Minor && rang.IsZero():
					rang = e.At
				}
			}
			return !moved.IsZero() && !rang.IsZero()
		})
	if rang.Before(moved) || rang.Before(before.Due) {
		t.Errorf("the alarm rang at %s, by the old term (%s) and not the new one (%s)", rang, before.Due, after.Due)
	}
	var why []byte
	_, err = office.Do(within(t, time.Minute), http.MethodGet, fmt.Sprintf("/api/v1/matters/%s/limits/%d/explanation", id, after.ID), "", nil, &why)
	if err != nil || !strings.Contains(string(why), "元旦") {
		t.Errorf("the days off are not given as the reason: %v\n%s", err, why)
	}
}
