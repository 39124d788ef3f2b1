package api_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/document"
	"duban/internal/store"
)

// task is an entry of the reform ledger as the office's clerk fills it in.
func task(title, unit, leader, due string) map[string]any {
	return map[string]any{"rulebook": "zibo-city", "procedure": "reform-task", "title": title, "submit": true,
		"form": map[string]any{"unit": unit, "due": due, "leaderInCharge": leader, "basis": "市委文件", "approvedBy": "领导小组会议", "approvedOn": "2026-01-05"}}
}

// ledger is a world with entries of two units under two leaders, one of them overdue in March.
func ledger(t *testing.T) *world {
	w := newWorld(t)
	clerk := w.as("office.clerk")
	clerk.started(task("一窗通办", "finance", "分管副市长", "2026-02-27"))
	clerk.started(task("数据共享", "finance", "秘书长", "2026-09-30"))
	clerk.started(task("人才公寓", "boshan", "分管副市长", "2026-12-31"))
	return w
}

func TestTheLedgerInGroups(t *testing.T) {
	w := ledger(t)
	clerk, boshan := w.as("office.clerk"), w.as("boshan.clerk")
	counts := func(c *client, query string) map[string]int {
		got := read[api.Ledger](c.get("/api/v1/ledger?" + query).is(http.StatusOK))
		found, all := map[string]int{}, 0
		for _, g := range got.Groups {
			found[g.Title] = g.Total
			all += g.Total
			require.NotContains(t, g.Title, "ledger.", "a text is missing")
			require.NotContains(t, g.Title, "{", "an argument is missing")
		}
		require.Equal(t, got.Total.Total, all)
		return found
	}
	require.Equal(t, map[string]int{"市财政局": 2, "博山区": 1}, counts(clerk, "by=unit"))
	require.Equal(t, map[string]int{"分管副市长": 2, "秘书长": 1}, counts(clerk, "by=leader"))
	require.Equal(t, map[string]int{"市直部门": 2, "区县": 1}, counts(clerk, "by=level"))
	require.Equal(t, map[string]int{"2026年上半年": 1, "2026年下半年": 2}, counts(clerk, "by=half-year"))
	require.Equal(t, map[string]int{"2026年第1季度": 1, "2026年第3季度": 1, "2026年第4季度": 1}, counts(clerk, "by=quarter"))
	require.Equal(t, map[string]int{"2026年2月": 1, "2026年9月": 1, "2026年12月": 1}, counts(clerk, "by=month"))
	require.Equal(t, map[string]int{"2026年": 3}, counts(clerk, "by=year"))
	require.Equal(t, map[string]int{"2026年2月23日至3月1日": 1}, counts(clerk, "by=week&termTo=2026-03-01"))
	require.Equal(t, map[string]int{"改革任务台账": 3}, counts(clerk, "by=procedure"))
	require.Equal(t, map[string]int{"市财政局改革联络员": 2, "博山区委改革办经办人": 1}, counts(clerk, "by=holder"))
	require.Equal(t, map[string]int{"博山区": 1}, counts(boshan, "by=unit"), "no more than one may see")
	clerk.get("/api/v1/ledger?by=colour").refused(http.StatusBadRequest, "invalid-request")
	clerk.get("/api/v1/ledger").refused(http.StatusBadRequest, "invalid-request")
	require.Equal(t, []string{"分管副市长", "秘书长"}, read[api.LeaderList](clerk.get("/api/v1/leaders").is(http.StatusOK)).Items)

	for query, want := range map[string]int{"owner=finance": 2, "leader=" + "%E7%A7%98%E4%B9%A6%E9%95%BF": 1, "level=district": 1, "holder=finance/clerk": 2,
		"termFrom=2026-09-30&termTo=2026-12-30": 1, "unit=office": 3, "stage=carry-out&state=open": 3, "state=closed": 0} {
		require.Len(t, read[api.MatterList](clerk.get("/api/v1/matters?"+query).is(http.StatusOK)).Items, want, query)
	}
	m := read[api.MatterList](clerk.get("/api/v1/matters?owner=boshan").is(http.StatusOK)).Items[0]
	require.Equal(t, []string{"博山区", "分管副市长", "2026-12-31"}, []string{m.OwnerName, m.Leader, m.Term})
}

