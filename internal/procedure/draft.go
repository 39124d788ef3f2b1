package procedure

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// draft collects the events of one decision; its state is always the fold of what it has emitted.
type draft struct {
	s      State
	at     time.Time
	key    string
	by     *Actor // of the first event; those that follow share its key
	free   bool   // the system acts: no post is asked for
	person bool   // a person asked: a closed gate ahead refuses, rather than keep the matter before it
	events []Event
}

func (d *draft) emit(b Body) {
	e := Event{Seq: d.s.Seq + 1, At: d.at, Key: d.key, By: d.by, Body: b}
	d.by = nil // the first event names the actor for all that follow from it
	d.s = Apply(d.s, e)
	d.events = append(d.events, e)
}

func (d *draft) id() int64 { return d.s.LastID + 1 }

// leave ends a stage: nothing of it stays open, and its terms stop.
func (d *draft) leave(stage *Stage, via ActionName) {
	for _, a := range d.s.Assignments {
		if a.Stage == stage.Key && (a.Duty == DutyAct || a.Duty == DutyGrant || a.Duty == DutyVote) {
			d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedNotNeeded})
		}
	}
	d.emit(StageLeft{Stage: stage.Key, Via: via})
	for _, l := range d.s.Limits {
		def := definition(&d.s, l)
		if def == nil || l.Slip != 0 {
			continue
		}
		own := l.Stage == stage.Key && def.Until == ""
		marked := def.Until == stage.Key+".done" && !via.undone()
		switch {
		case own && via == ActionMove && !d.at.After(l.Due.At): // cut short, not kept
			d.emit(LimitEnded{Limit: l.Limit, How: KeptDropped})
		case own, marked:
			d.end(l)
		}
	}
}

func (d *draft) end(l RunningLimit) {
	how := KeptMet
	if d.at.After(l.Due.At) {
		how = KeptLate
	}
	d.emit(LimitEnded{Limit: l.Limit, How: how})
}

// advance enters the target and passes through whatever needs nobody; a gate on the way may refuse.
func (d *draft) advance(target string, via ActionName, from string) error {
	for range 2*len(d.s.Spec.Procedure.Stages) + 1 {
		if target == Closed {
			d.close(outcomes[via])
			return nil
		}
		stage, ok := d.s.Spec.Procedure.Stage(target)
		if !ok {
			return &Refusal{Code: "rule-broken", Args: map[string]any{"stage": target}}
		}
		next, err := d.enter(stage, via, from)
		if err != nil || next == "" {
			return err
		}
		target, via, from = next, "", stage.Key
	}
	return &Refusal{Code: "rule-broken", Args: map[string]any{"stage": target}}
}

var outcomes = map[ActionName]Outcome{
	"":             OutcomeCompleted,
	ActionApprove:  OutcomeCompleted,
	ActionFinish:   OutcomeCompleted,
	ActionReject:   OutcomeRejected,
	ActionWithdraw: OutcomeWithdrawn,
}

// enter opens a stage and says where to go on at once, or "" to stay.
func (d *draft) enter(stage *Stage, via ActionName, from string) (next string, err error) {
	d.emit(StageEntered{Stage: stage.Key, Round: d.s.Rounds[stage.Key] + 1, Via: via, From: from})
	d.prefill(stage)
	d.startLimits(stage)
	switch stage.Kind {
	case KindTask:
		return d.assign(stage)
	case KindIssue:
		kind, ok := d.s.Spec.Procedure.Slip(stage.Issue.Slip)
		if !ok {
			return "", &Refusal{Code: "rule-broken", Args: map[string]any{"stage": stage.Key}}
		}
		d.issue(kind, d.s.posts(stage.Issue.To, nil), d.nearest(stage), stage.Source)
	case KindStart:
		d.request(stage)
	case KindCollect:
		if stage.Start != nil {
			d.request(stage)
		}
		return d.gatherAll(stage), nil
	case KindPoll:
		return d.plan(stage)
	case KindScore:
		return d.scorers(stage)
	case KindDraw:
		return d.drawLots(stage)
	case KindWait:
		if stage.Wait.Link == "" {
			return "", nil
		}
		return d.linksEnded(stage), nil
	case KindEnact:
		return "", nil
	case KindGate:
		open := stage.Gate.open(&d.s)
		if !open && !d.person {
			return "", nil
		}
		if !open {
			return "", &Refusal{Code: "gate-closed", Authority: stage.Authority,
				Args: map[string]any{"stage": stage.Title, "reason": stage.Gate.Reason}}
		}
	}
	d.leave(stage, "")
	return stage.Next, nil
}

