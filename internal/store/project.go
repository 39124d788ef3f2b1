package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/procedure"
)

// projection is what follows from some contiguous events of a matter for the tables about matters. It does not depend
// on how the events are cut into batches.
type projection struct {
	before, after procedure.State
	assignments   map[int64]assignmentRow // changed, by id
	slips         []slipRow
	receipts      map[receiptKey]receiptRow
	units         []string // the matter concerns since these events
	involved      map[involvedKey]involvedRow
	settled       []settledRow
	tellings      []telling
	actor         actor
	attached      map[attachedKey]bool
	parts         map[contributionKey]contributionRow
	rounds        []poll.Round // published since
	refusals      []unopenedRow
	ended         bool      // the matter, since
	links         []linkRow // of the events, once they are linked
	reindex       bool      // what the matter is found by may have changed
}

type receiptKey struct {
	slip int64
	post procedure.Post
}

type involvedKey struct{ who, kind string }

type attachedKey struct{ attachment, field string }

// linkRow is an event's place in the chain.
type linkRow struct {
	seq  int64
	body []byte
	hash []byte
}

// project folds events and gathers what follows. The events must continue the state.
func project(before procedure.State, events []procedure.Event) projection {
	p := projection{
		before: before, after: before,
		assignments: map[int64]assignmentRow{},
		receipts:    map[receiptKey]receiptRow{},
		involved:    map[involvedKey]involvedRow{},
		attached:    map[attachedKey]bool{},
		parts:       map[contributionKey]contributionRow{},
	}
	if before.Seq == 0 {
		p.begin()
	}
	for _, e := range events {
		was := p.after
		p.after = procedure.Apply(was, e)
		p.settle(e)
		p.follow(&was, e)
		p.count(&was, e)
		p.tell(&was, e)
	}
	earlier := map[int64]assignmentRow{}
	for _, a := range before.Assignments {
		earlier[a.Assignment] = assignment(&before, a)
	}
	for _, a := range p.after.Assignments {
		if row := assignment(&p.after, a); row != earlier[a.Assignment] {
			p.assignments[a.Assignment] = row
		}
	}
	return p
}

// begin gathers what follows from the specification alone.
func (p *projection) begin() {
	spec := &p.before.Spec
	p.reindex = true
	p.concern(spec.Unit)
	p.concernParties()
	p.attach()
	p.involve(spec.Starter.Person, InvolvedStarted, spec.At)
}

func (p *projection) concern(units ...string) {
	for _, unit := range units {
		if unit != "" && !slices.Contains(p.units, unit) {
			p.units = append(p.units, unit)
		}
	}
}

func (p *projection) concernParties() {
	for party := range p.after.Spec.Procedure.Parties {
		p.concern(p.after.Units(party)...)
	}
	slices.Sort(p.units)
}

func (p *projection) involve(who, kind string, at time.Time) {
	if who != "" {
		spec := &p.after.Spec
		p.involved[involvedKey{who, kind}] = involvedRow{Who: who, Kind: kind, Matter: spec.Matter, At: spec.Clock.Wall(at).UTC()}
	}
}

func (p *projection) settle(e procedure.Event) {
	if e.Key == "" {
		return
	}
	for i := range p.settled {
		if p.settled[i].Key == e.Key {
			p.settled[i].Last = e.Seq
			return
		}
	}
	p.settled = append(p.settled, settledRow{Key: e.Key, First: e.Seq, Last: e.Seq})
}

// follow gathers what one event changes beside the state.
func (p *projection) follow(was *procedure.State, e procedure.Event) {
	person := "" // named by the first event of a command alone, which an action is unless the matter starts with it
	if e.By != nil {
		person = e.By.Person
	}
	switch b := e.Body.(type) {
	case procedure.Acted:
		p.involve(person, InvolvedActed, e.At)
		if b.Action == procedure.ActionCopy {
			for _, post := range b.Toward {
				p.involve(string(post), InvolvedCopied, e.At)
				p.concern(post.Unit())
			}
		}
		if b.Action == procedure.ActionSign {
			p.receipts[receiptKey{b.Slip, b.Post}] = receiptRow{Matter: p.after.Spec.Matter, Slip: b.Slip, Post: b.Post,
				Signed: maybe{e.At}, Person: person}
		}
	case procedure.FormChanged:
		p.reindex = true
		p.concernParties()
		p.attach()
	case procedure.AssignmentOpened:
		p.concern(b.Post.Unit())
	case procedure.AssignmentClosed:
		for _, a := range was.Assignments {
			if a.Assignment == b.Assignment {
				row := assignment(was, a)
				row.Closed, row.Ended = maybe{e.At}, b.How
				p.assignments[a.Assignment] = row
			}
		}
	case procedure.SlipIssued:
		p.slips = append(p.slips, slip(&p.after.Spec, b, e))
		p.concern(b.Unit)
		for _, post := range b.To {
			p.concern(post.Unit())
			p.receipts[receiptKey{b.Slip, post}] = receiptRow{Matter: p.after.Spec.Matter, Slip: b.Slip, Post: post}
		}
	}
}

