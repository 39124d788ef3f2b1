package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/api"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
)

// reviewed is a proposal that is before its special group.
func reviewed(w *world) api.Matter {
	m := w.as("boshan.clerk").started(proposal())
	require.Equal(w.t, api.MatterStateOpen, m.State)
	return m
}

func repairs(m api.Matter) string { return "/api/v1/operations/matters/" + m.ID + "/repairs" }

func TestHowMattersRun(t *testing.T) {
	w := newWorld(t)
	m := reviewed(w)
	drafted := proposal()
	drafted["submit"], drafted["title"] = false, "还在起草的事项"
	draft := w.as("boshan.clerk").started(drafted)
	admin := w.as("sysadmin")
	found := read[api.OperationList](admin.get("/api/v1/operations/matters?limit=1").is(http.StatusOK))
	require.Equal(t, m.ID, found.Items[0].ID, "the one whose clock rings first")
	require.Contains(t, found.Items[0].Sentence, "等待")
	require.Contains(t, found.Items[0].Sentence, "时限")
	require.NotEmpty(t, found.Items[0].Timer)
	require.False(t, found.Items[0].Wake.IsZero())
	require.NotEmpty(t, found.Items[0].Holders[0].Holders)
	rest := read[api.OperationList](admin.get("/api/v1/operations/matters?limit=1&cursor=" + found.Next).is(http.StatusOK))
	require.Equal(t, draft.ID, rest.Items[0].ID)
	require.NotContains(t, rest.Items[0].Title, "起草的", "a draft is its unit's alone")
	require.Len(t, read[api.OperationList](admin.get("/api/v1/operations/matters?timed=true").is(http.StatusOK)).Items, 2)
	require.Empty(t, read[api.OperationList](admin.get("/api/v1/operations/matters?text=起草").is(http.StatusOK)).Items)

	_, err := w.store.Pool().Exec(t.Context(), `UPDATE matter SET parent = $2 WHERE id = $1`, draft.ID, m.ID)
	require.NoError(t, err)
	child := read[api.OperationList](admin.get("/api/v1/operations/matters?text=起草").is(http.StatusOK))
	require.Equal(t, "还在起草的事项", child.Items[0].Title, "what a matter started is called as the rules call it")

	detail := read[api.OperationDetail](admin.get("/api/v1/operations/matters/" + m.ID).is(http.StatusOK))
	require.Equal(t, found.Items[0].Sentence, detail.Matter.Sentence)
	require.NotEmpty(t, detail.Assignments)
	require.NotEmpty(t, detail.Targets)
	require.Contains(t, detail.WorkflowProblem, "流程")
	admin.get("/api/v1/operations/matters/" + uuid.NewString()).is(http.StatusNotFound)
	admin.get("/api/v1/operations/matters/" + draft.ID + "/history").is(http.StatusNotFound)
}

// What begins by itself is listed, the next first, though the workflow server cannot say whether it will.
func TestWhatBeginsByItselfIsForetold(t *testing.T) {
	w := newWorld(t)
	items := read[api.BeginningList](w.as("auditor").get("/api/v1/operations/beginnings").is(http.StatusOK)).Items
	require.Len(t, items, 3)
	require.True(t, items[0].Next.Before(items[1].Next) && items[1].Next.Before(items[2].Next))
	for _, item := range items {
		require.Equal(t, "08:30", item.Next.In(time.FixedZone("", 8*60*60)).Format("15:04"))
		require.Equal(t, "office", item.Unit)
		require.NotEmpty(t, item.UnitName)
		require.NotContains(t, item.Title, "{")
		require.Equal(t, api.BeginningStateUnknown, item.State)
		require.Contains(t, item.StateTitle, "没有应答")
		require.True(t, item.Authority.SetBy != "" || item.Authority.SourceTitle != "")
	}
}

