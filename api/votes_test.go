package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"image/png"
	"io"
	"math/bits"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/poll/polltest"
	"duban/internal/store"
	"duban/internal/verifier"
)

// phones keeps what was sent to them.
type phones struct {
	mu   sync.Mutex
	sent map[string]string
	all  []string // numbers
}

func (p *phones) send(_ context.Context, number, code string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[number], p.all = code, append(p.all, number)
	return nil
}

// visitor is somebody with a browser and no session.
type visitor struct {
	w *world
	r poll.Round
}

func (v visitor) get(path string) (int, string) {
	v.w.t.Helper()
	answer, err := http.Get(v.w.http.URL + path)
	require.NoError(v.w.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.w.t, err)
	return answer.StatusCode, string(body)
}

func (v visitor) post(path string, form url.Values) (int, string) {
	v.w.t.Helper()
	answer, err := http.PostForm(v.w.http.URL+path, form)
	require.NoError(v.w.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.w.t, err)
	return answer.StatusCode, string(body)
}

// work solves a challenge, as the page's script does.
func (v visitor) work() (challenge, solution string) {
	v.w.t.Helper()
	_, body := v.get("/vote/" + v.r.ID + "/challenge")
	var task struct {
		Challenge string
		Bits      int
	}
	require.NoError(v.w.t, json.Unmarshal([]byte(body), &task))
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(task.Challenge + ":" + strconv.Itoa(n)))
		if zeros := bits.LeadingZeros64(uint64(sum[0])<<56 | uint64(sum[1])<<48 | uint64(sum[2])<<40); zeros >= task.Bits {
			return task.Challenge, strconv.Itoa(n)
		}
	}
}

// asks asks for a code, and gives what is said and the token that goes back with the code.
func (v visitor) asks(number string) (status int, said, token string) {
	v.w.t.Helper()
	challenge, solution := v.work()
	status, body := v.post("/vote/"+v.r.ID+"/code", url.Values{"number": {number}, "challenge": {challenge}, "solution": {solution}})
	var answer struct{ Said, Token string }
	require.NoError(v.w.t, json.Unmarshal([]byte(body), &answer))
	return status, answer.Said, answer.Token
}

func (v visitor) votes(number, token, code, request string, choices ...string) (int, string) {
	return v.post("/vote/"+v.r.ID+"/ballot", url.Values{"number": {number}, "token": {token}, "code": {code}, "district": {"boshan"},
		"choice": choices, "request": {request}})
}

var shownReceipt = regexp.MustCompile(`<code>([2-9A-Z-]{14})</code>`)

