package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/rehearsal"
)

// Crowd is clients with real sessions who play matters, one after the other, each by a script, and who ask again under
// the same key whenever they got no answer.
type Crowd struct {
	Site   *Site
	Ledger *Ledger
	Seed   uint64
	Size   int
	Pace   int

	stage *rehearsal.Stage
	plays []rehearsal.Play
}

// patience between two tries; another try each time, so nothing hangs on its length.
const (
	soon   = 50 * time.Millisecond
	rather = 400 * time.Millisecond
	tries  = 12 // at an action whose time has not come
)

// answerWithin is far above the bound of any request: an API that runs says something by then.
const answerWithin = 40 * time.Second

// awaitable says which unwelcome answers an outage explains.
var awaitable = []string{"database-unavailable", "workflow-unavailable", "too-slow", "stopping"}

// notYet are the refusals that time cures.
var notYet = []string{"not-your-turn", "nothing-to-do", "not-ready", "not-allowed-here", "not-found", "suspended"}

// enter opens the crowd's stage; leave ends its connections.
func (c *Crowd) enter() (leave func(), err error) {
	password, err := c.Site.Password()
	if err != nil {
		return nil, err
	}
	if c.plays, err = rehearsal.Plays(); err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * c.Size, ResponseHeaderTimeout: answerWithin}
	c.stage = &rehearsal.Stage{URL: c.Site.URL, Password: password, Pace: c.Pace, Transport: transport}
	return transport.CloseIdleConnections, nil
}

func (c *Crowd) player(i int, stop <-chan struct{}) player {
	return player{Crowd: c, stop: stop, random: rand.New(rand.NewPCG(c.Seed, uint64(i)))} //nolint:gosec // to be repeated
}

// Play plays until stop is closed; then every client brings its current action to an end. An error is one of the crowd
// itself: what the platform does wrong is in the ledger.
func (c *Crowd) Play(ctx context.Context, stop <-chan struct{}) error {
	leave, err := c.enter()
	if err != nil {
		return err
	}
	defer leave()
	var all sync.WaitGroup
	failed := make(chan error, c.Size)
	for i := range c.Size {
		all.Go(func() {
			one := c.player(i, stop)
			failed <- one.play(ctx)
		})
	}
	all.Wait()
	close(failed)
	for one := range failed {
		err = errors.Join(err, one)
	}
	return err
}

// player is one of the crowd.
type player struct {
	*Crowd
	stop    <-chan struct{}
	random  *rand.Rand
	patient bool // never leaves
	hasty   bool // plays at once what the script spreads over days, by a real clock
}

func (p *player) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

