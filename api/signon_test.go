package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/public"
)

// provider is a single sign-on in this process that vouches for person-1, or for what a test makes of it.
type provider struct {
	*httptest.Server
	key              *rsa.PrivateKey
	nonce, challenge string
	spoil            func(claims map[string]any)
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p := &provider{key: key, spoil: func(map[string]any) {}}
	known := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "RS256"}}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth":
			q := r.URL.Query()
			p.nonce, p.challenge = q.Get("nonce"), q.Get("code_challenge")
			http.Redirect(w, r, q.Get("redirect_uri")+"?code=c&state="+url.QueryEscape(q.Get("state")), http.StatusFound)
		case "/token":
			sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
			assert.Equal(t, p.challenge, base64.RawURLEncoding.EncodeToString(sum[:]))
			claims := map[string]any{"iss": p.URL, "aud": "duban", "sub": "person-1", "exp": time.Now().Add(time.Hour).Unix(), "nonce": p.nonce}
			p.spoil(claims)
			text, err := json.Marshal(claims)
			assert.NoError(t, err)
			w.Header().Set("Content-Type", "application/json")
			assert.NoError(t, json.NewEncoder(w).Encode(map[string]string{"access_token": "a", "token_type": "Bearer",
				"id_token": oidctest.SignIDToken(p.key, "k", "RS256", string(text))}))
		default:
			known.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(p.Close)
	known.SetIssuer(p.URL)
	return p
}

// browser keeps cookies.
type browser struct {
	*http.Client
	t *testing.T
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return browser{&http.Client{Jar: jar}, t}
}

func (b browser) read(answer *http.Response, err error) (int, string) {
	b.t.Helper()
	require.NoError(b.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer.StatusCode, string(body)
}

// signOn is a world whose public is known by a provider, and the address of a round open in it.
func signOn(t *testing.T) (*world, *provider, string) {
	t.Helper()
	p := newProvider(t)
	w := newWorld(t, func(c *api.Config) { c.SignOn = &public.SignOn{Issuer: p.URL, Client: "duban", Secret: "s"} })
	w.server.BaseURL = w.http.URL
	return w, p, w.http.URL + "/vote/" + w.round(w.as("boshan.clerk").started(proposal()).ID).ID
}

// Who has signed on votes once, however often, and who has not does not.
func TestSingleSignOn(t *testing.T) {
	w, _, address := signOn(t)
	b := newBrowser(t)
	ballot := url.Values{"district": {"boshan"}, "choice": {"b"}, "request": {"0123456789abcdef"}}
	status, body := b.read(b.PostForm(address+"/ballot", ballot))
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, body, "尚未通过统一身份认证")
	for _, request := range []string{"0123456789abcdef", "fedcba9876543210"} {
		status, body = b.read(b.Get(address + "/sign-on"))
		require.Equal(t, http.StatusOK, status, body)
		assert.Contains(t, body, "已通过统一身份认证")
		ballot.Set("request", request)
		status, body = b.read(b.PostForm(address+"/ballot", ballot))
		require.Equal(t, http.StatusOK, status, body)
	}
	var voters int
	var stored string
	require.NoError(t, w.store.Pool().QueryRow(t.Context(), `SELECT count(*), string_agg(v::text, ' ') FROM poll_voter v`).Scan(&voters, &stored))
	assert.Equal(t, 1, voters)
	assert.NotContains(t, stored, "person-1")
	for _, page := range []string{"", "/how", "/ballot", "/result", "/verify"} {
		_, body = b.read(b.Get(address + page))
		assert.NotContains(t, body, "手机", "nobody is asked for a number: %s", page)
		assert.NotContains(t, body, "短信", page)
	}
	status, _ = b.read(b.PostForm(address+"/code", url.Values{"number": {"13800000000"}}))
	assert.Equal(t, http.StatusNotFound, status, "one way for a platform")
}

// Whatever else comes back from a provider, or from somewhere else in its name, lets nobody vote.
func TestSignOnsThatAreNone(t *testing.T) {
	_, p, address := signOn(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	own := p.key
	claim := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	refused := func(name string, b browser, status int, body string) {
		assert.Equal(t, http.StatusForbidden, status, name)
		assert.Contains(t, body, "统一身份认证没有完成", name)
		_, body = b.read(b.Get(address + "/ballot"))
		assert.NotContains(t, body, "已通过统一身份认证", name)
	}
	for name, c := range map[string]struct {
		key   *rsa.PrivateKey
		spoil func(map[string]any)
	}{
		"another sign-on's nonce": {own, claim("nonce", "another")},
		"no nonce":                {own, claim("nonce", "")},
		"for another platform":    {own, claim("aud", "another")},
		"from another provider":   {own, claim("iss", "https://another.example")},
		"expired":                 {own, claim("exp", time.Now().Add(-time.Minute).Unix())},
		"of nobody":               {own, claim("sub", " ")},
		"signed by another":       {other, func(map[string]any) {}},
	} {
		b := newBrowser(t)
		p.key, p.spoil = c.key, c.spoil
		status, body := b.read(b.Get(address + "/sign-on"))
		refused(name, b, status, body)
	}
}

// A sign-on is for the browser that asked, for one return, one round and ten minutes.
func TestASignOnIsForOne(t *testing.T) {
	p := newProvider(t)
	w := newWorld(t, func(c *api.Config) {
		c.SignOn = &public.SignOn{Issuer: p.URL, Client: "duban", Secret: "s"}
	})
	w.server.BaseURL = w.http.URL
	m := w.as("boshan.clerk").started(proposal())
	address := w.http.URL + "/vote/" + w.round(m.ID).ID
	other := w.http.URL + "/vote/" + w.round(w.as("boshan.clerk").started(proposal()).ID).ID
	asked, returned := newBrowser(t), ""
	asked.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/vote/signed-on" {
			returned = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	begin := func() {
		t.Helper()
		status, _ := asked.read(asked.Get(address + "/sign-on"))
		require.Equal(t, http.StatusFound, status)
	}
	known := func(b browser, address string) bool {
		t.Helper()
		_, body := b.read(b.Get(address + "/ballot"))
		return strings.Contains(body, "已通过统一身份认证")
	}

	begin()
	for name, back := range map[string]string{"forged": w.http.URL + "/vote/signed-on?code=c&state=forged", "another browser's": returned} {
		stranger := newBrowser(t)
		status, _ := stranger.read(stranger.Get(back))
		assert.Equal(t, http.StatusForbidden, status, name)
		assert.False(t, known(stranger, address), name)
	}
	status, _ := asked.read(asked.Get(w.http.URL + "/vote/signed-on?code=c&state=forged"))
	assert.Equal(t, http.StatusForbidden, status)
	status, _ = asked.read(asked.Get(returned))
	assert.Equal(t, http.StatusForbidden, status, "one return, be it forged")
	assert.False(t, known(asked, address))

	begin()
	status, _ = asked.read(asked.Get(returned))
	require.Equal(t, http.StatusOK, status)
	assert.True(t, known(asked, address))
	assert.False(t, known(asked, other), "not for another round")
	status, _ = asked.read(asked.Get(returned))
	assert.Equal(t, http.StatusForbidden, status, "replayed")

	w.clock.move(11 * time.Minute)
	assert.False(t, known(asked, address), "it has lapsed")
	status, body := asked.read(asked.PostForm(address+"/ballot", url.Values{"district": {"boshan"}, "choice": {"b"}, "request": {"0123456789abcdef"}}))
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, body, "认证已过期")
}