func TestARepairIsForetoldReasonedAndAudited(t *testing.T) {
	w := newWorld(t)
	m := reviewed(w)
	admin := w.as("sysadmin")
	preview := func(query string) api.RepairPreview {
		return read[api.RepairPreview](admin.get("/api/v1/operations/matters/" + m.ID + "/preview?repair=" + query).is(http.StatusOK))
	}
	stop := preview("terminate")
	require.NotEmpty(t, stop.Sentences)
	require.Contains(t, stop.Told, "发起人"+m.Starter.Name+"：事项已结束")
	moved := preview("move&stage=" + m.Stages[0].Key)
	require.NotEmpty(t, moved.Told)
	require.Equal(t, "stage-unknown", preview("move&stage=nowhere").Refusal.Code)
	require.Equal(t, "post-unknown", preview("reassign&post=no/where").Refusal.Code)
	require.Equal(t, "not-suspended", preview("resume").Refusal.Code)
	require.NotEmpty(t, preview("retry").Sentences)
	require.NotEmpty(t, preview("restart").Sentences)
	require.NotEmpty(t, preview("reproject").Sentences)
	unchanged := read[api.Matter](w.as("boshan.clerk").get("/api/v1/matters/" + m.ID).is(http.StatusOK))
	require.Equal(t, m.Sequence, unchanged.Sequence, "a preview changes nothing")

	ask := func(body map[string]any, status int) *answer {
		return admin.send(http.MethodPost, repairs(m), body, map[string]string{"Content-Type": "application/json", "Idempotency-Key": uuid.NewString()}).is(status)
	}
	ask(map[string]any{"repair": "suspend"}, http.StatusBadRequest)
	require.Equal(t, "reason-required", read[api.Problem](ask(map[string]any{"repair": "suspend", "reason": " "}, http.StatusUnprocessableEntity)).Code)
	key := uuid.NewString()
	body := map[string]any{"repair": "suspend", "reason": "等待核实"}
	for range 2 { // once under one key
		said := read[api.RepairResult](admin.send(http.MethodPost, repairs(m), body,
			map[string]string{"Content-Type": "application/json", "Idempotency-Key": key}).is(http.StatusOK))
		require.Equal(t, "已暂停计时。", said.Sentence)
	}
	halted := read[api.Matter](w.as("boshan.clerk").get("/api/v1/matters/" + m.ID).is(http.StatusOK))
	require.Equal(t, api.MatterStateSuspended, halted.State)
	story := read[api.EventList](w.as("boshan.clerk").get("/api/v1/matters/" + m.ID + "/events?after=" + strconv.FormatInt(m.Sequence, 10)).is(http.StatusOK))
	require.Contains(t, story.Items[0].Sentence, "系统管理员")
	require.Equal(t, "等待核实", story.Items[0].Opinion)
	ask(map[string]any{"repair": "resume", "reason": "已核实"}, http.StatusOK)
	post := halted.Assignments[0].Post.Post
	require.Equal(t, "already-involved", read[api.Problem](ask(map[string]any{"repair": "reassign", "reason": "换人", "post": post}, http.StatusUnprocessableEntity)).Code)
	require.Equal(t, "person-not-of-post", read[api.Problem](ask(map[string]any{"repair": "reassign", "reason": "换人", "post": "office/clerk", "person": m.Starter.ID}, http.StatusUnprocessableEntity)).Code)
	ask(map[string]any{"repair": "reassign", "reason": "原岗位空缺", "post": "office/clerk"}, http.StatusOK)
	ask(map[string]any{"repair": "move", "reason": "填错了", "stage": m.Stages[0].Key}, http.StatusOK)
	stale := admin.send(http.MethodPost, repairs(m), map[string]any{"repair": "suspend", "reason": "看错了"},
		map[string]string{"Content-Type": "application/json", "Idempotency-Key": uuid.NewString(), "If-Match": `"` + strconv.FormatInt(m.Sequence, 10) + `"`})
	require.Equal(t, http.StatusPreconditionFailed, stale.status)
	ask(map[string]any{"repair": "reproject", "reason": "列表不对"}, http.StatusOK)
	ask(map[string]any{"repair": "restart", "reason": "不能运行"}, http.StatusServiceUnavailable)
	ask(map[string]any{"repair": "terminate", "reason": "重复申报"}, http.StatusOK)
	over := read[api.Matter](w.as("boshan.clerk").get("/api/v1/matters/" + m.ID).is(http.StatusOK))
	require.Equal(t, api.MatterStateTerminated, over.State)

	trail, err := w.store.AuditTrail(t.Context(), store.AuditFilter{Object: m.ID, Action: "repairMatter"}, 0, 100)
	require.NoError(t, err)
	require.Equal(t, "terminate", trail[0].Details["repair"])
	require.Equal(t, "重复申报", trail[0].Details["reason"])
	asked, err := w.store.AuditTrail(t.Context(), store.AuditFilter{Object: m.ID, Action: "askRepair"}, 0, 100)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(asked), len(trail), "that it was asked for is put down first")
	done := read[api.OperationDetail](admin.get("/api/v1/operations/matters/" + m.ID).is(http.StatusOK)).Done
	require.Equal(t, "终止", done[0].Title)
}

