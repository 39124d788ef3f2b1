package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// caller is who asks: a person with a session, and from where. Operations open to everybody have a caller with the
// latter only.
type caller struct {
	store.Bearer
	address       string
	agent         string
	token         string // of the session
	authorization string
}

type callerKey struct{}

// callerOf gives who asks.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// cookieName is the session's: with the prefix, a browser takes it from this host alone and sends it over TLS only.
func (s *Server) cookieName() string {
	if s.secure {
		return "__Host-duban"
	}
	return "duban"
}

// cookie carries the token for so long; none, without a token, takes the cookie away. The term is counted by the
// browser, whose clock may be wrong.
func (s *Server) cookie(token string, lasts time.Duration) *http.Cookie {
	cookie := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(lasts.Seconds())}
	if token == "" {
		cookie.MaxAge = -1
	}
	return cookie
}

// admit finds out who asks and lets in who may ask at all: everybody, where the contract says so, else who is logged in;
// with a password past its age only to change it.
func (s *Server) admit(op *openapi3.Operation) echo.MiddlewareFunc {
	open := op.Security != nil && len(*op.Security) == 0
	expired := op.OperationID == "getMe" || op.OperationID == "changePassword" || op.OperationID == "logOut"
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			who := caller{address: c.RealIP(), agent: r.UserAgent(), authorization: r.Header.Get(echo.HeaderAuthorization)}
			if !open {
				cookie, err := r.Cookie(s.cookieName())
				if err != nil {
					return &fault{code: "not-logged-in"}
				}
				now := s.now()
				who.token = cookie.Value
				who.Bearer, err = s.store.Session(r.Context(), cookie.Value, now)
				if errors.Is(err, store.ErrNotFound) {
					return &fault{code: "session-expired"}
				}
				if err != nil {
					return err
				}
				if !expired && s.Profile.Expired(who.PasswordSet, now) {
					return &fault{code: "password-expired"}
				}
			}
			c.SetRequest(r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
			return next(c)
		}
	}
}

// require turns a decision of the policy into an answer.
func require(d identity.Decision) error {
	if d.Allowed {
		return nil
	}
	return &fault{code: d.Code}
}

// sees reads a matter the caller may see.
func (s *Server) sees(ctx context.Context, who caller, matter string) (store.MatterRow, error) {
	if !isUUID(matter) {
		return store.MatterRow{}, store.ErrNotFound
	}
	return s.store.Matter(ctx, matter, who.sight())
}

// holders gives who may act for each of the posts now.
func (s *Server) holders(ctx context.Context, posts []procedure.Post) (map[procedure.Post][]PersonRef, error) {
	refs := map[procedure.Post][]PersonRef{}
	if len(posts) == 0 {
		return refs, nil
	}
	found, err := s.store.HoldersOf(ctx, posts, s.now())
	if err != nil {
		return nil, err
	}
	for post, holders := range found {
		for _, h := range holders {
			refs[post] = append(refs[post], PersonRef{ID: h.Person, Name: h.Name})
		}
	}
	return refs, nil
}

func isUUID(id string) bool { return uuid.Validate(id) == nil && len(id) == 36 }

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }
