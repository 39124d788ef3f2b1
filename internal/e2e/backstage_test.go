package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"duban/internal/app"
	"duban/internal/calendar"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
	"duban/rulebooks"
)

// backstage is a program as its operator reaches it: its database, and its Temporal.
type backstage struct {
	store  *store.Store
	engine *engine.Engine
}

func behind(t *testing.T, p *Program) backstage {
	t.Helper()
	ctx := within(t, time.Minute)
	at, err := app.ReadEndpoints(app.Config{Data: p.Data})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, at.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	e, err := engine.Dial(ctx, engine.Config{Address: at.TemporalAddress, Namespace: "duban", Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return backstage{st, e}
}

// promoted puts on the record a promotion that was completed in a rehearsal: its form says which ten practices were
// selected, by which district, led by which department.
func (b backstage) promoted(t *testing.T, half string, closed time.Time) {
	t.Helper()
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := library.Procedure("zibo-city", "practice-promotion")
	p.First, p.Stages, p.Limits = "done", []procedure.Stage{{Key: "done", Title: "公布", Kind: procedure.KindTask, Authority: p.Authority,
		Who: []procedure.Role{"office/clerk"}, Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {procedure.Closed}}}}, nil
	var selected []map[string]any
	for i, district := range p.Parties["districts"].Units {
		selected = append(selected, map[string]any{"matter": uuid.NewString(), "title": half + "经验" + district, "unit": district,
			"lead": leads[i%len(leads)], "township": i%2 == 0, "place": i + 1, "unitVotes": 20 - i})
	}
	form, err := json.Marshal(selected)
	if err != nil {
		t.Fatal(err)
	}
	clerk := procedure.Actor{Posts: []procedure.Post{"office/clerk"}}
	spec := procedure.Spec{Matter: uuid.Must(uuid.NewV7()).String(), Title: half + "评选（演练）", Procedure: *p, Unit: "office", Starter: clerk, At: closed,
		Calendar: calendar.Calendar{Table: calendar.Shipped().Slice(2026, 2027)}, Clock: procedure.Clock{Start: closed, Factor: evaluationPace},
		Parties: map[string][]string{"office": {"office"}}, Form: map[string]json.RawMessage{"selected": form}}
	state := procedure.New(spec)
	var events []procedure.Event
	for _, c := range []procedure.Command{{Key: "start", Action: procedure.ActionStart, Actor: clerk}, {Key: "done", Action: procedure.ActionApprove, Actor: clerk}} {
		more, err := procedure.Decide(state, c, closed)
		if err != nil {
			t.Fatal(err)
		}
		state, events = procedure.Fold(state, more), append(events, more...)
	}
	if _, err := b.store.Record(within(t, time.Minute), store.Batch{Matter: spec.Matter, Spec: &spec, Events: events}); err != nil {
		t.Fatal(err)
	}
}

// quiet says whether nobody has anything left to do in a matter or in those it started.
func (b backstage) quiet(ctx context.Context, matter string) bool {
	row, err := b.store.Matter(ctx, matter, nil)
	if err != nil || !procedure.Finished(row.State) {
		return false
	}
	children, err := b.store.Related(ctx, matter, nil)
	return err == nil && len(children) == len(row.State.Links) && !slices.ContainsFunc(children, func(m store.MatterItem) bool { return m.Closed.IsZero() })
}

func (b backstage) events(t *testing.T, matter string) []store.Recorded {
	t.Helper()
	events, err := b.store.Events(within(t, time.Minute), matter, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return events
}
