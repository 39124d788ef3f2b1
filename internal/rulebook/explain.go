package rulebook

import (
	"fmt"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// Timetable is how a procedure runs from a day on if every stage takes all the time it has.
type Timetable struct {
	Title    string            `json:"title"`
	Source   string            `json:"source"`
	From     calendar.Date     `json:"from"`
	Intake   *procedure.Intake `json:"intake,omitempty"`
	Steps    []Step            `json:"steps"`
	Spanning []Term            `json:"spanning,omitempty"` // limits of the procedure as a whole
	Ends     calendar.Date     `json:"ends,omitzero"`      // zero where the procedure goes round
	Again    string            `json:"again,omitempty"`    // the stage it comes back to
}

// Step is one stage of a timetable.
type Step struct {
	Stage   string        `json:"stage"`
	Title   string        `json:"title"`
	Kind    string        `json:"kind"`
	Source  string        `json:"source"`
	Entered calendar.Date `json:"entered"`
	Who     string        `json:"who,omitempty"`
	Does    []string      `json:"does,omitempty"` // in Chinese: what goes out, starts, is waited for, is asked
	Terms   []Term        `json:"terms,omitempty"`
}

// Term is a limit counted out.
type Term struct {
	Title  string         `json:"title"`
	Term   string         `json:"term"` // in Chinese
	Source string         `json:"source"`
	Dated  bool           `json:"dated"` // false: its day is a form's to say
	Due    calendar.Due   `json:"due"`
	Days   []calendar.Day `json:"days,omitempty"` // every day, and why it counts or not
	Alarms []Ring         `json:"alarms"`
}

// Ring is an alarm with its time.
type Ring struct {
	At     time.Time `json:"at,omitzero"` // zero where the limit's day is a form's to say
	Text   string    `json:"text"`
	To     string    `json:"to"`
	Source string    `json:"source"`
}

// Explain counts out a procedure's timetable from a day on.
func Explain(l *Library, rulebook, key string, from calendar.Date, table calendar.Table) (Timetable, error) {
	p, ok := l.Procedure(rulebook, key)
	if !ok {
		return Timetable{}, &procedure.Refusal{Code: "unknown-procedure", Args: args{"rulebook": rulebook, "procedure": key}}
	}
	cal := calendar.Calendar{Table: table, Hours: l.rulebooks[p.Rulebook].Hours}
	e := explainer{library: l, p: p, cal: cal, marks: map[string]time.Time{}}
	e.t = Timetable{Title: p.Title, Source: cite(p.Authority), From: from, Intake: p.Intake}
	e.walk(from.At(cal.Hours.OrDefault().Opens))
	return e.t, nil
}

type explainer struct {
	library *Library
	p       *procedure.Procedure
	cal     calendar.Calendar
	marks   map[string]time.Time
	t       Timetable
}

func (e *explainer) walk(now time.Time) {
	e.mark("started", now)
	seen := map[string]bool{}
	for key := e.p.First; ; {
		if key == procedure.Closed {
			e.t.Ends = calendar.DateOf(now)
			return
		}
		stage, ok := e.p.Stage(key)
		if !ok {
			return
		}
		if seen[key] {
			e.t.Again = stage.Title
			return
		}
		seen[key] = true
		e.mark(key+".entered", now)
		if stage.Poll != nil {
			now = e.opening(stage.Poll, now)
			e.marks[key+".opened"] = now
		}
		now = e.step(stage, now)
		e.mark(key+".done", now)
		key = stage.Next
		if stage.Kind == procedure.KindTask {
			key = forward(stage)[0]
		}
	}
}

// mark notes an instant, and starts the procedure's limits that count from it.
func (e *explainer) mark(mark string, at time.Time) {
	e.marks[mark] = at
	for _, limit := range e.p.Limits {
		if limit.From == mark || limit.From == "" && mark == "started" {
			term := e.term(limit, "", at)
			e.t.Spanning = append(e.t.Spanning, term)
			if term.Dated {
				e.mark(limit.Key+".due", term.Due.At)
			}
		}
	}
}

// step explains a stage and says when it ends.
func (e *explainer) step(stage *procedure.Stage, now time.Time) time.Time {
	step := Step{Stage: stage.Key, Title: stage.Title, Kind: message.Text("rulebook.kind."+string(stage.Kind), nil),
		Source: cite(stage.Authority), Entered: calendar.DateOf(now), Who: e.roles(stage.Who)}
	ends := now
	for _, limit := range stage.Limits {
		from, passed := now, true
		if limit.From != "" {
			from, passed = e.marks[limit.From]
		}
		if !passed {
			continue
		}
		if strings.HasSuffix(limit.From, ".due") {
			from = latest(from, now)
		}
		term := e.term(limit, stage.Title, from)
		step.Terms = append(step.Terms, term)
		if term.Dated && limit.Until == "" {
			ends = latest(ends, term.Due.At)
		}
	}
	does, at := e.does(stage, now)
	step.Does = does
	e.t.Steps = append(e.t.Steps, step)
	return latest(ends, at)
}

// does says what a stage does that needs nobody, and until when.
func (e *explainer) does(stage *procedure.Stage, now time.Time) ([]string, time.Time) {
	say := func(key string, a args) []string { return []string{message.Text("rulebook.explain."+key, a)} }
	switch {
	case stage.Issue != nil:
		slip, _ := e.p.Slip(stage.Issue.Slip)
		said := say("slip", args{"title": slip.Title, "prefix": slip.Prefix, "to": e.roles(stage.Issue.To), "source": cite(slip.Authority)})
		if slip.Sign != nil {
			term := e.term(*slip.Sign, slip.Title, now)
			said = append(said, term.lines()...)
		}
		return said, now
	case stage.Poll != nil || stage.Score != nil || stage.Draw != nil:
		return rulesOf(stage, e.fieldTitle), now
	case stage.Start != nil || stage.Collect != nil:
		start := e.p.StartOf(stage)
		of := start.Rulebook
		if of == "" {
			of = e.p.Rulebook
		}
		child, _ := e.library.Procedure(of, start.Procedure)
		var said []string
		if stage.Start != nil {
			said = say("child", args{"procedure": child.Title})
		}
		if stage.Collect != nil {
			said = append(said, message.Text("rulebook.explain.collect", args{"procedure": child.Title, "into": e.fieldTitle(stage.Collect.Into)}))
			said = append(said, closingText(stage, stage.Collect.Closes)...)
		}
		return said, now
	case stage.Enact != nil:
		return say("enact", nil), now
	case stage.Gate != nil:
		return say("gate", args{"when": stage.Gate.When, "reason": stage.Gate.Reason}), now
	case stage.Wait != nil && stage.Wait.Link != "":
		return say("wait-link", nil), now
	case stage.Wait != nil && stage.Wait.Field != "":
		return say("wait-field", args{"field": e.fieldTitle(stage.Wait.Field)}), now
	case stage.Wait != nil:
		day := e.waited(stage.Wait, now)
		return say("wait", args{"date": dateText(day)}), e.cal.NextWorking(day.At(e.cal.Hours.OrDefault().Opens))
	}
	return nil, now
}

func (e *explainer) waited(w *procedure.Wait, now time.Time) calendar.Date {
	if w.For != nil {
		return calendar.DateOf(e.cal.Deadline(now, *w.For).At)
	}
	if w.Before != "" {
		at, known := e.marks[w.Before+".due"]
		if !known {
			return calendar.DateOf(now)
		}
		return calendar.DateOf(latest(now, e.cal.Before(at, *w.Term)))
	}
	day, err := e.day(w.On, now.Add(24*time.Hour))
	if err != nil {
		return calendar.DateOf(now) // the check has seen that it is a day
	}
	return day
}

func (e *explainer) day(on string, after time.Time) (calendar.Date, error) {
	return procedure.NextDay(e.cal, after, on)
}

// opening is when a vote announced at an instant opens; where a form's date says so, at once.
func (e *explainer) opening(p *procedure.Poll, now time.Time) time.Time {
	if p.Opens == nil || p.Opens.Field != "" {
		return now
	}
	return latest(now, e.cal.NextWorking(e.waited(p.Opens, now).At(e.cal.Hours.OrDefault().Opens)))
}

func (e *explainer) fieldTitle(field string) string {
	if title := e.library.rulebooks[e.p.Rulebook].facts[e.p.Key].node.get("form").get("properties").get(field).get("title"); title != nil {
		return title.text()
	}
	return field
}

func (e *explainer) term(limit procedure.Limit, stage string, from time.Time) Term {
	t := Term{Title: limit.Title, Source: cite(limit.Authority), Dated: true}
	if t.Title == "" {
		t.Title = stage
	}
	plain := limit
	plain.From, plain.Until = "", ""
	if plain.Field != "" {
		plain.Field = e.fieldTitle(plain.Field)
	}
	t.Term = TermText(plain)
	switch {
	case limit.Within != nil:
		t.Due, t.Days = e.cal.Deadline(from, *limit.Within), e.cal.Explain(from, *limit.Within)
	case limit.On != "":
		day, err := e.day(limit.On, from)
		if err != nil {
			t.Dated = false
			break
		}
		t.Due.From = from
		t.Due.At, t.Due.Provisional = e.cal.CloseOf(day)
	default:
		t.Dated = false
	}
	for _, a := range limit.Alarms {
		ring := Ring{Text: AlarmText(a), To: e.roles(a.To), Source: cite(a.Authority)}
		if t.Dated {
			ring.At = e.rings(a, t.Due)
		}
		t.Alarms = append(t.Alarms, ring)
	}
	return t
}

// rings is when an alarm rings, but for the minutes over which matters are spread.
func (e *explainer) rings(a procedure.Alarm, due calendar.Due) time.Time {
	at := due.At
	switch {
	case a.Before != nil:
		at = e.cal.Before(at, *a.Before)
	case a.After != nil:
		at = e.cal.After(at, *a.After)
	}
	if at = latest(at, due.From); a.Urgent {
		return at
	}
	return e.cal.NextWorking(at)
}

// roles names roles in Chinese.
func (e *explainer) roles(roles []procedure.Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = e.library.roleName(e.p, role)
	}
	return join(names)
}

