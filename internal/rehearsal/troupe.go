package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/procedure"
)

// Troupe is a company of invented people: what waits on their posts they do by a script, whichever matter asks it of them.
// Nothing in it knows in which order things come. One of them looks on for all, and is told what changes.
type Troupe struct {
	*Stage
	Logins  map[procedure.Post]string
	Answers map[string]Answer
	Plays   string // prefix of the procedures it plays
	Alone   bool   // it plays one matter and what comes of that; others on the same clock are another company's
	// Public casts the public's ballots of a round that has just opened; nil: nobody of the public votes.
	Public func(ctx context.Context, p api.Poll) error

	mu      sync.Mutex
	start   time.Time // the matters' clock, when the wall's was at
	at      time.Time
	stirred map[string]bool      // matters to look at
	known   map[string]bool      // matters looked at
	next    map[string]time.Time // by matter: when somebody will have taken long enough over it
	held    time.Duration        // the longest one of them was kept from acting, by the matters' clock
	done    map[string]bool      // by matter and assignment, as the following:
	refused map[string]error     // for good
	waiting map[string]error     // what time may cure
	again   map[string]time.Time // when that is tried again
}

const (
	hands = 6                      // how many of them act at once
	turns = 8                      // how often they act in one matter before others have their turn
	looks = 500 * time.Millisecond // how long nothing may happen before the matter that is played is looked at
)

// Gather logs everybody in: many passwords take a while, which no matter's clock should wait for.
func (t *Troupe) Gather(ctx context.Context) error {
	return together(ctx, slices.Sorted(maps.Values(t.Logins)), func(ctx context.Context, login string) error {
		_, err := t.Client(ctx, login)
		return err
	})
}

// Play acts in one matter and all that come of it, until over says so of the first. They keep its clock; the one it is
// played as sees them all.
func (t *Troupe) Play(ctx context.Context, matter string, as string, over func(api.Matter) bool) error {
	c, err := t.Client(ctx, as)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	changes, err := c.Changes(ctx)
	if err != nil {
		return err
	}
	t.done, t.refused, t.waiting, t.again = map[string]bool{}, map[string]error{}, map[string]error{}, map[string]time.Time{}
	t.stirred, t.known, t.next = map[string]bool{matter: true}, map[string]bool{matter: true}, map[string]time.Time{}
	for {
		read := time.Now()
		m, err := c.Matter(ctx, matter)
		if err != nil {
			return t.stopped(err)
		}
		if over(m) {
			return t.Refused()
		}
		t.start, t.at = m.Now, read
		if err := together(ctx, t.called(), func(ctx context.Context, id string) error { return t.turn(ctx, c, id) }); err != nil {
			return t.stopped(err)
		}
		if err := t.listen(ctx, changes); err != nil {
			return t.stopped(err)
		}
	}
}

// together does something for each of some, a few at a time.
func together(ctx context.Context, some []string, do func(ctx context.Context, one string) error) error {
	work := make(chan string)
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range min(hands, len(some)) {
		all.Go(func() {
			for one := range work {
				if err := do(ctx, one); err != nil {
					mu.Lock()
					failed = errors.Join(failed, fmt.Errorf("%s: %w", one, err))
					mu.Unlock()
				}
			}
		})
	}
	for _, one := range some {
		work <- one
	}
	close(work)
	all.Wait()
	return failed
}

// now is the time by the matters' clock.
func (t *Troupe) now() time.Time { return t.start.Add(time.Since(t.at) * time.Duration(t.Pace)) }

// called are the matters in which there may be something to do by now.
func (t *Troupe) called() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, at := range t.next {
		if !t.now().Before(at) {
			t.stirred[id] = true
			delete(t.next, id)
		}
	}
	ids := slices.Sorted(maps.Keys(t.stirred))
	clear(t.stirred)
	return ids
}

// listen waits until there is something to do, or a moment.
func (t *Troupe) listen(ctx context.Context, changes <-chan string) error {
	moment := time.NewTimer(t.rest())
	defer moment.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-moment.C:
		return nil
	case id, ok := <-changes:
		for ; ok; id, ok = <-changes {
			t.stir(id)
			if len(changes) == 0 {
				return nil
			}
		}
		return errors.Join(errors.New("rehearsal: the stream of changes ended"), ctx.Err())
	}
}

// rest is how long nobody has anything to do, as far as is known.
func (t *Troupe) rest() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := looks
	if len(t.stirred) > 0 {
		rest = 0
	}
	for _, at := range t.next {
		rest = min(rest, at.Sub(t.now())/time.Duration(t.Pace))
	}
	return max(0, rest)
}

// stir notes that a matter is to be looked at; no matter stands for all.
func (t *Troupe) stir(ids ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		if id != "" {
			t.stirred[id] = true
			continue
		}
		for id := range t.known {
			t.stirred[id] = true
		}
	}
}

// turn lets everybody on whom a matter waits, and who has taken their time, do their part in it, one after the other.
func (t *Troupe) turn(ctx context.Context, lookout *client.Client, id string) error {
	m, err := lookout.Matter(ctx, id)
	if client.Code(err) == "not-found" {
		return nil // it is not recorded yet, or not theirs
	}
	if err != nil || !t.ours(m) {
		return err
	}
	for range turns {
		a, since, ready := t.first(m)
		if !ready {
			return nil
		}
		after, err := t.act(ctx, m, a)
		t.note(m, a, since, err)
		if err != nil && !errors.As(err, new(*client.Problem)) {
			return err
		}
		if err == nil {
			m = after
		}
	}
	t.stir(id)
	return nil
}

