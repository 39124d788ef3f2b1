package incident

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/store"
)

func TestDriftIsOnlyWhatIsCertain(t *testing.T) {
	before := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	after := before.Add(time.Second)
	for there, want := range map[time.Time]time.Duration{
		before.Add(time.Millisecond): 0,
		before.Add(-time.Minute):     time.Minute,
		after.Add(time.Minute):       -time.Minute,
	} {
		require.Equal(t, want, drift(before, after, there))
	}
}

func TestTheWorstActivity(t *testing.T) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	failing := func(name string, attempt int, kind string, since time.Duration) engine.PendingActivity {
		return engine.PendingActivity{Name: name, Attempt: attempt, Since: now.Add(-since), Failure: &engine.Failure{Type: kind}}
	}
	fine := engine.PendingActivity{Name: "fine", Attempt: 9}
	blip := failing("blip", 2, activities.Unavailable, time.Second)
	for name, c := range map[string]struct {
		now  []engine.PendingActivity
		want string
	}{
		"none":                       {nil, ""},
		"none failed":                {[]engine.PendingActivity{fine}, ""},
		"one failed once":            {[]engine.PendingActivity{blip}, ""},
		"one failed for long":        {[]engine.PendingActivity{failing("long", 2, activities.Unavailable, time.Minute)}, "long"},
		"nobody mends it by waiting": {[]engine.PendingActivity{blip, failing("bug", 1, activities.Bug, 0)}, "bug"},
		"the one tried most":         {[]engine.PendingActivity{failing("a", 3, "", 0), failing("b", 7, "", 0), fine}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			found := worst(c.now, now)
			if c.want == "" {
				require.Nil(t, found)
				return
			}
			require.Equal(t, c.want, found.Name)
		})
	}
}

func TestWhatWasNotLookedAtIsNotOver(t *testing.T) {
	incident := func(id int64, kind, subject, matter string) store.Incident {
		return store.Incident{ID: id, Finding: store.Finding{Kind: kind, Subject: subject, Matter: matter}}
	}
	r := round{seen: map[string]bool{store.IncidentMail: true, "m1": true, "m3": true},
		found: []store.Finding{{Kind: store.IncidentTask, Subject: "m1", Matter: "m1"}}}
	require.Equal(t, []int64{1, 4, 6}, r.over([]store.Incident{
		incident(1, store.IncidentMail, "connect", ""),
		incident(2, store.IncidentWorker, "worker", ""), // not looked for
		incident(3, store.IncidentTask, "m1", "m1"),     // still so
		incident(4, store.IncidentCommand, "m1", "m1"),  // explained by the former
		incident(5, store.IncidentTask, "m2", "m2"),     // not looked at
		incident(6, store.IncidentTask, "m3", "m3"),
	}))
}
