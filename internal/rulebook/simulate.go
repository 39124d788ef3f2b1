package rulebook

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// Violation is a simulated matter that did what none may do. The seed alone makes it happen again.
type Violation struct {
	Run       int
	Seed      uint64
	Invariant string
	Story     []procedure.Event
}

func (v *Violation) Error() string {
	return message.Text("rulebook.simulate.failed", args{"run": v.Run, "seed": v.Seed, "invariant": v.Invariant})
}

// The bounds of one simulated matter: how long it is watched, and how much may be done in it.
const (
	horizon = 3 * 365 * 24 * time.Hour
	maxActs = 400
)

// Simulate runs n matters through a procedure in virtual time. Those who act are prompt, late, or never act at all;
// they return, transfer, delegate, add signers, ask for time, stop the clock, withdraw. The run i is seeded with seed+i.
// A *Violation says that a matter broke one of the machine's promises; any other error that there is no such procedure.
func Simulate(l *Library, rulebook, key string, n int, seed uint64, table calendar.Table) (Simulation, error) {
	p, ok := l.Procedure(rulebook, key)
	if !ok {
		return Simulation{}, &procedure.Refusal{Code: "unknown-procedure", Args: args{"rulebook": rulebook, "procedure": key}}
	}
	sim, inventors := newSimulation(l, p, n, seed), inventors{}
	for i := range n {
		r, err := newRun(l, p, seed+uint64(i), table, inventors)
		if err == nil {
			err = r.live()
		}
		var broken *brokenPromise
		if errors.As(err, &broken) {
			return sim, &Violation{Run: i, Seed: seed + uint64(i), Invariant: broken.what, Story: r.story}
		}
		if err != nil {
			return sim, fmt.Errorf("rulebook: seed %d: %w", seed+uint64(i), err)
		}
		sim.add(&r.state, r.watch)
	}
	return sim, nil
}

// run is one simulated matter.
type run struct {
	library *Library
	rng     *rand.Rand
	invent  *inventor
	watch   *watch
	state   procedure.State
	now     time.Time
	plans   map[string]time.Time // assignment, link or suspension -> when somebody acts on it
	acts    int
	refused map[string]int
	story   []procedure.Event

	inventors inventors // also of what is made up of the matters this one collects
}

func newRun(l *Library, p *procedure.Procedure, seed uint64, table calendar.Table, inventors inventors) (*run, error) {
	rng := rand.New(rand.NewPCG(seed, 0x6475_6261_6e))
	invent, err := inventors.of(l, p, rng)
	if err != nil {
		return nil, err
	}
	r := &run{library: l, rng: rng, invent: invent, plans: map[string]time.Time{}, refused: map[string]int{}, inventors: inventors}
	spec, err := r.open(p, seed, table)
	if err != nil {
		return nil, err
	}
	r.state, r.watch = procedure.New(spec), newWatch(l, spec)
	return r, nil
}

// open makes up who starts the matter, when, and with what.
func (r *run) open(p *procedure.Procedure, seed uint64, table calendar.Table) (procedure.Spec, error) {
	book := r.library.rulebooks[p.Rulebook]
	cal := calendar.Calendar{Table: table, Hours: book.Hours}
	day := calendar.Date{Year: 2019 + r.rng.IntN(8), Month: time.Month(1 + r.rng.IntN(12)), Day: 1 + r.rng.IntN(28)}
	if p.Intake != nil {
		day.Month, day.Day = time.January, 1+r.rng.IntN(15)
	}
	at := cal.NextWorking(day.At(calendar.Clock(r.rng.IntN(24 * 60))))
	role := string(p.Starters[r.rng.IntN(len(p.Starters))])
	party, post, named := strings.Cut(role, "/")
	if !named {
		post = p.Parties[party].Role
	}
	units := book.facts[p.Key].candidates[party]
	unit := units[r.rng.IntN(len(units))]
	var required []string
	if first, ok := p.Stage(p.First); ok {
		required = first.Fields
	}
	form := r.invent.fields(append(book.facts[p.Key].node.get("form").get("required").texts(), required...), at)
	r.now = at
	return r.library.Open(Request{
		Matter: fmt.Sprintf("00000000-0000-7000-8000-%012x", seed), Rulebook: p.Rulebook, Procedure: p.Key,
		Title: fmt.Sprintf("%s %d", p.Title, seed), Form: form, Unit: unit,
		Starter: r.actor(procedure.Post(unit + "/" + r.library.roleIn(unit, post))), At: at, Calendar: table,
	})
}

func (r *run) actor(post procedure.Post) procedure.Actor {
	return procedure.Actor{Person: "person of " + string(post), Name: string(post), Posts: []procedure.Post{post}}
}

