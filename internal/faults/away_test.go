package faults

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/rehearsal"
)

// office is a site with one crowd, whose members tests direct one by one.
type office struct {
	*testing.T
	site  *Site
	crowd *Crowd
}

func newOffice(t *testing.T) *office {
	site := open(t)
	crowd := &Crowd{Site: site, Ledger: NewLedger(), Size: 16, Pace: 216_000}
	leave, err := crowd.enter()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leave)
	return &office{t, site, crowd}
}

func (o *office) in(t *testing.T) *office { return &office{t, o.site, o.crowd} }

func (o *office) within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(o.Context(), d)
	o.Cleanup(cancel)
	return ctx
}

func (o *office) as(login string) *client.Client {
	o.Helper()
	c, err := o.crowd.stage.Client(o.within(time.Minute), login)
	if err != nil {
		o.Fatal(err)
	}
	return c
}

// arrive registers a central document, by the real clock: its two slips wait to be signed.
func (o *office) arrive() string {
	o.Helper()
	a := &Attempt{Key: client.Key(), Login: "office.clerk", Action: "start", Start: true}
	o.ask(o.within(time.Minute), a, "/api/v1/matters", o.document())
	return a.Matter
}

func (o *office) document() api.NewMatter {
	o.Helper()
	script := o.crowd.plays[slices.IndexFunc(o.crowd.plays, func(p rehearsal.Play) bool { return p.Name == "central-document" })]
	p := o.crowd.player(0, nil)
	form, err := p.fill(o.within(time.Minute), script.As, script.Form)
	if err != nil {
		o.Fatal(err)
	}
	return api.NewMatter{Rulebook: script.Rulebook, Procedure: script.Procedure, Title: script.Title, Form: form, Submit: true}
}

// ask asks until there is an answer, and fails unless it was done.
func (o *office) ask(ctx context.Context, a *Attempt, path string, body any) {
	o.Helper()
	p := o.crowd.player(0, nil)
	p.patient = true
	if err := p.ask(ctx, a, path, body); err != nil || a.Outcome != Done {
		o.Errorf("%s by %s: %s %s, %v; told %v", a.Action, a.Login, a.Outcome, a.Code, err, a.Told)
	}
}

// until looks until it sees, or the time is over.
func (o *office) until(d time.Duration, what string, see func() bool) {
	o.Helper()
	ctx := o.within(d)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for !see() {
		select {
		case <-ctx.Done():
			o.Fatalf("waiting for %s", what)
		case <-again.C:
		}
	}
}

// told reports whether an attempt has been told something by now.
func (o *office) told(a *Attempt, what string) bool {
	o.crowd.Ledger.mu.Lock()
	defer o.crowd.Ledger.mu.Unlock()
	return slices.Contains(a.Told, what)
}

// awayFor is how long PostgreSQL stays away at least: DUBAN_TEST_AWAY seconds.
func awayFor(t *testing.T) time.Duration {
	return time.Duration(setting(t, "DUBAN_TEST_AWAY", 6)) * time.Second
}

func TestAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, away := range []struct {
		name string
		take func() (back func() error, err error)
	}{
		{"PostgreSQL frozen", o.site.Freeze},
		{"PostgreSQL cut off", func() (func() error, error) {
			return func() error { return o.site.Line.Mend(t.Context()) }, o.site.Line.Cut()
		}},
	} {
		t.Run(away.name, func(t *testing.T) { o.in(t).database(away.take) })
	}
	t.Run("no worker", func(t *testing.T) { o.in(t).worker() })
	t.Run("the auditor", func(t *testing.T) { o.in(t).audit() })
}

// heardWithin is until when whoever asks has heard that the database is away: 4 s until it is known, and the rest for a
// machine that stands still at times.
const heardWithin = 20 * time.Second

// While the database is away, actions are refused clearly and soon, with when to try again; under the same keys they are
// then done, each once.
func (o *office) database(take func() (func() error, error)) {
	matter := o.arrive()
	var attempts []*Attempt
	for _, login := range []string{"stb.clerk", "education.clerk"} {
		attempts = append(attempts, &Attempt{Key: client.Key(), Login: login, Action: "sign", Matter: matter})
	}
	for range 4 {
		attempts = append(attempts, &Attempt{Key: client.Key(), Login: "office.clerk", Action: "start", Start: true})
	}
	for _, a := range attempts {
		o.as(a.Login)
	}
	document := o.document()
	back, err := take()
	if err != nil {
		o.Fatal(err)
	}
	away := time.Now()
	restore := sync.OnceFunc(func() {
		if err := back(); err != nil {
			o.Error(err)
		}
	})
	defer restore()
	var all sync.WaitGroup
	defer all.Wait()
	for _, a := range attempts {
		all.Go(func() {
			if a.Start {
				o.ask(o.within(3*time.Minute), a, "/api/v1/matters", document)
			} else {
				o.ask(o.within(3*time.Minute), a, "/api/v1/matters/"+a.Matter+"/actions", api.Action{Action: api.ActionNameSign})
			}
		})
	}
	o.until(heardWithin+awayFor(o.T), "everybody to hear that the database is away", func() bool {
		for _, a := range attempts {
			if !o.told(a, "503 database-unavailable") {
				return false
			}
		}
		return time.Since(away) >= awayFor(o.T)
	})
	o.retryAfter()
	restore()
	all.Wait()
}

// retryAfter asks once more and looks at the header and the text.
func (o *office) retryAfter() {
	ctx := o.within(time.Minute)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.site.URL+"/api/v1/sessions",
		strings.NewReader(`{"login":"office.clerk","password":"-"}`))
	if err != nil {
		o.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", client.Key())
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" ||
		response.Header.Get("Content-Type") != "application/problem+json" {
		o.Errorf("answered %s %v", response.Status, response.Header)
	}
	if took := time.Since(began); took > heardWithin {
		o.Errorf("the answer took %v", took)
	}
}

// Without a worker an action is accepted, and carried out when one is back; who is refused then is told so.
func (o *office) worker() {
	matter := o.arrive()
	clerk := o.as("stb.clerk")
	if err := o.site.Kill(Worker); err != nil {
		o.Fatal(err)
	}
	attempts := []*Attempt{}
	for range 2 {
		a := &Attempt{Key: client.Key(), Login: "stb.clerk", Action: "sign", Matter: matter}
		attempts = append(attempts, a)
		o.crowd.Ledger.begin(a)
		var open api.CommandStatus
		status, err := clerk.Do(o.within(time.Minute), http.MethodPost, "/api/v1/matters/"+matter+"/actions", a.Key,
			api.Action{Action: api.ActionNameSign}, &open)
		if err != nil || status != http.StatusAccepted || open.State != api.CommandStatusStateOpen || open.Key != a.Key {
			o.Fatalf("without a worker: %d %+v %v", status, open, err)
		}
	}
	if s, err := client.Get[api.CommandStatus](o.within(time.Minute), clerk, "/api/v1/commands/"+attempts[0].Key); err != nil || s.State != api.CommandStatusStateOpen {
		o.Errorf("the journal says %+v (%v)", s, err)
	}
	if err := o.site.Start(o.within(time.Minute), Worker); err != nil {
		o.Fatal(err)
	}
	p := o.crowd.player(0, nil)
	outcomes := map[Outcome]*Attempt{}
	for _, a := range attempts {
		// Half a minute for the sweeper, less for the tasks that the dead worker took along.
		if !p.follow(o.within(time.Minute), clerk, a) {
			o.Fatalf("not carried out: %v", a.Told)
		}
		outcomes[a.Outcome] = a
	}
	refused := outcomes[Refused]
	if outcomes[Done] == nil || refused == nil {
		o.Fatalf("signing twice came to %+v", outcomes)
	}
	o.until(time.Minute, "the person to be told", func() bool {
		list, err := client.Get[api.NotificationList](o.within(time.Minute), clerk, "/api/v1/notifications")
		return err == nil && slices.ContainsFunc(list.Items, func(n api.Notification) bool {
			return fmt.Sprint(n.Kind) == "refused" && n.Matter == matter
		})
	})
}

// The auditor finds nothing wrong so far, and what is then done to the record behind the platform's back.
func (o *office) audit() {
	look := func(ledger *Ledger) []string {
		o.Helper()
		findings, err := (&Auditor{Site: o.site, Ledger: ledger}).Audit(o.within(5 * time.Minute))
		if err != nil {
			o.Fatal(err)
		}
		return findings
	}
	if found := look(o.crowd.Ledger); len(found) > 0 {
		o.Fatalf("found %v", found)
	}
	for _, part := range []Part{API, Worker} {
		if err := o.site.Start(o.within(time.Minute), part); err != nil {
			o.Fatal(err)
		}
	}
	o.tamper(`UPDATE matter SET stage = 'elsewhere', state = jsonb_set(state, '{stage}', '"elsewhere"') WHERE id = (SELECT min(id::text)::uuid FROM matter)`)
	o.tamper(`UPDATE slip_counter SET last = last + 1`)
	o.tamper(`DELETE FROM assignment`)
	doctored := NewLedger()
	lost, unasked := &Attempt{Key: "lost", Outcome: Done, Action: "sign"}, ""
	doctored.begin(lost)
	for key, a := range o.crowd.Ledger.Attempts() {
		if unasked == "" && a.Outcome == Done {
			unasked = key
			continue
		}
		doctored.begin(a)
	}
	found := strings.Join(look(doctored), "\n")
	for _, want := range []string{"lost was acknowledged", unasked + " happened", "stands elsewhere in the list", "is not what its events fold to",
		"slip numbers have a gap", "changes the table assignment"} {
		if !strings.Contains(found, want) {
			o.Errorf("%q was not found in:\n%s", want, found)
		}
	}
}

func (o *office) tamper(sql string) {
	o.Helper()
	if err := tamper(o.within(time.Minute), o.site.DatabaseURL, sql); err != nil {
		o.Fatal(err)
	}
}
