package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/store"
)

func TestLogInAndOut(t *testing.T) {
	w := newWorld(t)
	c := w.anybody()
	c.get("/api/v1/me").refused(http.StatusUnauthorized, "not-logged-in")
	in := c.post("/api/v1/sessions", map[string]string{"login": "office.director", "password": password}).is(http.StatusCreated)
	cookie := in.header.Get("Set-Cookie")
	require.True(t, strings.HasPrefix(cookie, "duban="), "plain http has a plain name")
	for _, attribute := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		require.Contains(t, cookie, attribute)
	}
	me := read[api.Me](c.get("/api/v1/me").is(http.StatusOK))
	require.Equal(t, "office.director", me.Login)
	require.Equal(t, "office/director", me.Posts[0].Post)
	require.True(t, me.Posts[0].Oversees)
	require.True(t, me.Demo)

	elsewhere := w.as("office.director")
	sessions := read[api.SessionList](c.get("/api/v1/sessions").is(http.StatusOK)).Items
	require.Len(t, sessions, 2)
	for _, s := range sessions {
		if !s.Current {
			c.do(http.MethodDelete, "/api/v1/sessions/"+s.ID, nil, nil).is(http.StatusNoContent)
			c.do(http.MethodDelete, "/api/v1/sessions/"+s.ID, nil, nil).refused(http.StatusNotFound, "not-found")
		} else {
			w.as("office.clerk").do(http.MethodDelete, "/api/v1/sessions/"+s.ID, nil, nil).refused(http.StatusNotFound, "not-found")
		}
	}
	elsewhere.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")
	c.do(http.MethodDelete, "/api/v1/sessions/current", nil, nil).is(http.StatusNoContent)
	c.get("/api/v1/me").refused(http.StatusUnauthorized, "not-logged-in")
}

func TestACookieOverTLSIsTheHostsOwn(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.BaseURL = "https://duban.example" })
	in := w.anybody().post("/api/v1/sessions", map[string]string{"login": "office.director", "password": password}).is(http.StatusCreated)
	cookie := in.header.Get("Set-Cookie")
	require.True(t, strings.HasPrefix(cookie, "__Host-duban="))
	require.Contains(t, cookie, "Secure")
	require.NotEmpty(t, in.header.Get("Strict-Transport-Security"))
}

func TestASessionExpires(t *testing.T) {
	w := newWorld(t)
	idle, used := w.as("office.clerk"), w.as("office.director")
	for range 3 {
		w.clock.move(20 * time.Minute)
		used.get("/api/v1/me").is(http.StatusOK)
	}
	idle.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")
	w.clock.move(12 * time.Hour)
	used.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")
}

func TestTooManyFailuresLockThePairOnly(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Proxied = true })
	from := func(address, word string) *answer {
		return w.anybody().send(http.MethodPost, "/api/v1/sessions", map[string]string{"login": "office.clerk", "password": word},
			map[string]string{"Idempotency-Key": uuid.NewString(), "X-Forwarded-For": address})
	}
	for range 5 {
		from("192.0.2.1", "wrong").refused(http.StatusUnauthorized, "wrong-credentials")
	}
	locked := from("192.0.2.1", password)
	locked.refused(http.StatusTooManyRequests, "too-many-attempts")
	require.Equal(t, "600", locked.header.Get("Retry-After"))
	from("192.0.2.2", password).is(http.StatusCreated)
	w.clock.move(11 * time.Minute)
	from("192.0.2.1", password).is(http.StatusCreated)
	from("192.0.2.3", "nobody has it").refused(http.StatusUnauthorized, "wrong-credentials")
}