func TestWhatALeaderSeesFirst(t *testing.T) {
	w := ledger(t)
	for owner, due := range map[string]string{"finance": "now() - interval '1 day'", "boshan": "now() + interval '1 year'"} {
		_, err := w.store.Pool().Exec(t.Context(), `UPDATE matter SET red_at = `+due+`, yellow_at = `+due+` - interval '1 day' WHERE owner = $1`, owner)
		require.NoError(t, err)
	}
	seen := func(login string) api.Overdue {
		return read[api.Overdue](w.as(login).get("/api/v1/overdue").is(http.StatusOK))
	}
	director := seen("office.director")
	require.True(t, director.Leads)
	require.Equal(t, 2, director.Total)
	require.Len(t, director.Items, 2)
	require.Equal(t, "市财政局", director.ByUnit[0].Title)
	require.Equal(t, "市财政局改革联络员", director.ByHolder[0].Title)
	require.Empty(t, director.Units, "the whole organisation")
	head := seen("finance.head")
	require.Equal(t, 2, head.Total)
	require.Equal(t, "市财政局", head.Units[0].Name)
	require.Zero(t, seen("boshan.head").Total)
	bureau := seen("stb.head")
	require.True(t, bureau.Leads)
	require.Greater(t, len(bureau.Units), 1, "sections below it")
	require.False(t, seen("finance.clerk").Leads)
}

func TestWhoHadTheClock(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	m := clerk.started(proposal())
	w.clock.move(26 * time.Hour)
	w.as("boshan.head").act(m.ID, map[string]any{"action": "approve"}).is(http.StatusOK)
	w.clock.move(24 * time.Hour)
	clerk = w.as("boshan.clerk")
	got := read[api.HeldTimes](w.as("office.clerk").get("/api/v1/held?by=unit&matter=" + m.ID).is(http.StatusOK))
	require.Len(t, got.Items, 2)
	by := map[string]api.HeldTime{}
	for _, item := range got.Items {
		by[item.Title] = item
	}
	require.Equal(t, 26*60, by["博山区"].CalendarMinutes)
	require.Equal(t, 11*60, by["博山区"].WorkingMinutes, "from 10:00 to 12:00 the next day")
	require.Equal(t, 24*60, by["市经济体制改革专项小组"].CalendarMinutes)
	require.Equal(t, 9*60, by["市经济体制改革专项小组"].WorkingMinutes)
	require.Equal(t, 1, by["市经济体制改革专项小组"].Now)
	require.Zero(t, got.OfficeMinutes)
	require.Empty(t, read[api.HeldTimes](w.as("linzi.clerk").get("/api/v1/held?by=matter").is(http.StatusOK)).Items)
	for _, one := range []string{"post", "procedure", "matter"} {
		require.NotEmpty(t, read[api.HeldTimes](clerk.get("/api/v1/held?by="+one).is(http.StatusOK)).Items, one)
	}
	office := w.as("office.clerk")
	office.started(arrived())
	withOffice := read[api.HeldTimes](office.get("/api/v1/held?by=post").is(http.StatusOK))
	for _, item := range withOffice.Items {
		require.NotContains(t, item.Title, "holder.")
	}
}

func TestTheWallChart(t *testing.T) {
	w := ledger(t)
	clerk := w.as("office.clerk")
	chart := read[api.Chart](clerk.get("/api/v1/chart?limit=2").is(http.StatusOK))
	require.Len(t, chart.Items, 2)
	rest := read[api.Chart](clerk.get("/api/v1/chart?limit=2&cursor=" + chart.Next).is(http.StatusOK))
	require.Len(t, rest.Items, 1)
	first := rest.Items[0]
	require.Equal(t, "一窗通办", first.Matter.Title)
	var stages []string
	for _, span := range first.Plan {
		stages = append(stages, span.Title)
		require.True(t, span.To.After(span.From))
	}
	require.Equal(t, []string{"登记任务", "组织落实", "改革办核验"}, stages)
	require.Equal(t, "2026-02-27T09:30:00Z", first.Plan[1].To.Format(time.RFC3339), "to the day its form says")
	require.Len(t, first.Progress, 1, "what took no time is not drawn")
	require.True(t, first.Progress[0].To.IsZero())
	require.Empty(t, read[api.Chart](w.as("linzi.clerk").get("/api/v1/chart").is(http.StatusOK)).Items)
}

