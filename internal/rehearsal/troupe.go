package rehearsal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
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

// Troupe is a company of invented people: they look at what waits on their posts and do it by a script, whichever matter
// asks it of them. Nothing in it knows in which order things come.
type Troupe struct {
	*Stage
	Logins  map[procedure.Post]string
	Answers map[string]Answer
	Plays   string // prefix of the procedures it plays
	// Public casts the public's ballots of a round that has just opened; nil: nobody of the public votes.
	Public func(ctx context.Context, p api.Poll) error

	mu      sync.Mutex
	done    map[string]bool // by matter and assignment
	refused map[string]error
	waiting map[string]error // what time may cure
}

// Answer is what a post does in a stage, known by "procedure/stage".
type Answer struct {
	Action  api.ActionName     `yaml:"action"` // approve if not given
	Opinion string             `yaml:"opinion"`
	Fields  map[string]any     `yaml:"fields"`
	After   map[string]float64 `yaml:"after"` // days a unit takes; below nought: it never does; "": every other unit
}

// sweepers is how many of them act at once.
const sweepers = 6

// Gather logs everybody in: many passwords take a while, which no matter's clock should wait for.
func (t *Troupe) Gather(ctx context.Context) error {
	return t.each(ctx, func(ctx context.Context, login string) error {
		_, err := t.Client(ctx, login)
		return err
	})
}

// Play acts from one matter's clock until over says so. All matters it plays keep that clock.
func (t *Troupe) Play(ctx context.Context, matter string, as string, over func(api.Matter) bool) error {
	t.done, t.refused, t.waiting = map[string]bool{}, map[string]error{}, map[string]error{}
	c, err := t.Client(ctx, as)
	if err != nil {
		return err
	}
	for {
		m, err := c.Matter(ctx, matter)
		if err != nil {
			return t.stopped(err)
		}
		if over(m) {
			return t.Refused()
		}
		read := time.Now()
		now := func() time.Time { return m.Now.Add(time.Since(read) * time.Duration(t.Pace)) }
		err = t.each(ctx, func(ctx context.Context, login string) error { return t.desk(ctx, login, now) })
		if err == nil {
			err = pause(ctx, min(t.Day()/4, time.Second))
		}
		if err != nil {
			return t.stopped(err)
		}
	}
}

// each lets everybody do something, a few at a time.
func (t *Troupe) each(ctx context.Context, do func(ctx context.Context, login string) error) error {
	work := make(chan string)
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range sweepers {
		all.Go(func() {
			for login := range work {
				if err := do(ctx, login); err != nil {
					mu.Lock()
					failed = errors.Join(failed, fmt.Errorf("%s: %w", login, err))
					mu.Unlock()
				}
			}
		})
	}
	for _, post := range slices.Sorted(maps.Keys(t.Logins)) {
		work <- t.Logins[post]
	}
	close(work)
	all.Wait()
	return failed
}

// desk lets a person do what waits on them.
func (t *Troupe) desk(ctx context.Context, login string, now func() time.Time) error {
	c, err := t.Client(ctx, login)
	if err != nil {
		return err
	}
	list, err := c.Assignments(ctx, "limit", "100")
	if err != nil {
		return err
	}
	for _, a := range list.Items {
		key := fmt.Sprintf("%s/%d", a.Matter, a.ID)
		if !strings.HasPrefix(a.Procedure, t.Plays) || t.known(key) || !t.due(a, now()) {
			continue
		}
		ready, err := t.act(ctx, c, a)
		t.note(key, ready, fmt.Sprintf("%s/%s by %s", a.Procedure, a.Stage, login), err)
		if err != nil && !errors.As(err, new(*client.Problem)) {
			return err
		}
	}
	return nil
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
	for _, who := range slices.Sorted(maps.Keys(refused)) {
		all = append(all, fmt.Errorf("%s: %w", who, refused[who]))
	}
	return errors.Join(all...)
}

func (t *Troupe) known(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done[key]
}

// note keeps what became of an assignment. A refusal that time cures is tried again, any other is not.
func (t *Troupe) note(key string, ready bool, who string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil && ready:
		t.done[key] = true
		delete(t.waiting, who)
	case err != nil && slices.Contains(notYet, client.Code(err)):
		t.waiting[who] = err
	case err != nil:
		t.done[key], t.refused[who] = true, err
	}
}

