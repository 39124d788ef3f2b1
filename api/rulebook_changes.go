package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// CheckRulebook says what is wrong with a text, or what it would change.
func (s *Server) CheckRulebook(ctx context.Context, r CheckRulebookRequestObject) (CheckRulebookResponseObject, error) {
	found, err := s.check(ctx, r.Rulebook, r.Body.Text)
	if err != nil {
		return nil, err
	}
	return CheckRulebook200JSONResponse(found), nil
}

// check holds a text against the rules in force.
func (s *Server) check(ctx context.Context, key, text string) (RulebookCheck, error) {
	library := s.library()
	book, ok := library.Rulebook(key)
	if !ok {
		return RulebookCheck{}, store.ErrNotFound
	}
	shown := RulebookCheck{InForce: book.Version, Problems: []RulebookProblem{}, Differences: []RulebookDifference{}, Lines: textLines(book.Text, text)}
	tried, err := library.Try(key, text)
	var found rulebook.Problems
	if errors.As(err, &found) {
		for _, p := range found {
			shown.Problems = append(shown.Problems, RulebookProblem{File: p.File, Line: p.Line, Column: p.Column, Code: p.Code,
				Message: p.Message, Remedy: p.Remedy, Here: p.File == rulebook.FileOf(key)})
		}
		return shown, nil
	}
	if err != nil {
		return RulebookCheck{}, err
	}
	would, _ := tried.Rulebook(key)
	shown.Version = would.Version
	shown.Differences, err = s.differences(ctx, library, tried, key, library.Heirs(key))
	return shown, err
}

// SimulateRulebook plays some matters through a procedure by a text that is not in force.
func (s *Server) SimulateRulebook(ctx context.Context, r SimulateRulebookRequestObject) (SimulateRulebookResponseObject, error) {
	if _, ok := s.library().Rulebook(r.Rulebook); !ok {
		return nil, store.ErrNotFound
	}
	library, err := s.library().Try(r.Rulebook, r.Body.Text)
	if err != nil {
		return nil, invalidRules(err)
	}
	table, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	played, err := rulebook.Simulate(library, r.Rulebook, r.Body.Procedure, r.Body.Matters, uint64(r.Body.Seed), table)
	shown := RulebookSimulation{Matters: r.Body.Matters}
	var broken *rulebook.Violation
	switch {
	case errors.As(err, &broken):
		shown.Broken = broken.Error()
	case err != nil:
		return nil, err
	default:
		shown.Report = played.String()
	}
	return SimulateRulebook200JSONResponse(shown), nil
}

// invalidRules is what the checker found, as an answer.
func invalidRules(err error) error {
	var found rulebook.Problems
	if !errors.As(err, &found) {
		return err
	}
	f := &fault{code: "rulebook-invalid", args: map[string]any{"first": found[0].String(), "count": len(found)}}
	for _, p := range found {
		f.fields = append(f.fields, FieldError{Field: fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column), Message: p.Message + p.Remedy})
	}
	return f
}

// CreateRulebookChange keeps a text to be proposed. It must be sound, and made from the version in force.
func (s *Server) CreateRulebookChange(ctx context.Context, r CreateRulebookChangeRequestObject) (CreateRulebookChangeResponseObject, error) {
	who, library := callerOf(ctx), s.library()
	book, ok := library.Rulebook(r.Rulebook)
	if !ok {
		return nil, store.ErrNotFound
	}
	p, ok := book.ChangeProcedure()
	if !ok {
		return nil, &fault{code: "rulebook-fixed"}
	}
	if len(s.startingUnits(who, p)) == 0 {
		return nil, &procedure.Refusal{Code: "not-a-starter", Authority: p.Authority, Args: map[string]any{"procedure": p.Title}}
	}
	if err := unclassified(r.Body.Text, nil); err != nil {
		return nil, err
	}
	switch {
	case r.Body.Base != book.Version:
		return nil, &fault{code: "base-not-in-force", args: map[string]any{"base": shortVersion(r.Body.Base), "inForce": shortVersion(book.Version)}}
	case r.Body.Text == book.Text:
		return nil, &fault{code: "rulebook-unchanged"}
	}
	if _, err := library.Try(book.Key, r.Body.Text); err != nil {
		return nil, invalidRules(err)
	}
	kept, err := s.store.PutRulebookChange(ctx, store.RulebookChange{Rulebook: book.Key, Base: book.Version, Text: r.Body.Text, Person: who.Person})
	if err != nil {
		return nil, err
	}
	return CreateRulebookChange201JSONResponse{ID: kept.ID}, nil
}

// shortVersion is a version as people compare them.
func shortVersion(version string) string { return version[:min(8, len(version))] }