func TestThePublicVotes(t *testing.T) {
	phone := &phones{sent: map[string]string{}}
	w := newWorld(t, func(c *api.Config) { c.Send = phone.send })
	m := w.as("boshan.clerk").started(proposal())
	v := visitor{w, w.round(m.ID)}
	address := "/vote/" + v.r.ID
	for path, words := range map[string]string{"/vote": v.r.Title, address: "最多跑一次", address + "/how": "公众票多者在前", address + "/practices/b": "一窗受理",
		address + "/ballot": "获取验证码", address + "/result": "看不到票数", address + "/verify": "只有审计人员", address + "/files/round.json": v.r.Draw} {
		status, body := v.get(path)
		assert.Equal(t, http.StatusOK, status, path)
		assert.Contains(t, body, words, path)
		assert.NotContains(t, body, "public.", path)
	}
	for _, path := range []string{"/vote/none", address + "/practices/x", address + "/files/result.json", address + "/files/ballots.csv", address + "/files.zip"} {
		status, _ := v.get(path)
		assert.Equal(t, http.StatusNotFound, status, "nothing before it is counted: %s", path)
	}

	const number = "13800000001"
	status, body, none := v.asks("138")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "十一位")
	assert.Empty(t, none)
	challenge, solution := v.work()
	ask := url.Values{"number": {number}, "challenge": {challenge}, "solution": {solution + "0"}}
	if status, _ = v.post(address+"/code", ask); status != http.StatusOK { // one in 130,000 solves it too
		assert.Equal(t, http.StatusUnprocessableEntity, status, "no work, no code")
	}
	status, body, token := v.asks(number)
	require.Equal(t, http.StatusOK, status, body)
	code := phone.sent[number]
	require.Len(t, code, 6)

	for why, c := range map[string][]string{"所选太少": {}, "所选太多": {"a", "b", "c"}, "请去掉重复项": {"a", "a"}, "不在本轮名单": {"x"}} {
		status, body = v.votes(number, token, code, "0123456789abcdef", c...)
		assert.Equal(t, http.StatusUnprocessableEntity, status)
		assert.Contains(t, body, why)
		for _, kept := range []string{number, token, code} {
			assert.Contains(t, body, `value="`+kept+`"`, "what was filled in is kept")
		}
	}
	status, body = v.votes(number, token, "x", "0123456789abcdef", "a")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "验证码不对")
	status, _ = v.get(address + "/files/heads.txt")
	assert.Equal(t, http.StatusNotFound, status, "no head of no ballot")
	status, body = v.votes(number, token, code, "0123456789abcdef", "a")
	require.Equal(t, http.StatusOK, status, body)
	status, heads := v.get(address + "/files/heads.txt")
	require.Equal(t, http.StatusOK, status)
	_, key := v.get(address + "/files/key.txt")
	signer, err := note.NewVerifier(strings.TrimSpace(key))
	require.NoError(t, err)
	head, err := polltest.OpenHead(heads, signer)
	require.NoError(t, err, "the log's head while it is open, for whoever keeps it")
	assert.EqualValues(t, 1, head.Size)
	first := shownReceipt.FindStringSubmatch(body)
	require.NotNil(t, first)
	square := regexp.MustCompile(`src="data:image/png;base64,([^"]+)" width="(\d+)" height="(\d+)"`).FindStringSubmatch(body)
	require.NotNil(t, square)
	drawn, err := base64.StdEncoding.DecodeString(square[1])
	require.NoError(t, err)
	picture, err := png.DecodeConfig(bytes.NewReader(drawn))
	require.NoError(t, err)
	assert.Equal(t, []string{strconv.Itoa(5 * picture.Width), strconv.Itoa(5 * picture.Height)}, square[2:])
	_, body = v.votes(number, token, code, "0123456789abcdef", "a")
	assert.Equal(t, first, shownReceipt.FindStringSubmatch(body), "sent again, it is the same ballot")
	_, body = v.votes(number, token, code, "another request 1", "b", "c")
	second := shownReceipt.FindStringSubmatch(body)
	require.NotNil(t, second)
	_, body = v.votes(number, token, code, "0123456789abcdef", "a")
	assert.Equal(t, first, shownReceipt.FindStringSubmatch(body), "sent again after it was replaced, it is still the same ballot")
	assert.Contains(t, body, "以后一张为准")
	_, body = v.votes(number, token, code, "another request 1", "c", "b")
	assert.Equal(t, second, shownReceipt.FindStringSubmatch(body))
	assert.NotContains(t, body, "以后一张为准")
	status, body = v.votes(number, "", code, "0123456789abcdef", "a")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "重新获取", "the right code is none to who did not ask for it")
	for range 5 {
		v.votes(number, token, "wrong", "0123456789abcdef", "a")
	}
	status, _ = v.votes(number, token, code, "0123456789abcdef", "a")
	assert.Equal(t, http.StatusTooManyRequests, status, "nobody tries codes out")
	_, _, token = v.asks(number)
	status, _ = v.votes(number, token, code, "0123456789abcdef", "a")
	assert.Equal(t, http.StatusOK, status, "whose number it is asks anew, and votes")
	sent := len(phone.all)
	status, body, token = v.asks(number)
	assert.Equal(t, http.StatusTooManyRequests, status, "nobody's telephone is flooded")
	assert.Contains(t, body, "最近一条短信")
	assert.Len(t, phone.all, sent)
	status, _ = v.votes(number, token, code, "0123456789abcdef", "a")
	assert.Equal(t, http.StatusOK, status, "nor is anybody kept from voting by who asks for their number")

	var stored string
	require.NoError(t, w.store.Pool().QueryRow(t.Context(), `SELECT string_agg(v::text, ' ') FROM poll_voter v`).Scan(&stored))
	assert.NotContains(t, stored, number)
	const late = "13800000009"
	status, body, token = v.asks(late)
	require.Equal(t, http.StatusOK, status, body)
	w.end(v.r)
	_, body = v.get(address + "/result")
	assert.Contains(t, body, "入选名单")
	assert.Contains(t, body, "起得分相同")
	files := fstest.MapFS{}
	for _, name := range append(poll.Bound(), poll.FileClosing, poll.FileKey) {
		_, text := v.get(address + "/files/" + name)
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	assert.True(t, strings.HasPrefix(string(files[poll.FileHeads].Data), heads), "a head that was kept stands")
	report, err := verifier.Poll(files)
	require.NoError(t, err)
	for receipt, want := range map[string]string{first[1]: "replaced", second[1]: "counted"} {
		in, err := report.Receipt(receipt)
		require.NoError(t, err)
		assert.Equal(t, want, in.Status)
	}
	status, body = v.get(address + "/files.zip")
	assert.Equal(t, http.StatusOK, status)
	assert.True(t, strings.HasPrefix(body, "PK"))
	status, body = v.votes(late, token, phone.sent[late], "0123456789abcdef", "a")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "此后的选票不再计入")

	earlier := w.round(w.as("boshan.clerk").started(proposal()).ID) // whose objections are over
	w.end(earlier)
	for round, days := range map[string]int{v.r.ID: 14, earlier.ID: 15} {
		_, err := w.store.Pool().Exec(t.Context(), `UPDATE poll_round SET closed = closed - make_interval(days => $2) WHERE id = $1`, round, days)
		require.NoError(t, err)
	}
	voted := func() (n int) {
		require.NoError(t, w.store.Pool().QueryRow(t.Context(), `SELECT count(*) FROM poll_voter WHERE round = $1`, v.r.ID).Scan(&n))
		return n
	}
	w.forgets(earlier.ID)
	assert.Equal(t, 1, voted(), "objections may still be raised on the fourteenth day")
	status, body = v.votes(late, token, phone.sent[late], "0123456789abcdef", "a")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "此后的选票不再计入")
	_, err = w.store.Pool().Exec(t.Context(), `UPDATE poll_round SET closed = closed - interval '1 day' WHERE id = $1`, v.r.ID)
	require.NoError(t, err)
	w.forgets(v.r.ID)
	assert.Zero(t, voted())
	status, _ = v.get(address + "/challenge")
	assert.Equal(t, http.StatusGone, status)
	status, body = v.votes(late, token, phone.sent[late], "0123456789abcdef", "a")
	assert.Equal(t, http.StatusGone, status)
	assert.Contains(t, body, "投票人标记已经销毁")
	w.as("boshan.clerk").post("/api/v1/polls/"+v.r.ID+"/ballots", map[string]any{"unit": "boshan", "choices": []string{"b"}}).
		refused(http.StatusConflict, "ballot-late")
}