// startLimits starts the stage's own terms, and the procedure's that count from this stage.
func (d *draft) startLimits(stage *Stage) {
	for i := range stage.Limits {
		def := &stage.Limits[i]
		if strings.HasSuffix(def.From, ".opened") {
			continue // of a vote: starts when it opens
		}
		if from, passed := d.s.counted(def, d.s.Marks, d.at); passed {
			d.startLimit(def, stage.Key, from)
		}
	}
	d.startProcedureLimits(stage.Key+".entered", d.at)
}

// startProcedureLimits starts the procedure's terms that count from a mark, and those that count from their dues.
func (d *draft) startProcedureLimits(mark Mark, from time.Time) {
	for i := range d.s.Spec.Procedure.Limits {
		def := &d.s.Spec.Procedure.Limits[i]
		running := slices.ContainsFunc(d.s.Limits, func(l RunningLimit) bool { return l.Stage == "" && l.Key == def.Key })
		if !running && (def.From == mark || def.From == "" && mark == "started") {
			d.startLimit(def, "", from)
			if at, ok := d.s.mark(def.Key+".due", d.s.Marks); ok {
				d.startProcedureLimits(def.Key+".due", at)
			}
		}
	}
}

func (d *draft) startLimit(def *Limit, stage string, from time.Time) {
	if at, ok := due(&d.s, def, from); ok {
		d.emit(LimitStarted{Limit: d.id(), Key: def.Key, Stage: stage, Due: at})
	}
}

// nearest is the earliest due of the matter's running terms, but for the stage's own: what a slip asks to be kept.
func (d *draft) nearest(stage *Stage) time.Time {
	var at time.Time
	for _, l := range d.s.Limits {
		if l.Slip == 0 && l.Stage != stage.Key && (at.IsZero() || l.Due.At.Before(at)) {
			at = l.Due.At
		}
	}
	return at
}

// assign opens the stage's to-dos for those whose approval does not still hold.
func (d *draft) assign(stage *Stage) (next string, err error) {
	posts := d.s.posts(stage.Who, nil)
	if first, ok := d.s.Spec.Procedure.Stage(d.s.Spec.Procedure.First); ok && len(posts) == 0 && !d.person {
		posts = d.s.posts(first.Who, nil) // whoever began it must not lose it
	}
	if len(posts) == 0 {
		return "", &Refusal{Code: "nobody-to-act", Authority: stage.Authority, Args: map[string]any{"stage": stage.Title}}
	}
	inputs := stage.inputs(d.s.Form)
	for _, a := range d.s.Approvals {
		if a.Stage == stage.Key && a.Survives && a.Inputs == inputs && slices.Contains(posts, a.Post) {
			d.emit(ApprovalKept{Stage: stage.Key, Post: a.Post, Event: a.Event})
			posts = slices.DeleteFunc(posts, func(p Post) bool { return p == a.Post })
		}
	}
	if d.approved(stage, len(posts)) {
		d.leave(stage, ActionApprove)
		return stage.Actions[ActionApprove].one(), nil
	}
	var limit int64
	for _, l := range d.s.Limits {
		if l.Stage == stage.Key {
			limit = l.Limit
			break
		}
	}
	for i, post := range posts {
		d.emit(AssignmentOpened{Assignment: d.id(), Stage: stage.Key, Post: post, Duty: DutyAct, Limit: limit,
			Waits: stage.Mode == ModeSequence && i > 0})
	}
	return "", nil
}

// approved reports whether the stage has the approvals its mode asks for, with so many regular to-dos still open.
func (d *draft) approved(stage *Stage, open int) bool {
	given := 0
	for _, a := range d.s.Approvals {
		if a.Stage == stage.Key && !a.Survives {
			given++
		}
	}
	switch stage.Mode {
	case ModeAll, ModeSequence:
		return open == 0
	case ModeRatio:
		return given*100 >= stage.Ratio*len(d.s.posts(stage.Who, nil))
	}
	return given > 0
}

