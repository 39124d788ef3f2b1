package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

// fault is what the api itself has to say against a request. Its code has a status in [statuses] and a text in the
// catalogue.
type fault struct {
	code   string
	args   map[string]any
	fields []FieldError
	events []StoryEvent  // changed-meanwhile: what happened
	after  time.Duration // may be tried again then
	cause  error         // what brought it about: for the log, never shown
}

func (f *fault) Error() string {
	if f.cause != nil {
		return f.code + ": " + f.cause.Error()
	}
	return f.code
}

// Unwrap gives what brought it about.
func (f *fault) Unwrap() error { return f.cause }

// within is a refusal by a matter, whose procedure names the fields it speaks of.
type within struct {
	*procedure.Refusal
	p *procedure.Procedure
}

// Unwrap gives the refusal itself.
func (w *within) Unwrap() error { return w.Refusal }

// statuses is the one table of codes and HTTP statuses. A refusal it does not name is a conflict with how the matter
// stands (409), or, where only something is missing from the request, 422.
func statuses(code string) (status int, ok bool) {
	switch code {
	case "bad-request", "invalid-request", "bad-cursor", "idempotency-key-required", "idempotency-key-malformed",
		"attachment-missing":
		status = http.StatusBadRequest
	case "not-logged-in", "session-expired", "wrong-credentials":
		status = http.StatusUnauthorized
	case identity.CodeReadOnly, identity.CodeNotOverseer, identity.CodeNotAdministrator,
		identity.CodeNotSecurity, identity.CodeNotAuditor, "not-a-starter", "not-your-turn", "not-the-starter", "not-yours-to-urge", "field-not-yours",
		"advises-only", "claimed-by-other", "cross-origin", "password-expired", "rehearsal-off",
		"system-post-no-deputy", "not-your-ballot":
		status = http.StatusForbidden
	case identity.CodeNotFound, "unknown-rulebook", "unknown-procedure":
		status = http.StatusNotFound
	case "method-not-allowed":
		status = http.StatusMethodNotAllowed
	case "activation-invalid", "activation-expired":
		status = http.StatusGone
	case "changed-meanwhile", "draft-moved":
		status = http.StatusPreconditionFailed
	case "body-too-large", "attachment-too-large":
		status = http.StatusRequestEntityTooLarge
	case "media-type", "attachment-type", "attachment-disguised", "not-a-sheet":
		status = http.StatusUnsupportedMediaType
	case "key-reused", "bad-form", "bad-title", "unit-required", "unknown-post", "bad-period", "bad-year",
		"deputy-self", "password-characters", "password-short", "password-long", "password-classes", "password-has-login",
		"password-common", "password-used", "password-wrong", "attachment-empty", "attachment-bomb", "attachment-unknown",
		"ballot-too-few", "ballot-too-many", "ballot-twice", "ballot-unknown-choice", "ballot-own-choice", "ballot-not-on-roll",
		"stage-not-offered", "action-unknown", "classified", "rulebook-invalid", "rulebook-unchanged", "change-unknown", "change-elsewhere", "export-too-large", "not-importable", "sheet-empty", "sheet-too-long":
		status = http.StatusUnprocessableEntity
	case "too-many-attempts":
		status = http.StatusTooManyRequests
	case "disk-full":
		status = http.StatusInsufficientStorage
	case "internal":
		status = http.StatusInternalServerError
	case "voter-key", "database-unavailable", "workflow-unavailable", "too-slow", "stopping", "document-unavailable":
		status = http.StatusServiceUnavailable
	default:
		return http.StatusConflict, false
	}
	return status, true
}

// Retry-After where the other side says nothing better.
const retryAfter = 5 * time.Second

// problem says what an error means to the person who asked, and reports whether it is one nobody expected.
func (s *Server) problem(err error) (p Problem, unexpected bool) {
	var (
		own     *fault
		matter  *within
		refusal *procedure.Refusal
		invalid *openapi3filter.RequestError
		large   *http.MaxBytesError
		routing *echo.HTTPError
	)
	switch {
	case errors.As(err, &own):
		p = s.say(own.code, own.args)
		p.Errors, p.Events = own.fields, own.events
		p.RetryAfter = int(own.after.Seconds())
	case errors.As(err, &matter):
		p = s.refused(matter.Refusal)
		p.Title = message.Text("errors."+matter.Code, s.words.args(titled(matter.p, matter.Args)))
	case errors.As(err, &refusal):
		p = s.refused(refusal)
	case errors.Is(err, store.ErrNotFound):
		p = s.say("not-found", nil)
	case errors.Is(err, store.ErrKeyReused):
		p = s.say("key-reused", nil)
	case errors.Is(err, store.ErrVoterKey):
		p = s.say("voter-key", nil)
	case errors.Is(err, store.ErrFull):
		p = s.say("disk-full", nil)
	case errors.Is(err, store.ErrUnavailable):
		p = s.say("database-unavailable", nil)
	case errors.Is(err, engine.ErrBusy):
		p = s.say("workflow-unavailable", nil)
	case errors.Is(err, engine.ErrGone):
		p = s.say("not-found", nil)
	case errors.As(err, &large):
		p = s.say("body-too-large", nil)
	case errors.As(err, &invalid):
		p = s.say("invalid-request", nil)
		p.Errors = fieldErrors(invalid)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p = s.say("too-slow", nil)
	case errors.As(err, &routing):
		p = s.say(routingCode(routing.Code), nil)
		unexpected = routing.Code >= http.StatusInternalServerError
	default:
		p = s.say("internal", nil)
		unexpected = true
	}
	if (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusInsufficientStorage) && p.RetryAfter == 0 {
		p.RetryAfter = int(retryAfter.Seconds())
	}
	return p, unexpected
}

