// Package rehearsal plays matters through the HTTP interface, each by its script, with a pace that compresses days into
// seconds for those matters alone: for newcomers to look at, and for the tests that look at everything.
package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"duban/api"
	"duban/internal/client"
)

// Play is one matter's script.
type Play struct {
	Name      string         `yaml:"name"`
	Rulebook  string         `yaml:"rulebook"`
	Procedure string         `yaml:"procedure"`
	Title     string         `yaml:"title"`
	As        string         `yaml:"as"`     // login that starts it
	Unit      string         `yaml:"unit"`   // on whose behalf, where the login may choose
	Begins    string         `yaml:"begins"` // day the matter's clock begins, "2027-01-05"; empty: today
	Form      map[string]any `yaml:"form"`
	Draft     bool           `yaml:"draft"` // starts without submitting
	Steps     []Step         `yaml:"steps"`
}

// Step is one action: who does it, how many days after the step before, on which matter.
type Step struct {
	As      string         `yaml:"as"`
	After   float64        `yaml:"after"` // days by the matter's clock
	Action  api.ActionName `yaml:"action"`
	Opinion string         `yaml:"opinion"`
	To      string         `yaml:"to"`
	Post    string         `yaml:"post"`
	Days    int            `yaml:"days"`
	Fields  map[string]any `yaml:"fields"`
	Link    string         `yaml:"link"` // name of the link to act on, where it is not the matter itself
}

// File stands in a form for an attachment, uploaded when it is needed.
type File struct{ Name, Text string }

// Stage is where rehearsals are played: a running duban and its logins' common password.
type Stage struct {
	URL       string
	Password  string
	Pace      int // times faster than the wall
	Transport http.RoundTripper

	mu      sync.Mutex
	clients map[string]*client.Client
}

// Day is how long a day of the matters lasts.
func (s *Stage) Day() time.Duration { return 24 * time.Hour / time.Duration(s.Pace) }

// Client is a login's session, begun when it is first asked for.
func (s *Stage) Client(ctx context.Context, login string) (*client.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.clients[login]; ok {
		return c, nil
	}
	c := client.New(s.URL, s.Transport)
	if err := c.LogIn(ctx, login, s.Password); err != nil {
		return nil, fmt.Errorf("rehearsal: %s logging in: %w", login, err)
	}
	if s.clients == nil {
		s.clients = map[string]*client.Client{}
	}
	s.clients[login] = c
	return c, nil
}

// Perform plays one script to its end and returns the matter's id.
func (s *Stage) Perform(ctx context.Context, p Play) (string, error) {
	matter, err := s.begin(ctx, p)
	if err != nil {
		return "", fmt.Errorf("rehearsal: %s: %w", p.Name, err)
	}
	for i, step := range p.Steps {
		if err := s.step(ctx, matter, step); err != nil {
			return matter, fmt.Errorf("rehearsal: %s, step %d (%s by %s): %w", p.Name, i+1, step.Action, step.As, err)
		}
	}
	return matter, nil
}

func (s *Stage) begin(ctx context.Context, p Play) (string, error) {
	c, err := s.Client(ctx, p.As)
	if err != nil {
		return "", err
	}
	form, err := fill(ctx, c, p.Form)
	if err != nil {
		return "", err
	}
	m, err := c.Create(ctx, client.Key(), api.NewMatter{Rulebook: p.Rulebook, Procedure: p.Procedure, Title: p.Title,
		Unit: p.Unit, Form: form, Submit: !p.Draft, Pace: s.Pace, Begins: p.Begins})
	return m.ID, err
}

// notYet are the refusals that time cures: somebody before has not acted.
var notYet = []string{"not-your-turn", "nothing-to-do", "not-ready", "not-allowed-here", "not-found", "suspended"}

func (s *Stage) step(ctx context.Context, matter string, step Step) error {
	if err := pause(ctx, time.Duration(step.After*float64(s.Day()))); err != nil {
		return err
	}
	c, err := s.Client(ctx, step.As)
	if err != nil {
		return err
	}
	fields, err := fill(ctx, c, step.Fields)
	if err != nil {
		return err
	}
	key := client.Key()
	patience, stop := context.WithTimeout(ctx, 40*s.Day()+time.Minute)
	defer stop()
	for {
		on, err := s.linked(patience, c, matter, step.Link)
		if err == nil {
			_, err = c.Act(patience, key, on, api.Action{Action: step.Action, Opinion: step.Opinion, To: step.To, Post: step.Post,
				Days: step.Days, Fields: fields})
		}
		if err == nil {
			return nil
		}
		if !slices.Contains(notYet, client.Code(err)) {
			return err
		}
		key = client.Key() // a refused command keeps its answer
		if waited := pause(patience, max(s.Day()/4, 100*time.Millisecond)); waited != nil {
			return errors.Join(err, waited)
		}
	}
}

// linked finds the matter a step acts on: the play's own, or the first the actor may see of those it started under a
// link's name.
func (s *Stage) linked(ctx context.Context, c *client.Client, matter, link string) (string, error) {
	if link == "" {
		return matter, nil
	}
	m, err := c.Matter(ctx, matter)
	if err != nil {
		return "", err
	}
	for _, l := range m.Links {
		if l.Link == link && l.Visible {
			return l.ID, nil
		}
	}
	return "", &client.Problem{Status: http.StatusNotFound, Problem: api.Problem{Code: "not-found"}}
}

// fill uploads the files a form names.
func fill(ctx context.Context, c *client.Client, form map[string]any) (api.Form, error) {
	filled := api.Form{}
	for _, field := range slices.Sorted(maps.Keys(form)) {
		value, err := uploaded(ctx, c, form[field])
		if err != nil {
			return nil, err
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		filled[field] = raw
	}
	return filled, nil
}

// uploaded is a value with the ids of its files, now uploaded, in their place.
func uploaded(ctx context.Context, c *client.Client, value any) (any, error) {
	switch v := value.(type) {
	case File:
		a, err := c.Upload(ctx, client.Key(), v.Name, []byte(v.Text))
		return a.ID, err
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = uploaded(ctx, c, v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return value, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// PerformAll plays the scripts side by side, each beginning a while after the one before, and reports how each went.
func (s *Stage) PerformAll(ctx context.Context, plays []Play, apart time.Duration, report func(Play, string, error)) {
	var all sync.WaitGroup
	for _, p := range plays {
		all.Go(func() {
			matter, err := s.Perform(ctx, p)
			report(p, matter, err)
		})
		if pause(ctx, apart) != nil {
			break
		}
	}
	all.Wait()
}
