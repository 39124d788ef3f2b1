package api

import (
	"context"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// UpdatePerson corrects a person's name and mail address.
func (s *Server) UpdatePerson(ctx context.Context, r UpdatePersonRequestObject) (UpdatePersonResponseObject, error) {
	if err := require(identity.MayManagePersons(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	if err := s.store.UpdatePerson(ctx, r.Person, r.Body.Name, r.Body.Email); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return UpdatePerson200JSONResponse(s.person(p)), err
}

// ListPersonSessions lists a person's sessions.
func (s *Server) ListPersonSessions(ctx context.Context, r ListPersonSessionsRequestObject) (ListPersonSessionsResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayReadSessions(who.Actor, r.Person)); err != nil {
		return nil, err
	}
	sessions, err := s.store.Sessions(ctx, r.Person, s.now())
	return ListPersonSessions200JSONResponse{Items: shownSessions(sessions, who.Session.ID)}, err
}

// EndPersonSession ends a person's session.
func (s *Server) EndPersonSession(ctx context.Context, r EndPersonSessionRequestObject) (EndPersonSessionResponseObject, error) {
	if err := require(identity.MayReadSessions(callerOf(ctx).Actor, r.Person)); err != nil {
		return nil, err
	}
	if err := s.store.EndSession(ctx, r.Person, r.Session, s.now()); err != nil {
		return nil, err
	}
	return EndPersonSession204Response{}, nil
}

// PreviewDeparture says what a person would leave behind.
func (s *Server) PreviewDeparture(ctx context.Context, r PreviewDepartureRequestObject) (PreviewDepartureResponseObject, error) {
	if err := require(identity.MayAssignPosts(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	if err != nil {
		return nil, err
	}
	left, err := s.store.Departure(ctx, r.Person, s.now())
	if err != nil {
		return nil, err
	}
	shown := Departure{Person: PersonRef{ID: p.ID, Name: p.Name}, Posts: []LeftPost{}, Deputies: []LeftDeputy{}}
	for _, post := range left.Posts {
		shown.Posts = append(shown.Posts, LeftPost{Post: string(post.Post), Title: post.Title, Waiting: post.Waiting, Overdue: post.Overdue,
			Claimed: post.Claimed, Others: persons(post.Others)})
	}
	for _, d := range left.Deputies {
		shown.Deputies = append(shown.Deputies, LeftDeputy{Title: d.Title, Deputy: PersonRef{ID: d.Person, Name: d.Name},
			For: PersonRef{ID: d.For, Name: d.ForName}, To: d.To})
	}
	return PreviewDeparture200JSONResponse(shown), nil
}

// Depart ends a person's posts and hands them on.
func (s *Server) Depart(ctx context.Context, r DepartRequestObject) (DepartResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayAssignPosts(who.Actor)); err != nil {
		return nil, err
	}
	explain(ctx, "reason", r.Body.Reason)
	explain(ctx, "successors", r.Body.Successors)
	successors := map[procedure.Post]string{}
	for post, person := range r.Body.Successors {
		successors[procedure.Post(post)] = person
	}
	if err := s.store.Depart(ctx, r.Person, successors, who.Person, s.now()); err != nil {
		return nil, err
	}
	p, err := s.store.Person(ctx, r.Person)
	return Depart200JSONResponse(s.person(p)), err
}
