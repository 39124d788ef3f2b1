package incident

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/store"
)

// round is one look over the platform.
type round struct {
	*Watcher
	now   time.Time
	idle  bool // nobody can run matters, so it says nothing of a matter that it stands still
	mu    sync.Mutex
	found []store.Finding
	seen  map[string]bool // kinds of parts, and matters, that were looked at
}

func (r *round) find(f store.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, f)
}

func (r *round) look(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[what] = true
}

// over names the known incidents that have ended: looked for, and not found.
func (r *round) over(known []store.Incident) (ended []int64) {
	still := map[[2]string]bool{}
	for _, f := range r.found {
		still[[2]string{f.Kind, f.Subject}] = true
	}
	for _, i := range known {
		if (r.seen[i.Kind] || r.seen[i.Matter]) && !still[[2]string{i.Kind, i.Subject}] {
			ended = append(ended, i.ID)
		}
	}
	return ended
}

func (r *round) clocks(ctx context.Context) error {
	parts, err := r.Store.Parts(ctx)
	if err != nil {
		return err
	}
	r.look(store.IncidentClock)
	for _, p := range parts {
		if p.Drift.Abs() > farOff {
			r.find(store.Finding{Kind: store.IncidentClock, Subject: p.ID, Began: r.now, Details: map[string]any{"seconds": p.Drift.Seconds()}})
		}
	}
	return nil
}

func (r *round) mail(ctx context.Context) error {
	failing, err := r.Store.FailingMails(ctx)
	if err != nil {
		return err
	}
	r.look(store.IncidentMail)
	for _, m := range failing {
		r.find(store.Finding{Kind: store.IncidentMail, Subject: m.Fault, Began: m.Since, Attempts: m.Attempts, Fault: m.Fault,
			Details: map[string]any{"waiting": m.Waiting, "next": m.Next.UTC().Format(time.RFC3339)}})
	}
	return nil
}

// unopened finds the matters that others asked for and the rules refused.
func (r *round) unopened(ctx context.Context) error {
	waiting, err := r.Store.Unopened(ctx, looked)
	if err != nil {
		return err
	}
	r.look(store.IncidentUnopened)
	for _, u := range waiting {
		r.find(store.Finding{Kind: store.IncidentUnopened, Subject: u.Child, Matter: u.Matter, Began: u.At, Details: u.Details()})
	}
	return nil
}

// beginnings finds what was to begin by itself and the rules refused.
func (r *round) beginnings(ctx context.Context) error {
	refused, err := r.Store.RefusedBeginnings(ctx)
	if err != nil {
		return err
	}
	r.look(store.IncidentBegin)
	for _, b := range refused {
		r.find(store.Finding{Kind: store.IncidentBegin, Subject: b.Rulebook + "/" + b.Procedure, Began: b.At, Details: map[string]any{
			"rulebook": b.Rulebook, "procedure": b.Procedure, "day": b.Day.String(), "code": b.Refusal.Code, "args": b.Refusal.Args}})
	}
	return nil
}

// workers looks whether Temporal answers, and whether anybody asks it for work.
func (r *round) workers(ctx context.Context) error {
	r.look(store.IncidentWorkflow)
	short, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	asked, err := r.Engine.Pollers(short)
	if err != nil {
		r.idle = true
		r.find(store.Finding{Kind: store.IncidentWorkflow, Subject: "temporal", Began: r.now, Fault: err.Error()})
		return nil
	}
	parts, err := r.Store.Parts(ctx)
	if err != nil {
		return err
	}
	works := false
	for _, p := range parts {
		works = works || p.Works
	}
	r.look(store.IncidentWorker)
	if works && r.now.Sub(asked) < silent {
		return nil
	}
	if !works {
		if asked, err = r.Store.WorkerGone(ctx); err != nil {
			return err
		}
	}
	if asked.IsZero() {
		asked = r.now
	}
	r.idle = !works
	r.find(store.Finding{Kind: store.IncidentWorker, Subject: "worker", Began: asked})
	return nil
}

