package api

import (
	"context"
	"net/url"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// ListPeople lists people by login, for administrators.
func (s *Server) ListPeople(ctx context.Context, r ListPeopleRequestObject) (ListPeopleResponseObject, error) {
	if err := require(identity.MayListPersons(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	after, err := readCursor(r.Params.Cursor, anyText)
	if err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	found, err := s.store.Persons(ctx, r.Params.Text, orEmpty(after), size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, func(p store.Person) string { return p.Login })
	if err != nil {
		return nil, err
	}
	items := []Person{}
	for _, p := range found {
		items = append(items, s.person(p))
	}
	return ListPeople200JSONResponse{Items: items, Next: next}, nil
}

// GetPerson gives one person.
func (s *Server) GetPerson(ctx context.Context, r GetPersonRequestObject) (GetPersonResponseObject, error) {
	if err := require(identity.MayReadPersonalData(callerOf(ctx).Actor, r.Person)); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return GetPerson200JSONResponse(s.person(p)), err
}

// CreatePerson enters a person.
func (s *Server) CreatePerson(ctx context.Context, r CreatePersonRequestObject) (CreatePersonResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	link, err := s.store.CreatePerson(ctx, store.NewPerson{Login: r.Body.Login, Name: r.Body.Name, Email: r.Body.Email}, who.Person, s.now())
	if err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, link.Person)
	return CreatePerson201JSONResponse{Person: s.person(p), Activation: activation(link)}, err
}

// SetPersonActive bars a person or lets the person in again.
func (s *Server) SetPersonActive(ctx context.Context, r SetPersonActiveRequestObject) (SetPersonActiveResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	if err := s.store.SetDisabled(ctx, r.Person, !r.Body.Active, who.Person, s.now()); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return SetPersonActive200JSONResponse(s.person(p)), err
}

// CreateActivation gives a person a new link.
func (s *Server) CreateActivation(ctx context.Context, r CreateActivationRequestObject) (CreateActivationResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	link, err := s.store.CreateActivation(ctx, r.Person, who.Person, s.now())
	return CreateActivation201JSONResponse(activation(link)), err
}

// activation shows a link. The token is in the fragment, which no server or log sees.
func activation(a store.Activation) ActivationLink {
	return ActivationLink{Token: a.Token, Path: ActivationPath(a.Token), Expires: a.Expires}
}

// CreateHolding gives a person a post.
func (s *Server) CreateHolding(ctx context.Context, r CreateHoldingRequestObject) (CreateHoldingResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayAssignPosts(who.Actor)); err != nil {
		return nil, err
	}
	_, err := s.store.Assign(ctx, store.NewHolding{Person: r.Person, Post: procedure.Post(r.Body.Post), From: r.Body.From, To: r.Body.To},
		who.Person, s.now())
	if err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return CreateHolding201JSONResponse(s.person(p)), err
}

// EndHolding ends a holding.
func (s *Server) EndHolding(ctx context.Context, r EndHoldingRequestObject) (EndHoldingResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayAssignPosts(who.Actor)); err != nil {
		return nil, err
	}
	if err := s.store.EndHolding(ctx, r.Person, r.Holding, who.Person, s.now()); err != nil {
		return nil, err
	}
	return EndHolding204Response{}, nil
}

// CreateDeputy lets another act for a person in a post.
func (s *Server) CreateDeputy(ctx context.Context, r CreateDeputyRequestObject) (CreateDeputyResponseObject, error) {
	who, post := callerOf(ctx), procedure.Post(r.Body.Post)
	if err := require(identity.MaySetDeputy(who.Actor, r.Person, post)); err != nil {
		return nil, err
	}
	_, err := s.store.SetDeputy(ctx, store.NewDeputy{Person: r.Body.Deputy, For: r.Person, Post: post, From: r.Body.From, To: r.Body.To,
		Reason: r.Body.Reason}, who.Person, s.now())
	if err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return CreateDeputy201JSONResponse(s.person(p)), err
}

// EndDeputy ends a deputy's time.
func (s *Server) EndDeputy(ctx context.Context, r EndDeputyRequestObject) (EndDeputyResponseObject, error) {
	who := callerOf(ctx)
	if who.Person != r.Person {
		if err := require(identity.MayAssignPosts(who.Actor)); err != nil {
			return nil, err
		}
	}
	if err := s.store.EndDeputy(ctx, r.Person, r.Deputy, who.Person, s.now()); err != nil {
		return nil, err
	}
	return EndDeputy204Response{}, nil
}

func (s *Server) person(p store.Person) Person {
	shown := Person{ID: p.ID, Login: p.Login, Name: p.Name, Email: p.Email, Active: p.Active(), Roles: []SystemRole{},
		Holdings: []Holding{}, Deputies: []Deputy{}}
	var posts []procedure.Post
	for _, h := range p.Holdings {
		shown.Holdings = append(shown.Holdings, Holding{ID: h.ID, Post: string(h.Post), Title: h.Title, From: h.From, To: h.To})
		if h.At(s.now()) {
			posts = append(posts, h.Post)
		}
	}
	actor := identity.NewActor(procedure.Actor{Person: p.ID, Posts: posts}, func(string) (string, bool) { return "", false })
	shown.Roles = roles(actor)
	for _, d := range p.Deputies {
		shown.Deputies = append(shown.Deputies, Deputy{ID: d.ID, Post: string(d.Post), Title: d.Title,
			Deputy: PersonRef{ID: d.Person, Name: d.Name}, Reason: d.Reason, From: d.From, To: d.To})
	}
	return shown
}

// ActivationPath is the page on which a person sets a password by a one-time link. The token stands behind the number sign,
// so that no server's log has it.
func ActivationPath(token string) string { return "/activate#" + url.QueryEscape(token) }