func TestPasswords(t *testing.T) {
	w := newWorld(t)
	w.clock.move(time.Minute)
	c, other := w.as("office.clerk"), w.as("office.clerk")
	change := func(current, next string) *answer {
		return c.post("/api/v1/me/password", map[string]string{"current": current, "password": next})
	}
	change("wrong", "Zb-2026-Xin-Mima").refused(http.StatusUnprocessableEntity, "password-wrong")
	change(password, "short").refused(http.StatusUnprocessableEntity, "password-short")
	change(password, password).refused(http.StatusUnprocessableEntity, "password-used")
	change(password, "Zb-2026-Xin-Mima").is(http.StatusNoContent)
	other.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")
	c.get("/api/v1/me").is(http.StatusOK)

	w.clock.move(91 * 24 * time.Hour)
	late := w.as("office.director")
	require.True(t, read[api.Me](late.get("/api/v1/me").is(http.StatusOK)).PasswordExpired)
	late.get("/api/v1/assignments").refused(http.StatusForbidden, "password-expired")
	late.post("/api/v1/me/password", map[string]string{"current": password, "password": "Zb-2026-Xin-Mima"}).is(http.StatusNoContent)
	late.get("/api/v1/assignments").is(http.StatusOK)
}

func TestAPersonIsEnteredActivatedGivenAPostAndBarred(t *testing.T) {
	w := newWorld(t)
	admin, security := w.as("sysadmin"), w.as("secadmin")
	person := map[string]any{"login": "new.clerk", "name": "新经办人", "email": "new.clerk@example.cn"}
	security.post("/api/v1/people", person).refused(http.StatusForbidden, "not-administrator")
	key := uuid.NewString()
	entered := read[api.CreatedPerson](admin.postAs(key, "/api/v1/people", person).is(http.StatusCreated))
	again := read[api.CreatedPerson](admin.postAs(key, "/api/v1/people", person).is(http.StatusCreated))
	require.Equal(t, entered, again, "the link too")
	person["name"] = "另一人"
	admin.postAs(key, "/api/v1/people", person).refused(http.StatusUnprocessableEntity, "key-reused")
	admin.post("/api/v1/people", person).refused(http.StatusUnprocessableEntity, "login-taken")

	activation := map[string]string{"token": entered.Activation.Token, "password": "Zb-2026-Xin-Mima"}
	w.anybody().post("/api/v1/activations", map[string]string{"token": "mars", "password": "Zb-2026-Xin-Mima"}).refused(http.StatusGone, "activation-invalid")
	w.anybody().post("/api/v1/activations", activation).is(http.StatusNoContent)
	w.anybody().post("/api/v1/activations", activation).refused(http.StatusGone, "activation-invalid")

	path := "/api/v1/people/" + entered.Person.ID
	admin.post(path+"/holdings", map[string]any{"post": "boshan/clerk"}).refused(http.StatusForbidden, "not-security-administrator")
	security.post(path+"/holdings", map[string]any{"post": "mars/clerk"}).refused(http.StatusUnprocessableEntity, "unknown-post")
	held := read[api.Person](security.post(path+"/holdings", map[string]any{"post": "boshan/clerk"}).is(http.StatusCreated))
	require.Len(t, held.Holdings, 1)
	security.post(path+"/holdings", map[string]any{"post": "boshan/clerk"}).refused(http.StatusUnprocessableEntity, "holding-overlaps")

	c := w.anybody()
	c.post("/api/v1/sessions", map[string]string{"login": "new.clerk", "password": "Zb-2026-Xin-Mima"}).is(http.StatusCreated)
	c.post("/api/v1/matters", proposal()).is(http.StatusCreated)
	head := read[api.Me](w.as("boshan.head").get("/api/v1/me").is(http.StatusOK))
	deputy := map[string]any{"post": "boshan/clerk", "deputy": head.Person.ID, "to": w.clock.read().Add(48 * time.Hour)}
	named := read[api.Person](c.post(path+"/deputies", deputy).is(http.StatusCreated))
	require.Len(t, named.Deputies, 1)
	admin.do(http.MethodDelete, path+"/deputies/"+named.Deputies[0].ID, nil, nil).refused(http.StatusForbidden, "not-security-administrator")
	c.do(http.MethodDelete, path+"/deputies/"+named.Deputies[0].ID, nil, nil).is(http.StatusNoContent)

	security.do(http.MethodDelete, path+"/holdings/"+held.Holdings[0].ID, nil, nil).is(http.StatusNoContent)
	c.post("/api/v1/matters", proposal()).is(http.StatusForbidden)
	admin.send(http.MethodPut, path+"/active", map[string]any{"active": false}, nil).is(http.StatusOK)
	c.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")
	c.get("/api/v1/people").refused(http.StatusUnauthorized, "session-expired")
	trail, err := w.store.AuditTrail(t.Context(), store.AuditFilter{Action: "createHolding"}, 0, 10)
	require.NoError(t, err)
	var outcomes []string
	for _, entry := range trail {
		outcomes = append(outcomes, entry.Outcome)
	}
	require.Equal(t, []string{"holding-overlaps", "done", "unknown-post", "not-security-administrator"}, outcomes)
	list := read[api.PersonList](admin.get("/api/v1/people?limit=3").is(http.StatusOK))
	require.Len(t, list.Items, 3)
	next := read[api.PersonList](admin.get("/api/v1/people?limit=3&cursor=" + list.Next).is(http.StatusOK))
	require.Greater(t, next.Items[0].Login, list.Items[2].Login)
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	w := newWorld(t)
	c := w.as("boshan.clerk")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}} {
		header["Idempotency-Key"] = uuid.NewString()
		c.send(http.MethodPost, "/api/v1/matters", proposal(), header).refused(http.StatusForbidden, "cross-origin")
	}
	c.send(http.MethodPost, "/api/v1/matters", proposal(), map[string]string{"Sec-Fetch-Site": "same-origin",
		"Idempotency-Key": uuid.NewString()}).is(http.StatusCreated)
}

