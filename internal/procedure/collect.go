package procedure

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Collect gathers what the matters come to that a stage started, or an earlier start stage whose link it names: so that several
// things can be asked for at once and gathered one after the other. The stage waits until all have ended or, where it names
// one of its limits, until that is due; matters still open then come too late.
type Collect struct {
	Link    string   `json:"link,omitempty"`    // Start.Link of the start stage that asked; empty: the stage asks itself
	Into    string   `json:"into"`              // list field that takes an entry for each completed matter
	Take    []string `json:"take,omitempty"`    // fields of their forms
	Spread  string   `json:"spread,omitempty"`  // list field of their forms each of whose entries is one entry
	First   string   `json:"first,omitempty"`   // field of the entries: those in which it is true stand first
	Missing string   `json:"missing,omitempty"` // list field that takes the units that sent nothing
	Closes  string   `json:"closes,omitempty"`  // key of the stage's limit whose due ends it
	Role    string   `json:"role,omitempty"`    // of the post in a unit that alarms mean by "holder"; empty: its party's
}

// takes are the fields of a child's form its parent asks for.
func (c *Collect) takes() []string {
	if c.Spread != "" {
		return []string{c.Spread}
	}
	return c.Take
}

// asked lists the matters a collect stage asked for when it was last entered, or that were asked for before and nobody has
// gathered yet.
func (s *State) asked(stage *Stage) []Linked {
	var links []Linked
	for _, l := range s.Links {
		asked := l.Seq > s.EnteredSeq
		if stage.Start == nil {
			asked = !l.Taken
		}
		if l.Link == stage.Link() && asked {
			links = append(links, l)
		}
	}
	return links
}

// Asked lists the matters the current stage gathers.
func (s *State) Asked() []Linked {
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if !ok || stage.Collect == nil {
		return nil
	}
	return s.asked(stage)
}

// StartOf is how what a collect stage gathers was asked for: by itself, or by a start stage before it.
func (p *Procedure) StartOf(stage *Stage) *Start {
	if stage.Start != nil {
		return stage.Start
	}
	for i := range p.Stages {
		if p.Stages[i].Start != nil && p.Stages[i].Link() == stage.Collect.Link {
			return p.Stages[i].Start
		}
	}
	return &Start{}
}

// takes are the fields asked of the matters a stage starts, by itself or by the stage that gathers them later.
func (p *Procedure) takes(stage *Stage) []string {
	if stage.Collect != nil {
		return stage.Collect.takes()
	}
	for i := range p.Stages {
		if c := p.Stages[i].Collect; c != nil && c.Link == stage.Link() {
			return c.takes()
		}
	}
	return nil
}

// Link is the name under which a stage's children are known.
func (st *Stage) Link() string {
	switch {
	case st.Start != nil && st.Start.Link != "":
		return st.Start.Link
	case st.Start == nil && st.Collect != nil:
		return st.Collect.Link
	}
	return st.Key
}

// gatherAll goes on from a collect stage once every matter it asked for has ended; it gives "" to stay.
func (d *draft) gatherAll(stage *Stage) string {
	if slices.ContainsFunc(d.s.asked(stage), func(l Linked) bool { return !l.Ended }) {
		return ""
	}
	d.gather(stage)
	d.leave(stage, "")
	return stage.Next
}

// gather puts what came in time into the form, and notes who sent nothing.
func (d *draft) gather(stage *Stage) {
	rule, entries, came := stage.Collect, []map[string]json.RawMessage{}, time.Time{}
	closed := Gathered{Stage: stage.Key}
	note := func(unit string) {
		if unit != "" && !slices.Contains(closed.Missing, unit) {
			closed.Missing = append(closed.Missing, unit)
		}
	}
	for _, l := range d.s.asked(stage) {
		came = latest(came, l.At)
		switch {
		case !l.Ended:
			closed.Late = append(closed.Late, l.Matter)
			note(l.Unit)
		case l.Outcome != OutcomeCompleted:
			note(l.Unit)
		default:
			closed.Sent++
			entries = append(entries, rule.entries(l)...)
		}
	}
	d.emit(closed)
	d.runOut(stage, came, len(closed.Missing) > 0)
	if rule.First != "" {
		slices.SortStableFunc(entries, func(a, b map[string]json.RawMessage) int {
			return cmp.Compare(rank(a[rule.First]), rank(b[rule.First]))
		})
	}
	d.put(rule.Into, entries)
	if rule.Missing != "" {
		d.put(rule.Missing, append([]string{}, closed.Missing...))
	}
}

// runOut ends the limits that have run out over a stage that gathers, as it closes: missed, if somebody never did their part.
// If all did, the one by whose due it closes was kept, however late the clock's turn came, and those by whose due everything
// had come, however late what was asked for before is gathered; the others end as they do.
func (d *draft) runOut(stage *Stage, came time.Time, failed bool) {
	closes := stage.closes()
	for _, l := range d.s.Limits {
		def := definition(&d.s, l)
		if def == nil || l.Slip != 0 || d.at.Before(l.Due.At) {
			continue
		}
		own := l.Stage == stage.Key && def.Until == ""
		switch {
		case !own && def.Until != stage.Key+".done":
		case failed:
			d.emit(LimitEnded{Limit: l.Limit, How: KeptMissed})
		case own && (l.Key == closes || stage.Kind == KindCollect && stage.Start == nil && !came.After(l.Due.At)):
			d.emit(LimitEnded{Limit: l.Limit, How: KeptMet})
		}
	}
}

