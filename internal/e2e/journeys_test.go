package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/rehearsal"
)

// Z02, Z03, Z21: a provincial document from arrival to issue; its slips are numbered and signed for, its tasks become
// ledger entries, the units study it.
func TestProvincialDocumentFromArrivalToIssue(t *testing.T) {
	t.Parallel()
	id := perform(t, play(t, "document-in-time"))
	office := as(t, "office.clerk")
	m := until(t, time.Minute, "the document to be issued", func(ctx context.Context) (api.Matter, error) { return office.Matter(ctx, id) },
		func(m api.Matter) bool { return m.State == api.MatterStateCompleted })
	links := map[string]int{}
	for _, l := range m.Links {
		links[l.Link]++
	}
	if links["study"] != 4 || links["tasks"] != 2 {
		t.Errorf("started %v, want 4 studies and 2 tasks", links)
	}
	if len(m.Attachments) != 2 || m.Attachments[0].Name != "上会初稿.txt" {
		t.Errorf("files by name: %+v", m.Attachments)
	}
	kinds := map[string]api.SlipSummary{}
	for _, s := range m.Slips {
		kinds[s.KindTitle] = s
	}
	order, ok := kinds["交办单"]
	if !ok || !strings.HasPrefix(order.Number, "淄改办交") {
		t.Fatalf("no numbered assignment slip: %+v", m.Slips)
	}
	for _, format := range []struct{ name, magic string }{{"docx", "PK\x03\x04"}, {"pdf", "%PDF-"}} {
		var file []byte
		if _, err := office.Do(within(t, time.Minute), http.MethodGet, "/api/v1/slips/"+order.ID+"/document?format="+format.name, "", nil, &file); err != nil {
			t.Errorf("%s: %v", format.name, err)
		} else if !bytes.HasPrefix(file, []byte(format.magic)) {
			t.Errorf("%s begins with %q", format.name, file[:min(8, len(file))])
		}
	}
}

