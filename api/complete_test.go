package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/message"
)

// right says who may ask for an operation, of those below; everybody else is refused.
type right struct {
	path    string // with the places filled in
	body    any
	nobody  int            // status without a session
	clerk   int            // of the unit the matter is of
	others  map[string]int // login -> status, where it is not the clerk's
	refused string         // code of what others get
}

// rights has an entry for every operation of the contract.
func rights(m api.Matter, slip, person string) map[string]right {
	matter, none := "/api/v1/matters/"+m.ID, uuid.NewString()
	hidden := map[string]int{"linzi.clerk": 404}
	everybody := func(path string) right { return right{path: path, nobody: 401, clerk: 200} }
	all := func(path string, body any, nobody, clerk int) right {
		return right{path: path, body: body, nobody: nobody, clerk: clerk}
	}
	one := func(path string, body any, who string, status int, code string) right {
		return right{path: path, body: body, nobody: 401, clerk: 403, others: map[string]int{who: status}, refused: code}
	}
	people := "/api/v1/people/" + none
	watch := func(path string, seen int) right {
		return right{path: "/api/v1/operations" + path, nobody: 401, clerk: 404,
			others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": seen, "sysadmin": seen}, refused: "not-found"}
	}
	return map[string]right{
		"getHealth": all("/healthz", nil, 200, 200), "getReadiness": all("/readyz", nil, 200, 200), "getMetrics": all("/metrics", nil, 200, 200),
		"logIn":    all("/api/v1/sessions", map[string]string{"login": "office.clerk", "password": password}, 201, 201),
		"activate": all("/api/v1/activations", map[string]string{"token": "x", "password": password}, 410, 410),

		"listSessions": everybody("/api/v1/sessions"), "logOut": all("/api/v1/sessions/current", nil, 401, 204),
		"endSession": all("/api/v1/sessions/"+none, nil, 401, 404), "getMe": everybody("/api/v1/me"),
		"changePassword":    all("/api/v1/me/password", map[string]string{"current": "x", "password": "y"}, 401, 422),
		"listOrganisations": everybody("/api/v1/organisations"), "listUnits": everybody("/api/v1/organisations/zibo/units"),
		"listPosts": everybody("/api/v1/organisations/zibo/posts"), "listRulebooks": everybody("/api/v1/rulebooks"),
		"getRulebook": everybody("/api/v1/rulebooks/zibo-city"), "diffRulebook": everybody("/api/v1/rulebooks/zibo-stb/diff"),
		"explainProcedure":        everybody("/api/v1/rulebooks/zibo-city/procedures/innovation-proposal/timetable"),
		"getRulebookSchema":       everybody("/api/v1/rulebook-schema"),
		"listRulebookVersions":    everybody("/api/v1/rulebooks/zibo-city/versions"),
		"getRulebookVersion":      everybody("/api/v1/rulebooks/zibo-city/versions/shipped"),
		"compareRulebookVersions": everybody("/api/v1/rulebooks/zibo-city/comparison?from=shipped&to=shipped"),
		"checkRulebook":           all("/api/v1/rulebooks/zibo-city/check", map[string]any{"base": "x", "text": "rulebook: ["}, 401, 200),
		"simulateRulebook":        all("/api/v1/rulebooks/zibo-city/simulate", map[string]any{"procedure": "rule-change", "text": "rulebook: ["}, 401, 422),
		"createRulebookChange": {path: "/api/v1/rulebooks/zibo-city/changes", body: map[string]any{"base": "x", "text": "y"}, nobody: 401, clerk: 403,
			others: map[string]int{"office.clerk": 409, "stb-office.clerk": 403, "auditor": 403}, refused: "not-a-starter"},
		"getRulebookChange": all("/api/v1/rulebooks/zibo-city/changes/"+strings.Repeat("0", 64), nil, 401, 404),
		"getRulebookDraft":  all("/api/v1/rulebooks/zibo-city/draft", nil, 401, 404),
		"saveRulebookDraft": all("/api/v1/rulebooks/mars/draft", map[string]any{"base": "x", "text": "y"}, 401, 404),
		"dropRulebookDraft": all("/api/v1/rulebooks/zibo-city/draft", nil, 401, 204),
		"listStartable":     everybody("/api/v1/procedures"), "listMatters": everybody("/api/v1/matters"),
		"listAssignments": everybody("/api/v1/assignments"), "listSlips": everybody("/api/v1/slips"),
		"listNotifications": everybody("/api/v1/notifications"), "listCalendarYears": everybody("/api/v1/calendar/years"),
		"readNotifications": all("/api/v1/notifications/read", map[string]any{"upTo": 1}, 401, 204),
		"getCommand":        all("/api/v1/commands/"+none, nil, 401, 404), "stream": everybody("/api/v1/stream"),
		"uploadAttachment": all("/api/v1/attachments", nil, 401, 400), "getAttachment": all("/api/v1/attachments/"+none, nil, 401, 404),

		"getOverdue": everybody("/api/v1/overdue"), "listLeaders": everybody("/api/v1/leaders"), "getLedger": everybody("/api/v1/ledger?by=unit"),
		"getHeld": everybody("/api/v1/held?by=unit"), "getChart": everybody("/api/v1/chart"), "getColumns": everybody("/api/v1/me/columns"),
		"putColumns":  all("/api/v1/me/columns", map[string]any{"columns": []string{"title"}}, 401, 200),
		"listFilters": everybody("/api/v1/me/filters"), "saveFilter": all("/api/v1/me/filters", map[string]string{"name": "逾期", "query": "colour=red"}, 401, 201),
		"changeFilter": all("/api/v1/me/filters/"+none, map[string]string{"name": "逾期", "query": ""}, 401, 404),
		"dropFilter":   all("/api/v1/me/filters/"+none, nil, 401, 404),
		"createExport": all("/api/v1/exports", map[string]any{"what": "matters", "filter": map[string]any{}}, 401, 201),
		"getExport":    all("/api/v1/exports/"+none, nil, 401, 404), "getExportFile": all("/api/v1/exports/"+none+"/file", nil, 401, 404),
		"cancelExport": all("/api/v1/exports/"+none, nil, 401, 404), "listImports": everybody("/api/v1/imports"),
		"checkImport":       {path: "/api/v1/imports?rulebook=zibo-city&procedure=reform-task", nobody: 401, clerk: 403, others: map[string]int{"office.clerk": 400}, refused: "not-a-starter"},
		"getImportTemplate": {path: "/api/v1/imports/template?rulebook=zibo-city&procedure=reform-task", nobody: 401, clerk: 403, others: map[string]int{"office.clerk": 200}, refused: "not-a-starter"},
		"getImport":         all("/api/v1/imports/"+none, nil, 401, 404), "cancelImport": all("/api/v1/imports/"+none, nil, 401, 404),
		"continueImport": all("/api/v1/imports/"+none+"/continue", nil, 401, 404),

		"listPolls": everybody("/api/v1/polls"), "getPoll": all("/api/v1/polls/none", nil, 401, 404),
		"castBallot":     all("/api/v1/polls/none/ballots", map[string]any{"unit": "boshan", "choices": []string{"a"}}, 401, 404),
		"listAnomalies":  all("/api/v1/polls/none/anomalies?kind=minute", nil, 401, 404),
		"excludeBallots": all("/api/v1/polls/none/exclusions", map[string]any{"kind": "minute", "tag": "x", "reason": "集中投票"}, 401, 404),

		"createMatter": {path: "/api/v1/matters", body: proposal(), nobody: 401, clerk: 201,
			others: map[string]int{"office.director": 403, "auditor": 403}, refused: "not-a-starter"},
		"getMatter":    {path: matter, nobody: 401, clerk: 200, others: hidden, refused: "not-found"},
		"listEvents":   {path: matter + "/events", nobody: 401, clerk: 200, others: hidden, refused: "not-found"},
		"explainLimit": {path: matter + "/limits/" + number(m.Limits[0].ID) + "/explanation", nobody: 401, clerk: 200, others: hidden, refused: "not-found"},
		"actOnMatter": {path: matter + "/actions", body: map[string]any{"action": "comment", "opinion": "阅"}, nobody: 401, clerk: 200,
			others: map[string]int{"linzi.clerk": 404, "auditor": 403}},
		"getWorkflow": {path: matter + "/workflow", nobody: 401, clerk: 403,
			others: map[string]int{"linzi.clerk": 404, "office.director": 503, "auditor": 503}, refused: "not-overseer"},
		"getSlip":         {path: "/api/v1/slips/" + slip, nobody: 401, clerk: 404, others: map[string]int{"drc.clerk": 200, "auditor": 200}, refused: "not-found"},
		"getSlipDocument": {path: "/api/v1/slips/" + slip + "/document?format=docx", nobody: 401, clerk: 404, others: map[string]int{"drc.clerk": 200}, refused: "not-found"},

		"listPeople": one("/api/v1/people", nil, "sysadmin", 200, "not-administrator"),
		"getPerson":  {path: "/api/v1/people/" + person, nobody: 401, clerk: 404, others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 200}, refused: "not-found"},
		"listOrganisationChanges": {path: "/api/v1/organisations/zibo/changes", nobody: 401, clerk: 403,
			others: map[string]int{"sysadmin": 200, "secadmin": 200, "auditor": 200}, refused: "not-administrator"},
		"proposeOrganisationChange": one("/api/v1/organisations/zibo/changes", map[string]any{"kind": "move", "unit": "boshan", "parent": "office", "reason": "理顺关系"},
			"sysadmin", 201, "not-administrator"),
		"decideOrganisationChange": {path: "/api/v1/organisations/zibo/changes/" + none + "/decision", body: map[string]any{"confirm": true}, nobody: 401, clerk: 403,
			others: map[string]int{"sysadmin": 404, "secadmin": 404}, refused: "not-administrator"},
		"createPerson":     one("/api/v1/people", map[string]any{"login": "new.one", "name": "新人"}, "sysadmin", 201, "not-administrator"),
		"setPersonActive":  one(people+"/active", map[string]any{"active": true}, "sysadmin", 404, "not-administrator"),
		"createActivation": one(people+"/activations", nil, "sysadmin", 404, "not-administrator"),
		"createHolding":    one(people+"/holdings", map[string]any{"post": "boshan/clerk"}, "secadmin", 404, "not-security-administrator"),
		"endHolding":       one(people+"/holdings/"+none, nil, "secadmin", 404, "not-security-administrator"),
		"createDeputy":     one(people+"/deputies", map[string]any{"post": "boshan/clerk", "deputy": none, "to": "2026-02-01T00:00:00Z"}, "secadmin", 404, "not-security-administrator"),
		"endDeputy":        one(people+"/deputies/"+none, nil, "secadmin", 404, "not-security-administrator"),
		"updatePerson":     one(people, map[string]any{"name": "新名"}, "sysadmin", 404, "not-administrator"),
		"listPersonSessions": {path: "/api/v1/people/" + person + "/sessions", nobody: 401, clerk: 404,
			others: map[string]int{"sysadmin": 200, "secadmin": 200}, refused: "not-found"},
		"endPersonSession": {path: "/api/v1/people/" + person + "/sessions/" + none, nobody: 401, clerk: 404,
			others: map[string]int{"sysadmin": 404, "secadmin": 404}, refused: "not-found"},
		"previewDeparture": one(people+"/departure", nil, "secadmin", 404, "not-security-administrator"),
		"depart":           one(people+"/departure", map[string]any{"reason": "调离", "successors": map[string]string{}}, "secadmin", 404, "not-security-administrator"),
		"listChannels":     one("/api/v1/channels", nil, "sysadmin", 200, "not-administrator"),
		"tryMail":          one("/api/v1/channels/mail/trials", map[string]any{"to": "sysadmin@zibo.example"}, "sysadmin", 409, "not-administrator"),
		"listAudit":        one("/api/v1/audit", nil, "auditor", 200, "not-auditor"),
		"listIncidents":    watch("/incidents", http.StatusOK),
		"listBeginnings":   watch("/beginnings", http.StatusOK),
		"listParts":        watch("/parts", http.StatusOK),
		"listOperations":   watch("/matters", http.StatusOK),
		"getOperation":     watch("/matters/"+m.ID, http.StatusOK),
		"listHistory":      watch("/matters/"+m.ID+"/history", http.StatusServiceUnavailable),
		"previewRepair": {path: "/api/v1/operations/matters/" + m.ID + "/preview?repair=suspend", nobody: 401, clerk: 404,
			others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"repairMatter": {path: "/api/v1/operations/matters/" + m.ID + "/repairs", body: map[string]any{"repair": "reproject", "reason": "列表不对"}, nobody: 401,
			clerk: 404, others: map[string]int{"office.director": 404, "secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"retryMail": {path: "/api/v1/operations/mail/retries", body: map[string]any{"reason": "服务器已恢复"}, nobody: 401, clerk: 404,
			others: map[string]int{"secadmin": 404, "auditor": 403, "sysadmin": 200}, refused: "not-found"},
		"previewCalendarYear": one("/api/v1/calendar/years/2027/preview", map[string]any{"off": map[string]string{}, "work": map[string]string{}},
			"sysadmin", 200, "not-administrator"),
		"putCalendarYear": one("/api/v1/calendar/years/2027", map[string]any{"off": map[string]string{}, "work": map[string]string{}}, "sysadmin", 200, "not-administrator"),
	}
}

func TestWhoMayAskForEveryOperation(t *testing.T) {
	w := newWorld(t)
	m := w.as("boshan.clerk").started(proposal())
	w.as("office.clerk").started(arrived())
	slip := read[api.SlipList](w.as("drc.clerk").get("/api/v1/slips?mine=true").is(http.StatusOK)).Items[0].ID
	person := read[api.Me](w.as("office.clerk").get("/api/v1/me").is(http.StatusOK)).Person.ID
	known := rights(m, slip, person)
	ask := func(t *testing.T, who, method string, r right, media string) *answer {
		c := w.anybody()
		if who != "" {
			c = w.as(who)
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
			return c.do(method, r.path, strings.NewReader(""), header)
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
				media := contentType(op)
				require.Equal(t, r.nobody, ask(t, "", method, r, media).status, "nobody")
				own := ask(t, "boshan.clerk", method, r, media)
				require.Equal(t, r.clerk, own.status, "boshan.clerk: %s", own.body)
				if r.clerk >= 400 && r.refused != "" {
					require.Equal(t, r.refused, read[api.Problem](own).Code)
				}
				for login, status := range r.others {
					got := ask(t, login, method, r, media)
					require.Equal(t, status, got.status, "%s: %s", login, got.body)
				}
			})
		}
	}
	for left := range known {
		t.Errorf("%s is no operation of the contract", left)
	}
}