// issue sends a numbered document to its addressees and asks each to sign for it.
func (d *draft) issue(kind *SlipKind, to []Post, asked time.Time, source string) {
	id, cause := d.id(), d.s.Seq
	unit := ""
	if units := d.s.Units(kind.From); len(units) > 0 {
		unit = units[0]
	}
	extra := map[string]string{"due": chineseDay(asked), "slip": kind.Title}
	if source == "" {
		source = kind.Source
	}
	d.emit(SlipIssued{Slip: id, Kind: kind.Key, Unit: unit, To: to, Title: kind.Title, Due: asked, Cause: cause, Source: source,
		Body: d.s.text(kind.Body, extra)})
	var limit int64
	if kind.Sign != nil {
		if at, ok := due(&d.s, kind.Sign, d.at); ok {
			limit = d.id()
			d.emit(LimitStarted{Limit: limit, Key: kind.Sign.Key, Slip: id, Due: at})
		}
	}
	for _, post := range to {
		d.emit(AssignmentOpened{Assignment: d.id(), Post: post, Duty: DutySign, Slip: id, Limit: limit})
	}
}

// request asks for the matters a start stage starts.
func (d *draft) request(stage *Stage) {
	start := stage.Start
	rulebook := start.Rulebook
	if rulebook == "" {
		rulebook = d.s.Spec.Procedure.Rulebook
	}
	link := stage.Link()
	take := d.s.Spec.Procedure.takes(stage)
	for n, item := range d.s.items(start) {
		form := make(map[string]json.RawMessage, len(start.Form))
		for field, template := range start.Form {
			if value := d.s.value(template, item); value != nil {
				form[field] = ownOf(value, start.Own[field], item.unit)
			}
		}
		d.emit(MatterRequested{Child: childID(d.s.Spec.Matter, d.s.Seq, n), Link: link, Rulebook: rulebook,
			Procedure: start.Procedure, Title: d.s.text(start.Title, item.text(&d.s)), Form: form, Unit: item.unit, Submit: start.Submit, Take: take})
	}
}

// childID is the same at every replay, retry and reset: derived from the parent and where in its story the child begins.
func childID(matter string, seq int64, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s/%d/%d", matter, seq, n)).String()
}

// linksEnded says where a wait on linked matters leads: "" while one is open.
func (d *draft) linksEnded(stage *Stage) string {
	next, refused := stage.Next, false
	for _, l := range d.s.Links {
		switch {
		case l.Link != stage.Wait.Link:
		case !l.Ended:
			return ""
		case l.Refusal != nil && stage.Wait.Refused != "":
			refused = true
		case l.Outcome != OutcomeCompleted && stage.Wait.Else != "":
			next = stage.Wait.Else
		}
	}
	if refused {
		next = stage.Wait.Refused
	}
	d.leave(stage, "")
	return next
}

// close ends the matter. A completed matter's slips are still signed for; of any other nothing stays open.
func (d *draft) close(outcome Outcome) {
	stage, ran := d.s.Stage, d.at // terms ran until now, or until the clock was stopped
	if d.s.Suspended != nil {
		ran = d.s.Suspended.Since
	}
	d.emit(MatterClosed{Outcome: outcome, Stage: stage})
	for _, a := range d.s.Assignments {
		if a.Duty != DutySign || outcome != OutcomeCompleted {
			d.emit(AssignmentClosed{Assignment: a.Assignment, How: EndedNotNeeded})
		}
	}
	for _, l := range d.s.Limits {
		switch {
		case l.Slip == 0 && outcome == OutcomeCompleted:
			d.end(l)
		case outcome == OutcomeCompleted: // a slip is still to be signed for
		case ran.After(l.Due.At): // who never does it is not let off
			d.emit(LimitEnded{Limit: l.Limit, How: KeptMissed})
		default:
			d.emit(LimitEnded{Limit: l.Limit, How: KeptDropped})
		}
	}
}

// Finished reports whether nothing more can happen: the matter is closed and every slip it owes is signed for.
func Finished(s State) bool { return s.Stage == Closed && len(s.Assignments) == 0 }

// inputs is a digest of what an approval of the stage rests on.
func (st *Stage) inputs(form map[string]json.RawMessage) string {
	fields := slices.Clone(st.Inputs)
	if len(fields) == 0 {
		for field := range form {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	h := sha256.New()
	for _, field := range fields {
		fmt.Fprintf(h, "%q:%s\n", field, form[field])
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func (t Target) one() string {
	if len(t) == 0 {
		return ""
	}
	return t[0]
}

func (t Target) String() string { return strings.Join(t, ", ") }
