package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/engine"
)

func TestARefusalTellsWhoSetItsRule(t *testing.T) {
	w := newWorld(t)
	head := w.as("boshan.head")
	m := w.as("boshan.clerk").started(proposal())
	offers := read[api.Matter](head.get("/api/v1/matters/" + m.ID).is(http.StatusOK)).Offers
	at := slices.IndexFunc(offers, func(o api.Offer) bool { return o.Action == "urge" })
	require.GreaterOrEqual(t, at, 0)
	require.Equal(t, "not-yours-to-urge", offers[at].Refusal.Code)
	require.Equal(t, "office", offers[at].Refusal.SetBy)
	problem := head.act(m.ID, map[string]any{"action": "urge"}).refused(http.StatusForbidden, "not-yours-to-urge")
	require.Equal(t, "office", problem.SetBy)
	require.Empty(t, problem.Source)
}

func TestAProposalFromItsSubmissionToItsReturn(t *testing.T) {
	w := newWorld(t)
	clerk, head := w.as("boshan.clerk"), w.as("boshan.head")
	m := clerk.started(proposal())
	require.Equal(t, api.MatterStateOpen, m.State)
	require.Equal(t, "screening", m.Stage)
	require.Equal(t, "zibo", m.Organisation)
	require.NotEmpty(t, m.Next.Sentence)
	require.NotEmpty(t, m.IfNobodyActs)
	require.Equal(t, api.MatterStageStateDone, stageOf(m, "submit"))
	require.Equal(t, api.MatterStageStateCurrent, stageOf(m, "screening"))
	require.Equal(t, api.MatterStageStateAhead, stageOf(m, "leader-sign"))

	todo := read[api.AssignmentList](head.get("/api/v1/assignments").is(http.StatusOK))
	require.Len(t, todo.Items, 1)
	require.Equal(t, m.ID, todo.Items[0].Matter)
	require.Equal(t, 1, todo.Counts.Total)
	require.Empty(t, read[api.AssignmentList](clerk.get("/api/v1/assignments").is(http.StatusOK)).Items)

	seen := read[api.Matter](head.get("/api/v1/matters/" + m.ID).is(http.StatusOK))
	offered := map[api.ActionName]api.Offer{}
	for _, o := range seen.Offers {
		offered[o.Action] = o
	}
	require.Empty(t, offered[api.ActionNameApprove].Refusal.Code)
	require.Equal(t, "同意提报", offered[api.ActionNameApprove].Label)
	require.Equal(t, "reason-required", offered[api.ActionNameReturn].Lacks.Code)

	explained := read[api.LimitExplanation](head.get("/api/v1/matters/" + m.ID + "/limits/" + number(seen.Limits[0].ID) + "/explanation").is(http.StatusOK))
	require.NotEmpty(t, explained.Days)
	require.Equal(t, "start", explained.Days[0].Why)

	head.act(m.ID, map[string]any{"action": "return"}).refused(http.StatusUnprocessableEntity, "reason-required")
	back := read[api.Matter](head.act(m.ID, map[string]any{"action": "return", "opinion": "请补充成效数据。"}).is(http.StatusOK))
	require.Equal(t, "submit", back.Stage)
	require.Equal(t, api.MatterStageStateReturned, stageOf(back, "screening"))
	require.Greater(t, back.Sequence, m.Sequence)

	story := read[api.EventList](clerk.get("/api/v1/matters/" + m.ID + "/events").is(http.StatusOK))
	require.Empty(t, story.Next)
	again := clerk.get("/api/v1/matters/" + m.ID + "/limits/" + number(explained.ID) + "/explanation").is(http.StatusOK)
	require.Equal(t, explained, read[api.LimitExplanation](again), "its day is explained after it has ended")
	clerk.get("/api/v1/matters/"+m.ID+"/limits/9999/explanation").refused(http.StatusNotFound, "not-found")
	require.True(t, slices.ContainsFunc(story.Items, func(e api.StoryEvent) bool {
		return e.Type == "limit-ended" && e.LimitID == explained.ID
	}))

	ended := 0
	for i, e := range story.Items {
		require.Equal(t, int64(i+1), e.Sequence)
		require.NotContains(t, e.Sentence, "{", "an argument is missing")
		require.NotContains(t, e.Sentence, "events.", "a text is missing")
		if e.Type == "limit-ended" {
			require.Equal(t, api.StoryEventKeptMet, e.Kept)
			require.NotEmpty(t, e.Limit)
			ended++
		}
	}
	require.Positive(t, ended)
	var told []string
	for _, e := range story.Items {
		if !e.Minor {
			told = append(told, e.Sentence)
		}
	}
	require.Contains(t, strings.Join(told, "\n"), "将事项由环节“提报单位筛选”退回至“填写提报”")
	part := read[api.EventList](clerk.get("/api/v1/matters/" + m.ID + "/events?after=2&limit=3").is(http.StatusOK))
	require.Equal(t, story.Items[2:5], part.Items)
	require.Equal(t, int64(5), part.Next)

	idea := proposal()
	idea["submit"] = false
	over := read[api.Matter](clerk.act(clerk.started(idea).ID, map[string]any{"action": "withdraw", "opinion": "今年不报了。"}).is(http.StatusOK))
	require.Equal(t, api.MatterStageStateUnfinished, stageOf(over, "submit"))
	require.Equal(t, api.MatterStageStateSkipped, stageOf(over, "screening"))
}