// rank puts what is true first.
func rank(raw json.RawMessage) int {
	if string(raw) == "true" {
		return 0
	}
	return 1
}

// entries are what a completed matter adds to the list: its fields, or the entries of its own list, each with the unit,
// the matter and when it was completed.
func (c *Collect) entries(l Linked) []map[string]json.RawMessage {
	about := map[string]json.RawMessage{"matter": text(l.Matter), "unit": text(l.Unit), "title": text(l.Title),
		"at": text(l.At.UTC().Format(time.RFC3339))}
	if c.Spread == "" {
		entry := about
		for _, field := range c.Take {
			if value, ok := l.Fields[field]; ok {
				entry[field] = value
			}
		}
		return []map[string]json.RawMessage{entry}
	}
	var inner []map[string]json.RawMessage
	if json.Unmarshal(l.Fields[c.Spread], &inner) != nil {
		return nil
	}
	for _, entry := range inner {
		for key, value := range about {
			if _, own := entry[key]; !own {
				entry[key] = value
			}
		}
	}
	return inner
}

// put sets a form field by the machine itself.
func (d *draft) put(field string, value any) {
	to, err := json.Marshal(value)
	if err != nil || equalJSON(d.s.Form[field], to) {
		return
	}
	changes := map[string]Change{field: {From: d.s.Form[field], To: to}}
	d.emit(FormChanged{Fields: changes})
	d.refield(changes)
}

func text(s string) json.RawMessage {
	raw, _ := json.Marshal(s) // a string always marshals
	return raw
}

// owing are the posts whose units have not sent what a collect stage waits for.
func (s *State) owing(stage *Stage) []Post {
	var posts []Post
	for _, l := range s.asked(stage) {
		if l.Ended || l.Unit == "" {
			continue
		}
		if post := s.owes(stage, l.Unit); !slices.Contains(posts, post) {
			posts = append(posts, post)
		}
	}
	return posts
}

// owes is the post of a unit that is reminded of what it owes a collection.
func (s *State) owes(stage *Stage, unit string) Post {
	role := stage.Collect.Role
	if parties, ok := strings.CutPrefix(s.Spec.Procedure.StartOf(stage).Each, "party:"); ok && role == "" {
		for _, party := range strings.Split(parties, ",") {
			if slices.Contains(s.Units(party), unit) {
				role = s.Spec.Procedure.Parties[party].Role
				break
			}
		}
	}
	if role == "" || role == "head" {
		return s.head(unit)
	}
	return Post(unit + "/" + role)
}

// lapse ends a matter that did not make its collection, and those it was collecting itself.
func (d *draft) lapse(c Command) error {
	if c.Lapse == nil {
		return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
	}
	if d.s.Stage == "" || d.s.Stage == Closed {
		return nil // it ended while the word was on its way
	}
	var late []string
	if stage := d.stage(); stage.Kind == KindCollect {
		for _, l := range d.s.asked(stage) {
			if !l.Ended {
				late = append(late, l.Matter)
			}
		}
	}
	d.emit(Lapsed{Lapse: *c.Lapse, Late: late})
	d.close(OutcomeRejected)
	return nil
}

// TooLateFor is what matters are told that missed the collection at which the matter stands, closed at an instant.
func TooLateFor(s *State, at time.Time) Lapse {
	lapse := Lapse{Matter: s.Spec.Matter, Title: s.Spec.Title, At: at}
	if stage, ok := s.Spec.Procedure.Stage(s.Stage); ok {
		lapse.Authority = stage.Authority
	}
	return lapse
}

// TooLate says why nothing more can be done in a matter that missed its collection; nil for any other.
func (s *State) TooLate() *Refusal {
	if s.Lapsed == nil {
		return nil
	}
	return &Refusal{Code: "too-late", Authority: s.Lapsed.Authority,
		Args: map[string]any{"title": s.Lapsed.Title, "closed": s.Lapsed.At.UTC().Format(time.RFC3339)}}
}

// closes is the key of the limit by whose due a stage closes, whoever has not done their part; empty where none does.
func (st *Stage) closes() string {
	switch {
	case st.Kind == KindCollect && st.Collect != nil:
		return st.Collect.Closes
	case st.Kind == KindScore && st.Score != nil:
		return st.Score.Closes
	}
	return ""
}

// closesAt is when the current stage closes by the clock, whoever has not done their part; zero where it does not.
func closesAt(s *State) time.Time {
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if !ok || s.Suspended != nil {
		return time.Time{}
	}
	key := stage.closes()
	if key == "" {
		return time.Time{}
	}
	for _, l := range s.Limits {
		if l.Stage == s.Stage && l.Key == key && l.Slip == 0 {
			return latest(l.Due.At, s.Entered)
		}
	}
	return time.Time{}
}