// TestEveryRefusalHasItsWords looks in the sources for the codes a person may be refused with.
func TestEveryRefusalHasItsWords(t *testing.T) {
	found := map[string]string{}
	for _, pattern := range []string{"*.go", "../internal/procedure/*.go", "../internal/identity/*.go", "../internal/rulebook/*.go",
		"../internal/store/*.go", "../internal/engine/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".gen.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				literal, ok := n.(*ast.CompositeLit)
				if !ok || !refuses(literal.Type) {
					return true
				}
				for _, element := range literal.Elts {
					pair, ok := element.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					key, isName := pair.Key.(*ast.Ident)
					value, isText := pair.Value.(*ast.BasicLit)
					if isName && isText && strings.EqualFold(key.Name, "code") {
						code, err := strconv.Unquote(value.Value)
						require.NoError(t, err)
						found[code] = file
					}
				}
				return true
			})
		}
	}
	require.Greater(t, len(found), 50, "the sources are looked through")
	for code, file := range found {
		if !message.Has("errors." + code) {
			t.Errorf("errors.json has no text for %q, with which %s refuses", code, file)
		}
	}
}

// refuses reports whether a literal is one of the types that refuse.
func refuses(t ast.Expr) bool {
	switch v := t.(type) {
	case *ast.Ident:
		return v.Name == "Refusal" || v.Name == "fault"
	case *ast.SelectorExpr:
		return v.Sel.Name == "Refusal"
	}
	return false
}
