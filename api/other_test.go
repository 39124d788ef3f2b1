package api_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/document"
	"duban/internal/fonts"
)

// upload sends a file.
func (c *client) upload(key, name string, data io.Reader) *answer {
	c.w.t.Helper()
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, data)
		}
		if err == nil {
			err = form.Close()
		}
		write.CloseWithError(err)
	}()
	return c.do(http.MethodPost, "/api/v1/attachments", read, map[string]string{"Idempotency-Key": key, "Content-Type": form.FormDataContentType()})
}

func TestAttachments(t *testing.T) {
	w := newWorld(t)
	clerk, head, other := w.as("boshan.clerk"), w.as("boshan.head"), w.as("linzi.clerk")
	pdf := "%PDF-1.7\n1 0 obj\n"
	key := uuid.NewString()
	file := read[api.Attachment](clerk.upload(key, "成效 数据.pdf", strings.NewReader(pdf)).is(http.StatusCreated))
	require.Equal(t, "application/pdf", file.Type)
	require.Equal(t, file, read[api.Attachment](clerk.upload(key, "成效 数据.pdf", strings.NewReader(pdf)).is(http.StatusCreated)))
	clerk.upload(key, "另一.pdf", strings.NewReader(pdf+"2")).refused(http.StatusUnprocessableEntity, "key-reused")

	path := "/api/v1/attachments/" + file.ID
	got := clerk.get(path).is(http.StatusOK)
	require.Equal(t, pdf, string(got.body))
	require.Equal(t, "application/octet-stream", got.header.Get("Content-Type"))
	require.Contains(t, got.header.Get("Content-Disposition"), "attachment; filename*=utf-8''")
	head.get(path).refused(http.StatusNotFound, "not-found")
	stolen := proposal()
	stolen["form"].(map[string]any)["attachments"] = []string{file.ID}
	other.post("/api/v1/matters", stolen).refused(http.StatusUnprocessableEntity, "attachment-unknown")
	clerk.post("/api/v1/matters", stolen).is(http.StatusCreated)
	head.get(path).is(http.StatusOK)
	other.get(path).refused(http.StatusNotFound, "not-found")

	for name, c := range map[string]struct {
		name   string
		data   io.Reader
		status int
		code   string
	}{
		"60 MB":              {"大.pdf", io.MultiReader(strings.NewReader(pdf), io.LimitReader(zeros{}, 60<<20)), http.StatusRequestEntityTooLarge, "attachment-too-large"},
		"renamed executable": {"公文.pdf", strings.NewReader("MZ\x90\x00\x03"), http.StatusUnsupportedMediaType, "attachment-disguised"},
		"executable":         {"公文.exe", strings.NewReader("MZ\x90\x00\x03"), http.StatusUnsupportedMediaType, "attachment-type"},
		"empty":              {"空.pdf", strings.NewReader(""), http.StatusUnprocessableEntity, "attachment-empty"},
		"zip bomb":           {"压缩.zip", bomb(t), http.StatusUnprocessableEntity, "attachment-bomb"},
	} {
		t.Run(name, func(t *testing.T) {
			clerk.upload(uuid.NewString(), c.name, c.data).refused(c.status, c.code)
		})
	}
	clerk.do(http.MethodPost, "/api/v1/attachments", strings.NewReader("--x--\r\n"), map[string]string{
		"Idempotency-Key": uuid.NewString(), "Content-Type": "multipart/form-data; boundary=x"}).refused(http.StatusBadRequest, "attachment-missing")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// bomb is a small archive of a very large file.
func bomb(t *testing.T) io.Reader {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	file, err := z.Create("零.txt")
	require.NoError(t, err)
	_, err = io.Copy(file, io.LimitReader(zeros{}, 1<<30))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return &out
}

// arrived is a provincial document as the office registers it.
func arrived() map[string]any {
	return map[string]any{"rulebook": "zibo-city", "procedure": "central-document", "title": "关于某项改革的意见", "submit": true,
		"form": map[string]any{"docNumber": "中发〔2026〕1号", "issuer": "上级机关", "receivedOn": "2026-01-12", "lead": "drc",
			"participants": []string{"finance"}, "leaderInCharge": "分管领导", "draftingUnit": "drc", "timetable": "一月内完成"}}
}

func TestASlipIsDeliveredDrawnAndSignedFor(t *testing.T) {
	text, bold, err := fonts.Find()
	require.NoError(t, err, "the package fonts-lxgw-wenkai holds the typefaces")
	w := newWorld(t, func(c *api.Config) { c.Fonts = document.Fonts{Text: text, Bold: bold} })
	office, lead := w.as("office.clerk"), w.as("drc.clerk")
	m := office.started(arrived())
	mine := read[api.SlipList](lead.get("/api/v1/slips?mine=true&unsigned=true").is(http.StatusOK)).Items
	require.NotEmpty(t, mine)
	require.Contains(t, mine[0].Number, "〔2026〕1号")
	require.Equal(t, m.ID, mine[0].Matter)
	slip := read[api.Slip](lead.get("/api/v1/slips/" + mine[0].ID).is(http.StatusOK))
	require.NotEmpty(t, slip.Body)
	require.NotEmpty(t, slip.SourceTitle)
	w.as("boshan.clerk").get("/api/v1/slips/"+mine[0].ID).refused(http.StatusNotFound, "not-found")
	lead.get("/api/v1/slips/"+m.ID+".x").refused(http.StatusNotFound, "not-found")

	pdf := lead.get("/api/v1/slips/" + mine[0].ID + "/document").is(http.StatusOK)
	require.True(t, bytes.HasPrefix(pdf.body, []byte("%PDF-")))
	docx := lead.get("/api/v1/slips/" + mine[0].ID + "/document?format=docx").is(http.StatusOK)
	require.True(t, bytes.HasPrefix(docx.body, []byte("PK")))

	todo := read[api.AssignmentList](lead.get("/api/v1/assignments?duty=sign").is(http.StatusOK)).Items
	require.Equal(t, mine[0].ID, todo[0].Slip)
	lead.act(m.ID, map[string]any{"action": "sign", "slip": mine[0].Slip}).is(http.StatusOK)
	signed := read[api.Slip](lead.get("/api/v1/slips/" + mine[0].ID).is(http.StatusOK))
	require.Equal(t, 1, signed.Summary.Signed)

	told := read[api.NotificationList](lead.get("/api/v1/notifications").is(http.StatusOK))
	require.NotEmpty(t, told.Items)
	for _, n := range told.Items {
		require.NotContains(t, n.Title, "notifications.", "a text is missing")
		require.NotContains(t, n.Title, "{", "an argument is missing")
	}
	lead.post("/api/v1/notifications/read", map[string]any{"upTo": told.Items[0].ID}).is(http.StatusNoContent)
	require.Zero(t, read[api.NotificationList](lead.get("/api/v1/notifications?unread=true").is(http.StatusOK)).Unread)
}

func TestWithoutTypefacesASlipIsADocxOnly(t *testing.T) {
	w := newWorld(t)
	office, lead := w.as("office.clerk"), w.as("drc.clerk")
	office.started(arrived())
	slip := read[api.SlipList](lead.get("/api/v1/slips?mine=true").is(http.StatusOK)).Items[0]
	lead.get("/api/v1/slips/"+slip.ID+"/document").refused(http.StatusServiceUnavailable, "document-unavailable")
	lead.get("/api/v1/slips/" + slip.ID + "/document?format=docx").is(http.StatusOK)
}

func TestTheStreamTellsWhatChanges(t *testing.T) {
	w := newWorld(t)
	clerk, head, other := w.as("boshan.clerk"), w.as("boshan.head"), w.as("linzi.clerk")
	lines := head.listen("")
	strange := other.listen("")
	m := clerk.started(proposal())
	require.Equal(t, "event: matter", lines.until("event: matter"))
	require.Contains(t, lines.until("data: "), m.ID)
	require.Equal(t, `data: {"unread":1}`, lines.until(`data: {"unread"`))
	require.Equal(t, "event: reset", head.listen("7").until("event: "))

	w.as("sysadmin").post("/api/v1/people", map[string]any{"login": "boshan.second", "name": "接任经办人"}).is(http.StatusCreated)
	require.Equal(t, "event: office", lines.until("event: office"), "an administrator's change, told to everybody")
	require.Equal(t, "event: office", strange.until("event: "))

	mine := other.started(func() map[string]any { p := proposal(); p["title"] = "另一事项"; return p }())
	require.Contains(t, strange.until("data: "), mine.ID, "nothing of the other's was told before")
	w.server.Stop(t.Context())
	lines.end()
}

// listening is a stream being read.
type listening struct {
	t       *testing.T
	scanner *bufio.Scanner
}

// listen opens a stream and reads up to its start. The start of the LISTEN itself may still be told as a reset.
func (c *client) listen(last string) *listening {
	c.w.t.Helper()
	r, err := http.NewRequestWithContext(c.w.t.Context(), http.MethodGet, c.w.http.URL+"/api/v1/stream", nil)
	require.NoError(c.w.t, err)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	response, err := c.http.Do(r)
	require.NoError(c.w.t, err)
	c.w.t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(c.w.t, http.StatusOK, response.StatusCode)
	l := &listening{c.w.t, bufio.NewScanner(response.Body)}
	if last == "" {
		l.until(": here")
	}
	return l
}

func (l *listening) until(prefix string) string {
	l.t.Helper()
	for l.scanner.Scan() {
		if strings.HasPrefix(l.scanner.Text(), prefix) && l.scanner.Text() != "data: {}" {
			return l.scanner.Text()
		}
	}
	l.t.Fatalf("the stream ended before %q: %v", prefix, l.scanner.Err())
	return ""
}

func (l *listening) end() {
	l.t.Helper()
	for l.scanner.Scan() {
	}
	require.NoError(l.t, l.scanner.Err())
}

func TestTheApplicationIsServedSafely(t *testing.T) {
	w := newWorld(t)
	c := w.anybody()
	for _, path := range []string{"/", "/matters/1", "/index.html", "/activate"} {
		page := c.get(path).is(http.StatusOK)
		policy := page.header.Get("Content-Security-Policy")
		_, nonce, _ := strings.Cut(string(page.body), `nonce="`)
		nonce, _, _ = strings.Cut(nonce, `"`)
		require.Len(t, nonce, 22)
		require.Contains(t, policy, "script-src 'self' 'nonce-"+nonce+"'")
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
		require.Equal(t, "nosniff", page.header.Get("X-Content-Type-Options"))
		require.Contains(t, page.header.Get("Content-Type"), "text/html")
	}
	asset := c.get("/assets/a-1234.js").is(http.StatusOK)
	require.Contains(t, asset.header.Get("Cache-Control"), "immutable")
	require.Contains(t, c.get("/robots.txt").is(http.StatusOK).header.Get("Cache-Control"), "no-cache")
	c.get("/assets/gone.js").refused(http.StatusNotFound, "not-found")
	c.get("/api/v1/mars").refused(http.StatusNotFound, "not-found")
	c.send(http.MethodPost, "/mars", nil, nil).refused(http.StatusMethodNotAllowed, "method-not-allowed")
	c.get("/..%2f..%2fetc/passwd").is(http.StatusOK) // the application's own page, which knows no such place
}

func TestOperations(t *testing.T) {
	w := newWorld(t)
	c := w.anybody()
	require.Equal(t, api.HealthStatusOk, read[api.Health](c.get("/healthz").is(http.StatusOK)).Status)
	require.Equal(t, api.HealthStatusOk, read[api.Health](c.get("/readyz").is(http.StatusOK)).Status)
	figures := string(c.get("/metrics").is(http.StatusOK).body)
	for _, name := range []string{"duban_http_requests_total", "duban_journal_open 0", "duban_projection_lag_seconds", "duban_streams", "duban_mail_waiting 0",
		"duban_mail_failing 0", "duban_mail_oldest_seconds 0", "duban_database_up 1"} {
		require.Contains(t, figures, name)
	}
	w.store.Close()
	require.Equal(t, []string{"database"}, read[api.Health](c.get("/readyz").is(http.StatusServiceUnavailable)).Missing)
	require.Contains(t, string(c.get("/metrics").is(http.StatusOK).body), "duban_database_up 0")
	away := c.post("/api/v1/sessions", map[string]string{"login": "office.clerk", "password": password})
	away.refused(http.StatusServiceUnavailable, "database-unavailable")
	require.Equal(t, "5", away.header.Get("Retry-After"))
}

func TestMetricsMayBeLeftOut(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.NoMetrics = true })
	w.anybody().get("/metrics").refused(http.StatusNotFound, "not-found")
}

