package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/public"
)

// A provider vouches for one person; who has signed on votes once, however often, and who has not does not.
func TestSingleSignOn(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	known := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: private.Public(), KeyID: "k", Algorithm: "RS256"}}}
	nonce, challenge := "", ""
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth":
			q := r.URL.Query()
			nonce, challenge = q.Get("nonce"), q.Get("code_challenge")
			http.Redirect(w, r, q.Get("redirect_uri")+"?code=c&state="+url.QueryEscape(q.Get("state")), http.StatusFound)
		case "/token":
			sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
			assert.Equal(t, challenge, base64.RawURLEncoding.EncodeToString(sum[:]))
			claims := fmt.Sprintf(`{"iss":%q,"aud":"duban","sub":"person-1","exp":%d,"nonce":%q}`, "http://"+r.Host, time.Now().Add(time.Hour).Unix(), nonce)
			w.Header().Set("Content-Type", "application/json")
			assert.NoError(t, json.NewEncoder(w).Encode(map[string]string{"access_token": "a", "token_type": "Bearer",
				"id_token": oidctest.SignIDToken(private, "k", "RS256", claims)}))
		default:
			known.ServeHTTP(w, r)
		}
	}))
	defer provider.Close()
	known.SetIssuer(provider.URL)
	w := newWorld(t, func(c *api.Config) { c.SignOn = &public.SignOn{Issuer: provider.URL, Client: "duban", Secret: "s"} })
	w.server.BaseURL = w.http.URL
	r := w.round(w.as("boshan.clerk").started(proposal()).ID)
	address := w.http.URL + "/vote/" + r.ID
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	do := func(answer *http.Response, err error) (int, string) {
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(body)
	}
	ballot := url.Values{"district": {"boshan"}, "choice": {"b"}, "request": {"0123456789abcdef"}}
	status, _ := do(browser.PostForm(address+"/ballot", ballot))
	assert.Equal(t, http.StatusForbidden, status)
	status, _ = do(browser.Get(w.http.URL + "/vote/signed-on?code=c&state=forged"))
	assert.Equal(t, http.StatusForbidden, status)
	for _, request := range []string{"0123456789abcdef", "fedcba9876543210"} {
		status, body := do(browser.Get(address + "/sign-on"))
		require.Equal(t, http.StatusOK, status, body)
		assert.Contains(t, body, "已通过统一身份认证")
		ballot.Set("request", request)
		status, body = do(browser.PostForm(address+"/ballot", ballot))
		require.Equal(t, http.StatusOK, status, body)
	}
	var voters int
	var stored string
	require.NoError(t, w.store.Pool().QueryRow(t.Context(), `SELECT count(*), string_agg(v::text, ' ') FROM poll_voter v`).Scan(&voters, &stored))
	assert.Equal(t, 1, voters)
	assert.NotContains(t, stored, "person-1")
}