func (l *Library) roleName(p *procedure.Procedure, role procedure.Role) string {
	if role == "holder" || role == "holder.head" {
		return message.Text("rulebook."+string(role), nil)
	}
	name, post, named := strings.Cut(string(role), "/")
	party := p.Parties[name]
	if !named {
		post = party.Role
	}
	if party.Unit != "" {
		return l.Title(party.Unit, l.roleIn(party.Unit, post))
	}
	title := party.Title
	if title == "" {
		title = name
	}
	return title + roleText(post)
}

// String is the timetable in Chinese, with every day that does not count and why.
func (t Timetable) String() string {
	var b strings.Builder
	say := func(key string, a args) { fmt.Fprintln(&b, message.Text("rulebook.explain."+key, a)) }
	put := func(lines []string) {
		for _, line := range lines {
			fmt.Fprintln(&b, line)
		}
	}
	say("title", args{"title": t.Title, "source": t.Source, "date": dateText(t.From)})
	if t.Intake != nil {
		say("intake", args{"opens": t.Intake.Opens, "closes": t.Intake.Closes, "source": cite(t.Intake.Authority)})
		if !inIntake(t.Intake, t.From) {
			say("outside-intake", nil)
		}
	}
	say("assumption", nil)
	for i, s := range t.Steps {
		fmt.Fprintln(&b)
		say("stage", args{"n": i + 1, "title": s.Title, "kind": s.Kind, "source": s.Source})
		say("entered", args{"date": dateText(s.Entered)})
		if s.Who != "" {
			say("who", args{"who": s.Who})
		}
		put(s.Does)
		for _, term := range s.Terms {
			put(term.lines())
		}
	}
	if len(t.Spanning) > 0 {
		fmt.Fprintln(&b)
		say("spanning", nil)
		for _, term := range t.Spanning {
			put(term.lines())
		}
	}
	fmt.Fprintln(&b)
	if t.Again != "" {
		say("again", args{"title": t.Again})
	} else {
		say("end", args{"date": dateText(t.Ends)})
	}
	return b.String()
}
