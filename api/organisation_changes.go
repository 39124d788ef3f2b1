package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"

	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

func organise(key string, args map[string]any) string { return message.Text("organisation."+key, args) }

// changesMost bounds how many changes of an organisation are told: all that wait, and the latest of the others.
const changesMost = 100

// ListOrganisationChanges lists the changes of an organisation's units.
func (s *Server) ListOrganisationChanges(ctx context.Context, r ListOrganisationChangesRequestObject) (ListOrganisationChangesResponseObject, error) {
	if err := require(identity.MayListPersons(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	found, err := s.store.OrganisationChanges(ctx, r.Organisation, changesMost)
	if err != nil {
		return nil, err
	}
	answer := ListOrganisationChanges200JSONResponse{Items: []OrganisationChange{}}
	for _, c := range found {
		shown, err := s.organisationChange(ctx, c)
		if err != nil {
			return nil, err
		}
		answer.Items = append(answer.Items, shown)
	}
	return answer, nil
}

// ProposeOrganisationChange keeps a change for another administrator to confirm, if it could be made now.
func (s *Server) ProposeOrganisationChange(ctx context.Context, r ProposeOrganisationChangeRequestObject) (ProposeOrganisationChangeResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayAmendUnits(who.Actor)); err != nil {
		return nil, err
	}
	c := store.OrganisationChange{ID: uuid.NewString(), Amendment: amendment(r.Organisation, s.words.unit(r.Body.Unit), *r.Body), Reason: strings.TrimSpace(r.Body.Reason),
		Person: who.Person, At: s.now()}
	if c.Reason == "" {
		return nil, &procedure.Refusal{Code: "reason-required", Input: true}
	}
	if _, _, err := s.Keeper.Amend(ctx, c.Amendment); err != nil {
		return nil, err
	}
	sentence := s.amendmentSays(c.Amendment)
	explain(ctx, "sentence", sentence)
	explain(ctx, "reason", c.Reason)
	if err := s.store.ProposeOrganisationChange(ctx, c, sentence); err != nil {
		return nil, err
	}
	kept, err := s.store.OrganisationChange(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	shown, err := s.organisationChange(ctx, kept)
	return ProposeOrganisationChange201JSONResponse(shown), err
}

// amendment is what a request asks for. A new unit's id is made: nobody has to think of one.
func amendment(organisation, was string, n NewOrganisationChange) rulebook.Amendment {
	a := rulebook.Amendment{Organisation: organisation, Kind: rulebook.AmendmentKind(n.Kind), Unit: n.Unit, Was: was}
	switch a.Kind {
	case rulebook.UnitAdded:
		a.Unit, a.UnitKind, a.Parent, a.Head = "u-"+uuid.NewString()[:8], string(n.UnitKind), n.Parent, n.Head
		a.Name = strings.TrimSpace(n.Name)
	case rulebook.UnitRenamed:
		a.Name = strings.TrimSpace(n.Name)
	case rulebook.UnitMoved:
		a.Parent = n.Parent
	}
	if a.Kind == rulebook.UnitAdded || a.Kind == rulebook.UnitRenamed {
		for _, p := range n.Posts {
			a.Posts = append(a.Posts, rulebook.Post{Unit: a.Unit, Role: p.Role, Title: strings.TrimSpace(p.Title)})
		}
	}
	return a
}

// DecideOrganisationChange puts a change in force or lets it fall.
func (s *Server) DecideOrganisationChange(ctx context.Context, r DecideOrganisationChangeRequestObject) (DecideOrganisationChangeResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayListPersons(who.Actor)); err != nil {
		return nil, err
	}
	c, err := s.store.OrganisationChange(ctx, r.Change)
	if err != nil {
		return nil, err
	}
	if c.Amendment.Organisation != r.Organisation {
		return nil, store.ErrNotFound
	}
	if c.State != store.ChangeOpen {
		return nil, &procedure.Refusal{Code: "change-settled"}
	}
	own := c.Person == who.Person && !r.Body.Confirm
	if d := identity.MayConfirmUnits(who.Actor); !d.Allowed && !own {
		return nil, require(d)
	}
	explain(ctx, "sentence", s.amendmentSays(c.Amendment))
	answer := strings.TrimSpace(r.Body.Answer)
	switch {
	case r.Body.Confirm:
		err = s.Keeper.Organise(ctx, c, who.Person, s.now())
	case !own && answer == "":
		return nil, &procedure.Refusal{Code: "reason-required", Input: true}
	default:
		explain(ctx, "reason", answer)
		err = s.store.DropOrganisationChange(ctx, c.ID, who.Person, answer, s.now())
	}
	if err != nil {
		return nil, err
	}
	if c, err = s.store.OrganisationChange(ctx, c.ID); err != nil {
		return nil, err
	}
	shown, err := s.organisationChange(ctx, c)
	return DecideOrganisationChange200JSONResponse(shown), err
}

func (s *Server) organisationChange(ctx context.Context, c store.OrganisationChange) (OrganisationChange, error) {
	shown := OrganisationChange{ID: c.ID, Kind: string(c.Amendment.Kind), Sentence: s.amendmentSays(c.Amendment), Effects: []string{}, Reason: c.Reason,
		By: PersonRef{ID: c.Person, Name: c.Name}, At: c.At, State: OrganisationChangeState(c.State), SettledAt: c.SettledAt, Answer: c.SettledHow}
	if c.SettledBy != "" {
		shown.SettledBy = PersonRef{ID: c.SettledBy, Name: c.Settler}
	}
	if c.State != store.ChangeOpen {
		return shown, nil
	}
	var err error
	shown.Effects, err = s.effects(ctx, c.Amendment)
	return shown, err
}

// amendmentSays says what an amendment does. Units are called as they are now.
func (s *Server) amendmentSays(a rulebook.Amendment) string {
	args := map[string]any{"name": a.Name, "unit": a.Was, "parent": organise("nothing", nil)}
	if a.Parent != "" {
		args["parent"] = s.words.unit(a.Parent)
	}
	if a.Kind == rulebook.UnitAdded {
		args["kind"] = message.Text("view.level."+a.UnitKind, nil)
	}
	return organise("says."+string(a.Kind), args)
}

// effects says what follows of an amendment.
func (s *Server) effects(ctx context.Context, a rulebook.Amendment) ([]string, error) {
	var posts []string
	for _, p := range a.Posts {
		posts = append(posts, p.Title)
	}
	args := map[string]any{"posts": strings.Join(posts, message.Text("events.and", nil))}
	switch a.Kind {
	case rulebook.UnitAdded:
		return []string{organise("effect.posts", args), organise("effect.vacant", nil), organise("effect.named", nil)}, nil
	case rulebook.UnitRenamed:
		said := []string{organise("effect.renamed", nil)}
		if len(posts) > 0 {
			said = append(said, organise("effect.titles", args))
		}
		return said, nil
	case rulebook.UnitMoved:
		return []string{organise("effect.moved", nil)}, nil
	}
	used, err := s.store.UnitUses(ctx, a.Unit, s.now())
	if err != nil {
		return nil, err
	}
	held := cmp.Or(strings.Join(used.Held, message.Text("events.and", nil)), message.Text("events.nobody", nil))
	return []string{organise("effect.ended", nil), organise("effect.waiting", map[string]any{"waiting": used.Waiting, "matters": used.Matters}),
		organise("effect.held", map[string]any{"held": held})}, nil
}
