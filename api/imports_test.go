package api_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/document"
	"duban/internal/engine"
)

var ledgerHeads = []string{"事项名称", "责任单位", "完成时限", "任务内容", "牵头领导", "任务来源", "审定会议", "审定日期"}

// spreadsheet is a ledger as somebody keeps it.
func spreadsheet(t *testing.T, heads []string, rows ...[]string) io.Reader {
	columns := make([]document.SheetColumn, len(heads))
	for i, head := range heads {
		columns[i].Title = head
	}
	book, err := document.NewWorkbook("台账", columns)
	require.NoError(t, err)
	for _, row := range rows {
		cells := make([]any, len(row))
		for i, cell := range row {
			cells[i] = cell
		}
		require.NoError(t, book.Row(cells...))
	}
	var out bytes.Buffer
	_, err = book.WriteTo(&out)
	require.NoError(t, err)
	return &out
}

func (c *client) sendSheet(key, query string, data io.Reader) *answer {
	c.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "台账.xlsx")
	require.NoError(c.w.t, err)
	_, err = io.Copy(part, data)
	require.NoError(c.w.t, err)
	require.NoError(c.w.t, form.Close())
	return c.do(http.MethodPost, "/api/v1/imports?"+query, &body, map[string]string{"Idempotency-Key": key, "Content-Type": form.FormDataContentType()})
}

const tasks = "rulebook=zibo-city&procedure=reform-task"

func TestALedgerIsImportedOnlyWhenAllIsRight(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("office.clerk")
	kinds := read[api.ImportList](clerk.get("/api/v1/imports").is(http.StatusOK)).Kinds
	require.Len(t, kinds, 1)
	require.Equal(t, "改革任务台账", kinds[0].Title)
	for _, column := range kinds[0].Columns {
		require.NotContains(t, column.Hint, "import.")
	}
	require.Empty(t, read[api.ImportList](w.as("boshan.clerk").get("/api/v1/imports").is(http.StatusOK)).Kinds)
	template := clerk.get("/api/v1/imports/template?" + tasks).is(http.StatusOK)
	rows, err := document.ReadSheet(bytes.NewReader(template.body), 10)
	require.NoError(t, err)
	require.Equal(t, ledgerHeads, rows[0].Cells)
	clerk.get("/api/v1/imports/template?rulebook=zibo-city&procedure=innovation-proposal").refused(http.StatusUnprocessableEntity, "not-importable")

	good := []string{"一窗通办", "市财政局", "2026/9/30", "", "分管副市长", "市委文件", "领导小组会议", "2026年1月5日"}
	bad := func(i int, cell string) []string {
		row := append([]string{}, good...)
		row[i] = cell
		return row
	}
	checked := read[api.ImportCheck](clerk.sendSheet(uuid.NewString(), tasks, spreadsheet(t, ledgerHeads, good, bad(0, ""), bad(1, "市外星局"), bad(2, "年底"),
		bad(4, strings.Repeat("长", 61)), bad(3, "机密★10年"), bad(6, ""))).is(http.StatusOK))
	require.Empty(t, checked.Import.ID)
	require.Equal(t, 7, checked.Total)
	require.Equal(t, ledgerHeads, checked.Columns)
	found := map[int]string{}
	for _, e := range checked.Errors {
		found[e.Row] += e.Column
		require.NotContains(t, e.Message, "{", "an argument is missing")
		require.NotContains(t, e.Message, "cell-", "a text is missing")
	}
	require.Equal(t, "事项名称", found[3])
	require.Equal(t, "责任单位", found[4])
	require.Equal(t, "完成时限", found[5])
	require.Equal(t, "牵头领导", found[6])
	require.Contains(t, found, 7)
	require.Contains(t, found, 8, "the machine would not start it: nothing before approval")
	require.NotContains(t, found, 2)
	require.Empty(t, read[api.MatterList](clerk.get("/api/v1/matters").is(http.StatusOK)).Items, "nothing is written")

	heads := append([]string{"心得"}, ledgerHeads[1:]...)
	wrong := read[api.ImportCheck](clerk.sendSheet(uuid.NewString(), tasks, spreadsheet(t, heads, good)).is(http.StatusOK)).Errors
	require.Equal(t, []string{"心得", "事项名称"}, []string{wrong[0].Column, wrong[1].Column})
	clerk.sendSheet(uuid.NewString(), tasks, spreadsheet(t, ledgerHeads)).refused(http.StatusUnprocessableEntity, "sheet-empty")
	clerk.sendSheet(uuid.NewString(), tasks, strings.NewReader("事项,单位")).refused(http.StatusUnsupportedMediaType, "not-a-sheet")
	many := make([][]string, 2001)
	for i := range many {
		many[i] = good
	}
	clerk.sendSheet(uuid.NewString(), tasks, spreadsheet(t, ledgerHeads, many...)).refused(http.StatusUnprocessableEntity, "sheet-too-long")
}

func TestAnImportBrokenOffGoesOnWithoutDoubles(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("office.clerk")
	var rows [][]string
	for i := range 25 {
		rows = append(rows, []string{"任务" + number(int64(i)), "市财政局", "2026-09-30", "", "分管副市长", "市委文件", "领导小组会议", "2026-01-05"})
	}
	key := uuid.NewString()
	i := read[api.ImportCheck](clerk.sendSheet(key, tasks, spreadsheet(t, ledgerHeads, rows...)).is(http.StatusOK)).Import
	require.Equal(t, i.ID, read[api.ImportCheck](clerk.sendSheet(key, tasks, spreadsheet(t, ledgerHeads, rows...)).is(http.StatusOK)).Import.ID, "the same upload")
	path := "/api/v1/imports/" + i.ID
	// The worker is away: rows are accepted and will be carried out; so they count.
	w.carry.away = engine.ErrBusy
	first := read[api.Import](clerk.post(path+"/continue", nil).is(http.StatusOK))
	require.Equal(t, 20, first.Started)
	w.carry.away = nil
	// The process died after the journal took the rows, before it was put down that they became matters.
	_, err := w.store.Pool().Exec(t.Context(), `UPDATE ledger_import_row SET matter = NULL WHERE import = $1`, i.ID)
	require.NoError(t, err)
	for range 3 {
		i = read[api.Import](clerk.post(path+"/continue", nil).is(http.StatusOK))
	}
	require.Equal(t, []int{25, 25, 0}, []int{i.Total, i.Started, i.Refused})
	matters := read[api.MatterList](clerk.get("/api/v1/matters?limit=200").is(http.StatusOK)).Items
	require.Len(t, matters, 25)
	titles := map[string]bool{}
	for _, m := range matters {
		titles[m.Title] = true
		require.Equal(t, "carry-out", m.Stage)
	}
	require.Len(t, titles, 25)
	shown := read[api.ImportRows](clerk.get(path).is(http.StatusOK))
	require.Len(t, shown.Rows, 25)
	require.NotEmpty(t, shown.Rows[0].Matter)
	require.Len(t, read[api.ImportList](clerk.get("/api/v1/imports").is(http.StatusOK)).Items, 1)

	other := read[api.ImportCheck](clerk.sendSheet(uuid.NewString(), tasks+"&unit="+url.QueryEscape("office"), spreadsheet(t, ledgerHeads, rows[0])).is(http.StatusOK)).Import
	clerk.do(http.MethodDelete, "/api/v1/imports/"+other.ID, nil, nil).is(http.StatusNoContent)
	clerk.post("/api/v1/imports/"+other.ID+"/continue", nil).refused(http.StatusConflict, "import-cancelled")
	w.as("boshan.clerk").get(path).refused(http.StatusNotFound, "not-found")
}
