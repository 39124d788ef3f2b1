package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

// chapter is how many events are read at once: a story is told from its beginning, for what a sentence names came before.
const chapter = 1000

// story tells a matter's events after a sequence, at most so many; next is set where there are more.
func (s *Server) story(ctx context.Context, row store.MatterRow, after int64, limit int) (told []StoryEvent, next int64, err error) {
	t := newTeller(s.words, row)
	told = []StoryEvent{}
	for from := int64(0); ; {
		events, err := s.store.Events(ctx, row.ID, from, chapter)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range events {
			from = e.Seq
			line := t.tell(e.Event)
			if e.Seq <= after {
				continue
			}
			if len(told) == limit {
				return told, told[limit-1].Sequence, nil
			}
			told = append(told, line)
		}
		if len(events) < chapter {
			return told, 0, nil
		}
	}
}

// teller puts events into sentences. It remembers what they name by number.
type teller struct {
	w           *words
	book        string
	p           *procedure.Procedure
	matter      string
	title       string
	names       map[string]string
	key         string
	by          *procedure.Actor // of the command being told
	assignments map[int64]procedure.AssignmentOpened
	limits      map[int64]procedure.LimitStarted
	slips       map[int64]procedure.SlipIssued
	links       map[string]string
	state       procedure.State
}

func newTeller(w *words, row store.MatterRow) *teller {
	return &teller{w: w, book: row.Rulebook, p: &row.Spec.Procedure, matter: row.ID, title: row.Title, names: row.Spec.Names,
		assignments: map[int64]procedure.AssignmentOpened{}, limits: map[int64]procedure.LimitStarted{},
		slips: map[int64]procedure.SlipIssued{}, links: map[string]string{}, state: procedure.New(row.Spec)}
}

func (t *teller) tell(e procedure.Event) StoryEvent {
	switch {
	case e.By != nil:
		t.key, t.by = e.Key, e.By
	case e.Key != t.key || e.Key == "":
		t.key, t.by = e.Key, nil
	}
	line := StoryEvent{Sequence: e.Seq, At: e.At, Type: e.Body.EventType()}
	if t.by != nil {
		line.By = PersonRef{ID: t.by.Person, Name: t.by.Name}
	}
	key, args := t.say(e.Body, &line)
	line.Sentence = message.Text("events."+key, args)
	line.SourceTitle = t.w.article(t.book, line.Source)
	t.state = procedure.Apply(t.state, e)
	return line
}

type args = map[string]any

// say gives the sentence's key and arguments and fills what else the line tells.
func (t *teller) say(body procedure.Body, line *StoryEvent) (key string, a args) {
	switch b := body.(type) {
	case procedure.Started:
		return "started", args{"who": t.who("", ""), "title": t.title}
	case procedure.StageEntered:
		line.Stage = b.Stage
		if b.Round > 1 {
			return "stage-entered.again", args{"stage": stageTitle(t.p, b.Stage), "round": b.Round}
		}
		return "stage-entered", args{"stage": stageTitle(t.p, b.Stage)}
	case procedure.StageLeft:
		line.Stage, line.Minor = b.Stage, true
		return variant("stage-left", string(b.Via)), args{"stage": stageTitle(t.p, b.Stage)}
	case procedure.ApprovalKept:
		line.Stage = b.Stage
		return "approval-kept", args{"post": t.w.post(b.Post), "stage": stageTitle(t.p, b.Stage)}
	case procedure.Acted:
		return t.acted(b, line)
	case procedure.FormChanged:
		return "form-changed", args{"fields": t.changed(b, line)}
	case procedure.SlipIssued:
		t.slips[b.Slip] = b
		line.Slip, line.Source = slipID(t.matter, b.Slip), b.Source
		return "slip-issued", args{"unit": t.unit(b.Unit), "slip": b.Title, "to": t.w.postList(b.To)}
	case procedure.MatterRequested:
		t.links[b.Child] = b.Title
		line.Matter = b.Child
		return "matter-requested", args{"title": b.Title}
	case procedure.MatterLinked:
		line.Matter = b.Matter
		line.Minor = !b.Ended
		how := "began"
		switch {
		case b.Refusal != nil:
			line.Matter, line.Source = "", b.Refusal.Source
			rulebook, key, _ := t.p.Asks(b.Link)
			return "matter-linked.unopened", args{"title": cmp.Or(b.Title, t.links[b.Matter]),
				"reason": t.w.unopened(rulebook+"/"+key, b.Refusal.Code, b.Refusal.Args)}
		case b.Ended:
			how = string(b.Outcome)
		}
		return "matter-linked." + how, args{"title": cmp.Or(b.Title, t.links[b.Matter])}
	case procedure.Suspended:
		line.Minor = true // the action before it says the same
		return "suspended", args{"post": t.w.post(b.By), "reason": b.Reason}
	case procedure.Resumed:
		line.Minor = true
		return "resumed", args{"post": t.w.post(b.By)}
	case procedure.CalendarReplaced:
		line.Minor = true
		return "calendar-replaced", args{"year": b.Year}
	case procedure.Enacted:
		switch {
		case b.Version == "":
			return "enacted.refused", args{"reason": message.Text("errors."+b.Refusal, t.w.args(b.Args))}
		case b.Rehearsal:
			return "enacted.rehearsal", nil
		}
		return "enacted.done", args{"version": b.Version}
	case procedure.MatterClosed:
		line.Stage = b.Stage
		return "matter-closed." + string(b.Outcome), nil
	}
	if key, a = t.clock(body, line); key != "" {
		return key, a
	}
	if key, a = t.counted(body, line); key != "" {
		return key, a
	}
	return t.assigned(body, line)
}

