package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/app"
	"duban/internal/client"
	"duban/internal/message"
	"duban/internal/rehearsal"
)

// newcomerWaits is within what time the demonstration shows what it has to show.
const newcomerWaits = 5 * time.Minute

// shows are what a newcomer is to see, each by how a story tells it.
var shows = map[string]func(api.StoryEvent) bool{
	"a reminder": func(e api.StoryEvent) bool { return e.Type == "alarm-fired" && strings.Contains(e.Sentence, "提醒") },
	"an escalation": func(e api.StoryEvent) bool {
		return e.Type == "alarm-fired" && strings.Contains(e.Sentence, "升级至")
	},
	"an urging slip": func(e api.StoryEvent) bool {
		return e.Type == "slip-issued" && strings.Contains(e.Sentence, "催办单")
	},
	"a brief":         func(e api.StoryEvent) bool { return e.Type == "slip-issued" && strings.Contains(e.Sentence, "简报") },
	"a return":        func(e api.StoryEvent) bool { return e.Type == "acted" && e.Action == "return" },
	"an approval":     func(e api.StoryEvent) bool { return e.Type == "acted" && e.Action == "approve" },
	"an answer to it": func(e api.StoryEvent) bool { return e.Type == "acted" && e.Action == "acknowledge" },
}

// The demonstration plays its dozen matters to the end of their scripts, and shows within five minutes all it promises.
// It is played faster here; how long a newcomer waits at the usual pace follows from the matters' own clocks.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	p := own(t, scratch(t), "DUBAN_DEMO=true", fmt.Sprint("DUBAN_DEMO_PACE=", pace))
	plays, err := rehearsal.Plays()
	if err != nil {
		t.Fatal(err)
	}
	office := p.session(t, "office.director")
	usual := usualPace(t)
	waits := map[string]time.Duration{}
	until(t, newcomerWaits, "the demonstration to show everything", func(ctx context.Context) (map[string]time.Duration, error) {
		return waits, watch(ctx, office, plays, usual, waits)
	}, func(map[string]time.Duration) bool { return len(waits) == len(shows) })
	for what, wait := range waits {
		if wait > newcomerWaits {
			t.Errorf("%s is shown only after %s", what, wait.Round(time.Second))
		}
	}
	until(t, newcomerWaits, "every script to be played", func(context.Context) (int, error) {
		out := p.Output()
		for _, play := range plays {
			if strings.Contains(out, "演练“"+play.Title+"”中断") {
				t.Fatal(tail(out, 20))
			}
		}
		played := 0
		for _, play := range plays {
			if strings.Contains(out, message.Text("operate.rehearsal-played", map[string]any{"title": play.Title})) {
				played++
			}
		}
		return played, nil
	}, func(played int) bool { return played == len(plays) })
	until(t, newcomerWaits, "the half-year to begin after them", func(context.Context) (string, error) { return p.Output(), nil },
		func(out string) bool { return strings.Contains(out, p.URL+"/vote。") })
}

// watch reads the stories of all matters and notes after how long each show would be seen at the usual pace.
func watch(ctx context.Context, c *client.Client, plays []rehearsal.Play, usual *rehearsal.Stage, waits map[string]time.Duration) error {
	list, err := client.Get[api.MatterList](ctx, c, "/api/v1/matters", "limit", "100")
	if err != nil {
		return err
	}
	for _, m := range list.Items {
		place := -1
		for i, play := range plays {
			if play.Title == m.Title {
				place = i
			}
		}
		if place < 0 {
			continue // started by another matter
		}
		story, err := c.Events(ctx, m.ID)
		if err != nil {
			return err
		}
		for _, e := range story.Items {
			for what, is := range shows {
				wait := time.Duration(place)*usual.Day()/2 + e.At.Sub(m.Started)/time.Duration(usual.Pace)
				if known, ok := waits[what]; is(e) && (!ok || wait < known) {
					waits[what] = wait
				}
			}
		}
	}
	return nil
}

func usualPace(t *testing.T) *rehearsal.Stage {
	t.Helper()
	for _, s := range app.Settings() {
		if s.Key == "demo-pace" {
			return &rehearsal.Stage{Pace: s.Default.(int)}
		}
	}
	t.Fatal("the rehearsal's pace is no setting")
	return nil
}
