package api

import (
	"context"
	"strings"

	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/store"
)

// ListAudit lists log-ins and administrators' changes, newest first.
func (s *Server) ListAudit(ctx context.Context, r ListAuditRequestObject) (ListAuditResponseObject, error) {
	if err := require(identity.MayReadAudit(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	before, err := readCursor(r.Params.Cursor, func(id int64) bool { return id > 0 })
	if err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	filter := store.AuditFilter{Person: r.Params.Person, Action: r.Params.Action, From: r.Params.From, To: r.Params.To}
	found, err := s.store.AuditTrail(ctx, filter, orEmpty(before), size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, func(e store.AuditEntry) int64 { return e.ID })
	if err != nil {
		return nil, err
	}
	items := []AuditEntry{}
	for _, e := range found {
		shown := AuditEntry{ID: e.ID, At: e.At, Action: e.Action, ActionTitle: message.Text("audit."+e.Action, nil), Object: e.Object,
			Outcome: e.Outcome, OutcomeTitle: outcomeTitle(e.Outcome), Address: e.Address}
		if e.Person != "" {
			shown.Person = PersonRef{ID: e.Person, Name: e.Name}
		}
		if e.To != "" {
			shown.Object = e.To
		}
		if reason, ok := e.Details["reason"].(string); ok {
			shown.Reason = reason
		}
		items = append(items, shown)
	}
	return ListAudit200JSONResponse{Items: items, Next: next}, nil
}

// outcomeTitle says what became of it: a refusal in its own words, unless these need what was not put down.
func outcomeTitle(outcome string) string {
	if outcome == "done" {
		return message.Text("audit.done", nil)
	}
	if why := message.Text("errors."+outcome, nil); message.Has("errors."+outcome) && !strings.Contains(why, "{") {
		return message.Text("audit.refused-because", map[string]any{"why": why})
	}
	return message.Text("audit.refused", nil)
}