// clock tells of limits and alarms.
func (t *teller) clock(body procedure.Body, line *StoryEvent) (string, args) {
	switch b := body.(type) {
	case procedure.LimitStarted:
		t.limits[b.Limit] = b
		line.Minor = true
		return "limit-started", t.limit(b, line)
	case procedure.LimitMoved:
		l := t.limits[b.Limit]
		l.Due = b.Due
		t.limits[b.Limit] = l
		return "limit-moved." + b.Why, t.limit(l, line)
	case procedure.LimitEnded:
		line.Minor = b.How != procedure.KeptLate && b.How != procedure.KeptMissed
		line.Kept = StoryEventKept(b.How)
		return "limit-ended." + string(b.How), t.limit(t.limits[b.Limit], line)
	case procedure.AlarmFired:
		a := t.limit(t.limits[b.Limit], line)
		a["to"] = t.w.postList(b.To)
		line.Source, line.Alarm = b.Source, StoryEventAlarm(b.Do)
		if b.Merged {
			line.Minor = true
			return "alarm-fired.merged", a
		}
		return "alarm-fired." + string(b.Do), a
	}
	return "", nil
}

// limit names a limit, with its stage and its article.
func (t *teller) limit(l procedure.LimitStarted, line *StoryEvent) args {
	running := procedure.RunningLimit{LimitStarted: l}
	rule, _ := t.state.Rule(running)
	line.Limit, line.LimitID, line.Stage, line.Source = l.Key, l.Limit, l.Stage, rule.Source
	return args{"limit": limitTitle(t.p, running, rule), "due": civil(l.Due.At), "provisional": provisional(l.Due.Provisional)}
}

// assigned tells of to-dos: bookkeeping, all of it, but an escalation.
func (t *teller) assigned(body procedure.Body, line *StoryEvent) (string, args) {
	line.Minor = true
	switch b := body.(type) {
	case procedure.AssignmentOpened:
		t.assignments[b.Assignment] = b
		line.Stage = b.Stage
		if b.Waits {
			return "assignment-opened.waits", t.assignmentArgs(b)
		}
		return "assignment-opened." + string(b.Duty), t.assignmentArgs(b)
	case procedure.AssignmentReady:
		return "assignment-ready", t.assignmentArgs(t.assignments[b.Assignment])
	case procedure.AssignmentClaimed:
		return "assignment-claimed", t.assignmentArgs(t.assignments[b.Assignment])
	case procedure.AssignmentClosed:
		return "assignment-closed." + string(b.How), t.assignmentArgs(t.assignments[b.Assignment])
	}
	return body.EventType(), nil
}

func (t *teller) assignmentArgs(a procedure.AssignmentOpened) args {
	return args{"post": t.w.post(a.Post), "stage": stageTitle(t.p, a.Stage), "slip": t.slips[a.Slip].Title, "days": a.Days}
}

func (t *teller) acted(b procedure.Acted, line *StoryEvent) (string, args) {
	line.Action, line.Stage, line.Opinion, line.Source, line.Behalf = ActionCode(b.Action), b.Stage, b.Opinion, b.Source, b.Deputy
	if b.Post != "" {
		line.Post = t.w.post(b.Post)
	}
	line.Slip = slipID(t.matter, b.Slip)
	label := actionText(b.Action)
	if stage, ok := t.p.Stage(b.Stage); ok && stage.Labels[b.Action] != "" {
		label = stage.Labels[b.Action]
	}
	return "acted." + string(b.Action), args{
		"who": t.who(b.Post, b.Deputy), "stage": stageTitle(t.p, b.Stage), "to": stageTitle(t.p, b.To), "label": label,
		"toward": t.w.postList(b.Toward), "days": b.Days, "slip": t.slips[b.Slip].Title,
	}
}

// who is the actor as a sentence names them.
func (t *teller) who(post procedure.Post, deputy string) string {
	switch {
	case t.by == nil || t.by.Person == "":
		return message.Text("events.who.system", nil)
	case deputy != "":
		return message.Text("events.who.deputy", args{"name": t.by.Name, "deputy": deputy, "post": t.w.post(post)})
	case post != "" && t.w.post(post) != t.by.Name: // demonstration persons are called as their posts
		return message.Text("events.who.post", args{"name": t.by.Name, "post": t.w.post(post)})
	}
	return t.by.Name
}

func (t *teller) unit(id string) string {
	if name, ok := t.names[id]; ok {
		return name
	}
	return t.w.unit(id)
}

// changed lists the fields that changed, by title, and shows them before and after.
func (t *teller) changed(b procedure.FormChanged, line *StoryEvent) string {
	var titles []string
	for field, change := range b.Fields {
		line.Changes = append(line.Changes, StoryEvent_Changes{Field: field, Title: fieldTitle(t.p.Form, field),
			From: change.From, To: change.To})
	}
	slices.SortFunc(line.Changes, func(a, b StoryEvent_Changes) int { return cmp.Compare(a.Field, b.Field) })
	for _, change := range line.Changes {
		titles = append(titles, change.Title)
	}
	return strings.Join(titles, message.Text("events.and", nil))
}

// variant is the key with its variant where the catalogue has one.
func variant(key, variant string) string {
	if message.Has("events." + key + "." + variant) {
		return key + "." + variant
	}
	return key
}
