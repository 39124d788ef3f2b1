package api_test

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
)

// places are addresses of what there is to ask for, so that who is let through meets something.
type places struct {
	matter, limit, command, attachment           string // boshan's clerk's
	export, endedExport, filter, endedFilter     string
	session                                      string
	repaired                                     string // a matter for repairs: what they build anew is not as the vote has it
	poll, tag                                    string // a vote on boshan's matter
	slip                                         string // delivered to drc
	book, draftedBook, base, text, shorter       string // draftedBook is one boshan's clerk is rewriting
	change                                       string // proposed by the office
	imported, endedImport, sheet                 string // the office's clerk's
	person, personSession                        string // office.clerk, and a session of theirs
	activation                                   string
	holder, holding, principal, deputy, deputyID string // people of units the rest does not ask as
	leaver                                       string
	amendment                                    string
}

// id is who a login belongs to.
func (w *world) id(login string) string {
	w.t.Helper()
	return read[api.Me](w.as(login).get("/api/v1/me").is(http.StatusOK)).Person.ID
}

// current is the id of the session the client has.
func (c *client) current() string {
	c.w.t.Helper()
	for _, session := range read[api.SessionList](c.get("/api/v1/sessions").is(http.StatusOK)).Items {
		if session.Current {
			return session.ID
		}
	}
	c.w.t.Fatal("the session is not listed")
	return ""
}

// places puts there what is asked for.
func (w *world) places() places {
	w.t.Helper()
	clerk, office := w.as("boshan.clerk"), w.as("office.clerk")
	admin, security, director := w.as("sysadmin"), w.as("secadmin"), w.as("office.director")
	p := places{command: uuid.NewString()}
	m := read[api.Matter](clerk.postAs(p.command, "/api/v1/matters", proposal()).is(http.StatusCreated))
	p.matter, p.limit = m.ID, number(m.Limits[0].ID)
	p.repaired = clerk.started(proposal()).ID
	office.started(arrived())
	p.slip = read[api.SlipList](w.as("drc.clerk").get("/api/v1/slips?mine=true").is(http.StatusOK)).Items[0].ID
	p.attachment = read[api.Attachment](clerk.upload(uuid.NewString(), "方案.txt", strings.NewReader("方案")).is(http.StatusCreated)).ID
	for _, export := range []*string{&p.export, &p.endedExport} {
		*export = read[api.Export](clerk.post("/api/v1/exports", map[string]any{"what": "matters", "filter": map[string]any{}}).is(http.StatusCreated)).ID
		require.Eventually(w.t, func() bool {
			return read[api.Export](clerk.get("/api/v1/exports/"+*export).is(http.StatusOK)).State == api.ExportStateDone
		}, time.Minute, 10*time.Millisecond)
	}
	for name, filter := range map[string]*string{"甲": &p.filter, "乙": &p.endedFilter} {
		*filter = read[api.SavedFilter](clerk.post("/api/v1/me/filters", map[string]string{"name": name, "query": "colour=red"}).is(http.StatusCreated)).ID
	}
	p.session = w.as("boshan.clerk").current()
	p.votes(w, director)
	p.rules(w, clerk, office)

	row := []string{"一窗通办", "市财政局", "2026/9/30", "", "分管副市长", "市委文件", "领导小组会议", "2026年1月5日"}
	sheet, err := io.ReadAll(spreadsheet(w.t, ledgerHeads, row))
	require.NoError(w.t, err)
	p.sheet = string(sheet)
	for _, imported := range []*string{&p.imported, &p.endedImport} {
		*imported = read[api.ImportCheck](office.sendSheet(uuid.NewString(), tasks, strings.NewReader(p.sheet)).is(http.StatusOK)).Import.ID
	}

	p.person, p.personSession = w.id("office.clerk"), w.as("office.clerk").current()
	entered := read[api.CreatedPerson](admin.post("/api/v1/people", map[string]any{"login": "entered.one", "name": "新录入人员"}).is(http.StatusCreated))
	p.activation, p.holder = entered.Activation.Token, entered.Person.ID
	p.holding = read[api.Person](security.post("/api/v1/people/"+p.holder+"/holdings", map[string]any{"post": "finance/clerk"}).is(http.StatusCreated)).Holdings[0].ID
	p.principal, p.deputy, p.leaver = w.id("education.head"), w.id("education.clerk"), w.id("finance.head")
	p.deputyID = read[api.Person](security.post("/api/v1/people/"+p.deputy+"/deputies",
		map[string]any{"post": "education/clerk", "deputy": p.principal, "to": w.clock.read().Add(48 * time.Hour)}).is(http.StatusCreated)).Deputies[0].ID
	p.amendment = proposed(w, map[string]any{"kind": "rename", "unit": "education", "name": "市教育和体育局"}).ID
	return p
}

// votes opens a vote in which three ballots came from one address.
func (p *places) votes(w *world, director *client) {
	r := w.round(p.matter)
	p.poll = r.ID
	w.fromOneAddress(r)
	p.tag = read[api.AnomalyList](director.get("/api/v1/polls/" + r.ID + "/anomalies?kind=address&least=2").is(http.StatusOK)).Items[0].Tag
}

// rules has a change of the rules proposed, and another one being written.
func (p *places) rules(w *world, clerk, office *client) {
	p.book, p.draftedBook = cityRules, "/api/v1/rulebooks/zibo-stb"
	p.base, p.text = inForce(office, p.book)
	p.shorter = shorter(w.t, p.text)
	p.change = proposedChange(office, p.book, p.base, p.shorter)
	clerk.send(http.MethodPut, p.draftedBook+"/draft", map[string]any{"base": "x", "text": "y"}, nil).is(http.StatusOK)
}