func TestWhatAPersonKeepsOfLists(t *testing.T) {
	w := newWorld(t)
	me, other := w.as("boshan.clerk"), w.as("linzi.clerk")
	require.Empty(t, read[api.Columns](me.get("/api/v1/me/columns").is(http.StatusOK)).Columns)
	me.send(http.MethodPut, "/api/v1/me/columns", map[string]any{"columns": []string{"title", "leader"}}, nil).is(http.StatusOK)
	require.Equal(t, []api.MatterColumn{"title", "leader"}, read[api.Columns](me.get("/api/v1/me/columns").is(http.StatusOK)).Columns)
	me.send(http.MethodPut, "/api/v1/me/columns", map[string]any{"columns": []string{"mars"}}, nil).refused(http.StatusBadRequest, "invalid-request")

	f := read[api.SavedFilter](me.post("/api/v1/me/filters", map[string]string{"name": " 逾期 ", "query": "colour=red"}).is(http.StatusCreated))
	require.Equal(t, "逾期", f.Name)
	me.post("/api/v1/me/filters", map[string]string{"name": "逾期", "query": ""}).refused(http.StatusConflict, "filter-name-taken")
	me.post("/api/v1/me/filters", map[string]string{"name": "  ", "query": ""}).refused(http.StatusBadRequest, "invalid-request")
	path := "/api/v1/me/filters/" + f.ID
	other.send(http.MethodPut, path, map[string]string{"name": "我的", "query": ""}, nil).refused(http.StatusNotFound, "not-found")
	other.do(http.MethodDelete, path, nil, nil).refused(http.StatusNotFound, "not-found")
	me.send(http.MethodPut, path, map[string]string{"name": "红灯", "query": "colour=red"}, nil).is(http.StatusOK)
	require.Equal(t, "红灯", read[api.SavedFilterList](me.get("/api/v1/me/filters").is(http.StatusOK)).Items[0].Name)
	me.do(http.MethodDelete, path, nil, nil).is(http.StatusNoContent)
	for i := range 20 {
		me.post("/api/v1/me/filters", map[string]string{"name": string(rune('a' + i)), "query": ""}).is(http.StatusCreated)
	}
	me.post("/api/v1/me/filters", map[string]string{"name": "多", "query": ""}).refused(http.StatusConflict, "too-many-filters")
}

// exported asks for an export and waits for its file.
func (c *client) exported(body map[string]any) [][]string {
	c.w.t.Helper()
	e := read[api.Export](c.post("/api/v1/exports", body).is(http.StatusCreated))
	require.Eventually(c.w.t, func() bool {
		e = read[api.Export](c.get("/api/v1/exports/" + e.ID).is(http.StatusOK))
		return e.State != api.ExportStateRunning
	}, time.Minute, 10*time.Millisecond)
	require.Equal(c.w.t, api.ExportStateDone, e.State)
	require.Equal(c.w.t, e.Total, e.Done)
	file := c.get("/api/v1/exports/" + e.ID + "/file").is(http.StatusOK)
	require.Contains(c.w.t, file.header.Get("Content-Disposition"), "attachment; filename*=utf-8''")
	rows, err := document.ReadSheet(bytes.NewReader(file.body), 1000)
	require.NoError(c.w.t, err)
	var cells [][]string
	for _, row := range rows {
		cells = append(cells, row.Cells)
	}
	return cells
}

