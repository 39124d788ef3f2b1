package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/rules"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/rulebooks"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// password is every demonstration person's.
const password = "Zb-2026-Shenggai"

// intake is a working day on which proposals may be submitted.
var intake = time.Date(2026, 1, 12, 2, 0, 0, 0, time.UTC)

// world is a server on a database of its own, with the demonstration's organisations and a clock that stands still until
// it is moved.
type world struct {
	t      *testing.T
	store  *store.Store
	server *api.Server
	http   *httptest.Server
	doc    *openapi3.T
	clock  *clock
	carry  *carrier
	rules  *rules.Keeper
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// carrier carries commands to the machine itself, as the workflow would, one at a time.
type carrier struct {
	mu    sync.Mutex
	store *store.Store
	clock *clock
	away  error // says so instead
}

func (c *carrier) carry(ctx context.Context, e store.Entry) (store.Entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return e, c.away
	}
	var state procedure.State
	spec := e.Spec
	if e.Kind == store.KindStart {
		state = procedure.New(*e.Spec)
	} else {
		row, err := c.store.Matter(ctx, e.Matter, nil)
		if err != nil {
			return e, err
		}
		state = row.State
	}
	now := state.Spec.Clock.Virtual(c.clock.read())
	events := procedure.Elapse(state, now)
	state = procedure.Fold(state, events)
	decided, err := procedure.Decide(state, e.Command, now)
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) {
		if err := c.store.Refuse(ctx, e.Key, refusal, false); err != nil {
			return e, err
		}
		return c.store.Entry(ctx, e.Key)
	}
	if _, err := c.store.Record(ctx, store.Batch{Matter: e.Matter, Spec: spec, Events: append(events, decided...)}); err != nil {
		return e, err
	}
	return c.store.Entry(ctx, e.Key)
}

// What every world has, made once.
var (
	shipped  = sync.OnceValues(func() (*rulebook.Library, error) { return rulebook.Load(rulebooks.FS) })
	hashed   = sync.OnceValues(func() (string, error) { return identity.NewHasher(1).Hash(context.Background(), password) })
	contract = sync.OnceValues(func() (*openapi3.T, error) { return api.Contract(context.Background()) })
)

func newWorld(t *testing.T, change ...func(*api.Config)) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{t: t, store: storetest.New(t), clock: &clock{now: intake}}
	w.carry = &carrier{store: w.store, clock: w.clock}
	library, err := shipped()
	require.NoError(t, err)
	hasher := identity.NewHasher(2)
	hash, err := hashed()
	require.NoError(t, err)
	require.NoError(t, w.store.LoadSample(ctx, library.Organisations(), hash, w.clock.read()))
	blobs, err := store.OpenBlobs(t.TempDir())
	require.NoError(t, err)
	profile, _ := identity.ProfileOf(identity.ProfileDengbao)
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	hub := w.store.NewHub(log)
	listening, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { hub.Run(listening) })
	shelf := rulebook.NewShelf(library)
	w.rules = rules.NewKeeper(w.store, shelf, log)
	require.NoError(t, w.rules.Open(ctx))
	config := api.Config{Store: w.store, Hub: hub, Rules: shelf, Keeper: w.rules, Carry: w.carry.carry, Blobs: blobs, Profile: profile, Hasher: hasher,
		Voters: identity.NewVoterKeys(t.TempDir()),
		Log:    log, Now: w.clock.read, Rehearse: true, Demo: true, Version: "test",
		Web: fstest.MapFS{
			"index.html":       {Data: []byte(`<!doctype html><script nonce="__CSP_NONCE__" src="/assets/a-1234.js"></script>`)},
			"assets/a-1234.js": {Data: []byte("1")},
			"robots.txt":       {Data: []byte("no")},
		}}
	for _, f := range change {
		f(&config)
	}
	w.server, err = api.New(config)
	require.NoError(t, err)
	w.http = httptest.NewServer(w.server)
	w.doc, err = contract()
	require.NoError(t, err)
	t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		w.server.Stop(stopping)
		w.http.Close()
		stop()
		ended.Wait()
	})
	return w
}

