package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// LogIn opens a session.
func (s *Server) LogIn(ctx context.Context, r LogInRequestObject) (LogInResponseObject, error) {
	from, now := callerOf(ctx), s.now()
	if !s.logIns.allow(from.address) {
		return nil, &fault{code: "too-many-attempts", args: map[string]any{"seconds": 1}, after: time.Second}
	}
	token, session, err := s.store.LogIn(ctx, s.Hasher, s.Profile,
		store.Credentials{Login: r.Body.Login, Password: r.Body.Password, Address: from.address, Agent: from.agent}, now)
	if err != nil {
		err = locked(err, now)
		if p, _ := s.problem(err); p.Status < http.StatusInternalServerError {
			s.audit(ctx, from, "logIn", "", p.Code, nil)
		}
		return nil, err
	}
	bearer, err := s.store.Session(ctx, token, now)
	if err != nil {
		return nil, err
	}
	from.Bearer = bearer
	s.audit(ctx, from, "logIn", "", "done", nil)
	me, err := s.me(ctx, from)
	if err != nil {
		return nil, err
	}
	return LogIn201JSONResponse{Body: me, Headers: LogIn201ResponseHeaders{SetCookie: s.cookie(token, session.Absolute.Sub(now)).String()}}, nil
}

// locked says how long to wait before the next attempt.
func locked(err error, now time.Time) error {
	var lock *identity.Locked
	if !errors.As(err, &lock) {
		return err
	}
	after := max(lock.Until.Sub(now).Round(time.Second), time.Second)
	return &fault{code: "too-many-attempts", args: map[string]any{"seconds": int(after.Seconds())}, after: after}
}

// ListSessions lists the caller's own.
func (s *Server) ListSessions(ctx context.Context, _ ListSessionsRequestObject) (ListSessionsResponseObject, error) {
	who := callerOf(ctx)
	sessions, err := s.store.Sessions(ctx, who.Person, s.now())
	if err != nil {
		return nil, err
	}
	return ListSessions200JSONResponse{Items: shownSessions(sessions, who.Session.ID)}, nil
}

func shownSessions(sessions []store.Session, current string) []Session {
	items := []Session{}
	for _, each := range sessions {
		items = append(items, Session{ID: each.ID, Current: each.ID == current, Created: each.Created, LastSeen: each.LastSeen,
			Expires: each.Expires, Address: each.Address, Agent: each.Agent})
	}
	return items
}

// LogOut ends the session it comes in.
func (s *Server) LogOut(ctx context.Context, _ LogOutRequestObject) (LogOutResponseObject, error) {
	who := callerOf(ctx)
	if err := s.store.EndSession(ctx, who.Person, who.Session.ID, s.now()); err != nil && !isNotFound(err) {
		return nil, err
	}
	return LogOut204Response{Headers: LogOut204ResponseHeaders{SetCookie: s.cookie("", 0).String()}}, nil
}

// EndSession ends another of the caller's own.
func (s *Server) EndSession(ctx context.Context, r EndSessionRequestObject) (EndSessionResponseObject, error) {
	if err := s.store.EndSession(ctx, callerOf(ctx).Person, r.Session, s.now()); err != nil {
		return nil, err
	}
	return EndSession204Response{}, nil
}

// Activate sets a password by a one-time link.
func (s *Server) Activate(ctx context.Context, r ActivateRequestObject) (ActivateResponseObject, error) {
	if err := s.store.Activate(ctx, s.Hasher, s.Profile, r.Body.Token, r.Body.Password, s.now()); err != nil {
		return nil, err
	}
	return Activate204Response{}, nil
}

// ChangePassword changes the caller's own.
func (s *Server) ChangePassword(ctx context.Context, r ChangePasswordRequestObject) (ChangePasswordResponseObject, error) {
	who, now := callerOf(ctx), s.now()
	err := s.store.ChangePassword(ctx, s.Hasher, s.Profile, store.PasswordChange{Person: who.Person, Session: who.Session.ID,
		Address: who.address, Current: r.Body.Current, Password: r.Body.Password}, now)
	if err != nil {
		return nil, locked(err, now)
	}
	return ChangePassword204Response{}, nil
}

// GetMe is who the caller is and what waits.
func (s *Server) GetMe(ctx context.Context, _ GetMeRequestObject) (GetMeResponseObject, error) {
	me, err := s.me(ctx, callerOf(ctx))
	return GetMe200JSONResponse(me), err
}

func (s *Server) me(ctx context.Context, who caller) (Me, error) {
	now := s.now()
	held, err := s.store.PostsOf(ctx, who.Person, now)
	if err != nil {
		return Me{}, err
	}
	counts, err := s.counts(ctx, who.Posts)
	if err != nil {
		return Me{}, err
	}
	unread, err := s.store.Unread(ctx, who.Person)
	if err != nil {
		return Me{}, err
	}
	me := Me{Person: PersonRef{ID: who.Person, Name: who.Name}, Login: who.Login, Posts: []MyPost{}, Roles: roles(who.Actor), Counts: counts,
		UnreadNotifications: unread, Session: Me_Session{Expires: who.Session.Expires}, Demo: s.Demo,
		PasswordExpired: s.Profile.Expired(who.PasswordSet, now)}
	for _, p := range held {
		mine := MyPost{Post: string(p.Post), Title: s.words.post(p.Post), Unit: p.Unit, UnitName: p.UnitName, Organisation: p.Organisation,
			Oversees: p.Oversees, Until: p.Until}
		if p.For != "" {
			mine.DeputyFor = PersonRef{ID: p.For, Name: p.ForName}
		}
		if !slices.ContainsFunc(me.Posts, func(other MyPost) bool { return other.Post == mine.Post }) { // one's own goes before deputised
			me.Posts = append(me.Posts, mine)
		}
	}
	return me, nil
}

func roles(a identity.Actor) []SystemRole {
	roles := []SystemRole{}
	if a.Administrator {
		roles = append(roles, SystemRoleAdministrator)
	}
	if a.Security {
		roles = append(roles, SystemRoleSecurity)
	}
	if a.Auditor {
		roles = append(roles, SystemRoleAuditor)
	}
	return roles
}

// counts is how much waits on posts: by colour, due today, and by what it asks for.
func (s *Server) counts(ctx context.Context, posts []procedure.Post) (AssignmentCounts, error) {
	var c AssignmentCounts
	if len(posts) == 0 {
		return c, nil
	}
	from, to := s.today()
	found, err := s.store.AssignmentCounts(ctx, posts, from, to)
	if err != nil {
		return c, err
	}
	c.Red, c.Amber, c.Green, c.Grey = found.Colour[store.Red], found.Colour[store.Yellow], found.Colour[store.Green], found.Colour[store.None]
	c.Total = c.Red + c.Amber + c.Green + c.Grey
	c.Today, c.Sign, c.Grant, c.Attend = found.Today, found.Duty[procedure.DutySign], found.Duty[procedure.DutyGrant], found.Duty[procedure.DutyAttend]
	return c, nil
}

// today is the civil day: from its first instant until before the next day's.
func (s *Server) today() (from, to time.Time) {
	today := calendar.DateOf(s.now())
	return today.At(0), today.AddDays(1).At(0)
}