// matters looks at those something speaks against, and at some of the others in turn.
func (r *round) matters(ctx context.Context) error {
	suspects, err := r.Store.Suspects(ctx, late, looked)
	if err != nil {
		return err
	}
	if !r.seen[store.IncidentWorker] {
		return nil // Temporal is away
	}
	listed := map[string]bool{}
	for _, s := range suspects {
		listed[s.Matter] = true
	}
	others, err := r.others(ctx)
	if err != nil {
		return err
	}
	for _, matter := range others {
		if !listed[matter] {
			listed[matter] = true
			suspects = append(suspects, store.Suspect{Matter: matter, Over: true})
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(width)
	for _, s := range suspects {
		work.Go(func() error { return r.matter(ctx, s) })
	}
	return work.Wait()
}

func (r *round) others(ctx context.Context) ([]string, error) {
	matters, err := r.Engine.Reported(ctx, scanned)
	if err != nil {
		return nil, err
	}
	running, next, err := r.Engine.ListRunning(ctx, scanned, r.page)
	if err != nil {
		r.page = nil
		return nil, err
	}
	r.page = next
	for _, one := range running {
		matters = append(matters, one.Matter)
	}
	return matters, nil
}

// matter looks at one, and names at most one thing that keeps it: what explains the others.
func (r *round) matter(ctx context.Context, s store.Suspect) error {
	now, err := r.Engine.Inspect(ctx, s.Matter)
	if err != nil && !errors.Is(err, engine.ErrGone) {
		return err
	}
	r.look(s.Matter)
	f := store.Finding{Subject: s.Matter, Matter: s.Matter, Began: r.now}
	switch failing := worst(now.Activities, r.now); {
	case !now.Running:
		if s.Over || s.Seq == 0 {
			return nil
		}
		f.Kind, f.Details = store.IncidentEnded, map[string]any{"status": now.Status}
		if !now.Ended.IsZero() {
			f.Began = now.Ended
		}
	case now.Task != nil:
		f.Kind, f.Began, f.Attempts, f.Fault = store.IncidentTask, now.Task.Since, now.Task.Attempt, now.Task.Failure.Message
		f.Details = map[string]any{"cause": now.Task.Cause, "worker": now.Task.Worker}
	case failing != nil:
		f.Kind, f.Began, f.Attempts = store.IncidentActivity, failing.Since, failing.Attempt
		f.Fault = strings.Join(append([]string{failing.Failure.Message}, failing.Failure.Causes...), " / ")
		f.Details = map[string]any{"activity": failing.Name, "type": failing.Failure.Type, "worker": failing.Worker}
		if !failing.Next.IsZero() {
			f.Details["next"] = failing.Next.UTC().Format(time.RFC3339)
		}
	case r.idle:
		return nil
	case s.Early || !s.Late.IsZero():
		return r.behind(ctx, s, f)
	case !s.Open.IsZero():
		f.Kind, f.Began = store.IncidentCommand, s.Open
	default:
		return nil
	}
	r.find(f)
	return nil
}

// worst is the activity that failed most often: three times, or so that only somebody can mend it.
func worst(activitiesNow []engine.PendingActivity, now time.Time) *engine.PendingActivity {
	var found *engine.PendingActivity
	for i, a := range activitiesNow {
		if a.Failure == nil || a.Attempt < 3 && a.Failure.Type != activities.Bug && now.Sub(a.Since) < late {
			continue
		}
		if found == nil || a.Attempt > found.Attempt {
			found = &activitiesNow[i]
		}
	}
	return found
}

// behind compares the record with what the workflow itself says, where a worker can be asked.
func (r *round) behind(ctx context.Context, s store.Suspect, f store.Finding) error {
	short, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	f.Kind, f.Details = store.IncidentProjection, map[string]any{"recorded": s.Seq}
	if !s.Late.IsZero() {
		f.Began = s.Late
	}
	state, err := r.Engine.State(short, s.Matter)
	switch {
	case errors.Is(err, engine.ErrGone):
		return nil
	case err != nil && !errors.Is(err, engine.ErrBusy):
		return err
	case err == nil:
		f.Details["decided"] = state.Seq
	}
	r.find(f)
	return nil
}