// testLog writes to the test.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// client is a browser; every answer it gets is held to the contract.
type client struct {
	w    *world
	http *http.Client
}

func (w *world) anybody() *client {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	router, err := legacy.NewRouter(w.doc)
	require.NoError(w.t, err)
	return &client{w: w, http: &http.Client{Jar: jar, Transport: &conforming{t: w.t, router: router}}}
}

// as is a client logged in.
func (w *world) as(login string) *client {
	w.t.Helper()
	c := w.anybody()
	c.post("/api/v1/sessions", map[string]string{"login": login, "password": password}).is(http.StatusCreated)
	return c
}

// conforming fails the test when an answer does not keep to the contract.
type conforming struct {
	t      *testing.T
	router routers.Router
}

func (c *conforming) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil || answer.Header.Get("Content-Type") == "text/event-stream" {
		return answer, nil //nolint:nilerr // the web application's, or endless
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 answer.StatusCode, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil {
		c.t.Errorf("%s %s answers %d against the contract: %v\n%s", r.Method, r.URL.Path, answer.StatusCode, err, body)
	}
	return answer, nil
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (c *client) do(method, path string, body io.Reader, header map[string]string) *answer {
	c.w.t.Helper()
	r, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.http.URL+path, body)
	require.NoError(c.w.t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	response, err := c.http.Do(r)
	require.NoError(c.w.t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(c.w.t, err)
	return &answer{c.w.t, response.StatusCode, response.Header, data}
}

func (c *client) get(path string) *answer {
	c.w.t.Helper()
	return c.do(http.MethodGet, path, nil, nil)
}

func (c *client) send(method, path string, body any, header map[string]string) *answer {
	c.w.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(c.w.t, err)
	all := map[string]string{"Content-Type": "application/json"}
	for name, value := range header {
		all[name] = value
	}
	return c.do(method, path, bytes.NewReader(data), all)
}

// post sends with a fresh key.
func (c *client) post(path string, body any) *answer {
	c.w.t.Helper()
	return c.send(http.MethodPost, path, body, map[string]string{"Idempotency-Key": uuid.NewString()})
}

func (c *client) postAs(key, path string, body any) *answer {
	c.w.t.Helper()
	return c.send(http.MethodPost, path, body, map[string]string{"Idempotency-Key": key})
}

func (a *answer) is(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// refused checks a problem's status and code, and that its words are the catalogue's.
func (a *answer) refused(status int, code string) api.Problem {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	p := read[api.Problem](a)
	require.Equal(a.t, code, p.Code)
	require.Equal(a.t, "urn:duban:"+code, p.Type)
	require.NotContains(a.t, p.Title, "errors.", "a text is missing")
	require.NotContains(a.t, p.Title, "{", "an argument is missing")
	require.NotEmpty(a.t, p.TraceID)
	return p
}

func read[T any](a *answer) T {
	a.t.Helper()
	var v T
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// proposal is a proposal as a clerk of a district fills it in.
func proposal() map[string]any {
	return map[string]any{
		"rulebook": "zibo-city", "procedure": "innovation-proposal", "title": "企业开办一窗办结", "submit": true,
		"form": map[string]any{"category": "economy", "kind": "practice", "peopleFirst": true, "fourBenefits": true, "keyPoints": true,
			"problemDriven": true, "informatised": true, "summary": "开办企业的手续集中到一个窗口办理。"},
	}
}

// started starts a matter and gives it.
func (c *client) started(body map[string]any) api.Matter {
	c.w.t.Helper()
	return read[api.Matter](c.post("/api/v1/matters", body).is(http.StatusCreated))
}

func (c *client) act(matter string, body map[string]any) *answer {
	c.w.t.Helper()
	return c.post("/api/v1/matters/"+matter+"/actions", body)
}
