package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

const (
	repaired   = "repairMatter" // the audit's name of every repair
	mailObject = "mail"         // and of what is repaired, where it is no matter
)

// commands are the repairs that are the matter's own: they stand in its journal and its story.
var commands = map[RepairName]procedure.ActionName{
	RepairNameReassign: procedure.ActionReassign, RepairNameMove: procedure.ActionMove, RepairNameSuspend: procedure.ActionSuspend,
	RepairNameResume: procedure.ActionResume, RepairNameTerminate: procedure.ActionTerminate,
}

// PreviewRepair says what a repair would do.
func (s *Server) PreviewRepair(ctx context.Context, r PreviewRepairRequestObject) (PreviewRepairResponseObject, error) {
	row, err := s.watched(ctx, r.Matter)
	if err != nil {
		return nil, err
	}
	who, p := callerOf(ctx), r.Params
	if err := require(identity.MayRepair(who.Actor)); err != nil {
		return nil, err
	}
	now, problem := engine.Condition{}, errNoEngine
	if s.Engine != nil {
		short, cancel := context.WithTimeout(ctx, temporalMost)
		defer cancel()
		now, problem = s.Engine.Inspect(short, row.ID)
	}
	preview := RepairPreview{Sentences: []string{}, Told: []string{}}
	action, isCommand := commands[p.Repair]
	if !isCommand {
		preview.Sentences = s.foresee(p.Repair, now)
		if problem != nil {
			preview.Warning = workflowProblem(problem)
		}
		return PreviewRepair200JSONResponse(preview), nil
	}
	command := procedure.Command{Key: "preview", Action: action, Actor: who.Actor.Actor, Repair: true, Opinion: operate("preview.reason", nil),
		Assignment: p.Assignment, Post: procedure.Post(p.Post), Person: p.Person, To: p.Stage}
	at := row.Spec.Clock.Virtual(s.now()).UTC()
	events := procedure.Elapse(row.State, at)
	decided, err := procedure.Decide(procedure.Fold(row.State, events), command, at)
	var refusal *procedure.Refusal
	if err = errors.Join(s.personOf(ctx, command), err); errors.As(err, &refusal) {
		preview.Refusal = s.refusal(row.Rulebook, refusal)
		return PreviewRepair200JSONResponse(preview), nil
	}
	if err != nil {
		return nil, err
	}
	preview.Sentences, preview.Told = s.foretell(row, append(events, decided...))
	switch {
	case now.Task != nil && action == procedure.ActionTerminate:
		preview.Warning = operate("preview.ended-in-record", nil)
	case now.Task != nil, problem == nil && !now.Running:
		preview.Warning = operate("preview.waits", nil)
	case problem != nil:
		preview.Warning = workflowProblem(problem)
	}
	return PreviewRepair200JSONResponse(preview), nil
}

// foresee says what a repair does that is not the matter's own.
func (s *Server) foresee(repair RepairName, now engine.Condition) []string {
	switch repair {
	case RepairNameRetry:
		failing := 0
		for _, a := range now.Activities {
			if a.Failure != nil {
				failing++
			}
		}
		switch {
		case now.Task != nil:
			return []string{operate("preview.retry-task", nil), operate("preview.nothing-lost", nil)}
		case failing > 0:
			return []string{operate("preview.retry-activities", map[string]any{"n": failing}), operate("preview.nothing-lost", nil)}
		}
		return []string{message.Text("errors.not-stuck", nil)}
	case RepairNameRestart:
		return []string{operate("preview.restart", nil), operate("preview.restart-clock", nil), operate("preview.nothing-lost", nil)}
	}
	return []string{operate("preview.reproject", nil), operate("preview.nobody", nil)}
}

// foretell puts into sentences what would happen, and who would be told.
func (s *Server) foretell(row store.MatterRow, events []procedure.Event) (sentences, told []string) {
	t := newTeller(s.words, row)
	t.state = row.State
	for _, a := range row.State.Assignments {
		t.assignments[a.Assignment] = a.AssignmentOpened
	}
	for _, l := range row.State.Limits {
		t.limits[l.Limit] = l.LimitStarted
	}
	for _, slip := range row.State.Slips {
		t.slips[slip.Slip] = slip.SlipIssued
	}
	for _, l := range row.State.Links {
		t.links[l.Matter] = l.Title
	}
	sentences, told = []string{}, []string{}
	for _, e := range events {
		if said := t.tell(e).Sentence; !slices.Contains(sentences, said) {
			sentences = append(sentences, said)
		}
	}
	for _, to := range store.Foresee(row.State, events) {
		who := s.words.postList(to.Posts)
		if to.Person != "" {
			who = operate("preview.starter", map[string]any{"name": row.StarterName})
		}
		line := operate("preview.told", map[string]any{"who": who, "what": operate("told."+to.Kind, nil)})
		if !slices.Contains(told, line) {
			told = append(told, line)
		}
	}
	return sentences, told
}