// act does what an assignment asks.
func (t *Troupe) act(ctx context.Context, c *client.Client, a api.Assignment) (ready bool, err error) {
	action := api.Action{Assignment: a.ID}
	switch a.Duty {
	case api.DutySign:
		action.Action = api.ActionNameSign
	case api.DutyAttend:
		action.Action = api.ActionNameAcknowledge
	case api.DutyVote:
		return true, t.vote(ctx, c, a)
	case api.DutyAct:
		answer, known := t.Answers[a.Procedure+"/"+a.Stage]
		if !known {
			return false, nil
		}
		if action, err = t.task(ctx, c, a, answer); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	_, err = c.Act(ctx, client.Key(), a.Matter, action)
	return true, err
}

// due says whether a unit has taken as long over an assignment as the script lets it.
func (t *Troupe) due(a api.Assignment, now time.Time) bool {
	if a.Duty != api.DutyAct && a.Duty != api.DutyVote {
		return true
	}
	after := t.Answers[a.Procedure+"/"+a.Stage].After
	days, own := after[procedure.Post(a.Post).Unit()]
	if !own {
		days = after[""]
	}
	return days >= 0 && now.Sub(a.Opened).Hours() >= 24*days
}

// task is what a post does in a stage.
func (t *Troupe) task(ctx context.Context, c *client.Client, a api.Assignment, answer Answer) (api.Action, error) {
	action := api.Action{Assignment: a.ID, Action: answer.Action, Opinion: answer.Opinion}
	if action.Action == "" {
		action.Action = api.ActionNameApprove
	}
	m, err := c.Matter(ctx, a.Matter)
	if err != nil {
		return action, err
	}
	for _, offer := range m.Offers {
		if offer.Action == api.ActionNameScore && action.Action == api.ActionNameScore {
			action.Fields, err = marked(offer.Values)
			return action, err
		}
	}
	fields := map[string]any{}
	for name, value := range answer.Fields {
		if fields[name], err = made(value, m); err != nil {
			return action, fmt.Errorf("field %s: %w", name, err)
		}
	}
	action.Fields, err = fill(ctx, c, fields)
	return action, err
}

// marked gives every line of a card a mark that depends on what it is for alone.
func marked(values api.Form) (api.Form, error) {
	filled := api.Form{}
	for field, raw := range values {
		var lines []map[string]any
		if err := json.Unmarshal(raw, &lines); err != nil {
			return nil, err
		}
		for _, line := range lines {
			line["mark"] = 10 + pick(fmt.Sprint(line["subject"], line["indicator"]), 30)
		}
		card, err := json.Marshal(lines)
		if err != nil {
			return nil, err
		}
		filled[field] = card
	}
	return filled, nil
}

// pick is a number below n that depends on the text alone: the same play is the same every time.
func pick(text string, n int) int {
	sum := sha256.Sum256([]byte(text))
	return int(binary.BigEndian.Uint32(sum[:]) % uint32(n)) //nolint:gosec // n is small
}

// vote casts a unit's ballot in the open round of a matter; the first of the units also lets the public vote.
func (t *Troupe) vote(ctx context.Context, c *client.Client, a api.Assignment) error {
	unit := procedure.Post(a.Post).Unit()
	list, err := client.Get[api.PollList](ctx, c, "/api/v1/polls", "matter", a.Matter)
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
	key := "public/" + p.Summary.ID
	t.mu.Lock()
	before := t.done[key]
	t.done[key] = true
	t.mu.Unlock()
	if before {
		return nil
	}
	return t.Public(ctx, p)
}

// Choices is an invented ballot: as many as may be chosen, none of the voter's own, in an order of the voter's own.
func Choices(p api.Poll, voter string) []string {
	own := map[string]bool{}
	for _, mine := range p.Summary.Mine {
		if mine.Unit == voter {
			for _, id := range mine.Own {
				own[id] = true
			}
		}
	}
	options := slices.DeleteFunc(slices.Clone(p.Options), func(o api.PollOption) bool { return own[o.ID] })
	slices.SortStableFunc(options, func(a, b api.PollOption) int {
		return pick(voter+a.Title, 1000) + 40*a.Number - pick(voter+b.Title, 1000) - 40*b.Number
	})
	var ids []string
	for _, o := range options[:min(len(options), p.Most)] {
		ids = append(ids, o.ID)
	}
	return ids
}

// made makes a field's value: "=form.x" copies a field of the matter, "{unit}" in texts is the unit that started it and "{title}" its
// title; {each: …} is a list made of another; anything else stands as it is.
func made(value any, m api.Matter) (any, error) {
	switch v := value.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "=form."); ok {
			return m.Form[name], nil
		}
		return strings.NewReplacer("{unit}", m.UnitName, "{title}", m.Title).Replace(v), nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = made(v[i], m); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if from, ok := v["each"].(string); ok {
			return each(from, v, m)
		}
		if file, ok := asFile(v); ok {
			return file, nil
		}
		out := map[string]any{}
		for key, inner := range v {
			var err error
			if out[key], err = made(inner, m); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return value, nil
}

// each makes an entry for each of a list of the form: {each: practices, take: 2, where: township, entry: {title: =title}};
// with `key: title` just that key of each.
func each(from string, rule map[string]any, m api.Matter) (any, error) {
	var list []map[string]any
	if err := json.NewDecoder(bytes.NewReader(m.Form[from])).Decode(&list); err != nil {
		return nil, err
	}
	out := []any{}
	for _, item := range list {
		if where, ok := rule["where"].(string); ok && item[where] != true {
			continue
		}
		if key, ok := rule["key"].(string); ok {
			out = append(out, item[key])
			continue
		}
		entry, _ := rule["entry"].(map[string]any)
		filled := map[string]any{}
		for key, value := range entry {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "=item.") {
				filled[key] = item[strings.TrimPrefix(text, "=item.")]
				continue
			}
			var err error
			if filled[key], err = made(value, m); err != nil {
				return nil, err
			}
		}
		out = append(out, filled)
	}
	if take, ok := rule["take"].(uint64); ok {
		out = out[:min(len(out), int(take))] //nolint:gosec // a script's small number
	}
	return out, nil
}