func TestMetricsFromElsewhereNeedTheToken(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Proxied, c.Token = true, "figures" })
	from := map[string]string{"X-Forwarded-For": "192.0.2.1"}
	w.anybody().do(http.MethodGet, "/metrics", nil, from).refused(http.StatusNotFound, "not-found")
	from["Authorization"] = "Bearer figures"
	w.anybody().do(http.MethodGet, "/metrics", nil, from).is(http.StatusOK)
}

func TestCalendarYears(t *testing.T) {
	w := newWorld(t)
	admin := w.as("sysadmin")
	year := map[string]any{"off": map[string]string{"2027-01-01": "元旦"}, "work": map[string]string{}}
	w.as("office.clerk").send(http.MethodPut, "/api/v1/calendar/years/2027", year, nil).refused(http.StatusForbidden, "not-administrator")
	admin.send(http.MethodPut, "/api/v1/calendar/years/2027", year, nil).is(http.StatusOK)
	years := read[api.CalendarYearList](admin.get("/api/v1/calendar/years").is(http.StatusOK)).Items
	require.Equal(t, 2027, years[len(years)-1].Year)
	require.Equal(t, "元旦", years[len(years)-1].Off["2027-01-01"])
	for _, off := range []map[string]string{{"2027-13-01": "元旦"}, {"2020-05-01": "劳动节"}, {"2027-05-01": ""}} {
		year["off"] = off
		admin.send(http.MethodPut, "/api/v1/calendar/years/2027", year, nil).refused(http.StatusUnprocessableEntity, "bad-year")
	}
}

