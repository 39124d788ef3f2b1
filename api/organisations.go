package api

import (
	"context"

	"duban/internal/store"
)

// ListOrganisations lists them all: they are public within the system.
func (s *Server) ListOrganisations(ctx context.Context, _ ListOrganisationsRequestObject) (ListOrganisationsResponseObject, error) {
	found, err := s.store.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	items := []Organisation{}
	for _, o := range found {
		items = append(items, Organisation{ID: o.Key, Title: o.Title})
	}
	return ListOrganisations200JSONResponse{Items: items}, nil
}

// ListUnits lists an organisation's units.
func (s *Server) ListUnits(ctx context.Context, r ListUnitsRequestObject) (ListUnitsResponseObject, error) {
	found, err := s.store.Units(ctx, r.Organisation)
	if err != nil {
		return nil, err
	}
	library, items := s.library(), []Unit{}
	for _, u := range found {
		known, _ := library.Unit(u.ID)
		items = append(items, Unit{ID: u.ID, Name: u.Name, Kind: u.Kind, Parent: u.Parent, Oversees: u.Oversees, Ended: u.Ended, Head: known.Head})
	}
	return ListUnits200JSONResponse{Items: items}, nil
}

// ListPosts lists an organisation's posts with who holds them.
func (s *Server) ListPosts(ctx context.Context, r ListPostsRequestObject) (ListPostsResponseObject, error) {
	if _, err := s.store.Units(ctx, r.Organisation); err != nil {
		return nil, err
	}
	found, err := s.store.Posts(ctx, r.Organisation, r.Params.Unit, s.now())
	if err != nil {
		return nil, err
	}
	items := []PostRef{}
	for _, p := range found {
		items = append(items, PostRef{Post: string(p.Post), Title: p.Title,
			Unit: p.Unit, UnitName: p.UnitName, Holders: persons(p.Holders)})
	}
	return ListPosts200JSONResponse{Items: items}, nil
}

func persons(holders []store.Holder) []PersonRef {
	refs := []PersonRef{}
	for _, h := range holders {
		refs = append(refs, PersonRef{ID: h.Person, Name: h.Name})
	}
	return refs
}

// units names units.
func (s *Server) units(ids []string) []UnitRef {
	refs := []UnitRef{}
	for _, id := range ids {
		refs = append(refs, UnitRef{ID: id, Name: s.words.unit(id)})
	}
	return refs
}