// live plays the matter to its end, or to the horizon.
func (r *run) live() error {
	end := r.now.Add(horizon)
	start := procedure.Command{Action: procedure.ActionStart, Actor: r.state.Spec.Starter, Submit: r.chance(50)}
	if err := r.command(start); err != nil {
		return err
	}
	if r.state.Seq == 0 { // what was made up would not pass the first stage at once
		start.Submit = false
		if err := r.command(start); err != nil {
			return err
		}
	}
	for r.acts < maxActs && !procedure.Finished(r.state) {
		r.plan()
		what, at := r.nextPlan()
		wake := procedure.Wake(r.state)
		if wake.IsZero() && what == "" {
			break
		}
		if what == "" || !wake.IsZero() && !wake.After(at) {
			if wake.After(end) {
				break
			}
			if err := r.elapse(wake); err != nil {
				return err
			}
			continue
		}
		if at.After(end) {
			break
		}
		r.now = latest(at, r.now)
		delete(r.plans, what)
		if err := r.act(what); err != nil {
			return err
		}
	}
	return r.watch.end(&r.state, r.now)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (r *run) chance(percent int) bool { return r.rng.IntN(100) < percent }

func (r *run) elapse(wake time.Time) error {
	r.now = latest(wake, r.now)
	r.acts++
	events := procedure.Elapse(r.state, r.now)
	if len(events) == 0 {
		return promise("the clock was to do something at %s and did nothing", wake)
	}
	return r.apply(events, true)
}

// command asks for an action; a refusal is an answer and changes nothing.
func (r *run) command(c procedure.Command) error {
	r.acts++
	c.Key = strconv.Itoa(r.acts)
	events, err := procedure.Decide(r.state, c, r.now)
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) {
		r.refused[refusal.Code]++
		if slices.Contains([]string{"rule-broken", "nobody-to-act", "action-unknown", "draw-broken", "draw-used"}, refusal.Code) {
			return promise("%s was refused as %s %v", c.Action, refusal.Code, refusal.Args)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return r.apply(events, false)
}

func (r *run) apply(events []procedure.Event, clock bool) error {
	for _, e := range events {
		r.story = append(r.story, e)
		before := r.state
		r.state = procedure.Apply(r.state, e)
		if err := r.watch.event(&before, &r.state, e, r.now, clock); err != nil {
			return err
		}
	}
	return r.watch.state(&r.state)
}

// plan decides when somebody will act on whatever newly waits on somebody, if ever.
func (r *run) plan() {
	for _, a := range r.state.Assignments {
		name := "a" + strconv.FormatInt(a.Assignment, 10)
		if _, planned := r.plans[name]; planned || a.Waits {
			continue
		}
		r.plans[name] = r.when(a)
	}
	for _, l := range r.state.Links {
		if _, planned := r.plans["l"+l.Matter]; !planned && !l.Ended {
			r.plans["l"+l.Matter] = r.working(r.now.Add(time.Duration(r.rng.IntN(60*24)) * time.Hour))
		}
	}
	if _, enacting := procedure.Enacting(&r.state); enacting {
		if _, planned := r.plans["enact"]; !planned {
			r.plans["enact"] = r.now.Add(time.Duration(1+r.rng.IntN(120)) * time.Minute)
		}
	}
	for _, ask := range procedure.Asks(r.state) {
		if name := "k" + string(ask.Kind) + " " + ask.ID; r.plans[name].IsZero() {
			r.plans[name] = r.now.Add(time.Duration(1+r.rng.IntN(90)) * time.Second)
		}
	}
	if s := r.state.Suspended; s != nil {
		if _, planned := r.plans["resume"]; !planned {
			r.plans["resume"] = r.working(r.now.Add(time.Duration(1+r.rng.IntN(30*24)) * time.Hour))
		}
	}
}

// when is the time a to-do is acted on: promptly, in time, late, or (far beyond the horizon) never.
func (r *run) when(a procedure.Assignment) time.Time {
	due := r.now.Add(72 * time.Hour)
	for _, l := range r.state.Limits {
		if l.Limit == a.Limit || a.Limit == 0 && l.Stage == r.state.Stage {
			due = l.Due.At
		}
	}
	left := max(due.Sub(r.now), time.Hour)
	switch mood := r.rng.IntN(100); {
	case mood < 50:
		return r.working(r.now.Add(time.Duration(r.rng.IntN(24*60)) * time.Minute))
	case mood < 82:
		return r.working(r.now.Add(time.Duration(r.rng.Int64N(int64(left)))))
	case mood < 98:
		return r.working(latest(due, r.now).Add(time.Duration(1+r.rng.IntN(15*24)) * time.Hour))
	}
	return r.now.Add(2 * horizon)
}

// working is the time itself in working hours, mostly; some work at night.
func (r *run) working(at time.Time) time.Time {
	if r.chance(5) {
		return at
	}
	return r.state.Calendar.NextWorking(at)
}

// nextPlan is the next thing somebody does, of those that still stand; of several at one instant the first by name.
func (r *run) nextPlan() (what string, at time.Time) {
	for name, planned := range r.plans {
		if !r.stands(name) {
			delete(r.plans, name)
			continue
		}
		if what == "" || planned.Before(at) || planned.Equal(at) && name < what {
			what, at = name, planned
		}
	}
	return what, at
}

func (r *run) stands(name string) bool {
	switch name[0] {
	case 'e':
		_, ok := procedure.Enacting(&r.state)
		return ok
	case 'a':
		_, ok := r.assignment(name)
		return ok
	case 'k':
		return slices.ContainsFunc(procedure.Asks(r.state), func(a procedure.Ask) bool { return name == "k"+string(a.Kind)+" "+a.ID })
	case 'l':
		return slices.ContainsFunc(r.state.Links, func(l procedure.Linked) bool { return l.Matter == name[1:] && !l.Ended })
	}
	return r.state.Suspended != nil
}

func (r *run) assignment(name string) (procedure.Assignment, bool) {
	id, err := strconv.ParseInt(name[1:], 10, 64)
	if err != nil {
		return procedure.Assignment{}, false
	}
	i := slices.IndexFunc(r.state.Assignments, func(a procedure.Assignment) bool { return a.Assignment == id })
	if i < 0 {
		return procedure.Assignment{}, false
	}
	return r.state.Assignments[i], true
}