func TestRulesAreEverybodysToRead(t *testing.T) {
	w := newWorld(t)
	c := w.as("linzi.clerk")
	books := read[api.RulebookList](c.get("/api/v1/rulebooks").is(http.StatusOK)).Items
	require.NotEmpty(t, books)
	waits := map[string]string{}
	for _, book := range books {
		whole := read[api.Rulebook](c.get("/api/v1/rulebooks/" + book.Key).is(http.StatusOK))
		for _, p := range whole.Procedures {
			for _, stage := range p.Stages {
				require.NotEmpty(t, stage.Authority.Source+stage.Authority.SetBy, "%s %s", p.Key, stage.Key)
				waits[p.Key+"/"+stage.Key] = stage.Does
				for _, l := range stage.Limits {
					require.NotContains(t, l.Term+l.Title, "view.")
					for _, a := range l.Alarms {
						require.NotContains(t, a.Sentence, "{")
						require.NotContains(t, a.Sentence, "view.")
					}
				}
			}
		}
	}
	require.Equal(t, "等到“6月底、12月底前完成书面总结”到期前14个工作日。", waits["practice-rollout/season"])
	require.Equal(t, "等到每月20日。", waits["practice-tracking/month"])
	diff := read[api.RulebookDiff](c.get("/api/v1/rulebooks/zibo-stb/diff").is(http.StatusOK))
	require.Equal(t, "zibo-city", diff.Extends)
	hows := map[api.RulebookDiffItemsHow]int{}
	for _, item := range diff.Items {
		hows[item.How]++
	}
	require.Positive(t, hows[api.RulebookDiffItemsHowInherited])
	require.Positive(t, hows[api.RulebookDiffItemsHowAdded])
	timetable := read[api.Timetable](c.get("/api/v1/rulebooks/zibo-city/procedures/innovation-proposal/timetable?from=2026-01-12").is(http.StatusOK))
	require.Equal(t, "2026-01-12", timetable.From)
	holidays := 0
	for _, line := range timetable.Lines {
		require.NotContains(t, line.Text, "view.")
		for _, day := range line.Days {
			require.NotContains(t, day.Text, "view.")
			if day.Why == "holiday" {
				holidays++
			}
		}
	}
	require.Positive(t, holidays, "the spring festival is skipped, and it is said")
	for _, from := range []string{"2026-02-30", "mars"} {
		c.get("/api/v1/rulebooks/zibo-city/procedures/innovation-proposal/timetable?from="+from).refused(http.StatusBadRequest, "invalid-request")
	}
	for _, path := range []string{"/diff", "/procedures/innovation-proposal/timetable"} {
		c.get("/api/v1/rulebooks/mars"+path).refused(http.StatusNotFound, "not-found")
	}
	c.get("/api/v1/rulebooks/mars").refused(http.StatusNotFound, "not-found")
	require.NotEmpty(t, read[api.UnitList](c.get("/api/v1/organisations/zibo/units").is(http.StatusOK)).Items)
	require.NotEmpty(t, read[api.PostList](c.get("/api/v1/organisations/zibo/posts?unit=boshan").is(http.StatusOK)).Items[0].Holders)
	require.NotEmpty(t, read[api.OrganisationList](c.get("/api/v1/organisations").is(http.StatusOK)).Items)
	c.get("/api/v1/organisations/mars/posts").refused(http.StatusNotFound, "not-found")
}