func TestEveryPostNeedsAKey(t *testing.T) {
	w := newWorld(t)
	c := w.as("sysadmin")
	nothing := uuid.NewString()
	for path, item := range w.doc.Paths.Map() {
		if item.Post == nil {
			continue
		}
		path = strings.NewReplacer("{matter}", nothing, "{person}", nothing).Replace(path)
		c.send(http.MethodPost, path, map[string]any{}, map[string]string{"Content-Type": contentType(item.Post)}).
			refused(http.StatusBadRequest, "idempotency-key-required")
		c.send(http.MethodPost, path, map[string]any{}, map[string]string{"Content-Type": contentType(item.Post), "Idempotency-Key": "a b"}).
			refused(http.StatusBadRequest, "idempotency-key-malformed")
	}
	c.send(http.MethodPost, "/api/v1/people", map[string]any{}, map[string]string{"Content-Type": "text/plain",
		"Idempotency-Key": nothing}).refused(http.StatusUnsupportedMediaType, "media-type")
	c.send(http.MethodPost, "/api/v1/people", strings.Repeat("a", 2<<20), map[string]string{
		"Idempotency-Key": nothing}).refused(http.StatusRequestEntityTooLarge, "body-too-large")
}

func TestOneAddressCannotTryEverybody(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Proxied = true })
	try := func(login string) *answer {
		return w.anybody().send(http.MethodPost, "/api/v1/sessions", map[string]string{"login": login, "password": password},
			map[string]string{"Idempotency-Key": uuid.NewString(), "X-Forwarded-For": "192.0.2.1"})
	}
	heard := 0
	for range 150 {
		a := try(uuid.NewString()[:8])
		if a.status == http.StatusTooManyRequests {
			break
		}
		a.refused(http.StatusUnauthorized, "wrong-credentials")
		heard++
	}
	require.Equal(t, 100, heard)
	try("office.clerk").refused(http.StatusTooManyRequests, "too-many-attempts")
	w.clock.move(time.Second)
	try("office.clerk").is(http.StatusCreated)
}
