package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"

	"duban/internal/calendar"
	"duban/internal/document"
	"duban/internal/message"
	"duban/internal/store"
)

// An export is written in pages, and has no more rows than somebody may still read.
const (
	exportPage = 1000
	exportMost = 100_000
)

// usualColumns are those of a list nobody chose columns for.
var usualColumns = []MatterColumn{MatterColumnTitle, MatterColumnProcedure, MatterColumnOwner, MatterColumnLeader, MatterColumnTerm, MatterColumnState,
	MatterColumnStage, MatterColumnHolders, MatterColumnDue, MatterColumnStarted, MatterColumnClosed}

// CreateExport begins to write a list to a spreadsheet.
func (s *Server) CreateExport(ctx context.Context, r CreateExportRequestObject) (CreateExportResponseObject, error) {
	who, body := callerOf(ctx), r.Body
	explain(ctx, "export", body)
	f, err := s.matterFilter(who, body.Filter)
	if err != nil {
		return nil, err
	}
	if body.What == NewExportWhatLedger && body.By == "" {
		return nil, &fault{code: "invalid-request", fields: []FieldError{{Field: "by", Message: fieldText("required")}}}
	}
	e := store.Export{ID: attachmentID(who.token, r.Params.IdempotencyKey), State: store.ExportRunning,
		Name: say("export."+string(body.What), map[string]any{"date": calendar.DateOf(s.now()).String()}) + ".xlsx"}
	if body.What == NewExportWhatMatters {
		if e.Total, err = s.store.CountMatters(ctx, f, exportMost+1); err != nil {
			return nil, err
		}
		if e.Total > exportMost {
			return nil, &fault{code: "export-too-large", args: map[string]any{"most": exportMost}}
		}
	}
	fresh, err := s.store.BeginExport(ctx, who.Person, e)
	if err != nil {
		return nil, err
	}
	if !fresh {
		e, err = s.store.Export(ctx, who.Person, e.ID)
		return CreateExport201JSONResponse(exportView(e)), err
	}
	explain(ctx, "rows", e.Total)
	begun := s.background(func(ctx context.Context) { s.export(ctx, e, f, body) })
	if !begun {
		return nil, &fault{code: "stopping"}
	}
	return CreateExport201JSONResponse(exportView(e)), nil
}

// background works beside requests until it is done or the server stops; false: it is stopping.
func (s *Server) background(work func(context.Context)) bool {
	s.ending.Lock()
	defer s.ending.Unlock()
	if s.stopped.Err() != nil {
		return false
	}
	s.streams.Go(func() { work(s.stopped) })
	return true
}

// errCancelled ends an export somebody cancelled.
var errCancelled = errors.New("api: the export was cancelled")

// export writes the file and keeps it.
func (s *Server) export(ctx context.Context, e store.Export, f store.MatterFilter, asked *NewExport) {
	var file []byte
	var err error
	if asked.What == NewExportWhatLedger {
		file, err = s.ledgerSheet(ctx, e, f, asked.By)
	} else {
		file, err = s.matterSheet(ctx, e, f, asked.Columns)
	}
	if errors.Is(err, errCancelled) {
		return
	}
	if err != nil {
		s.log.ErrorContext(ctx, "An export failed", slog.String("export", e.ID), slog.Any("error", err))
		file = nil
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerMost)
	defer cancel()
	if err := s.store.FinishExport(ending, e.ID, file); err != nil {
		s.log.ErrorContext(ctx, "What became of an export was not kept", slog.String("export", e.ID), slog.Any("error", err))
	}
}

func (s *Server) matterSheet(ctx context.Context, e store.Export, f store.MatterFilter, columns []MatterColumn) (file []byte, err error) {
	if len(columns) == 0 {
		columns = usualColumns
	}
	heads := make([]document.SheetColumn, len(columns))
	for i, column := range columns {
		heads[i] = document.SheetColumn{Title: say("column."+string(column), nil), Width: columnWidth(column)}
	}
	book, err := document.NewWorkbook(strings.TrimSuffix(e.Name, ".xlsx"), heads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	var after *store.MatterCursor
	for done := 0; done < exportMost; {
		found, err := s.store.Matters(ctx, f, after, exportPage)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			shown := s.matterSummary(m)
			cells := make([]any, len(columns))
			for i, column := range columns {
				cells[i] = matterCell(shown, m.Term, column)
			}
			if err := book.Row(cells...); err != nil {
				return nil, err
			}
		}
		done += len(found)
		on, err := s.store.TouchExport(ctx, e.ID, min(done, e.Total))
		switch {
		case err != nil:
			return nil, err
		case !on:
			return nil, errCancelled
		case len(found) < exportPage:
			return sheetBytes(book)
		}
		cursor := found[len(found)-1].Cursor()
		after = &cursor
	}
	return sheetBytes(book)
}