// GetRulebookChange gives a proposed text and what it would change. Of one that took effect, or whose base no longer is in
// force, it says what it changed in that base.
func (s *Server) GetRulebookChange(ctx context.Context, r GetRulebookChangeRequestObject) (GetRulebookChangeResponseObject, error) {
	library := s.library()
	book, ok := library.Rulebook(r.Rulebook)
	if !ok {
		return nil, store.ErrNotFound
	}
	change, err := s.store.RulebookChange(ctx, r.Change)
	if err == nil && change.Rulebook != book.Key {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	history, err := s.store.RulebookHistory(ctx, book.Key)
	if err != nil {
		return nil, err
	}
	inForce := history[0].Version // the record knows before this process's library does
	shown := RulebookChange{ID: change.ID, Rulebook: book.Key, Title: book.Title, Base: change.Base, InForce: inForce,
		Current: change.Base == inForce, At: change.At, Text: change.Text}
	if shown.Current {
		shown.Check, err = s.check(ctx, book.Key, change.Text)
		return GetRulebookChange200JSONResponse(shown), err
	}
	shown.Enacted = slices.ContainsFunc(history, func(h store.History) bool { return h.Change == change.ID })
	shown.Check, err = s.checkThen(ctx, book, change)
	return GetRulebookChange200JSONResponse(shown), err
}

// checkThen compares a change with the version it was made from.
func (s *Server) checkThen(ctx context.Context, book *rulebook.Rulebook, change store.RulebookChange) (RulebookCheck, error) {
	shown := RulebookCheck{InForce: book.Version, Problems: []RulebookProblem{}, Differences: []RulebookDifference{}, Lines: []TextLine{}}
	base, err := s.store.RulebookVersion(ctx, book.Key, change.Base)
	if err != nil {
		return shown, err
	}
	shown.Lines = textLines(base.Text, change.Text)
	texts := map[string]string{book.Key: base.Text}
	if err := s.above(ctx, book.Extends, base.Parent, texts); err != nil {
		return shown, err
	}
	before := read(s.library(), book.Title, book.Key, texts)
	texts[book.Key] = change.Text
	after := read(s.library(), book.Title, book.Key, texts)
	shown.Differences, err = s.differences(ctx, before.library, after.library, book.Key, nil)
	return shown, err
}

// proposed checks that a form's change of the rules is there, and is one of the procedure's own rulebook.
func (s *Server) proposed(ctx context.Context, p *procedure.Procedure, form Form) error {
	field, ok := rulebook.ChangeField(p)
	if !ok || form[field] == nil {
		return nil
	}
	var id string
	if err := json.Unmarshal(form[field], &id); err != nil {
		return &procedure.Refusal{Code: "change-unknown", Input: true}
	}
	change, err := s.store.RulebookChange(ctx, id)
	switch {
	case isNotFound(err):
		return &procedure.Refusal{Code: "change-unknown", Input: true}
	case err != nil:
		return err
	case change.Rulebook != p.Rulebook:
		return &procedure.Refusal{Code: "change-elsewhere", Input: true, Args: map[string]any{"rulebook": change.Rulebook}}
	}
	return nil
}

// GetRulebookDraft gives what the caller is writing.
func (s *Server) GetRulebookDraft(ctx context.Context, r GetRulebookDraftRequestObject) (GetRulebookDraftResponseObject, error) {
	draft, err := s.store.RulebookDraft(ctx, callerOf(ctx).Person, r.Rulebook)
	if err != nil {
		return nil, err
	}
	return GetRulebookDraft200JSONResponse{Body: draftView(draft), Headers: GetRulebookDraft200ResponseHeaders{ETag: draftTag(draft)}}, nil
}

// SaveRulebookDraft saves what the caller is writing.
func (s *Server) SaveRulebookDraft(ctx context.Context, r SaveRulebookDraftRequestObject) (SaveRulebookDraftResponseObject, error) {
	if _, ok := s.library().Rulebook(r.Rulebook); !ok {
		return nil, store.ErrNotFound
	}
	if err := unclassified(r.Body.Text, nil); err != nil {
		return nil, err
	}
	draft, err := s.store.SaveRulebookDraft(ctx, store.RulebookDraft{Person: callerOf(ctx).Person, Rulebook: r.Rulebook,
		Base: r.Body.Base, Text: r.Body.Text, Revision: seen(r.Params.IfMatch)})
	if errors.Is(err, store.ErrDraftMoved) {
		return nil, &fault{code: "draft-moved"}
	}
	if err != nil {
		return nil, err
	}
	return SaveRulebookDraft200JSONResponse{Body: draftView(draft), Headers: SaveRulebookDraft200ResponseHeaders{ETag: draftTag(draft)}}, nil
}

// DropRulebookDraft forgets it.
func (s *Server) DropRulebookDraft(ctx context.Context, r DropRulebookDraftRequestObject) (DropRulebookDraftResponseObject, error) {
	if err := s.store.DropRulebookDraft(ctx, callerOf(ctx).Person, r.Rulebook); err != nil {
		return nil, err
	}
	return DropRulebookDraft204Response{}, nil
}

func draftView(d store.RulebookDraft) RulebookDraft {
	return RulebookDraft{Rulebook: d.Rulebook, Base: d.Base, Text: d.Text, Saved: d.Saved}
}

func draftTag(d store.RulebookDraft) string { return `"` + strconv.FormatInt(d.Revision, 10) + `"` }