func TestAnExportIsTheListAsFiltered(t *testing.T) {
	w := ledger(t)
	w.as("office.clerk").started(task("=HYPERLINK(1)", "boshan", "秘书长", "2026-06-30"))
	clerk, boshan := w.as("office.clerk"), w.as("boshan.clerk")
	columns := []string{"title", "owner", "term", "holders"}
	rows := clerk.exported(map[string]any{"what": "matters", "filter": map[string]any{"owner": "finance"}, "columns": columns})
	require.Equal(t, []string{"事项名称", "责任单位", "完成时限", "待办岗位"}, rows[0])
	require.Len(t, rows, 3)
	require.Equal(t, "数据共享", rows[1][0], "newest first, as listed")
	require.Len(t, clerk.exported(map[string]any{"what": "matters", "filter": map[string]any{}}), 5)
	seen := boshan.exported(map[string]any{"what": "matters", "filter": map[string]any{}, "columns": columns})
	require.Len(t, seen, 3, "no more than one sees")
	require.Equal(t, "=HYPERLINK(1)", seen[1][0], "text, as it was typed")
	counted := clerk.exported(map[string]any{"what": "ledger", "filter": map[string]any{}, "by": "unit"})
	require.Equal(t, "责任单位", counted[0][0])
	require.Equal(t, []string{"合计", "4"}, counted[3][:2])
	clerk.post("/api/v1/exports", map[string]any{"what": "ledger", "filter": map[string]any{}}).refused(http.StatusBadRequest, "invalid-request")

	key := uuid.NewString()
	body := map[string]any{"what": "matters", "filter": map[string]any{}}
	first := read[api.Export](clerk.postAs(key, "/api/v1/exports", body).is(http.StatusCreated))
	require.Equal(t, first.ID, read[api.Export](clerk.postAs(key, "/api/v1/exports", body).is(http.StatusCreated)).ID)
	boshan.get("/api/v1/exports/"+first.ID).refused(http.StatusNotFound, "not-found")
	boshan.get("/api/v1/exports/"+first.ID+"/file").refused(http.StatusNotFound, "not-found")
	clerk.do(http.MethodDelete, "/api/v1/exports/"+first.ID, nil, nil).is(http.StatusNoContent)
	clerk.get("/api/v1/exports/"+first.ID+"/file").refused(http.StatusNotFound, "not-found")

	trail, err := w.store.AuditTrail(t.Context(), store.AuditFilter{Action: "createExport"}, 0, 100)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(trail), 5)
	require.Equal(t, "done", trail[0].Outcome)
	require.Contains(t, trail[len(trail)-1].Details, "export")
}

func TestToDosOfTodayAndThoseReturned(t *testing.T) {
	w := newWorld(t)
	clerk, head := w.as("boshan.clerk"), w.as("boshan.head")
	m := clerk.started(proposal())
	require.False(t, read[api.AssignmentList](head.get("/api/v1/assignments").is(http.StatusOK)).Items[0].Batch)
	require.Empty(t, read[api.AssignmentList](head.get("/api/v1/assignments?today=true").is(http.StatusOK)).Items)
	w.clock.move(3 * 24 * time.Hour)
	clerk, head = w.as("boshan.clerk"), w.as("boshan.head")
	require.Len(t, read[api.AssignmentList](head.get("/api/v1/assignments?today=true").is(http.StatusOK)).Items, 1, "three working days are over today")
	require.Empty(t, read[api.AssignmentList](head.get("/api/v1/assignments?returned=true").is(http.StatusOK)).Items)
	head.act(m.ID, map[string]any{"action": "return", "opinion": "请补充"}).is(http.StatusOK)
	back := read[api.AssignmentList](clerk.get("/api/v1/assignments?returned=true").is(http.StatusOK)).Items
	require.Len(t, back, 1)
	require.Equal(t, m.ID, back[0].Matter)
}

func TestStepsThatMayBeApprovedAtOnce(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	m := clerk.started(proposal())
	w.as("boshan.head").act(m.ID, map[string]any{"action": "approve"}).is(http.StatusOK)
	w.as("economy.liaison").act(m.ID, map[string]any{"action": "approve", "fields": map[string]any{"groupOpinion": "可行"}}).is(http.StatusOK)
	todo := read[api.AssignmentList](w.as("economy.leader").get("/api/v1/assignments").is(http.StatusOK)).Items
	require.True(t, todo[0].Batch, "the rulebook marks the leader's signature")
}