// personOf refuses a person who does not act for the post the to-do goes to.
func (s *Server) personOf(ctx context.Context, c procedure.Command) error {
	if c.Post != "" && !s.words.knows(c.Post) {
		return &procedure.Refusal{Code: "post-unknown", Args: map[string]any{"post": string(c.Post)}, Input: true}
	}
	if c.Person == "" {
		return nil
	}
	holders, err := s.holders(ctx, []procedure.Post{c.Post})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(holders[c.Post], func(p PersonRef) bool { return p.ID == c.Person }) {
		return &procedure.Refusal{Code: "person-not-of-post", Args: map[string]any{"post": string(c.Post)}, Input: true}
	}
	return nil
}

// RepairMatter repairs a matter. That it was asked for stands in the audit before anything is done.
func (s *Server) RepairMatter(ctx context.Context, r RepairMatterRequestObject) (RepairMatterResponseObject, error) {
	row, err := s.watched(ctx, r.Matter)
	if err != nil {
		return nil, err
	}
	who, body := callerOf(ctx), r.Body
	if err := require(identity.MayRepair(who.Actor)); err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(body.Reason)
	if reason == "" {
		return nil, &procedure.Refusal{Code: "reason-required", Input: true}
	}
	if err := unclassified(reason, nil); err != nil {
		return nil, err
	}
	if err := s.beginRepair(ctx, who, row.ID, string(body.Repair), reason); err != nil {
		return nil, err
	}
	if action, ok := commands[body.Repair]; ok {
		return s.order(ctx, who, row, r, procedure.Command{Key: r.Params.IdempotencyKey, Action: action, Actor: who.Actor.Actor, Repair: true,
			Opinion: reason, Assignment: body.Assignment, Post: procedure.Post(body.Post), Person: body.Person, To: body.Stage,
			Expect: seen(r.Params.IfMatch)})
	}
	said, err := s.mend(ctx, row.ID, body.Repair, reason)
	return RepairMatter200JSONResponse{Sentence: said}, err
}

// beginRepair puts down that a repair is asked for; without that nothing is done. What became of it follows.
func (s *Server) beginRepair(ctx context.Context, who caller, object, repair, reason string) error {
	for name, value := range map[string]string{"repair": repair, "reason": reason, "name": who.Name} {
		explain(ctx, name, value)
	}
	return s.store.Audit(ctx, store.AuditEntry{Person: who.Person, Action: "askRepair", Object: object, Outcome: "done", Address: who.address,
		Details: map[string]any{"repair": repair, "reason": reason, "name": who.Name}})
}

// order carries a repair that is the matter's own.
func (s *Server) order(ctx context.Context, who caller, row store.MatterRow, r RepairMatterRequestObject, c procedure.Command) (RepairMatterResponseObject, error) {
	hash, err := bodyHash("repair", row.ID, r.Body)
	if err != nil {
		return nil, err
	}
	entry, err := s.accept(ctx, who, c.Key, hash, func() (store.Entry, error) {
		if err := s.personOf(ctx, c); err != nil {
			return store.Entry{}, err
		}
		entry, _, err := s.store.Accept(ctx, store.Entry{Key: c.Key, Person: who.Person, Matter: row.ID, Kind: store.KindAct, Command: c, BodyHash: hash})
		return entry, err
	})
	if err != nil {
		return nil, err
	}
	if entry, err = s.carry(ctx, entry); err != nil {
		return nil, s.meanwhile(ctx, row, c.Expect, err)
	}
	if entry.State == store.EntryOpen {
		return RepairMatter202JSONResponse{s.accepted(entry)}, nil
	}
	return RepairMatter200JSONResponse{Sentence: operate("done."+string(r.Body.Repair), nil)}, nil
}

// mendMost is how long a repair that is not the matter's own may take.
const mendMost = 30 * time.Second

// mend does to the machinery of a matter what changes nothing of the matter.
func (s *Server) mend(ctx context.Context, matter string, repair RepairName, reason string) (said string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mendMost) // once begun it is not left half done
	defer cancel()
	said = operate("done."+string(repair), nil)
	switch {
	case repair == RepairNameReproject:
		return said, s.store.Reproject(ctx, matter)
	case s.Engine == nil:
		return "", &fault{code: "workflow-unavailable"}
	case repair == RepairNameRestart:
		return said, s.Engine.Restart(ctx, s.store, matter, reason)
	}
	done, err := s.Engine.Retry(ctx, matter, reason)
	if done.Activities > 0 {
		said = operate("done.retry-activities", map[string]any{"n": done.Activities})
	}
	return said, err
}

// RetryMail tries mail again now.
func (s *Server) RetryMail(ctx context.Context, r RetryMailRequestObject) (RetryMailResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayWatch(who.Actor)); err != nil {
		return nil, err
	}
	if err := require(identity.MayRepair(who.Actor)); err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(r.Body.Reason)
	if reason == "" {
		return nil, &procedure.Refusal{Code: "reason-required", Input: true}
	}
	if err := s.beginRepair(ctx, who, mailObject, "retry-mail", reason); err != nil {
		return nil, err
	}
	n, err := s.store.RetryMail(ctx)
	if err != nil {
		return nil, err
	}
	s.audit(ctx, who, repaired, mailObject, "done", map[string]any{"repair": "retry-mail", "reason": reason, "name": who.Name})
	return RetryMail200JSONResponse{Sentence: operate("done.retry-mail", map[string]any{"n": n})}, nil
}