func TestIncidentsAreListedWithWhatWasDone(t *testing.T) {
	w := newWorld(t)
	m := reviewed(w)
	held, err := w.store.Watch(t.Context(), "here", time.Hour)
	require.NoError(t, err)
	require.True(t, held)
	began := time.Now().Add(-time.Minute)
	_, err = w.store.Find(t.Context(), "here", []store.Finding{
		{Kind: store.IncidentActivity, Subject: m.ID, Matter: m.ID, Began: began, Attempts: 4, Fault: "坏了",
			Details: map[string]any{"activity": "Record", "type": activities.Bug, "next": "2026-11-22T06:00:00Z"}},
		{Kind: store.IncidentMail, Subject: "connect", Began: began, Attempts: 2, Fault: "connect", Details: map[string]any{"waiting": 3}},
	}, nil)
	require.NoError(t, err)
	admin := w.as("sysadmin")
	list := read[api.IncidentList](admin.get("/api/v1/operations/incidents").is(http.StatusOK))
	require.Len(t, list.Items, 2)
	require.Equal(t, map[string]int{store.IncidentActivity: 1, store.IncidentMail: 1}, list.Counts)
	require.Equal(t, "连接不上邮件服务器", list.Items[0].Fault)
	require.Contains(t, list.Items[1].Sentence, "登记事项经过")
	require.Contains(t, list.Items[1].Sentence, "4次")
	require.Contains(t, list.Items[1].Fault, "程序维护人员")
	require.Equal(t, "坏了", list.Items[1].Raw)
	require.Equal(t, m.Title, list.Items[1].MatterTitle)
	require.False(t, list.Items[1].Next.IsZero())
	told := read[api.NotificationList](admin.get("/api/v1/notifications").is(http.StatusOK))
	require.Len(t, told.Items, 2)
	require.Contains(t, told.Items[1].Title+told.Items[0].Title, "邮件发不出去")
	admin.send(http.MethodPost, "/api/v1/operations/mail/retries", map[string]any{"reason": "服务器已恢复"},
		map[string]string{"Content-Type": "application/json", "Idempotency-Key": uuid.NewString()}).is(http.StatusOK)
	list = read[api.IncidentList](admin.get("/api/v1/operations/incidents?state=all").is(http.StatusOK))
	require.Equal(t, "服务器已恢复", list.Items[0].Done[0].Reason)
	require.Empty(t, read[api.IncidentList](admin.get("/api/v1/operations/incidents?state=closed").is(http.StatusOK)).Items)
	require.Empty(t, read[api.PartList](w.as("auditor").get("/api/v1/operations/parts").is(http.StatusOK)).Items)

	_, err = w.store.Find(t.Context(), "here", []store.Finding{{Kind: store.IncidentBegin, Subject: "zibo-city/practice-promotion", Began: began,
		Details: map[string]any{"rulebook": "zibo-city", "procedure": "practice-promotion", "day": "2026-07-10", "code": "begins-otherwise", "args": nil}}}, nil)
	require.NoError(t, err)
	refused := read[api.IncidentList](admin.get("/api/v1/operations/incidents").is(http.StatusOK)).Items[0]
	require.Equal(t, "事项没有自动发起", refused.Title)
	require.Contains(t, refused.Sentence, "创新改革经验推广推介评选”应于2026年7月10日自动发起，但没有发起：按现行规则")
}

