package app

import (
	"context"
	"encoding/json"
	"errors"

	"duban/activities"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// beginnings are the procedures whose matters begin by themselves under the rules in force.
func (p *Platform) beginnings() []rulebook.Beginning { return p.Rules.Library().Beginnings() }

// begin makes the specification of a matter that begins by itself, with what it gathers from earlier ones: a rehearsal's
// from rehearsals, and no other's.
func (p *Platform) begin(ctx context.Context, r activities.BeginRequest) (procedure.Spec, error) {
	if _, err := p.Store.Matter(ctx, r.Matter, nil); !errors.Is(err, store.ErrNotFound) {
		if err == nil {
			err = activities.ErrBegun
		}
		return procedure.Spec{}, err
	}
	library := p.Rules.Library()
	b, ok := library.Beginning(r.Rulebook, r.Procedure)
	switch {
	case ok && (r.Asked || b.On(r.Day)):
	case ok && b.Rings(r.Day):
		return procedure.Spec{}, &procedure.Refusal{Code: activities.AnotherDay}
	default:
		return procedure.Spec{}, &procedure.Refusal{Code: "begins-otherwise"}
	}
	gathered := map[string][]json.RawMessage{}
	for _, g := range b.Gatherings(r.Day) {
		var err error
		if gathered[g.Field], err = p.Store.Earlier(ctx, store.Earlier{Rulebook: g.Rulebook, Procedure: g.Procedure, Field: g.Of,
			From: g.From, To: g.To, Rehearsal: r.Clock.Factor != 0}); err != nil {
			return procedure.Spec{}, err
		}
	}
	days, err := p.Store.Calendar(ctx)
	if err != nil {
		return procedure.Spec{}, err
	}
	open := func(gathered map[string][]json.RawMessage) (procedure.Spec, error) {
		request, err := b.Request(r.Day, gathered)
		if err != nil {
			return procedure.Spec{}, err
		}
		request.Matter, request.At, request.Clock, request.Calendar = r.Matter, r.At, r.Clock, days
		return library.Open(request)
	}
	spec, err := open(gathered)
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) && refusal.Code == "bad-form" && len(gathered) > 0 {
		// What was gathered no longer suits the form, as where a unit is gone: the matter begins all the same, and whoever
		// it waits on fills in the lists.
		p.Logger.Warn("a matter begins without what it gathers", "rulebook", r.Rulebook, "procedure", r.Procedure, "error", err)
		return open(nil)
	}
	return spec, err
}