// stageOf is how a stage of a matter stands.
func stageOf(m api.Matter, key string) api.MatterStageState {
	for _, s := range m.Stages {
		if s.Key == key {
			return s.State
		}
	}
	return ""
}

func TestTheSameKeyHasOneOutcome(t *testing.T) {
	w := newWorld(t)
	clerk, head := w.as("boshan.clerk"), w.as("boshan.head")
	key := uuid.NewString()
	first := read[api.Matter](clerk.postAs(key, "/api/v1/matters", proposal()).is(http.StatusCreated))
	again := read[api.Matter](clerk.postAs(key, "/api/v1/matters", proposal()).is(http.StatusCreated))
	require.Equal(t, first.ID, again.ID)
	other := proposal()
	other["title"] = "另一事项"
	clerk.postAs(key, "/api/v1/matters", other).refused(http.StatusUnprocessableEntity, "key-reused")
	head.postAs(key, "/api/v1/matters", proposal()).refused(http.StatusUnprocessableEntity, "key-reused")
	require.Len(t, read[api.MatterList](clerk.get("/api/v1/matters").is(http.StatusOK)).Items, 1)

	act, path := uuid.NewString(), "/api/v1/matters/"+first.ID+"/actions"
	done := read[api.Matter](head.postAs(act, path, map[string]any{"action": "approve"}).is(http.StatusOK))
	require.Equal(t, "initial-review", done.Stage)
	twice := read[api.Matter](head.postAs(act, path, map[string]any{"action": "approve"}).is(http.StatusOK))
	require.Equal(t, done.Sequence, twice.Sequence)
	head.postAs(act, path, map[string]any{"action": "comment", "opinion": "一"}).refused(http.StatusUnprocessableEntity, "key-reused")

	status := read[api.CommandStatus](head.get("/api/v1/commands/" + act).is(http.StatusOK))
	require.Equal(t, api.CommandStatusStateDone, status.State)
	require.Positive(t, status.First)
	clerk.get("/api/v1/commands/"+act).refused(http.StatusNotFound, "not-found")
}

func TestARefusalIsRepeatedUnderItsKey(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	m := clerk.started(proposal())
	key, path := uuid.NewString(), "/api/v1/matters/"+m.ID+"/actions"
	for range 2 {
		p := clerk.postAs(key, path, map[string]any{"action": "approve"}).refused(http.StatusForbidden, "not-your-turn")
		require.Contains(t, p.Title, "博山区委改革办主任")
		require.Equal(t, "001 art. 12(1)", p.Source)
		require.Contains(t, p.SourceTitle, "第12条第（1）项")
	}
}

func TestMatterRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	without := func(field string) map[string]any {
		p := proposal()
		delete(p, field)
		return p
	}
	with := func(field string, value any) map[string]any {
		p := proposal()
		p[field] = value
		return p
	}
	form := func(field string, value any) map[string]any {
		p := proposal()
		p["form"].(map[string]any)[field] = value
		return p
	}
	for name, c := range map[string]struct {
		body   map[string]any
		status int
		code   string
		field  string
	}{
		"no title":          {without("title"), 400, "invalid-request", "title"},
		"empty title":       {with("title", "  "), 422, "bad-title", ""},
		"unknown member":    {with("colour", "red"), 400, "invalid-request", ""},
		"title no text":     {with("title", 1), 400, "invalid-request", "title"},
		"unknown rulebook":  {with("rulebook", "mars"), 404, "unknown-procedure", ""},
		"unknown procedure": {with("procedure", "mars"), 404, "unknown-procedure", ""},
		"another's unit":    {with("unit", "linzi"), 403, "not-a-starter", ""},
		"field unknown":     {form("colour", "red"), 422, "bad-form", "colour"},
		"field wrong":       {form("category", "mars"), 422, "bad-form", "category"},
		"field empty":       {form("summary", ""), 422, "bad-form", "summary"},
		"marked secret":     {form("summary", "机密★1年 某事项"), 422, "classified", ""},
		"text no table has": {with("title", "一\x00二"), 400, "invalid-request", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := clerk.post("/api/v1/matters", c.body).refused(c.status, c.code)
			if c.field != "" {
				require.NotEmpty(t, p.Errors)
				require.Equal(t, c.field, p.Errors[0].Field)
				require.NotContains(t, p.Errors[0].Message, "errors.")
			}
		})
	}
	w.clock.move(60 * 24 * time.Hour)
	late := w.as("boshan.clerk")
	p := late.post("/api/v1/matters", proposal()).refused(http.StatusConflict, "intake-closed")
	require.Contains(t, p.Title, "1月1日")
	startable := read[api.StartableList](late.get("/api/v1/procedures").is(http.StatusOK))
	require.NotEmpty(t, startable.Items)
	for _, item := range startable.Items {
		if item.Procedure == "innovation-proposal" {
			require.False(t, item.Open)
			require.Equal(t, "intake-closed", item.Closed.Code)
		}
	}
}

func TestWhoMayNotSeeFindsNothing(t *testing.T) {
	w := newWorld(t)
	clerk, other, office, auditor := w.as("boshan.clerk"), w.as("linzi.clerk"), w.as("office.director"), w.as("auditor")
	draft := proposal()
	draft["submit"] = false
	m := clerk.started(draft)
	require.Equal(t, api.MatterStateDraft, m.State)
	for _, stranger := range []*client{other, office, auditor} {
		for _, path := range []string{"", "/events", "/limits/1/explanation", "/workflow"} {
			stranger.get("/api/v1/matters/"+m.ID+path).refused(http.StatusNotFound, "not-found")
		}
		stranger.act(m.ID, map[string]any{"action": "approve"}).refused(http.StatusNotFound, "not-found")
		require.Empty(t, read[api.MatterList](stranger.get("/api/v1/matters").is(http.StatusOK)).Items)
	}
	clerk.act(m.ID, map[string]any{"action": "approve"}).is(http.StatusOK)
	office.get("/api/v1/matters/" + m.ID).is(http.StatusOK)
	other.get("/api/v1/matters/"+m.ID).refused(http.StatusNotFound, "not-found")
	require.Empty(t, read[api.Matter](auditor.get("/api/v1/matters/"+m.ID).is(http.StatusOK)).Offers)
	auditor.act(m.ID, map[string]any{"action": "comment", "opinion": "阅"}).refused(http.StatusForbidden, "read-only")
	for _, nothing := range []string{uuid.NewString(), "mars", strings.ToUpper(m.ID) + "x"} {
		clerk.get("/api/v1/matters/"+nothing).refused(http.StatusNotFound, "not-found")
	}
}