func slip(spec *procedure.Spec, b procedure.SlipIssued, e procedure.Event) slipRow {
	row := slipRow{
		Matter: spec.Matter, ID: b.Slip, Unit: b.Unit, Kind: b.Kind,
		Year: calendar.DateOf(e.At).Year, Rehearsal: spec.Clock.Factor != 0, Addressees: b.To,
		Title: b.Title, Body: b.Body, Source: b.Source, Issued: e.At, Due: maybe{b.Due}, Cause: b.Cause, Seq: e.Seq,
	}
	if row.Addressees == nil {
		row.Addressees = []procedure.Post{}
	}
	if kind, ok := spec.Procedure.Slip(b.Kind); ok {
		row.Prefix = kind.Prefix
	}
	return row
}

// assignment is an open assignment's row.
func assignment(s *procedure.State, a procedure.Assignment) assignmentRow {
	row := assignmentRow{
		Matter: s.Spec.Matter, ID: a.Assignment, Post: a.Post, Unit: a.Post.Unit(), Duty: a.Duty, Stage: a.Stage,
		Slip: a.Slip, How: a.How, Waits: a.Waits, Claimed: a.Claimed, Opened: a.Opened,
	}
	for _, l := range s.Limits {
		if l.Limit == a.Limit {
			due, yellow, red := colours(s, l)
			row.Due, row.YellowAt, row.RedAt = maybe{due}, never{yellow}, never{red}
		}
	}
	return row
}

// colours gives a limit's due by the matter's clock, and the wall's instants at which it turns yellow and red; these are
// zero while its clock stands still.
func colours(s *procedure.State, l procedure.RunningLimit) (due, yellow, red time.Time) {
	due = l.Due.At.UTC()
	if s.Suspended != nil && l.Slip == 0 {
		return due, time.Time{}, time.Time{}
	}
	clock := s.Spec.Clock
	return due, clock.Wall(s.Warn(l)).UTC(), clock.Wall(due).UTC()
}

// nearest is the matter's own: of the limit that ends first, and of the one that warns first. The term to sign a slip is
// the receiver's alone: it colours his to-do, not the matter. A closed matter has none.
func nearest(s *procedure.State) (due, yellow, red time.Time) {
	if s.Stage == procedure.Closed {
		return
	}
	earliest := func(a, b time.Time) time.Time {
		if a.IsZero() || !b.IsZero() && b.Before(a) {
			return b
		}
		return a
	}
	for _, l := range s.Limits {
		if l.Slip != 0 {
			continue
		}
		d, y, r := colours(s, l)
		due, yellow, red = earliest(due, d), earliest(yellow, y), earliest(red, r)
	}
	return due, yellow, red
}

// draft says whether the matter never left its first stage: until then it is its unit's alone, unless another matter asked
// for it, something in it waits on another unit, as what is late and put before somebody, or another has had it in hand:
// who gave a matter out, is to see to it, or saw to it, must be able to open it.
func draft(s *procedure.State) bool {
	if s.Spec.Parent != nil {
		return false
	}
	first := s.Spec.Procedure.First
	elsewhere := func(p procedure.Post) bool { return p.Unit() != s.Spec.Unit }
	if slices.ContainsFunc(s.Assignments, func(a procedure.Assignment) bool { return elsewhere(a.Post) }) {
		return false
	}
	for _, h := range s.Held {
		for holder := range strings.SplitSeq(h.Holder, ",") {
			if strings.Contains(holder, "/") && elsewhere(procedure.Post(holder)) {
				return false
			}
		}
	}
	_, left := s.Marks[first+".done"]
	return !left && (s.Stage == "" || s.Stage == first || s.Stage == procedure.Closed)
}

// holders are the posts the matter waits on now.
func holders(s *procedure.State) []string {
	posts := []string{}
	for _, a := range s.Assignments {
		if post := string(a.Post); a.Duty == procedure.DutyAct && !a.Waits && !slices.Contains(posts, post) {
			posts = append(posts, post)
		}
	}
	slices.Sort(posts)
	return posts
}

// attach gathers what in the matter's form may be an attachment's id. Once attached it stays with the matter, whose story
// shows the field as it was.
func (p *projection) attach() {
	for field, raw := range p.after.Form {
		var value any
		if json.Unmarshal(raw, &value) != nil {
			continue
		}
		for _, text := range texts(nil, value) {
			if len(text) == 36 && uuid.Validate(text) == nil {
				p.attached[attachedKey{text, field}] = true
			}
		}
	}
}

// numbered puts slips in the order in which their counters are locked, the same for everybody.
func numbered(slips []slipRow) []slipRow {
	slices.SortStableFunc(slips, func(a, b slipRow) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(a.Year, b.Year), cmp.Compare(a.ID, b.ID))
	})
	return slips
}
