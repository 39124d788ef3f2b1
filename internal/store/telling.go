package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"duban/internal/procedure"
)

// The kinds of notification. Text is made from kind and arguments when it is read or sent, by the catalogue's keys
// "notifications.<kind>".
const (
	TellAssignment = "assignment"      // a to-do waits: stage, due, how
	TellOpen       = "assignment-open" // and no limit runs: stage, how
	TellAsked      = "asked"           // an extension is asked for: stage, days
	TellNotice     = "notice"          // a limit comes near: limit, due
	TellOverdue    = "overdue"         // a limit is over: limit, due
	TellUrge       = "urge"            // the clock urges: limit, due
	TellEscalate   = "escalate"        // a limit was put before a higher post: limit, due
	TellSlip       = "slip"            // a slip came: slip, number
	TellReturned   = "returned"        // the matter was returned: stage, to, opinion, by
	TellRejected   = "rejected"        // it was not passed and goes on elsewhere: stage, to, opinion, by
	TellUrged      = "urged"           // a person urges: opinion, by
	TellCopied     = "copied"          // a copy came: opinion, by
	TellGranted    = "granted"         // an extension was granted: stage, days, by
	TellDenied     = "denied"          // an extension was refused: stage, opinion, by
	TellClosed     = "closed"          // the matter ended: outcome
	TellReview     = "poll-review"     // a vote is over and can be looked into before it is counted: stage, due
	TellUnopened   = "unopened"        // one it asked for never began: child, of (its procedure), code, source and the refusal's own
	TellIncident   = "incident"        // something is stuck, for the system administrators: incident, title
	TellProposed   = "proposed"        // an administrator proposes a change of an organisation, for who may confirm it: sentence, by
	TellDeparted   = "departed"        // a person has left all posts and may still log in, for the system administrators: name, by
	TellDisabled   = "disabled"        // a person was barred and still holds posts, for the security administrators: name, posts, by
	TellRefused    = "refused"         // a command nobody waited for was refused: action, code, source and the refusal's own
)

// NotificationKinds are all there are.
var NotificationKinds = []string{
	TellAssignment, TellOpen, TellAsked, TellNotice, TellOverdue, TellUrge, TellEscalate, TellSlip, TellReturned, TellRejected, TellUrged, TellCopied,
	TellGranted, TellDenied, TellClosed, TellReview, TellUnopened, TellIncident, TellProposed, TellDeparted, TellDisabled, TellRefused,
}

// telling is what an event tells the persons behind some posts, or one person. Who brought it about is not told.
type telling struct {
	Seq    int64            `json:"seq"`
	Kind   string           `json:"kind"`
	Args   map[string]any   `json:"args"`
	Posts  []procedure.Post `json:"posts"`
	Person string           `json:"person"`
	Except string           `json:"except"`
	Urgent bool             `json:"urgent"`
	Mail   time.Time        `json:"mail"` // not before, by the wall
}

// Foretold is what persons would be told.
type Foretold struct {
	Kind   string
	Posts  []procedure.Post
	Person string // who started the matter; else Posts are told
}

// Foresee says who would be told of what if the events happened to a matter.
func Foresee(before procedure.State, events []procedure.Event) []Foretold {
	var told []Foretold
	for _, t := range project(before, events).tellings {
		told = append(told, Foretold{Kind: t.Kind, Posts: t.Posts, Person: t.Person})
	}
	return told
}

// actor is the person of the command whose events are being followed.
type actor struct {
	key    string
	person string
	name   string
}

// tell gathers whom an event concerns enough to be told of it.
func (p *projection) tell(was *procedure.State, e procedure.Event) {
	if e.By != nil {
		p.actor = actor{e.Key, e.By.Person, e.By.Name}
	} else if e.Key != p.actor.key {
		p.actor = actor{key: e.Key}
	}
	switch b := e.Body.(type) {
	case procedure.AssignmentOpened:
		p.tellAssignment(e, b)
	case procedure.AssignmentReady:
		for _, a := range p.after.Assignments {
			if a.Assignment == b.Assignment {
				p.tellAssignment(e, a.AssignmentOpened)
			}
		}
	case procedure.AlarmFired:
		p.tellAlarm(was, e, b)
	case procedure.SlipIssued:
		p.say(e, telling{Kind: TellSlip, Posts: b.To, Args: map[string]any{
			"slip": b.Slip, "kind": b.Title, "due": instantArg(b.Due), "source": b.Source}})
	case procedure.Acted:
		p.tellAction(e, b)
	case procedure.MatterLinked:
		if b.Refusal != nil {
			p.unopened(e, b.Linked)
		}
	case procedure.PollUnderReview:
		p.say(e, telling{Kind: TellReview, Posts: p.office(), Person: p.after.Spec.Starter.Person, Args: map[string]any{
			"stage": p.title(b.Stage), "due": instantArg(b.Until)}})
	case procedure.MatterClosed:
		p.say(e, telling{Kind: TellClosed, Person: p.after.Spec.Starter.Person, Args: map[string]any{"outcome": b.Outcome}})
	}
}

