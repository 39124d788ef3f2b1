package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/api"
	"duban/internal/app"
	"duban/internal/client"
)

// Z23: the rules are changed by a matter like any other. What the leading group approved takes effect by itself on its
// day, once, though everything is killed while it does; what began before keeps the rules it began under; another change
// made from the same version comes too late, and goes back to whoever wrote it.
func TestTheRulesAreChangedByAMatter(t *testing.T) {
	t.Parallel()
	p := own(t, scratch(t))
	office := p.session(t, "office.clerk")
	before := study(t, p)
	if term := termOf(t, p, before); term != "5个工作日" {
		t.Fatalf("the rules in force ask for %s", term)
	}
	base, text := rulesOf(t, office)
	shorter := strings.Replace(text, "within: 5 workdays\n        from: started", "within: 4 workdays\n        from: started", 1)
	first := proposeRules(t, p, base, shorter, "缩短传达学习时限")
	second := proposeRules(t, p, base, strings.Replace(text, "times: 1", "times: 2", 1), "放宽延期次数")

	release := holdEnactment(t, p)
	approveRules(t, p, first)
	waitForStage(t, p, first, "enact")
	if err := p.Kill(); err != nil { // in the midst of it: the change waits for the table held above
		t.Fatal(err)
	}
	release()
	p = own(t, p.Data)
	office = p.session(t, "office.clerk")
	versions := until(t, 2*time.Minute, "the change to take effect", func(ctx context.Context) (api.RulebookVersions, error) {
		var v api.RulebookVersions
		_, err := office.Do(ctx, http.MethodGet, "/api/v1/rulebooks/zibo-city/versions", "", nil, &v)
		return v, err
	}, func(v api.RulebookVersions) bool { return v.InForce != base })
	if len(versions.Items) != 2 || versions.Items[0].Matter != first || string(versions.Items[0].Cause) != "change" || versions.Items[1].Running == 0 {
		t.Errorf("versions: %+v", versions.Items)
	}
	done := until(t, time.Minute, "the units to be told", func(ctx context.Context) (api.Matter, error) { return office.Matter(ctx, first) },
		func(m api.Matter) bool { return m.State == api.MatterStateCompleted })
	if len(done.Slips) != 1 || !strings.HasPrefix(done.Slips[0].Number, "淄改办规") {
		t.Errorf("slips: %+v", done.Slips)
	}
	if term := termOf(t, p, before); term != "5个工作日" {
		t.Errorf("a running matter has another rule now: %s", term)
	}
	until(t, time.Minute, "new matters to run by the new rules", func(context.Context) (string, error) { return termOf(t, p, study(t, p)), nil },
		func(term string) bool { return term == "4个工作日" })

	approveRules(t, p, second)
	waitForStage(t, p, second, "rebase")
	story, err := office.Events(within(t, time.Minute), second)
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, e := range story.Items {
		told = told || e.Type == "enacted" && strings.Contains(e.Sentence, "未能生效") && strings.Contains(e.Sentence, "现行版本")
	}
	if !told {
		t.Errorf("the story does not say why it did not take effect: %+v", story.Items)
	}
}

// study starts a matter whose first limit the rules are changed of.
func study(t *testing.T, p *Program) string {
	t.Helper()
	m, err := p.session(t, "stb.clerk").Create(within(t, time.Minute), client.Key(), api.NewMatter{Rulebook: "zibo-city", Procedure: "first-study",
		Title: "传达学习", Form: form(t, map[string]any{"subject": "上级会议精神"})})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func termOf(t *testing.T, p *Program, matter string) string {
	t.Helper()
	m, err := p.session(t, "stb.clerk").Matter(within(t, time.Minute), matter)
	if err != nil {
		t.Fatal(err)
	}
	return m.Stages[0].Term
}

// rulesOf gives the city's rules in force.
func rulesOf(t *testing.T, c *client.Client) (version, text string) {
	t.Helper()
	ctx := within(t, time.Minute)
	var versions api.RulebookVersions
	if _, err := c.Do(ctx, http.MethodGet, "/api/v1/rulebooks/zibo-city/versions", "", nil, &versions); err != nil {
		t.Fatal(err)
	}
	var found api.RulebookText
	if _, err := c.Do(ctx, http.MethodGet, "/api/v1/rulebooks/zibo-city/versions/"+versions.InForce, "", nil, &found); err != nil {
		t.Fatal(err)
	}
	return versions.InForce, found.Text
}

// proposeRules starts the matter of a change that is to take effect as soon as it is approved.
func proposeRules(t *testing.T, p *Program, base, text, title string) string {
	t.Helper()
	ctx, c := within(t, time.Minute), p.session(t, "office.clerk")
	var kept struct {
		ID string `json:"id"`
	}
	if _, err := c.Do(ctx, http.MethodPost, "/api/v1/rulebooks/zibo-city/changes", client.Key(), map[string]any{"base": base, "text": text}, &kept); err != nil {
		t.Fatal(err)
	}
	m, err := c.Create(ctx, client.Key(), api.NewMatter{Rulebook: "zibo-city", Procedure: "rule-change", Title: title, Submit: true,
		Form: form(t, map[string]any{"change": kept.ID, "reason": "经一年运行，原规定需要调整", "effectiveOn": "2026-01-05"})})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// approveRules takes a change through review, the director and the leading group.
func approveRules(t *testing.T, p *Program, matter string) {
	t.Helper()
	for _, step := range []struct {
		login  string
		fields map[string]any
	}{
		{"office.deputy", map[string]any{"reviewOpinion": "同意"}},
		{"office.director", nil},
		{"leading.secretary", map[string]any{"deliberationMeeting": "市委深改领导小组会议", "deliberatedOn": "2026-01-04", "deliberationResult": "approved"}},
	} {
		action := api.Action{Action: api.ActionNameApprove, Fields: form(t, step.fields)}
		if _, err := p.session(t, step.login).Act(within(t, time.Minute), client.Key(), matter, action); err != nil {
			t.Fatalf("%s: %v", step.login, err)
		}
	}
}

func waitForStage(t *testing.T, p *Program, matter, stage string) {
	t.Helper()
	c := p.session(t, "office.clerk")
	until(t, 2*time.Minute, "the stage "+stage, func(ctx context.Context) (api.Matter, error) { return c.Matter(ctx, matter) },
		func(m api.Matter) bool { return m.Stage == stage })
}

// holdEnactment keeps whatever wants to take effect waiting, until the release.
func holdEnactment(t *testing.T, p *Program) (release func()) {
	t.Helper()
	at, err := app.ReadEndpoints(app.Config{Data: p.Data})
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t, 4*time.Minute)
	conn, err := pgx.Connect(ctx, at.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "BEGIN; LOCK TABLE enactment IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	return func() { _ = conn.Close(context.WithoutCancel(ctx)) }
}