// forgets lets the server forget who voted until it has of a round.
func (w *world) forgets(round string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	var done sync.WaitGroup
	done.Go(func() { w.server.ForgetVoters(ctx) })
	require.Eventually(w.t, func() bool {
		item, err := w.store.Round(w.t.Context(), round)
		return err == nil && !item.Forgotten.IsZero()
	}, time.Minute, time.Millisecond)
	cancel()
	done.Wait()
}

// Between its closing and its counting everybody reads what is fixed and when the result comes, and nobody the result.
func TestAVoteUnderReview(t *testing.T) {
	w := newWorld(t)
	v := visitor{w, w.round(w.as("boshan.clerk").started(proposal()).ID)}
	address := "/vote/" + v.r.ID
	for i := range 3 {
		receipt, err := poll.NewReceipt(strings.NewReader(strings.Repeat(strconv.Itoa(i), 12)))
		require.NoError(t, err)
		_, err = w.store.CastBallots(t.Context(), &v.r, []store.Vote{{Tag: []byte{byte(i)}, Class: poll.ClassPublic, District: "boshan", Choices: []string{"a"},
			Receipt: receipt, Address: []byte{7}, Segment: []byte{8}}})
		require.NoError(t, err)
	}
	counts := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	_, err := w.store.Pool().Exec(t.Context(), `UPDATE poll_round SET closes = now(), counts = $2,
		definition = replace(definition, '"ownChoice"', '"counts": "' || $3 || '", "ownChoice"') WHERE id = $1`, v.r.ID, counts, counts.Format(time.RFC3339))
	require.NoError(t, err)
	end, err := w.store.CloseRound(t.Context(), v.r.ID)
	require.NoError(t, err)
	said := counts.In(calendar.Shanghai).Format("2006年1月2日15:04")
	_, body := v.get(address)
	assert.Contains(t, body, "封账待核")
	assert.Contains(t, body, said)
	_, body = v.get(address + "/result")
	assert.Contains(t, body, "共有选票 3 张")
	assert.Contains(t, html.UnescapeString(body), end.Root.String())
	_, body = v.get(address + "/how")
	assert.Contains(t, body, said)
	_, body = v.get(address + "/files/heads.txt")
	assert.Contains(t, html.UnescapeString(body), end.Root.String())
	for _, path := range []string{"/files/result.json", "/files/ballots.csv", "/files/closing.txt", "/files.zip"} {
		status, _ := v.get(address + path)
		assert.Equal(t, http.StatusNotFound, status, path)
	}
	status, body := v.post(address+"/code", url.Values{})
	assert.Equal(t, http.StatusConflict, status)
	assert.Contains(t, body, "此后的选票不再计入")

	director := w.as("office.director")
	p := read[api.Poll](director.get("/api/v1/polls/" + v.r.ID).is(http.StatusOK))
	assert.EqualValues(t, "review", p.Summary.State)
	assert.True(t, p.Summary.Counts.Equal(counts))
	assert.Empty(t, p.Result.Rows)
	list := read[api.AnomalyList](director.get("/api/v1/polls/" + v.r.ID + "/anomalies?kind=address&least=2").is(http.StatusOK))
	require.Len(t, list.Items, 1)
	out := map[string]any{"kind": "address", "tag": list.Items[0].Tag, "reason": "截止前一分钟集中投票"}
	done := read[api.PollExclusion](director.post("/api/v1/polls/"+v.r.ID+"/exclusions", out).is(http.StatusCreated))
	assert.Equal(t, 3, done.Ballots)
}

// What a voter downloads to vote is small.
func TestScriptsOfThePublicPagesAreSmall(t *testing.T) {
	w := newWorld(t)
	v, size := visitor{w: w}, 0
	for _, name := range []string{"sha256.js", "ballot.js", "verify.js"} {
		status, body := v.get("/vote-static/" + name)
		require.Equal(t, http.StatusOK, status)
		size += len(body)
	}
	assert.Less(t, size, 50<<10)
}
