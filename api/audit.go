package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"duban/internal/store"
)

// audited reports whether an operation is put down in the audit: what is done to accounts, posts and the calendar. What is
// done to matters is in their own record, and a log-in puts itself down, for who it was is only known then.
func audited(op *openapi3.Operation) bool {
	switch op.OperationID {
	case "logOut", "endSession", "activate", "changePassword", "createActivation", "tryMail", "createExport", "checkImport", "repairMatter":
		return true
	}
	return announced(op)
}

// announced reports whether an operation changes what others' pages show beside matters: people, posts, units, the calendar.
func announced(op *openapi3.Operation) bool {
	switch op.OperationID {
	case "createPerson", "updatePerson", "setPersonActive", "endPersonSession", "createHolding", "endHolding", "createDeputy", "endDeputy",
		"depart", "putCalendarYear", "proposeOrganisationChange", "decideOrganisationChange":
		return true
	}
	return false
}

// auditing puts down what became of an operation. What failed without an outcome is in the log instead.
func (s *Server) auditing(op *openapi3.Operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			details := map[string]any{}
			c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), detailsKey{}, details)))
			err := next(c)
			outcome := "done"
			if err != nil {
				p, _ := s.problem(err)
				if p.Status >= http.StatusInternalServerError {
					return err
				}
				outcome = p.Code
			}
			ctx := c.Request().Context()
			s.audit(ctx, callerOf(ctx), op.OperationID, strings.Join(c.ParamValues(), "/"), outcome, details)
			if err == nil && announced(op) {
				s.announce(ctx)
			}
			return err
		}
	}
}

// announce tells everybody's pages that an administrator changed something. Unheard, it is seen when a page is opened anew.
func (s *Server) announce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerMost)
	defer cancel()
	if err := s.store.AnnounceOffice(ctx); err != nil {
		s.log.WarnContext(ctx, "An administrator's change was not announced", slog.Any("error", err))
	}
}

type detailsKey struct{}

// explain adds to the audit entry of the request under way.
func explain(ctx context.Context, name string, value any) {
	if details, ok := ctx.Value(detailsKey{}).(map[string]any); ok {
		details[name] = value
	}
}

// audit puts down what somebody did. The act itself has happened: it is not undone for want of the entry, which is logged
// instead.
func (s *Server) audit(ctx context.Context, who caller, action, object, outcome string, details map[string]any) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerMost)
	defer cancel()
	err := s.store.Audit(ctx, store.AuditEntry{Person: who.Person, Action: action, Object: object, Outcome: outcome, Address: who.address,
		Details: details})
	if err != nil {
		s.log.ErrorContext(ctx, "An audit entry was not kept", slog.String("action", action), slog.String("object", object),
			slog.String("outcome", outcome), slog.Any("error", err))
	}
}
