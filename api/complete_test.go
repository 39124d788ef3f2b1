package api_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
)

// right says who may ask for an operation, of those below; everybody else is refused. Somebody meets with success and
// somebody with a session is refused, or it is said why not.
type right struct {
	path    string // with the places filled in
	body    any
	raw     string         // body, where it is not JSON
	nobody  int            // status without a session
	clerk   int            // of the unit the matter is of
	others  map[string]int // login -> status, where it is not the clerk's
	refused string         // code of what others get
	open    string         // why nobody with a session is refused
	unmet   string         // why nobody meets with success
}

// What refuses nobody who has a session.
const (
	common = "it is the same for everybody"
	own    = "it is of the asker alone"
)

// rights has an entry for every operation of the contract.
func rights(p places) map[string]right {
	matter := "/api/v1/matters/" + p.matter
	hidden := map[string]int{"linzi.clerk": 404}
	health := func(path string) right { return right{path: path, nobody: 200, clerk: 200, open: common} }
	all := func(open, path string, body any, clerk int) right {
		return right{path: path, body: body, nobody: 401, clerk: clerk, open: open}
	}
	everybody := func(open, path string) right { return all(open, path, nil, 200) }
	mine := func(path string, body any, clerk int) right {
		return right{path: path, body: body, nobody: 401, clerk: clerk, others: hidden, refused: "not-found"}
	}
	offices := func(path string, status int) right {
		return right{path: path, nobody: 401, clerk: 404, others: map[string]int{"office.clerk": status}, refused: "not-found"}
	}
	one := func(path string, body any, who string, status int, code string) right {
		return right{path: path, body: body, nobody: 401, clerk: 403, others: map[string]int{who: status}, refused: code}
	}
	people := "/api/v1/people/"
	const administrators, security = "not-administrator", "not-security-administrator"
	watch := func(path string, seen int) right {
		return right{path: "/api/v1/operations" + path, nobody: 401, clerk: 404,
			others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": seen, "sysadmin": seen}, refused: "not-found"}
	}
	history := watch("/matters/"+p.matter+"/history", http.StatusServiceUnavailable)
	history.unmet = "no workflow server is here"
	return map[string]right{
		"getHealth": health("/healthz"), "getReadiness": health("/readyz"), "getMetrics": health("/metrics"),
		"logIn": {path: "/api/v1/sessions", body: map[string]string{"login": "office.clerk", "password": password}, nobody: 201, clerk: 201, open: common},
		"activate": {path: "/api/v1/activations", body: map[string]string{"token": p.activation, "password": "Zb-2026-Xin-Mima"}, nobody: 204, clerk: 410,
			open: "who has the link may follow it, once"},

		"listSessions": everybody(own, "/api/v1/sessions"), "logOut": all(own, "/api/v1/sessions/current", nil, 204),
		"endSession": mine("/api/v1/sessions/"+p.session, nil, 204), "getMe": everybody(own, "/api/v1/me"),
		"changePassword": {path: "/api/v1/me/password", body: map[string]string{"current": "x", "password": "y"}, nobody: 401, clerk: 422, open: own,
			unmet: "who is asked for here logs in by the old one"},
		"listOrganisations": everybody(common, "/api/v1/organisations"), "listUnits": everybody(common, "/api/v1/organisations/zibo/units"),
		"listPosts": everybody(common, "/api/v1/organisations/zibo/posts"), "listRulebooks": everybody(common, "/api/v1/rulebooks"),
		"getRulebook": everybody(common, p.book), "diffRulebook": everybody(common, "/api/v1/rulebooks/zibo-stb/diff"),
		"explainProcedure":        everybody(common, p.book+"/procedures/innovation-proposal/timetable"),
		"getRulebookSchema":       everybody(common, "/api/v1/rulebook-schema"),
		"listRulebookVersions":    everybody(common, p.book+"/versions"),
		"getRulebookVersion":      everybody(common, p.book+"/versions/shipped"),
		"compareRulebookVersions": everybody(common, p.book+"/comparison?from=shipped&to=shipped"),
		"checkRulebook":           all(common, p.book+"/check", map[string]any{"base": "x", "text": "rulebook: ["}, 200),
		"simulateRulebook":        all(common, p.book+"/simulate", map[string]any{"procedure": "rule-change", "text": p.text, "matters": 1}, 200),
		"createRulebookChange": {path: p.book + "/changes", body: map[string]any{"base": p.base, "text": p.shorter}, nobody: 401, clerk: 403,
			others: map[string]int{"office.clerk": 201, "stb-office.clerk": 403, "auditor": 403}, refused: "not-a-starter"},
		"getRulebookChange": everybody(common, p.book+"/changes/"+p.change),
		"getRulebookDraft":  mine(p.draftedBook+"/draft", nil, 200),
		"saveRulebookDraft": all(own, p.book+"/draft", map[string]any{"base": "x", "text": "y"}, 200),
		"dropRulebookDraft": all(own, p.book+"/draft", nil, 204),
		"listStartable":     everybody(own, "/api/v1/procedures"), "listMatters": everybody(own, "/api/v1/matters"),
		"listAssignments": everybody(own, "/api/v1/assignments"), "listSlips": everybody(own, "/api/v1/slips"),
		"listNotifications": everybody(own, "/api/v1/notifications"), "listCalendarYears": everybody(common, "/api/v1/calendar/years"),
		"readNotifications": all(own, "/api/v1/notifications/read", map[string]any{"upTo": 1}, 204),
		"getCommand":        mine("/api/v1/commands/"+p.command, nil, 200), "stream": everybody(own, "/api/v1/stream"),
		"uploadAttachment": {path: "/api/v1/attachments", raw: filed("方案.txt", "方案"), nobody: 401, clerk: 201, open: own},
		"getAttachment":    mine("/api/v1/attachments/"+p.attachment, nil, 200),

		"getOverdue": everybody(own, "/api/v1/overdue"), "listLeaders": everybody(common, "/api/v1/leaders"),
		"getLedger": everybody(own, "/api/v1/ledger?by=unit"), "getHeld": everybody(own, "/api/v1/held?by=unit"),
		"getChart": everybody(own, "/api/v1/chart"), "getColumns": everybody(own, "/api/v1/me/columns"),
		"putColumns":  all(own, "/api/v1/me/columns", map[string]any{"columns": []string{"title"}}, 200),
		"listFilters": everybody(own, "/api/v1/me/filters"), "saveFilter": all(own, "/api/v1/me/filters", map[string]string{"name": "逾期", "query": "colour=red"}, 201),
		"changeFilter": mine("/api/v1/me/filters/"+p.filter, map[string]string{"name": "甲一", "query": ""}, 200),
		"dropFilter":   mine("/api/v1/me/filters/"+p.endedFilter, nil, 204),
		"createExport": all(own, "/api/v1/exports", map[string]any{"what": "matters", "filter": map[string]any{}}, 201),
		"getExport":    mine("/api/v1/exports/"+p.export, nil, 200), "getExportFile": mine("/api/v1/exports/"+p.export+"/file", nil, 200),
		"cancelExport": mine("/api/v1/exports/"+p.endedExport, nil, 204), "listImports": everybody(own, "/api/v1/imports"),
		"checkImport": {path: "/api/v1/imports?rulebook=zibo-city&procedure=reform-task", raw: filed("台账.xlsx", p.sheet), nobody: 401, clerk: 403,
			others: map[string]int{"office.clerk": 200}, refused: "not-a-starter"},
		"getImportTemplate": {path: "/api/v1/imports/template?rulebook=zibo-city&procedure=reform-task", nobody: 401, clerk: 403,
			others: map[string]int{"office.clerk": 200}, refused: "not-a-starter"},
		"getImport": offices("/api/v1/imports/"+p.imported, 200), "cancelImport": offices("/api/v1/imports/"+p.endedImport, 204),
		"continueImport": offices("/api/v1/imports/"+p.imported+"/continue", 200),

		"listPolls": everybody(own, "/api/v1/polls"), "getPoll": {path: "/api/v1/polls/" + p.poll, nobody: 401, clerk: 200, others: map[string]int{"linzi.clerk": 200, "finance.clerk": 404}},
		"castBallot": {path: "/api/v1/polls/" + p.poll + "/ballots", body: map[string]any{"unit": "boshan", "choices": []string{"b"}}, nobody: 401, clerk: 201,
			others: map[string]int{"linzi.clerk": 403, "sysadmin": 403}},
		"listAnomalies": one("/api/v1/polls/"+p.poll+"/anomalies?kind=address&least=2", nil, "office.director", 200, "not-overseer"),
		"excludeBallots": one("/api/v1/polls/"+p.poll+"/exclusions", map[string]any{"kind": "address", "tag": p.tag, "reason": "集中投票"},
			"office.director", 201, "not-overseer"),

		"createMatter": {path: "/api/v1/matters", body: proposal(), nobody: 401, clerk: 201,
			others: map[string]int{"office.director": 403, "auditor": 403}, refused: "not-a-starter"},
		"getMatter":    mine(matter, nil, 200),
		"listEvents":   mine(matter+"/events", nil, 200),
		"explainLimit": mine(matter+"/limits/"+p.limit+"/explanation", nil, 200),
		"actOnMatter": {path: matter + "/actions", body: map[string]any{"action": "comment", "opinion": "阅"}, nobody: 401, clerk: 200,
			others: map[string]int{"linzi.clerk": 404, "auditor": 403}},
		"getWorkflow": {path: matter + "/workflow", nobody: 401, clerk: 403, unmet: "no workflow server is here",
			others: map[string]int{"linzi.clerk": 404, "office.director": 503, "auditor": 503}, refused: "not-overseer"},
		"getSlip":         {path: "/api/v1/slips/" + p.slip, nobody: 401, clerk: 404, others: map[string]int{"drc.clerk": 200, "auditor": 200}, refused: "not-found"},
		"getSlipDocument": {path: "/api/v1/slips/" + p.slip + "/document?format=docx", nobody: 401, clerk: 404, others: map[string]int{"drc.clerk": 200}, refused: "not-found"},

		"listPeople": {path: "/api/v1/people", nobody: 401, clerk: 403, others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 200}, refused: administrators},
		"getPerson":  {path: people + p.person, nobody: 401, clerk: 404, others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 200}, refused: "not-found"},
		"listOrganisationChanges": {path: "/api/v1/organisations/zibo/changes", nobody: 401, clerk: 403,
			others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 200}, refused: administrators},
		"proposeOrganisationChange": one("/api/v1/organisations/zibo/changes", map[string]any{"kind": "move", "unit": "boshan", "parent": "office", "reason": "理顺关系"},
			"sysadmin", 201, administrators),
		"decideOrganisationChange": {path: "/api/v1/organisations/zibo/changes/" + p.amendment + "/decision", body: map[string]any{"confirm": true}, nobody: 401, clerk: 403,
			others: map[string]int{"sysadmin": 403, "secadmin": 200}, refused: administrators},
		"createPerson":     one("/api/v1/people", map[string]any{"login": "new.one", "name": "新人"}, "sysadmin", 201, administrators),
		"setPersonActive":  one(people+p.holder+"/active", map[string]any{"active": true}, "sysadmin", 200, administrators),
		"createActivation": one(people+p.deputy+"/activations", nil, "sysadmin", 201, administrators),
		"createHolding":    one(people+p.holder+"/holdings", map[string]any{"post": "education/clerk"}, "secadmin", 201, security),
		"endHolding":       one(people+p.holder+"/holdings/"+p.holding, nil, "secadmin", 204, security),
		"createDeputy": one(people+p.principal+"/deputies", map[string]any{"post": "education/head", "deputy": p.deputy, "to": "2026-02-01T00:00:00Z"},
			"secadmin", 201, security),
		"endDeputy":    one(people+p.deputy+"/deputies/"+p.deputyID, nil, "secadmin", 204, security),
		"updatePerson": one(people+p.holder, map[string]any{"name": "新名"}, "sysadmin", 200, administrators),
		"listPersonSessions": {path: people + p.person + "/sessions", nobody: 401, clerk: 404,
			others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 404}, refused: "not-found"},
		"endPersonSession": {path: people + p.person + "/sessions/" + p.personSession, nobody: 401, clerk: 404,
			others: map[string]int{"auditor": 404, "sysadmin": 204}, refused: "not-found"},
		"previewDeparture": one(people+p.leaver+"/departure", nil, "secadmin", 200, security),
		"depart":           one(people+p.leaver+"/departure", map[string]any{"reason": "调离", "successors": map[string]string{}}, "secadmin", 200, security),
		"listChannels":     one("/api/v1/channels", nil, "sysadmin", 200, administrators),
		"tryMail":          one("/api/v1/channels/mail/trials", map[string]any{"to": "sysadmin@zibo.example"}, "sysadmin", 200, administrators),
		"listAudit":        one("/api/v1/audit", nil, "auditor", 200, "not-auditor"),
		"listIncidents":    watch("/incidents", http.StatusOK),
		"listBeginnings":   watch("/beginnings", http.StatusOK),
		"listParts":        watch("/parts", http.StatusOK),
		"listOperations":   watch("/matters", http.StatusOK),
		"getOperation":     watch("/matters/"+p.matter, http.StatusOK),
		"listHistory":      history,
		"previewRepair": {path: "/api/v1/operations/matters/" + p.matter + "/preview?repair=suspend", nobody: 401, clerk: 404,
			others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"repairMatter": {path: "/api/v1/operations/matters/" + p.repaired + "/repairs", body: map[string]any{"repair": "reproject", "reason": "列表不对"}, nobody: 401,
			clerk: 404, others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"retryMail": {path: "/api/v1/operations/mail/retries", body: map[string]any{"reason": "服务器已恢复"}, nobody: 401, clerk: 404,
			others: map[string]int{"secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"previewCalendarYear": one("/api/v1/calendar/years/2027/preview", map[string]any{"off": map[string]string{}, "work": map[string]string{}},
			"sysadmin", 200, administrators),
		"putCalendarYear": one("/api/v1/calendar/years/2027", map[string]any{"off": map[string]string{}, "work": map[string]string{}}, "sysadmin", 200, administrators),
	}
}

// proves says what an entry leaves unproved: that somebody is let through, and that not everybody is.
func (r right) proves(t *testing.T) {
	t.Helper()
	met, refused := r.nobody < 300 || r.clerk < 300, r.clerk == 403 || r.clerk == 404
	for _, status := range r.others {
		met = met || status < 300
		refused = refused || status == 403 || status == 404
	}
	require.NotEqual(t, met, r.unmet != "", "somebody meets with success, or it is said why not")
	require.NotEqual(t, refused, r.open != "", "somebody is refused, or it is said why not")
}

// filed is a file as a form sends it.
func filed(name, content string) string {
	return "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n--x--\r\n"
}

func TestWhoMayAskForEveryOperation(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.MailServer, c.TryMail = "mail.zibo.example:465", func(context.Context, string, string, string, string) string { return "" }
	})
	known := rights(w.places())
	clients := map[string]*client{}
	ask := func(t *testing.T, who, operation, method string, r right, media string) *answer {
		c := clients[who]
		switch {
		case who == "":
			c = w.anybody()
		case operation == "logIn", operation == "logOut":
			c = w.as(who)
		case c == nil:
			c = w.as(who)
			clients[who] = c
		}
		header := map[string]string{"Content-Type": media}
		if method == http.MethodPost {
			header["Idempotency-Key"] = uuid.NewString()
		}
		if r.path == "/api/v1/stream" && who != "" {
			c.listen("1")
			return &answer{t: t, status: http.StatusOK}
		}
		if r.body == nil {
			return c.do(method, r.path, strings.NewReader(r.raw), header)
		}
		return c.send(method, r.path, r.body, header)
	}
	for _, item := range w.doc.Paths.Map() {
		for method, op := range item.Operations() {
			r, ok := known[op.OperationID]
			if !ok {
				t.Errorf("%s has no entry: say who may ask for it", op.OperationID)
				continue
			}
			delete(known, op.OperationID)
			t.Run(op.OperationID, func(t *testing.T) {
				r.proves(t)
				media := contentType(op)
				require.Equal(t, r.nobody, ask(t, "", op.OperationID, method, r, media).status, "nobody")
				statuses := maps.Clone(r.others)
				if statuses == nil {
					statuses = map[string]int{}
				}
				statuses["boshan.clerk"] = r.clerk
				who := slices.SortedFunc(maps.Keys(statuses), func(a, b string) int { return statuses[b] - statuses[a] }) // who ends it, last
				for _, login := range who {
					got := ask(t, login, op.OperationID, method, r, media)
					require.Equal(t, statuses[login], got.status, "%s: %s", login, got.body)
					if login == "boshan.clerk" && r.clerk >= 400 && r.refused != "" {
						require.Equal(t, r.refused, read[api.Problem](got).Code)
					}
				}
			})
		}
	}
	for left := range known {
		t.Errorf("%s is no operation of the contract", left)
	}
}