func sheetBytes(book *document.Workbook) ([]byte, error) {
	var out bytes.Buffer
	_, err := book.WriteTo(&out)
	return out.Bytes(), err
}

func columnWidth(column MatterColumn) float64 {
	switch column {
	case MatterColumnTitle:
		return 48
	case MatterColumnHolders, MatterColumnOwner, MatterColumnUnit, MatterColumnStage:
		return 26
	}
	return 17
}

// matterCell is what a column says of a matter.
func matterCell(m MatterSummary, term calendar.Date, column MatterColumn) any {
	switch column {
	case MatterColumnTitle:
		return m.Title
	case MatterColumnProcedure:
		return m.ProcedureTitle
	case MatterColumnState:
		state := say("state."+string(m.State), nil)
		if m.Closed.IsZero() && m.Colour != ColourGrey {
			state += message.Text("events.and", nil) + say("colour."+string(m.Colour), nil)
		}
		return state
	case MatterColumnStage:
		return m.StageTitle
	case MatterColumnHolders:
		var posts []string
		for _, holder := range m.Holders {
			posts = append(posts, holder.Title)
		}
		return strings.Join(posts, message.Text("events.and", nil))
	case MatterColumnOwner:
		return m.OwnerName
	case MatterColumnLeader:
		return m.Leader
	case MatterColumnTerm:
		return term
	case MatterColumnUnit:
		return m.UnitName
	case MatterColumnStarter:
		return m.Starter.Name
	case MatterColumnDue:
		return m.Due
	case MatterColumnStarted:
		return m.Started
	case MatterColumnClosed:
		return m.Closed
	}
	return nil
}

func (s *Server) ledgerSheet(ctx context.Context, e store.Export, f store.MatterFilter, by LedgerBy) (file []byte, err error) {
	groups, total, err := s.ledger(ctx, f, by)
	if err != nil {
		return nil, err
	}
	heads := []document.SheetColumn{{Title: say("ledger.by."+string(by), nil), Width: 36}}
	for _, key := range []string{"all", "red", "amber", "green", "grey", "completed", "ended"} {
		heads = append(heads, document.SheetColumn{Title: say("ledger."+key, nil), Width: 12})
	}
	book, err := document.NewWorkbook(strings.TrimSuffix(e.Name, ".xlsx"), heads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, g := range append(groups, total) {
		if err := book.Row(g.Title, g.Total, g.Red, g.Amber, g.Green, g.Grey, g.Completed, g.Ended); err != nil {
			return nil, err
		}
	}
	return sheetBytes(book)
}

func exportView(e store.Export) Export {
	return Export{ID: e.ID, Name: e.Name, State: ExportState(e.State), Done: e.Done, Total: e.Total}
}

// GetExport says how far an export is.
func (s *Server) GetExport(ctx context.Context, r GetExportRequestObject) (GetExportResponseObject, error) {
	e, err := s.store.Export(ctx, callerOf(ctx).Person, r.Export)
	return GetExport200JSONResponse(exportView(e)), err
}

// CancelExport ends an export.
func (s *Server) CancelExport(ctx context.Context, r CancelExportRequestObject) (CancelExportResponseObject, error) {
	return CancelExport204Response{}, s.store.CancelExport(ctx, callerOf(ctx).Person, r.Export)
}

// GetExportFile gives an export's spreadsheet.
func (s *Server) GetExportFile(ctx context.Context, r GetExportFileRequestObject) (GetExportFileResponseObject, error) {
	name, file, err := s.store.ExportFile(ctx, callerOf(ctx).Person, r.Export)
	if err != nil {
		return nil, err
	}
	return GetExportFile200ApplicationVndOpenxmlformatsOfficedocumentSpreadsheetmlSheetResponse{Body: bytes.NewReader(file), ContentLength: int64(len(file)),
		Headers: GetExportFile200ResponseHeaders{ContentDisposition: saved(name)}}, nil
}