// Z03: three weeks without a draft bring an urging slip, a month an escalation to the director.
func TestProvincialDocumentOverdue(t *testing.T) {
	t.Parallel()
	id := perform(t, play(t, "document-overdue"))
	story, err := as(t, "office.clerk").Events(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	var urged, escalated bool
	for _, e := range story.Items {
		urged = urged || strings.Contains(e.Sentence, "催办单")
		escalated = escalated || e.Type == "acted" && strings.Contains(e.Sentence, "阅处")
	}
	if !urged || !escalated {
		t.Errorf("urging slip issued: %v, escalation attended to: %v", urged, escalated)
	}
}

// Z03: a central document brings its notice slip at once.
func TestCentralDocumentIsNotedAtOnce(t *testing.T) {
	t.Parallel()
	p := play(t, "central-document")
	p.Steps = nil
	id := perform(t, p)
	m, err := as(t, "stb.clerk").Matter(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Slips) != 1 || m.Slips[0].KindTitle != "提示单" || m.Slips[0].Number == "" {
		t.Fatalf("slips on arrival: %+v", m.Slips)
	}
}

// Z21: what the leading group has not approved is not put into implementation; the refusal says why and by which article.
func TestNothingIsImplementedBeforeApproval(t *testing.T) {
	t.Parallel()
	p := play(t, "document-in-time")
	p.Steps = p.Steps[:9] // up to the director's approval
	id := perform(t, p)
	secretary := as(t, "leading.secretary")
	fields := map[string]any{"deliberationMeeting": "市委深改领导小组会议", "deliberatedOn": "2026-12-20", "deliberationResult": "revise"}
	_, err := secretary.Act(within(t, time.Minute), client.Key(), id, api.Action{Action: api.ActionNameApprove, Fields: form(t, fields)})
	if client.Code(err) != "gate-closed" {
		t.Fatalf("implemented without approval: %v", err)
	}
	var problem *client.Problem
	if !errors.As(err, &problem) || !strings.Contains(problem.Source, "18(1)") || !strings.Contains(problem.Title, "审定") {
		t.Errorf("the refusal gives no reason or article: %+v", problem)
	}
	fields["deliberationResult"] = "approved"
	if _, err := secretary.Act(within(t, time.Minute), client.Key(), id, api.Action{Action: api.ActionNameApprove, Fields: form(t, fields)}); err != nil {
		t.Errorf("approved and still refused: %v", err)
	}
}

func form(t *testing.T, fields map[string]any) api.Form {
	t.Helper()
	f := api.Form{}
	for name, value := range fields {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		f[name] = raw
	}
	return f
}

// Z13: an innovation proposal from submission to brief and tracking.
func TestInnovationProposal(t *testing.T) {
	t.Parallel()
	id := perform(t, play(t, "proposal-approved"))
	m, err := as(t, "stb.clerk").Matter(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	if m.State != api.MatterStateCompleted || len(m.Slips) != 1 || m.Slips[0].KindTitle != "简报" || len(m.Links) != 1 {
		t.Fatalf("state %s, slips %+v, links %+v", m.State, m.Slips, m.Links)
	}
}

// Z13, 001 art. 12(1): each January begins by itself with the office's notice; approved by its director it goes out numbered to
// every district and department, who sign for it.
func TestTheNoticeThatOpensTheProposals(t *testing.T) {
	t.Parallel()
	var known api.BeginningList
	if _, err := as(t, "auditor").Do(within(t, time.Minute), http.MethodGet, "/api/v1/operations/beginnings", "", nil, &known); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(known.Items, func(b api.Beginning) bool { return b.Procedure == "innovation-call" }) {
		t.Errorf("the notice does not begin by itself: %+v", known.Items)
	}
	id := perform(t, play(t, "innovation-call"))
	m, err := as(t, "office.clerk").Matter(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	if m.State != api.MatterStateCompleted || len(m.Slips) != 1 {
		t.Fatalf("state %s, slips %+v", m.State, m.Slips)
	}
	slip := m.Slips[0]
	if slip.KindTitle != "探索创新事项提报通知" || !strings.HasPrefix(slip.Number, "淄改办创") || slip.Addressees != 25 || slip.Signed != 2 {
		t.Errorf("the notice that went out: %+v", slip)
	}
}

// Z13: proposals are taken in January only, and the refusal says so.
func TestProposalsOutsideTheWindowAreRefused(t *testing.T) {
	t.Parallel()
	p := play(t, "proposal-approved")
	p.Begins, p.Steps = "2027-02-01", nil
	_, err := stage.Perform(within(t, time.Minute), p)
	if client.Code(err) != "intake-closed" {
		t.Fatalf("taken in February: %v", err)
	}
}

// Z13, Z24: inside the bureau its own leading group reviews first; then a second matter runs under the city's rules, and
// the bureau's follows its fate.
func TestBureauProposalFollowsTheCitys(t *testing.T) {
	t.Parallel()
	// In January, with three and a half weeks left of it: on a machine that stands still these are to last.
	january := rehearsal.Stage{URL: shared.URL, Password: password(shared.Data), Pace: pace / 10}
	id, err := january.Perform(within(t, 4*time.Minute), play(t, "bureau-proposal"))
	if err != nil {
		t.Fatal(err)
	}
	bureau := as(t, "stb-office.clerk")
	m := until(t, time.Minute, "the city's matter", func(ctx context.Context) (api.Matter, error) { return bureau.Matter(ctx, id) },
		func(m api.Matter) bool { return len(m.Links) == 1 })
	city := m.Links[0].ID
	until(t, time.Minute, "the city's matter to begin", func(ctx context.Context) (api.Matter, error) { return as(t, "stb.clerk").Matter(ctx, city) },
		func(c api.Matter) bool { return c.Rulebook == "zibo-city" && c.Stage == "screening" })
	ctx := within(t, 2*time.Minute)
	for _, step := range []struct {
		login  string
		action api.Action
	}{
		{"stb.head", api.Action{Action: api.ActionNameApprove}},
		{"economy.liaison", api.Action{Action: api.ActionNameReject, Opinion: "与既有做法重复"}},
	} {
		if _, err := as(t, step.login).Act(ctx, client.Key(), city, step.action); err != nil {
			t.Fatalf("%s: %v", step.login, err)
		}
	}
	until(t, time.Minute, "the bureau's matter to follow", func(ctx context.Context) (api.Matter, error) { return bureau.Matter(ctx, id) },
		func(m api.Matter) bool { return m.Stage == "not-adopted" })
}

// Z13: a bureau's review that ends after the city's January finds the city's window closed. Nobody refused the proposal: the
// bureau's matter says why it went no further, whoever began it is told, and the bureau's office decides what becomes of it.
func TestBureauProposalAfterTheCitysWindow(t *testing.T) {
	t.Parallel()
	p := play(t, "bureau-proposal")
	p.Begins = "2027-01-29"
	p.Steps[len(p.Steps)-1].After = 6
	id := perform(t, p)
	bureau := as(t, "stb-office.clerk")
	m := until(t, time.Minute, "the bureau's office to have it", func(ctx context.Context) (api.Matter, error) { return bureau.Matter(ctx, id) },
		func(m api.Matter) bool { return m.Stage == "missed" })
	if len(m.Links) != 1 || m.Links[0].Refusal.Code != "intake-closed" || m.Links[0].State != "" {
		t.Errorf("what it asked the city for: %+v", m.Links)
	}
	story, err := bureau.Events(within(t, time.Minute), id)
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	for _, e := range story.Items {
		if e.Type == "matter-linked" {
			told = e.Sentence
		}
	}
	if !strings.Contains(told, "未能发起") || !strings.Contains(told, "1月1日至1月31日") || strings.Contains(told, "未予通过") {
		t.Errorf("the story says %q", told)
	}
	until(t, time.Minute, "who began it to be told", func(ctx context.Context) (list api.NotificationList, err error) {
		_, err = as(t, "stb-hightech.clerk").Do(ctx, http.MethodGet, "/api/v1/notifications", "", nil, &list)
		return list, err
	}, func(list api.NotificationList) bool {
		return slices.ContainsFunc(list.Items, func(n api.Notification) bool { return n.Matter == id && n.Kind == "unopened" })
	})
	if _, err := bureau.Act(within(t, time.Minute), client.Key(), id, api.Action{Action: api.ActionNameApprove}); err != nil {
		t.Fatal(err)
	}
	until(t, time.Minute, "it to wait for the next window", func(ctx context.Context) (api.Matter, error) { return bureau.Matter(ctx, id) },
		func(m api.Matter) bool { return m.Stage == "next-window" })
}

// Z16, 000 art. 14: what the city chose of the bureau's is planned for within the bureau as well, by the section that leads it,
// within a week of the day the list was published.
func TestTheBureauPlansForWhatWasChosen(t *testing.T) {
	t.Parallel()
	form := map[string]any{"listNumber": "淄改办发〔2027〕3号", "publishedOn": "2027-03-01", "planBy": "2027-03-12",
		"practices": []any{map[string]any{"title": "科研仪器共享（演练）", "section": "stb-hightech", "text": "仪器开放共享"},
			map[string]any{"title": "成果先用后付（演练）", "section": "stb-achievement"}}}
	p := rehearsal.Play{Name: "practice-receipt", Rulebook: "zibo-stb", Procedure: "practice-receipt", Title: "入选经验推广承办（演练）",
		As: "stb-office.clerk", Begins: "2027-03-02", Form: form}
	if _, err := stage.Perform(within(t, time.Minute), p); client.Code(err) != "gate-closed" {
		t.Fatalf("a plan eleven days after the list: %v", err)
	}
	form["planBy"] = "2027-03-08"
	id := perform(t, p)
	m := until(t, time.Minute, "the plans to begin", func(ctx context.Context) (api.Matter, error) { return as(t, "stb-office.clerk").Matter(ctx, id) },
		func(m api.Matter) bool { return m.Stage == "check" && len(m.Links) == 2 })
	plan := until(t, time.Minute, "the section's plan", func(ctx context.Context) (api.Matter, error) {
		return as(t, "stb-hightech.clerk").Matter(ctx, m.Links[0].ID)
	}, func(plan api.Matter) bool { return plan.Stage == "draft" })
	if plan.Rulebook != "zibo-stb" || plan.Procedure != "practice-plan" {
		t.Errorf("began %s/%s", plan.Rulebook, plan.Procedure)
	}
}

// A to-do stands on its holder's list, nearest limit first, and leaves it when done.
func TestToDosAreSortedAndLeave(t *testing.T) {
	t.Parallel()
	p := play(t, "central-document")
	p.Steps = []rehearsal.Step{}
	first, id := perform(t, p), perform(t, p)
	clerk := as(t, "education.clerk")
	mine := func(ctx context.Context) (api.AssignmentList, error) { return clerk.Assignments(ctx, "duty", "sign") }
	place := func(l api.AssignmentList, matter string) int {
		return slices.IndexFunc(l.Items, func(a api.Assignment) bool { return a.Matter == matter })
	}
	has := func(l api.AssignmentList) bool { return place(l, id) >= 0 }
	list := until(t, time.Minute, "the slips to sign", mine, func(l api.AssignmentList) bool { return has(l) && place(l, first) >= 0 })
	if place(list, first) > place(list, id) {
		t.Error("what is due first stands below what is due later")
	}
	for i := 1; i < len(list.Items); i++ {
		a, b := list.Items[i-1], list.Items[i]
		if a.Colour != api.ColourRed && b.Colour == api.ColourRed { // days cannot be compared: each play keeps a clock of its own
			t.Errorf("%s, overdue, stands below %s", b.MatterTitle, a.MatterTitle)
		}
	}
	if list.Counts.Sign < 2 {
		t.Errorf("two slips to sign are counted as %d", list.Counts.Sign)
	}
	if _, err := clerk.Act(within(t, time.Minute), client.Key(), id, api.Action{Action: api.ActionNameSign}); err != nil {
		t.Fatal(err)
	}
	if l, err := mine(within(t, time.Minute)); err != nil || has(l) {
		t.Errorf("a signed slip is still to sign (%v)", err)
	}
}
