package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"duban/internal/document"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// How much is imported, told and carried out at once.
const (
	importMost      = 2000 // rows
	importShown     = 100
	importFaults    = 500
	importAtOnce    = 20              // rows a call starts
	importSpell     = 8 * time.Second // or as many as it gets to in this time
	importsRecalled = 20
)

// importable is a kind of ledger that may be read in by the caller.
type importable struct {
	p       *procedure.Procedure
	columns []rulebook.Column
	units   []string
}

// importable finds a procedure whose matters the caller may start by the rows of a spreadsheet.
func (s *Server) importable(who caller, book, key string) (importable, error) {
	p, ok := s.library().Procedure(book, key)
	if !ok {
		return importable{}, &procedure.Refusal{Code: "unknown-procedure"}
	}
	columns, ok := s.library().Columns(p)
	if !ok {
		return importable{}, &fault{code: "not-importable", args: map[string]any{"procedure": p.Title}}
	}
	units := s.startingUnits(who, p)
	if len(units) == 0 {
		return importable{}, &procedure.Refusal{Code: "not-a-starter", Authority: p.Authority, Args: map[string]any{"procedure": p.Title}}
	}
	return importable{p, columns, units}, nil
}

// ListImports lists what the caller may read in, and did.
func (s *Server) ListImports(ctx context.Context, _ ListImportsRequestObject) (ListImportsResponseObject, error) {
	who := callerOf(ctx)
	answer := ListImports200JSONResponse{Kinds: []ImportKind{}, Items: []Import{}}
	for _, book := range s.library().Rulebooks() {
		for _, key := range book.Order {
			kind, err := s.importable(who, book.Key, key)
			if err != nil {
				continue // not the caller's to start
			}
			shown := ImportKind{Rulebook: book.Key, Procedure: key, Title: kind.p.Title, Units: s.units(kind.units), Columns: []ImportKind_Columns{
				{Title: say("import.title", nil), Required: true, Hint: say("import.hint.text", map[string]any{"most": 200})}}}
			for _, c := range kind.columns {
				shown.Columns = append(shown.Columns, ImportKind_Columns{Title: c.Title, Required: c.Required, Hint: columnHint(c)})
			}
			answer.Kinds = append(answer.Kinds, shown)
		}
	}
	found, err := s.store.Imports(ctx, who.Person, importsRecalled)
	for _, i := range found {
		answer.Items = append(answer.Items, s.importView(i))
	}
	return answer, err
}

func columnHint(c rulebook.Column) string {
	if c.Kind == rulebook.ColumnText && c.Most == 0 {
		return say("import.hint.any", nil)
	}
	return say("import.hint."+string(c.Kind), map[string]any{"most": c.Most})
}

func (s *Server) importView(i store.Import) Import {
	return Import{ID: i.ID, Name: i.Name, Title: s.words.procedureTitle(i.Rulebook, i.Procedure), At: i.Created, Total: i.Total, Started: i.Started,
		Refused: i.Refused, Cancelled: i.Cancelled}
}

// GetImportTemplate gives the spreadsheet to fill in.
func (s *Server) GetImportTemplate(ctx context.Context, r GetImportTemplateRequestObject) (GetImportTemplateResponseObject, error) {
	kind, err := s.importable(callerOf(ctx), r.Params.Rulebook, r.Params.Procedure)
	if err != nil {
		return nil, err
	}
	heads := []document.SheetColumn{{Title: say("import.title", nil), Width: 44}}
	for _, c := range kind.columns {
		head := document.SheetColumn{Title: c.Title, Width: 22}
		if c.Kind == rulebook.ColumnTruth {
			head.Options = []string{say("yes", nil), say("no", nil)}
		}
		if c.Kind == rulebook.ColumnChoice {
			for _, o := range c.Options {
				head.Options = append(head.Options, o.Title)
			}
		}
		heads = append(heads, head)
	}
	book, err := document.NewWorkbook(kind.p.Title, heads)
	if err != nil {
		return nil, err
	}
	file, err := sheetBytes(book)
	if err != nil {
		return nil, err
	}
	return GetImportTemplate200ApplicationVndOpenxmlformatsOfficedocumentSpreadsheetmlSheetResponse{Body: bytes.NewReader(file),
		ContentLength: int64(len(file)), Headers: GetImportTemplate200ResponseHeaders{
			ContentDisposition: saved(say("import.template", map[string]any{"procedure": kind.p.Title}) + ".xlsx")}}, nil
}

