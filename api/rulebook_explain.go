package api

import (
	"context"

	"duban/internal/store"
)

// DiffRulebook is waiting.
func (s *Server) DiffRulebook(_ context.Context, r DiffRulebookRequestObject) (DiffRulebookResponseObject, error) {
	return nil, store.ErrNotFound
}

// ExplainProcedure is waiting.
func (s *Server) ExplainProcedure(_ context.Context, r ExplainProcedureRequestObject) (ExplainProcedureResponseObject, error) {
	return nil, store.ErrNotFound
}
