package api_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/store"
)

// cord is the way to a database that can be stopped.
type cord struct {
	net.Conn
	stopped *atomic.Bool
}

func (c cord) Write(b []byte) (int, error) {
	if c.stopped.Load() {
		return 0, syscall.ECONNRESET
	}
	return c.Conn.Write(b)
}

// stoppable is a world whose platform loses its database when it is told to.
func stoppable(t *testing.T, stopped *atomic.Bool, change func(*api.Config)) *world {
	return newWorld(t, change, func(c *api.Config) {
		s, err := store.Open(t.Context(), c.Store.Pool().Config().ConnString(), func(p *pgxpool.Config) {
			dial := p.ConnConfig.DialFunc
			p.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				if stopped.Load() {
					return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
				}
				conn, err := dial(ctx, network, address)
				return cord{conn, stopped}, err
			}
		})
		require.NoError(t, err)
		t.Cleanup(s.Close)
		c.Store = s
	})
}

var (
	filledIn = regexp.MustCompile(`<input [^>]*name="(request|token|number|code)"[^>]* value="([^"]*)"`)
	ticked   = regexp.MustCompile(`name="choice" value="([^"]*)" checked`)
	selected = regexp.MustCompile(`<option value="([^"]+)" selected`)
)

// A voter whose ballot meets a database that is away keeps the form as it was, under the same request: sent again as it is,
// it is the same ballot.
func TestABallotInAnOutageIsNotLost(t *testing.T) {
	var stopped atomic.Bool
	phone := &phones{sent: map[string]string{}}
	w := stoppable(t, &stopped, func(c *api.Config) { c.Send = phone.send })
	v := visitor{w, w.round(w.as("boshan.clerk").started(proposal()).ID)}
	const number, request = "13800000001", "0123456789abcdef"
	status, said, token := v.asks(number)
	require.Equal(t, http.StatusOK, status, said)
	status, _ = v.votes(number, token, "x", request, "b")
	require.Equal(t, http.StatusUnprocessableEntity, status)

	stopped.Store(true)
	status, body := v.votes(number, token, "x", request, "b")
	assert.Equal(t, http.StatusUnprocessableEntity, status, "what is wrong is said all the same")
	assert.Contains(t, body, "验证码不对")
	status, body = v.votes(number, token, phone.sent[number], request, "b")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "选票可能已经收到")
	stopped.Store(false)

	again := url.Values{}
	for _, field := range filledIn.FindAllStringSubmatch(body, -1) {
		again.Add(field[1], field[2])
	}
	again.Set("choice", ticked.FindStringSubmatch(body)[1])
	again.Set("district", selected.FindStringSubmatch(body)[1])
	assert.Equal(t, url.Values{"request": {request}, "token": {token}, "number": {number}, "code": {phone.sent[number]},
		"choice": {"b"}, "district": {"boshan"}}, again, "the form is as it was filled in")
	status, body = v.post("/vote/"+v.r.ID+"/ballot", again)
	require.Equal(t, http.StatusOK, status)
	first := shownReceipt.FindStringSubmatch(body)
	require.NotNil(t, first)
	_, body = v.post("/vote/"+v.r.ID+"/ballot", again)
	assert.Equal(t, first, shownReceipt.FindStringSubmatch(body))
}