func (p *player) play(ctx context.Context) error {
	for !p.stopped() {
		p.hasty = p.random.IntN(2) == 0
		if err := p.perform(ctx, p.plays[p.random.IntN(len(p.plays))]); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) perform(ctx context.Context, script rehearsal.Play) error {
	begin := api.NewMatter{Rulebook: script.Rulebook, Procedure: script.Procedure, Title: script.Title, Unit: script.Unit,
		Submit: !script.Draft, Begins: script.Begins}
	if !p.hasty {
		begin.Pace = p.Pace
	}
	var err error
	if begin.Form, err = p.fill(ctx, script.As, script.Form); err != nil {
		return err
	}
	start := &Attempt{Key: client.Key(), Login: script.As, Action: "start", Start: true}
	if err := p.ask(ctx, start, "/api/v1/matters", begin); err != nil || start.Outcome != Done {
		return err
	}
	for _, step := range script.Steps {
		if p.stopped() {
			return nil
		}
		if !p.hasty {
			wait(ctx, time.Duration(step.After*float64(p.stage.Day())))
		}
		if err := p.step(ctx, start.Matter, step); err != nil {
			return err
		}
	}
	return nil
}

// step acts, trying for a while where others have to act before. What then is refused still is left: under faults a
// script may miss its moment.
func (p *player) step(ctx context.Context, matter string, step rehearsal.Step) error {
	fields, err := p.fill(ctx, step.As, step.Fields)
	if err != nil {
		return err
	}
	for range tries {
		on, err := p.linked(ctx, step.As, matter, step.Link)
		if err != nil {
			return err
		}
		if on != "" {
			a := &Attempt{Key: client.Key(), Login: step.As, Action: string(step.Action), Matter: on}
			err := p.ask(ctx, a, "/api/v1/matters/"+on+"/actions", api.Action{Action: step.Action, Opinion: step.Opinion, To: step.To,
				Post: step.Post, Days: step.Days, Fields: fields})
			if err != nil || !slices.Contains(notYet, a.Code) {
				return err
			}
		}
		if p.stopped() {
			return nil
		}
		wait(ctx, 2*soon)
	}
	return nil
}

// ask posts a command until it is answered, at times twice at once or once more afterwards, as impatient people and
// their browsers do; some leave when no answer comes at once.
func (p *player) ask(ctx context.Context, a *Attempt, path string, body any) error {
	who, err := p.session(ctx, a.Login)
	if err != nil {
		return err
	}
	p.Ledger.begin(a)
	twice, again, leaves := p.random.IntN(6) == 0, p.random.IntN(6) == 0, p.random.IntN(4) == 0
	var twin sync.WaitGroup
	if twice {
		twin.Go(func() { p.post(ctx, who, a, path, body) })
	}
	if leaves && !p.patient {
		if !p.post(ctx, who, a, path, body) {
			p.Ledger.leave(a)
		}
		twin.Wait()
		return nil
	}
	err = p.retry(ctx, func() bool { return p.post(ctx, who, a, path, body) })
	twin.Wait()
	if err == nil && again {
		err = p.retry(ctx, func() bool { return p.post(ctx, who, a, path, body) })
	}
	return err
}

// post posts a command once and notes the answer; it reports whether that settles it.
func (p *player) post(ctx context.Context, who *client.Client, a *Attempt, path string, body any) bool {
	p.Ledger.sending()
	var data []byte
	status, err := who.Do(ctx, http.MethodPost, path, a.Key, body, &data)
	var problem *client.Problem
	switch {
	case err == nil && status == http.StatusAccepted:
		p.Ledger.tell(a, "202")
		return p.follow(ctx, who, a)
	case err == nil:
		p.Ledger.tell(a, fmt.Sprint(status))
		var m api.Matter
		if err := json.Unmarshal(data, &m); err != nil {
			p.Ledger.complain(a, fmt.Sprintf("an answer that is no matter: %v", err))
		}
		p.Ledger.settle(a, Done, "", m.ID)
		return true
	case errors.As(err, &problem):
		p.Ledger.tell(a, fmt.Sprintf("%d %s", status, problem.Code))
		if status < http.StatusInternalServerError {
			p.Ledger.settle(a, Refused, problem.Code, "")
			return true
		}
		if !slices.Contains(awaitable, problem.Code) || problem.RetryAfter == 0 {
			p.Ledger.complain(a, fmt.Sprintf("answered %+v", problem))
		}
	default:
		p.Ledger.tell(a, err.Error())
		var network net.Error
		if errors.As(err, &network) && network.Timeout() {
			p.Ledger.complain(a, err.Error())
		}
	}
	return false
}

// follow asks the journal what became of an accepted command.
func (p *player) follow(ctx context.Context, who *client.Client, a *Attempt) bool {
	settled, err := who.Settled(ctx, a.Key)
	var problem *client.Problem
	switch {
	case err == nil:
		p.Ledger.tell(a, "done")
		p.Ledger.settle(a, Done, "", settled.Matter)
		return true
	case errors.As(err, &problem) && settled.State == api.CommandStatusStateRefused:
		p.Ledger.tell(a, "refused "+problem.Code)
		p.Ledger.settle(a, Refused, problem.Code, "")
		return true
	case errors.As(err, &problem) && problem.Status == http.StatusNotFound:
		p.Ledger.complain(a, "accepted, and then unknown to the journal")
	}
	p.Ledger.tell(a, err.Error())
	return false
}

// session is a login's, begun when it is first needed.
func (p *player) session(ctx context.Context, login string) (who *client.Client, err error) {
	err = p.retry(ctx, func() bool {
		who, err = p.stage.Client(ctx, login)
		return err == nil
	})
	return who, err
}

// linked is the matter a step acts on; empty: it is not there yet.
func (p *player) linked(ctx context.Context, login, matter, link string) (string, error) {
	if link == "" {
		return matter, nil
	}
	who, err := p.session(ctx, login)
	if err != nil {
		return "", err
	}
	var m api.Matter
	err = p.retry(ctx, func() bool {
		m, err = who.Matter(ctx, matter)
		return err == nil || client.Code(err) == "not-found"
	})
	for _, l := range m.Links {
		if l.Link == link && l.Visible {
			return l.ID, err
		}
	}
	return "", err
}

// fill uploads the files a form names.
func (p *player) fill(ctx context.Context, login string, form map[string]any) (api.Form, error) {
	filled := api.Form{}
	for _, field := range slices.Sorted(maps.Keys(form)) {
		value := form[field]
		if file, ok := value.(rehearsal.File); ok {
			who, err := p.session(ctx, login)
			if err != nil {
				return nil, err
			}
			key := client.Key()
			var kept api.Attachment
			if err := p.retry(ctx, func() bool {
				kept, err = who.Upload(ctx, key, file.Name, []byte(file.Text))
				return err == nil
			}); err != nil {
				return nil, errors.Join(err, fmt.Errorf("uploading %s", file.Name))
			}
			value = kept.ID
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		filled[field] = raw
	}
	return filled, nil
}

// retry tries until it succeeds or ctx ends.
func (p *player) retry(ctx context.Context, once func() bool) error {
	for !once() {
		wait(ctx, soon+time.Duration(p.random.Int64N(int64(rather))))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