// CheckImport reads a spreadsheet and tries every row on the machine itself. Only where all are right is it kept, to be
// carried out.
func (s *Server) CheckImport(ctx context.Context, r CheckImportRequestObject) (CheckImportResponseObject, error) {
	who, p := callerOf(ctx), r.Params
	kind, err := s.importable(who, p.Rulebook, p.Procedure)
	if err != nil {
		return nil, err
	}
	unit, err := s.startingUnit(who, kind.p, p.Unit)
	if err != nil {
		return nil, err
	}
	part, err := filePart(r.Body)
	if err != nil {
		return nil, err
	}
	name := part.FileName()
	rows, err := document.ReadSheet(part, importMost+2)
	if errors.Is(err, document.ErrNotSheet) {
		return nil, &fault{code: "not-a-sheet", cause: err}
	}
	if err != nil {
		return nil, tooLarge(err)
	}
	check, err := s.newCheck(ctx, who, kind, unit)
	if err != nil {
		return nil, err
	}
	if err := check.read(rows); err != nil {
		return nil, err
	}
	explain(ctx, "rows", len(check.good))
	explain(ctx, "wrong", len(check.answer.Errors))
	if len(check.answer.Errors) > 0 {
		return CheckImport200JSONResponse(check.answer), nil
	}
	i := store.Import{ID: attachmentID(who.token, p.IdempotencyKey), Name: name, Rulebook: p.Rulebook, Procedure: p.Procedure, Unit: unit}
	if _, err := s.store.PutImport(ctx, who.Person, i, check.good); err != nil {
		return nil, err
	}
	kept, err := s.store.Import(ctx, who.Person, i.ID)
	check.answer.Import = s.importView(kept)
	return CheckImport200JSONResponse(check.answer), err
}

// GetImport gives an import with its rows.
func (s *Server) GetImport(ctx context.Context, r GetImportRequestObject) (GetImportResponseObject, error) {
	i, err := s.store.Import(ctx, callerOf(ctx).Person, r.Import)
	if err != nil {
		return nil, err
	}
	found, err := s.store.ImportRows(ctx, i.ID, false, 0, importMost)
	rows := []ImportRows_Rows{}
	for _, row := range found {
		rows = append(rows, ImportRows_Rows{Row: row.Row, Title: row.Title, Matter: row.Matter, Refusal: row.Refusal})
	}
	return GetImport200JSONResponse{Import: s.importView(i), Rows: rows}, err
}

// CancelImport leaves the rows that became nothing yet.
func (s *Server) CancelImport(ctx context.Context, r CancelImportRequestObject) (CancelImportResponseObject, error) {
	return CancelImport204Response{}, s.store.CancelImport(ctx, callerOf(ctx).Person, r.Import)
}

// ContinueImport starts the matters of the next rows, each under a key of its own: a row already in the journal is only
// looked up.
func (s *Server) ContinueImport(ctx context.Context, r ContinueImportRequestObject) (ContinueImportResponseObject, error) {
	who := callerOf(ctx)
	i, err := s.store.Import(ctx, who.Person, r.Import)
	if err != nil {
		return nil, err
	}
	if i.Cancelled {
		return nil, &fault{code: "import-cancelled"}
	}
	rows, err := s.store.ImportRows(ctx, i.ID, true, 0, importAtOnce)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for _, row := range rows {
		if time.Since(began) > importSpell {
			break
		}
		if err := s.startRow(ctx, who, i, row); err != nil {
			return nil, err
		}
	}
	i, err = s.store.Import(ctx, who.Person, i.ID)
	return ContinueImport200JSONResponse(s.importView(i)), err
}

// startRow starts a row's matter, or says why not.
func (s *Server) startRow(ctx context.Context, who caller, i store.Import, row store.ImportRow) error {
	key := fmt.Sprintf("%s-%d", i.ID, row.Row)
	body := &NewMatter{Rulebook: i.Rulebook, Procedure: i.Procedure, Title: row.Title, Unit: i.Unit, Form: row.Form, Submit: true}
	hash, err := bodyHash("start", "", body)
	if err != nil {
		return err
	}
	entry, err := s.accept(ctx, who, key, hash, func() (store.Entry, error) { return s.begin(ctx, who, key, hash, body) })
	if err == nil {
		entry, err = s.carry(ctx, entry)
	}
	var refusal *procedure.Refusal
	var own *fault
	switch {
	case errors.As(err, &refusal), errors.As(err, &own):
		p, _ := s.problem(err)
		return s.store.SettleImportRow(ctx, i.ID, row.Row, "", p.Title)
	case err != nil:
		return err
	}
	return s.store.SettleImportRow(ctx, i.ID, row.Row, entry.Matter, "")
}

// cellText says what is wrong with a cell.
func cellText(code string, c rulebook.Column, cell string) string {
	return message.Text("errors."+code, map[string]any{"column": c.Title, "value": cell, "most": c.Most})
}