func TestAnActionTooLateAndOnAClosedMatter(t *testing.T) {
	w := newWorld(t)
	clerk, head := w.as("boshan.clerk"), w.as("boshan.head")
	m := clerk.started(proposal())
	tag := head.get("/api/v1/matters/" + m.ID).header.Get("ETag")
	approve := map[string]any{"action": "approve"}
	head.act(m.ID, approve).is(http.StatusOK)
	head.act(m.ID, approve).refused(http.StatusForbidden, "not-your-turn")
	p := head.send(http.MethodPost, "/api/v1/matters/"+m.ID+"/actions", approve,
		map[string]string{"Idempotency-Key": uuid.NewString(), "If-Match": tag}).refused(http.StatusPreconditionFailed, "changed-meanwhile")
	require.NotEmpty(t, p.Events, "what happened is told")
	head.send(http.MethodPost, "/api/v1/matters/"+m.ID+"/actions", approve,
		map[string]string{"Idempotency-Key": uuid.NewString(), "If-Match": "W/nonsense"}).refused(http.StatusBadRequest, "invalid-request")

	liaison := w.as("economy.liaison")
	lacks := liaison.act(m.ID, approve).refused(http.StatusUnprocessableEntity, "fields-missing")
	require.Contains(t, lacks.Title, "专项小组初审意见", "fields are named as the form names them")
	require.Equal(t, "groupOpinion", lacks.Errors[0].Field)
	liaison.act(m.ID, map[string]any{"action": "reject", "opinion": "不符合申报条件。"}).is(http.StatusOK)
	closed := read[api.Matter](clerk.get("/api/v1/matters/" + m.ID).is(http.StatusOK))
	require.Equal(t, api.MatterStateRejected, closed.State)
	require.Empty(t, closed.IfNobodyActs)
	clerk.act(m.ID, map[string]any{"action": "comment", "opinion": "补充"}).refused(http.StatusConflict, "closed")
	clerk.act(m.ID, map[string]any{"action": "dance"}).refused(http.StatusBadRequest, "invalid-request")
}

func TestWithoutAWorkerAnActionIsAcceptedAndCarriedOutLater(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	w.carry.away = engine.ErrBusy
	key := uuid.NewString()
	answer := clerk.postAs(key, "/api/v1/matters", proposal()).is(http.StatusAccepted)
	require.Equal(t, "/api/v1/commands/"+key, answer.header.Get("Location"))
	require.Equal(t, api.CommandStatusStateOpen, read[api.CommandStatus](answer).State)
	w.carry.away = nil
	entry, err := w.store.Entry(t.Context(), key)
	require.NoError(t, err)
	_, err = w.carry.carry(t.Context(), entry)
	require.NoError(t, err)
	status := read[api.CommandStatus](clerk.get(answer.header.Get("Location")).is(http.StatusOK))
	require.Equal(t, api.CommandStatusStateDone, status.State)
	clerk.get("/api/v1/matters/" + status.Matter).is(http.StatusOK)
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	clerk, office := w.as("boshan.clerk"), w.as("office.clerk")
	var ids []string
	for range 5 {
		ids = append(ids, clerk.started(proposal()).ID)
	}
	var listed []string
	for path := "/api/v1/matters?limit=2&text=一窗"; path != ""; {
		page := read[api.MatterList](office.get(path).is(http.StatusOK))
		for _, m := range page.Items {
			listed = append(listed, m.ID)
		}
		path = ""
		if page.Next != "" {
			path = "/api/v1/matters?limit=2&text=一窗&cursor=" + page.Next
		}
	}
	require.ElementsMatch(t, ids, listed)
	require.Len(t, read[api.MatterList](clerk.get("/api/v1/matters?relation=started&state=open&stage=screening&order=nearest&unit=boshan").is(http.StatusOK)).Items, 5)
	require.Empty(t, read[api.MatterList](office.get("/api/v1/matters?relation=done").is(http.StatusOK)).Items)
	for _, path := range []string{"matters", "assignments", "slips", "notifications"} {
		for _, cursor := range []string{"mars", "bnVsbA", "eyJNYXR0ZXIiOiJ4In0", "===="} {
			clerk.get("/api/v1/"+path+"?cursor="+cursor).refused(http.StatusBadRequest, "bad-cursor")
		}
		clerk.get("/api/v1/"+path+"?limit=201").refused(http.StatusBadRequest, "invalid-request")
		clerk.get("/api/v1/"+path+"?limit=0").refused(http.StatusBadRequest, "invalid-request")
	}
	clerk.get("/api/v1/matters?text=%00").refused(http.StatusBadRequest, "invalid-request")
	clerk.get("/api/v1/matters?relation=mine").refused(http.StatusBadRequest, "invalid-request")
}