func TestOperationsHaveTheirWords(t *testing.T) {
	noMatter := []string{store.TellIncident, store.TellRefused, store.TellProposed, store.TellDeparted, store.TellDisabled}
	for _, kind := range store.IncidentKinds {
		for _, key := range []string{"incident." + kind, "incident." + kind + ".hint"} {
			require.True(t, message.Has("operations."+key), key)
		}
	}
	for _, kind := range store.NotificationKinds {
		if !slices.Contains(noMatter, kind) && !message.Has("operations.told."+kind) {
			t.Errorf("operations.json does not say of what %q tells", kind)
		}
	}
	for number := range enumspb.EventType_name {
		event := enumspb.EventType(number).String()
		if event != enumspb.EVENT_TYPE_UNSPECIFIED.String() && !strings.HasPrefix(event, "Nexus") { // which no workflow uses
			require.True(t, message.Has("operations.history."+event), event)
		}
	}
	kind := reflect.TypeFor[*activities.Activities]()
	require.Positive(t, kind.NumMethod())
	for method := range kind.Methods() {
		require.True(t, message.Has("operations.activity."+method.Name), method.Name)
	}
	for _, signal := range constants(t, "../workflows/names.go", "Signal") {
		require.True(t, message.Has("operations.signal."+signal), signal)
	}
	for _, kind := range []string{activities.Unavailable, activities.Bug, enumspb.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR.String(),
		enumspb.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE.String()} {
		require.True(t, message.Has("operations.fault."+kind), kind)
	}
	for _, action := range []procedure.AlarmDo{procedure.DoNotice, procedure.DoUrge, procedure.DoSlip, procedure.DoEscalate} {
		require.True(t, message.Has("operations.timer."+string(action)), action)
	}
	for _, repair := range []api.RepairName{api.RepairNameRetry, api.RepairNameRestart, api.RepairNameReassign, api.RepairNameMove,
		api.RepairNameSuspend, api.RepairNameResume, api.RepairNameReproject, api.RepairNameTerminate} {
		require.True(t, message.Has("operations.repair."+string(repair)) && message.Has("operations.done."+string(repair)), repair)
	}
}

// constants gives the values of a file's text constants whose names begin so.
func constants(t *testing.T, file, prefix string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, prefix) {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			values = append(values, value)
		}
		return true
	})
	require.NotEmpty(t, values)
	return values
}

// What is a program's before this one still has a name: never the bare key.
func TestAnActivityNobodyKnowsHasAName(t *testing.T) {
	w := newWorld(t)
	m := reviewed(w)
	held, err := w.store.Watch(t.Context(), "here", time.Hour)
	require.NoError(t, err)
	require.True(t, held)
	_, err = w.store.Find(t.Context(), "here", []store.Finding{{Kind: store.IncidentActivity, Subject: m.ID, Matter: m.ID, Began: time.Now(),
		Attempts: 4, Fault: "坏了", Details: map[string]any{"activity": "Gone", "type": activities.Bug}}}, nil)
	require.NoError(t, err)
	list := read[api.IncidentList](w.as("sysadmin").get("/api/v1/operations/incidents").is(http.StatusOK))
	require.Contains(t, list.Items[0].Sentence, "“后台操作”")
}
