package api

import (
	"bytes"
	"context"
	"mime"
	"slices"
	"strings"

	"duban/internal/calendar"
	"duban/internal/document"
	"duban/internal/store"
)

// ListSlips lists slips of matters the caller may see.
func (s *Server) ListSlips(ctx context.Context, r ListSlipsRequestObject) (ListSlipsResponseObject, error) {
	who, p := callerOf(ctx), r.Params
	after, err := readCursor(p.Cursor, func(c store.SlipCursor) bool { return isUUID(c.Matter) })
	if err != nil {
		return nil, err
	}
	filter := store.SlipFilter{Matter: p.Matter, Unit: p.Unit, Kind: p.Kind, Year: p.Year, Unsigned: p.Unsigned, Sight: who.sight()}
	if p.Mine {
		if len(who.Posts) == 0 {
			return ListSlips200JSONResponse{Items: []SlipSummary{}}, nil
		}
		filter.Posts = who.Posts
	}
	size := pageSize(p.Limit)
	found, err := s.store.Slips(ctx, filter, after, size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, store.SlipItem.Cursor)
	if err != nil {
		return nil, err
	}
	items := []SlipSummary{}
	for _, item := range found {
		items = append(items, s.slipSummary(item))
	}
	return ListSlips200JSONResponse{Items: items, Next: next}, nil
}

func (s *Server) slipSummary(item store.SlipItem) SlipSummary {
	summary := SlipSummary{ID: slipID(item.Matter, item.ID), Slip: item.ID, Matter: item.Matter, MatterTitle: item.MatterTitle,
		Kind: item.Kind, KindTitle: item.Title, Number: item.Number(), Title: slipTitle(item), Unit: item.Unit,
		UnitName: s.words.unit(item.Unit), At: item.Issued, Due: item.Due, Addressees: len(item.To)}
	for _, receipt := range item.Receipts {
		if !receipt.Signed.IsZero() {
			summary.Signed++
		}
	}
	return summary
}

// slipTitle is the document's title (标题): its subject and its kind.
func slipTitle(item store.SlipItem) string {
	return say("slip.title", map[string]any{"title": item.MatterTitle, "kind": item.Title})
}

// slip finds a slip the caller may see.
func (s *Server) slip(ctx context.Context, who caller, id string) (store.SlipItem, error) {
	matter, number, ok := parseSlipID(id)
	if !ok {
		return store.SlipItem{}, store.ErrNotFound
	}
	return s.store.Slip(ctx, matter, number, who.sight())
}

// GetSlip gives one slip with its receipts.
func (s *Server) GetSlip(ctx context.Context, r GetSlipRequestObject) (GetSlipResponseObject, error) {
	item, err := s.slip(ctx, callerOf(ctx), r.Slip)
	if err != nil {
		return nil, err
	}
	holders, err := s.holders(ctx, item.To)
	if err != nil {
		return nil, err
	}
	slip := Slip{Summary: s.slipSummary(item), Body: item.Body, Source: item.Source, SourceTitle: s.words.article("", item.Source),
		Receipts: []Slip_Receipts{}}
	for _, receipt := range item.Receipts {
		p := receipt.Post
		slip.Receipts = append(slip.Receipts, Slip_Receipts{SignedAt: receipt.Signed, Post: PostRef{Post: string(p), Title: s.words.post(p),
			Unit: p.Unit(), UnitName: s.words.unit(p.Unit()), Holders: list(holders[p])}})
	}
	return GetSlip200JSONResponse(slip), nil
}

// GetSlipDocument draws a slip.
func (s *Server) GetSlipDocument(ctx context.Context, r GetSlipDocumentRequestObject) (GetSlipDocumentResponseObject, error) {
	item, err := s.slip(ctx, callerOf(ctx), r.Slip)
	if err != nil {
		return nil, err
	}
	drawn := s.draw(item)
	var out bytes.Buffer
	if r.Params.Format == GetSlipDocumentParamsFormatDocx {
		if err := document.Docx(&out, drawn); err != nil {
			return nil, err
		}
		return GetSlipDocument200ApplicationVndOpenxmlformatsOfficedocumentWordprocessingmlDocumentResponse{Body: &out,
			ContentLength: int64(out.Len()), Headers: GetSlipDocument200ResponseHeaders{ContentDisposition: saved(item.Number() + ".docx")}}, nil
	}
	if s.Fonts == (document.Fonts{}) {
		return nil, &fault{code: "document-unavailable"}
	}
	if err := document.PDF(&out, drawn, s.Fonts); err != nil {
		return nil, &fault{code: "document-unavailable", cause: err}
	}
	return GetSlipDocument200ApplicationPdfResponse{Body: &out, ContentLength: int64(out.Len()),
		Headers: GetSlipDocument200ResponseHeaders{ContentDisposition: saved(item.Number() + ".pdf")}}, nil
}

// draw is what a slip's document shows.
func (s *Server) draw(item store.SlipItem) document.Slip {
	drawn := document.Slip{Issuer: s.words.unit(item.Unit), Kind: item.Title, Number: item.Number(), Title: slipTitle(item),
		Body: strings.Split(item.Body, "\n"), Basis: s.words.article("", item.Source), Date: calendar.DateOf(item.Issued),
		Table: [][2]string{{say("slip.matter", nil), item.MatterTitle}}}
	if !item.Due.IsZero() {
		drawn.Table = append(drawn.Table, [2]string{say("slip.due", nil), civilDay(item.Due)})
	}
	for _, post := range item.To { // a document names units, each once
		if unit := s.words.unit(post.Unit()); !slices.Contains(drawn.Addressees, unit) {
			drawn.Addressees = append(drawn.Addressees, unit)
		}
	}
	return drawn
}

// saved is the header by which a browser saves a file under its name.
func saved(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