func routingCode(status int) string {
	switch {
	case status == http.StatusNotFound:
		return "not-found"
	case status == http.StatusMethodNotAllowed:
		return "method-not-allowed"
	case status == http.StatusUnsupportedMediaType:
		return "media-type"
	case status == http.StatusRequestEntityTooLarge:
		return "body-too-large"
	case status < http.StatusInternalServerError:
		return "bad-request"
	}
	return "internal"
}

// say fills a problem from the table and the catalogue.
func (s *Server) say(code string, args map[string]any) Problem {
	status, _ := statuses(code)
	return Problem{Type: "urn:duban:" + code, Code: code, Status: status, Title: message.Text("errors."+code, args)}
}

// refused says a refusal of the machine or the rulebook.
func (s *Server) refused(r *procedure.Refusal) Problem {
	p := s.say(r.Code, s.words.args(r.Args))
	if _, named := statuses(r.Code); !named && r.Input {
		p.Status = http.StatusUnprocessableEntity
	}
	p.Source, p.SourceTitle, p.SetBy = r.Source, s.words.article("", r.Source), r.SetBy
	p.Errors = refusalFields(r)
	return p
}

// refusal is the same, where it is part of an answer.
func (s *Server) refusal(rulebook string, r *procedure.Refusal) Refusal {
	if r == nil {
		return Refusal{}
	}
	return Refusal{Code: r.Code, Message: message.Text("errors."+r.Code, s.words.args(r.Args)),
		Source: r.Source, SourceTitle: s.words.article(rulebook, r.Source), SetBy: r.SetBy}
}

// refusalFields finds the form fields a refusal speaks of. Its arguments may come as they were made or through JSON.
func refusalFields(r *procedure.Refusal) []FieldError {
	data, err := json.Marshal(r.Args["fields"])
	if err != nil {
		return nil
	}
	var names []string
	if json.Unmarshal(data, &names) == nil {
		var fields []FieldError
		for _, name := range names {
			fields = append(fields, FieldError{Field: name, Message: message.Text("errors.field-missing", nil)})
		}
		return fields
	}
	var faults []struct{ Field, Code, Path string }
	if json.Unmarshal(data, &faults) != nil {
		return nil
	}
	var fields []FieldError
	for _, f := range faults {
		name := f.Field
		if f.Path != "" && f.Code != "no-such-unit" {
			name += "." + f.Path
		}
		fields = append(fields, FieldError{Field: name, Message: message.Text("errors.field-"+f.Code, nil)})
	}
	return fields
}

// logged says whether the log keeps why a request failed, which the answer does not tell: what nobody expected, what is ours
// to mend, and what something else said against a file or a text.
func logged(err error, status int, unexpected bool) (level slog.Level, worth bool) {
	var own *fault
	switch {
	case unexpected:
		return slog.LevelError, true
	case errors.Is(err, context.Canceled): // who asked has left
		return slog.LevelDebug, false
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn, true
	}
	return slog.LevelInfo, errors.As(err, &own) && own.cause != nil
}

// fail answers a request with a problem. It is echo's error handler.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && away(c.Request().Context()) {
		err = store.ErrUnavailable
	}
	p, unexpected := s.problem(err)
	p.TraceID = c.Response().Header().Get(echo.HeaderXRequestID)
	if level, worth := logged(err, p.Status, unexpected); worth {
		s.log.Log(c.Request().Context(), level, "A request failed", slog.String("trace", p.TraceID),
			slog.String("route", c.Path()), slog.String("code", p.Code), slog.Any("error", err))
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/problem+json")
	header.Set(echo.HeaderCacheControl, "no-store")
	if p.RetryAfter > 0 {
		header.Set(echo.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
	}
	c.Response().WriteHeader(p.Status)
	if c.Request().Method == http.MethodHead {
		return
	}
	if err := json.NewEncoder(c.Response()).Encode(p); err != nil {
		s.log.DebugContext(c.Request().Context(), "An answer was not taken", slog.Any("error", err))
	}
}