// ours says whether a matter is one of those played, which keep one clock, and meets those that came of it.
func (t *Troupe) ours(m api.Matter) bool {
	const apart = 30 * 24 * time.Hour // another rehearsal's clock is further off; ours is as exact as a request is quick
	if !strings.HasPrefix(m.Procedure, t.Plays) || m.Now.Sub(t.now()).Abs() > apart {
		return false
	}
	var unknown []string
	t.mu.Lock()
	if t.Alone && !t.known[m.ID] && !t.known[m.Parent.ID] {
		t.mu.Unlock()
		return false
	}
	t.known[m.ID] = true
	for _, l := range m.Links {
		if !t.known[l.ID] {
			unknown = append(unknown, l.ID)
			t.known[l.ID] = true
		}
	}
	t.mu.Unlock()
	t.stir(unknown...)
	return true
}

// first is the first thing in a matter that somebody has taken long enough over, and since when, documents to sign last. If
// there is none it notes when there will be.
func (t *Troupe) first(m api.Matter) (first api.MatterAssignment, since time.Time, ready bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var next time.Time
	for _, a := range m.Assignments {
		days, does := t.takes(m, a)
		if _, here := t.Logins[procedure.Post(a.Post.Post)]; !does || !here || a.Waits || t.done[key(m, a)] {
			continue
		}
		at := a.Opened.Add(time.Duration(days * 24 * float64(time.Hour)))
		if again := t.again[key(m, a)]; again.After(at) {
			at = again
		}
		switch {
		case !t.now().Before(at):
			if !ready || first.Duty == api.DutySign && a.Duty != api.DutySign {
				first, since, ready = a, at, true
			}
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	if delete(t.next, m.ID); !ready && !next.IsZero() {
		t.next[m.ID] = next
	}
	return first, since, ready
}

func key(m api.Matter, a api.MatterAssignment) string { return fmt.Sprintf("%s/%d", m.ID, a.ID) }

// note keeps what became of an assignment that somebody was ready for since. A refusal that time cures is tried again, any
// other is not.
func (t *Troupe) note(m api.Matter, a api.MatterAssignment, since time.Time, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := key(m, a)
	t.held = max(t.held, t.now().Sub(since))
	if err != nil {
		err = fmt.Errorf("%s/%s by %s: %w", m.Procedure, a.Stage, a.Post.Post, err)
	}
	delete(t.waiting, k)
	switch {
	case err == nil:
		t.done[k] = true
	case slices.Contains(tooLate, client.Code(err)):
		t.done[k] = true
	case slices.Contains(notYet, client.Code(err)):
		t.waiting[k], t.again[k] = err, t.now().Add(24*time.Hour/4)
	default:
		t.done[k], t.refused[k] = true, err
	}
}

// tooLate are the refusals of what nobody asks for any more: the matter ended meanwhile.
var tooLate = []string{"closed", "too-late"}

// Held is the longest one of them was kept from acting, by the matters' clock: what came too late for less than that may tell
// of a slow machine.
func (t *Troupe) Held() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held
}

// Refused joins the refusals that stand: what somebody wanted to do, and may not.
func (t *Troupe) Refused() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return joined(t.refused)
}

// stopped joins an error with all that is still refused.
func (t *Troupe) stopped(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(err, joined(t.refused), joined(t.waiting))
}

func joined(refused map[string]error) error {
	var all []error
	for _, at := range slices.Sorted(maps.Keys(refused)) {
		all = append(all, refused[at])
	}
	return errors.Join(all...)
}

// act does what an assignment asks, and gives the matter as it stands then.
func (t *Troupe) act(ctx context.Context, m api.Matter, a api.MatterAssignment) (api.Matter, error) {
	c, err := t.Client(ctx, t.Logins[procedure.Post(a.Post.Post)])
	if err != nil {
		return m, err
	}
	action := api.Action{Assignment: a.ID}
	switch a.Duty {
	case api.DutySign:
		action.Action = api.ActionNameSign
	case api.DutyAttend:
		action.Action = api.ActionNameAcknowledge
	case api.DutyVote:
		return m, t.vote(ctx, c, m.ID, procedure.Post(a.Post.Post).Unit())
	default:
		if action, err = t.task(ctx, c, m, a); err != nil {
			return m, err
		}
	}
	return c.Act(ctx, client.Key(), m.ID, action)
}

// vote casts a unit's ballot in the open round of a matter; the first of the units also lets the public vote.
func (t *Troupe) vote(ctx context.Context, c *client.Client, matter, unit string) error {
	list, err := client.Get[api.PollList](ctx, c, "/api/v1/polls", "matter", matter)
	if err != nil {
		return err
	}
	for _, summary := range list.Items {
		if summary.State != api.PollSummaryStateOpen {
			continue
		}
		p, err := client.Get[api.Poll](ctx, c, "/api/v1/polls/"+summary.ID)
		if err != nil {
			return err
		}
		if err := t.public(ctx, p); err != nil {
			return err
		}
		_, err = c.Do(ctx, http.MethodPost, "/api/v1/polls/"+p.Summary.ID+"/ballots", client.Key(),
			api.BallotInput{Unit: unit, Choices: Choices(p, unit)}, nil)
		return err
	}
	return &client.Problem{Status: http.StatusNotFound, Problem: api.Problem{Code: "not-found"}}
}

// public lets the public vote once in a round.
func (t *Troupe) public(ctx context.Context, p api.Poll) error {
	if t.Public == nil || p.Summary.Eligible == 0 {
		return nil
	}
	k := "public/" + p.Summary.ID
	t.mu.Lock()
	before := t.done[k]
	t.done[k] = true
	t.mu.Unlock()
	if before {
		return nil
	}
	return t.Public(ctx, p)
}