// tellAssignment leaves out what comes with a telling of its own: a slip to sign for, a limit escalated.
func (p *projection) tellAssignment(e procedure.Event, a procedure.AssignmentOpened) {
	if a.Duty == procedure.DutySign || a.Duty == procedure.DutyAttend {
		return
	}
	if now := slices.IndexFunc(p.after.Assignments, func(o procedure.Assignment) bool { return o.Assignment == a.Assignment }); now < 0 || p.after.Assignments[now].Waits {
		return
	}
	args, kind := map[string]any{"assignment": a.Assignment, "stage": p.title(a.Stage), "how": a.How}, TellOpen
	for _, l := range p.after.Limits {
		if l.Limit == a.Limit {
			args["due"], kind = instantArg(l.Due.At), TellAssignment
		}
	}
	if a.Duty == procedure.DutyGrant {
		args["days"], kind = a.Days, TellAsked
	}
	p.say(e, telling{Kind: kind, Posts: []procedure.Post{a.Post}, Args: args})
}

// tellAlarm leaves out a slip, which is told of as it is issued, and what a later alarm of the same instant speaks for.
func (p *projection) tellAlarm(was *procedure.State, e procedure.Event, b procedure.AlarmFired) {
	kind, ok := map[procedure.AlarmDo]string{
		procedure.DoNotice: TellNotice, procedure.DoUrge: TellUrge, procedure.DoEscalate: TellEscalate,
	}[b.Do]
	if !ok || b.Merged {
		return
	}
	args := map[string]any{"source": b.Source}
	for _, l := range was.Limits {
		if l.Limit == b.Limit {
			rule, _ := was.Rule(l)
			args["limit"], args["due"] = cmp.Or(rule.Title, p.title(l.Stage), was.Spec.Procedure.Title), instantArg(l.Due.At)
			if kind == TellNotice && !e.At.Before(l.Due.At) {
				kind = TellOverdue
			}
		}
	}
	p.say(e, telling{Kind: kind, Posts: b.To, Urgent: b.Urgent, Args: args})
}

func (p *projection) tellAction(e procedure.Event, b procedure.Acted) {
	starter := p.after.Spec.Starter.Person
	args := map[string]any{"stage": p.title(b.Stage), "opinion": b.Opinion, "by": p.actor.name, "post": b.Post}
	switch b.Action {
	case procedure.ActionReturn:
		args["to"] = p.title(b.To)
		p.say(e, telling{Kind: TellReturned, Person: starter, Args: args})
	case procedure.ActionReject:
		if b.To == procedure.Closed { // its end is told
			return
		}
		args["to"] = p.title(b.To)
		p.say(e, telling{Kind: TellRejected, Person: starter, Args: args})
	case procedure.ActionUrge:
		p.say(e, telling{Kind: TellUrged, Posts: b.Toward, Args: args})
	case procedure.ActionCopy:
		p.say(e, telling{Kind: TellCopied, Posts: b.Toward, Args: args})
	case procedure.ActionGrantExtension, procedure.ActionDenyExtension:
		kind := TellGranted
		if b.Action == procedure.ActionDenyExtension {
			kind = TellDenied
		}
		args["days"] = b.Days
		var posts []procedure.Post
		for _, a := range p.after.Assignments {
			if a.Duty == procedure.DutyAct && a.Stage == b.Stage && !a.Waits {
				posts = append(posts, a.Post)
			}
		}
		p.say(e, telling{Kind: kind, Posts: posts, Args: args})
	}
}

// say completes a telling. Mail keeps to working hours unless it is urgent or the matter is a rehearsal.
func (p *projection) say(e procedure.Event, t telling) {
	if uuid.Validate(t.Person) != nil { // the system started it
		t.Person = ""
	}
	if len(t.Posts) == 0 && t.Person == "" {
		return
	}
	spec := &p.after.Spec
	t.Seq, t.Except = e.Seq, p.actor.person
	t.Args["title"] = spec.Title
	if t.Posts == nil {
		t.Posts = []procedure.Post{}
	}
	t.Mail = spec.Clock.Wall(e.At)
	if !t.Urgent && spec.Clock.Factor == 0 {
		t.Mail = p.after.Calendar.NextWorking(e.At)
	}
	p.tellings = append(p.tellings, t)
}

// office are the posts that urge in the matter: it is theirs to see to.
func (p *projection) office() []procedure.Post {
	if urge := p.after.Spec.Procedure.Urge; urge != nil {
		return p.after.Resolve(urge.By)
	}
	return nil
}

// title is a stage's title, or its key where it has none.
func (p *projection) title(stage string) string {
	if def, ok := p.after.Spec.Procedure.Stage(stage); ok && def.Title != "" {
		return def.Title
	}
	return stage
}

func instantArg(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
