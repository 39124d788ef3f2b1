package api

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"duban/internal/store"
)

// Under these names the store keeps what a person chose for the list of matters.
const (
	savedPage    = "matters"
	columnChoice = "matter-columns"
)

// GetColumns gives the columns the caller chose.
func (s *Server) GetColumns(ctx context.Context, _ GetColumnsRequestObject) (GetColumnsResponseObject, error) {
	value, err := s.store.Preference(ctx, callerOf(ctx).Person, columnChoice)
	if err != nil {
		return nil, err
	}
	chosen := Columns{Columns: []MatterColumn{}}
	if value != nil {
		err = json.Unmarshal(value, &chosen.Columns)
	}
	return GetColumns200JSONResponse(chosen), err
}

// PutColumns keeps the columns the caller chose.
func (s *Server) PutColumns(ctx context.Context, r PutColumnsRequestObject) (PutColumnsResponseObject, error) {
	value, err := json.Marshal(r.Body.Columns)
	if err != nil {
		return nil, err
	}
	return PutColumns200JSONResponse(*r.Body), s.store.PutPreference(ctx, callerOf(ctx).Person, columnChoice, value)
}

// ListFilters lists the filters the caller keeps.
func (s *Server) ListFilters(ctx context.Context, _ ListFiltersRequestObject) (ListFiltersResponseObject, error) {
	found, err := s.store.SavedFilters(ctx, callerOf(ctx).Person, savedPage)
	items := []SavedFilter{}
	for _, f := range found {
		items = append(items, SavedFilter{ID: f.ID, Name: f.Name, Query: f.Query})
	}
	return ListFilters200JSONResponse{Items: items}, err
}

// SaveFilter keeps a filter.
func (s *Server) SaveFilter(ctx context.Context, r SaveFilterRequestObject) (SaveFilterResponseObject, error) {
	f, err := newFilter(r.Body)
	if err != nil {
		return nil, err
	}
	if f.ID, err = s.store.SaveFilter(ctx, callerOf(ctx).Person, savedPage, f); err != nil {
		return nil, filterFault(err)
	}
	return SaveFilter201JSONResponse{ID: f.ID, Name: f.Name, Query: f.Query}, nil
}

// ChangeFilter renames a filter or replaces what it asks for.
func (s *Server) ChangeFilter(ctx context.Context, r ChangeFilterRequestObject) (ChangeFilterResponseObject, error) {
	f, err := newFilter(r.Body)
	if err != nil {
		return nil, err
	}
	f.ID = r.Filter
	if err := s.store.ChangeFilter(ctx, callerOf(ctx).Person, f); err != nil {
		return nil, filterFault(err)
	}
	return ChangeFilter200JSONResponse{ID: f.ID, Name: f.Name, Query: f.Query}, nil
}

// DropFilter forgets a filter.
func (s *Server) DropFilter(ctx context.Context, r DropFilterRequestObject) (DropFilterResponseObject, error) {
	return DropFilter204Response{}, s.store.DropFilter(ctx, callerOf(ctx).Person, r.Filter)
}

func newFilter(body *NewFilter) (store.SavedFilter, error) {
	f := store.SavedFilter{Name: strings.TrimSpace(body.Name), Query: body.Query}
	if f.Name == "" {
		return f, &fault{code: "invalid-request", fields: []FieldError{{Field: "name", Message: fieldText("required")}}}
	}
	return f, nil
}

func filterFault(err error) error {
	switch {
	case errors.Is(err, store.ErrNameTaken):
		return &fault{code: "filter-name-taken"}
	case errors.Is(err, store.ErrTooMany):
		return &fault{code: "too-many-filters"}
	}
	return err
}
