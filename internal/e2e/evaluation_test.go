package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/client"
	"duban/internal/procedure"
	"duban/internal/rehearsal"
	"duban/internal/rulebook"
	"duban/internal/verifier"
	"duban/rulebooks"
	"duban/workflows"
)

// evaluated is the article of the evaluation, and march the day it begins by itself.
const evaluated = "001 art. 14(3)"

var march = calendar.Date{Year: 2027, Month: 3, Day: 1}

// leads are the departments that lead the practices evaluated.
var leads = []string{"stb", "approval", "education", "commerce", "drc"}

// cast is the answers of a play in which some take longer: days by unit, or by a matter's title, for each stage.
func cast(answers map[string]rehearsal.Answer, after map[string]map[string]float64) map[string]rehearsal.Answer {
	all := maps.Clone(answers)
	for at, answer := range all {
		answer.After = after[at]
		all[at] = answer
	}
	for at := range after {
		if _, ok := all[at]; !ok {
			all[at] = rehearsal.Answer{After: after[at]}
		}
	}
	return all
}

// Z17, 001 art. 14(3): the evaluation of March begins by itself with the twenty practices of the two half-years before,
// and goes from the districts' own measures over scores, lots, visits, report and bulletin to what is done about it.
// Beside it a second one and a single follow-up are played by others, so that every limit of the article is kept once
// and missed once; what is missed is reminded of, urged and escalated.
func TestTheEvaluationOfMarch(t *testing.T) { judged(t, evaluationPace, evaluate) }

// evaluate plays the evaluation at a pace on a program of its own, and says which of the article's limits were not both kept
// and missed, and for how long its players were held up.
func evaluate(t *testing.T, pace int) (complaints []string, held time.Duration) {
	t.Helper()
	p := own(t, scratch(t))
	defer p.Stop()
	troupe, cycle := company(t, p, pace)
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	evaluation, _ := library.Procedure("zibo-city", "practice-evaluation")
	busy := slices.Concat([]string{"office", "evaluators"}, leads, evaluation.Parties["districts"].Units)
	maps.DeleteFunc(troupe.Logins, func(post procedure.Post, _ string) bool {
		signs := post.Role() == "clerk" && slices.Contains(evaluation.Parties["departments"].Units, post.Unit())
		return !signs && (!slices.Contains(busy, post.Unit()) || post.Role() == "deputy")
	})
	ctx := within(t, 6*time.Minute*evaluationPace/time.Duration(pace))
	if err := troupe.Gather(ctx); err != nil {
		t.Fatal(err)
	}
	b := behind(t, p)
	b.promoted(t, "上半年", time.Date(2026, 4, 30, 2, 0, 0, 0, time.UTC))
	b.promoted(t, "下半年", time.Date(2026, 10, 30, 2, 0, 0, 0, time.UTC))

	plays := []performance{
		{as: "office.clerk", after: map[string]map[string]float64{
			"practice-department-evaluation/measures": {"stb": 7.6, "commerce": -1},
			"practice-department-evaluation/score":    {"approval": 7.6},
			"practice-department-evaluation/sign":     {"education": 6.6},
			"practice-site-visit/visit":               {"现场评估：上半年经验zhangdian": 14},
		}},
		{as: "office.clerk", after: map[string]map[string]float64{
			"practice-evaluation/prepare":         {"": 11}, // on a Friday: who has one working day has until Monday's end
			"practice-evaluation/slips":           {"wenchanghu": 10},
			"practice-self-evaluation/measures":   {"boshan": 7.6, "wenchanghu": -1},
			"practice-self-evaluation/score":      {"zhoucun": 7.6},
			"practice-self-evaluation/choose":     {"gaoqing": 6.6},
			"practice-self-evaluation/sign":       {"yiyuan": 6.6},
			"practice-department-check/materials": {"stb": 9},
			"practice-department-check/verify":    {"市行政审批服务局推广推介成效评估": 12},
			"practice-evaluation/report":          {"": 14},
			"practice-evaluation/review":          {"": 12},
			"practice-evaluation/publicity":       {"": 13},
		}},
		{as: "zhangdian.clerk", after: map[string]map[string]float64{
			"practice-follow-up/measures":  {"": 13},
			"practice-follow-up/carry-out": {"": 38},
			"practice-follow-up/check":     {"": 10},
		}},
	}
	now := time.Now()
	begun, err := b.engine.Begin(ctx, workflows.Beginning{Rulebook: "zibo-city", Procedure: "practice-evaluation", Day: march,
		Clock: procedure.Rehearsal(now, march.At(promotionOpens), pace)})
	if err != nil || begun.Refusal != nil {
		t.Fatal(begun.Refusal, err)
	}
	plays[0].matter = begun.Matter
	plays[1].matter = started(ctx, t, p, pace, plays[1].as, "practice-evaluation", "补充评估（演练）", map[string]any{"practices": []map[string]any{
		{"title": "补充经验甲", "unit": "zhangdian", "lead": "stb"}, {"title": "补充经验乙", "unit": "boshan", "lead": "approval"}}})
	plays[2].matter = started(ctx, t, p, pace, plays[2].as, "practice-follow-up", "张店区回头抓（演练）", map[string]any{"basis": "成效评估（演练）"})
	defer func() {
		if t.Failed() || len(complaints) > 0 {
			t.Log(tail(p.Output(), 60))
			for _, one := range plays {
				tell(t, p.session(t, one.as), one.matter)
			}
		}
	}()
	ended := make(chan played, len(plays))
	var early string // the draw's page before its lists were fixed
	for i, one := range plays {
		company := &rehearsal.Troupe{Stage: troupe.Stage, Logins: troupe.Logins, Plays: "practice", Alone: true, Answers: cast(cycle.Answers, one.after)}
		go func() {
			tellStage := staged(t)
			err := company.Play(ctx, one.matter, one.as, func(m api.Matter) bool {
				tellStage(m)
				if i == 0 && early == "" && len(m.Draws) == 1 && m.Draws[0].State == api.PublicDrawStateCommitted {
					early = seen(t, p, "/draw/"+m.Draws[0].ID, http.StatusOK)
					seen(t, p, "/draw/"+m.Draws[0].ID+"/draw.txt", http.StatusNotFound)
				}
				return b.quiet(ctx, one.matter)
			})
			ended <- played{one.matter, company.Held(), err}
		}()
	}
	for range plays {
		one := <-ended
		held = max(held, one.held)
		if one.err != nil {
			complaints = append(complaints, fmt.Sprintf("%s: %v", one.matter, one.err))
		}
	}
	if len(complaints) > 0 {
		return complaints, held
	}
	rules := resting(library, evaluated)
	if len(rules) < 20 {
		t.Errorf("the article has but %d limits: %v", len(rules), slices.Sorted(maps.Keys(rules)))
	}
	complaints = keptAndMissed(t, p.session(t, "office.director"), rules, plays[0].matter, plays[1].matter, plays[2].matter)
	if len(complaints) == 0 {
		b.checkWhole(t, p, plays[0].matter, early)
	}
	return complaints, held
}

// evaluationPace makes a day of the evaluation two seconds: eighty visits go on at once in a week of it.
const evaluationPace = promotionPace / 2

// promotionOpens is when offices open.
const promotionOpens = calendar.Clock(8*60 + 30)

// performance is a matter played by a company of its own, for which one of them looks on: after is who takes longer over what.
type performance struct {
	matter string
	as     string
	after  map[string]map[string]float64
}

// started starts a matter on the day of the evaluation.
func started(ctx context.Context, t *testing.T, p *Program, pace int, login, procedure, title string, fields map[string]any) string {
	t.Helper()
	m, err := p.session(t, login).Create(ctx, client.Key(), api.NewMatter{Rulebook: "zibo-city", Procedure: procedure, Title: title,
		Form: form(t, fields), Pace: pace, Begins: march.String()})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// checkWhole checks what the evaluation of twenty practices came to, and that its lots can be drawn again by anybody.
func (b backstage) checkWhole(t *testing.T, p *Program, matter, early string) {
	t.Helper()
	ctx := within(t, time.Minute)
	row, err := b.store.Matter(ctx, matter, nil)
	if err != nil {
		t.Fatal(err)
	}
	if row.Title != "2026年度创新改革经验推广推介成效评估" || row.State.Outcome != procedure.OutcomeCompleted {
		t.Errorf("%s ended %s", row.Title, row.State.Outcome)
	}
	lists := map[string][]map[string]json.RawMessage{}
	for field, want := range map[string]int{"practices": 20, "selfEvaluations": 10, "sites": 40, "visits": 40, "checks": 5} {
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(row.State.Form[field], &list); err != nil || len(list) != want {
			t.Errorf("%s: %d entries, want %d (%v)", field, len(list), want, err)
		}
		lists[field] = list
	}
	for _, self := range lists["selfEvaluations"] {
		var ranking []json.RawMessage
		if err := json.Unmarshal(self["ranking"], &ranking); err != nil || len(ranking) != 20 {
			t.Errorf("%s ranked %d practices (%v)", self["unit"], len(ranking), err)
		}
	}
	var scored []json.RawMessage
	var absent []string
	if err := errors.Join(json.Unmarshal(row.State.Form["departmentScores"], &scored), json.Unmarshal(row.State.Form["absentDepartments"], &absent)); err != nil ||
		len(scored)+len(absent) != len(leads) || len(scored) < 2 || !slices.Contains(absent, "commerce") {
		t.Errorf("%d departments gave scores, %v did not (%v)", len(scored), absent, err)
	}
	sites := map[string][]string{} // district and how -> lots
	for _, site := range lists["sites"] {
		var unit, how, lot string
		if err := errors.Join(json.Unmarshal(site["unit"], &unit), json.Unmarshal(site["how"], &how), json.Unmarshal(site["lot"], &lot)); err != nil {
			t.Fatal(err)
		}
		sites[unit+"/"+how] = append(sites[unit+"/"+how], lot)
	}
	draw := b.checkDraw(t, matter)
	text := []byte(seen(t, p, "/draw/"+draw.Draw+"/draw.txt", http.StatusOK))
	repeated, err := verifier.Draw(text)
	if err != nil || repeated.Commitment != draw.Commitment || len(repeated.Groups) != 10 {
		t.Fatalf("the draw cannot be repeated: %+v (%v)", repeated, err)
	}
	late, at := seen(t, p, "/draw/"+draw.Draw, http.StatusOK), committedAt.FindString(early)
	if at == "" || !strings.Contains(early, draw.Commitment) || strings.Contains(early, repeated.Seed) ||
		!strings.Contains(late, draw.Commitment) || !strings.Contains(late, at) || !strings.Contains(late, repeated.Seed) {
		t.Errorf("before the lists were fixed the draw's page was\n%s\nand after\n%s", early, late)
	}
	for _, group := range repeated.Groups {
		drawn, chosen := sites[group.Key+"/drawn"], sites[group.Key+"/chosen"]
		if len(chosen) != 2 || len(group.Drawn) != 2 || !slices.Equal(group.Drawn, drawn) || len(group.List) != 18 ||
			slices.ContainsFunc(drawn, func(lot string) bool { return slices.Contains(chosen, lot) }) {
			t.Errorf("%s: %v chosen, %v drawn of %d, %v visited", group.Key, chosen, group.Drawn, len(group.List), drawn)
		}
	}
	file := filepath.Join(t.TempDir(), "draw.txt")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(ctx, binary, "verify", "draw", file).CombinedOutput(); err != nil || !strings.Contains(string(said), draw.Commitment) {
		t.Errorf("duban verify draw: %v\n%s", err, said)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), draw.Commitment, strings.Repeat("0", 64), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(ctx, binary, "verify", "draw", file).CombinedOutput(); err == nil {
		t.Errorf("a draw by another seed is verified:\n%s", said)
	}
}

// committedAt is the instant of a commitment, as a draw's page shows it.
var committedAt = regexp.MustCompile(`<p>[^<]+ 公布。</p>`)

// seen is what anybody is shown at an address.
func seen(t *testing.T, p *Program, path string, status int) string {
	t.Helper()
	response, err := http.Get(p.URL + path) //nolint:noctx // the test's own program
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Errorf("%s: %s (%v)", path, response.Status, err)
	}
	return string(body)
}

// checkDraw gives a matter's draw as it was committed to: before anybody was told of the evaluation, and so before the list was fixed.
func (b backstage) checkDraw(t *testing.T, matter string) procedure.DrawCommitted {
	t.Helper()
	var order []string
	var committed procedure.DrawCommitted
	for _, e := range b.events(t, matter) {
		switch body := e.Body.(type) {
		case procedure.DrawCommitted:
			committed = body
			order = append(order, e.Body.EventType())
		case procedure.SlipIssued:
			if body.Kind == "evaluation-notice" {
				order = append(order, e.Body.EventType())
				if !strings.Contains(body.Body, committed.Commitment) {
					t.Errorf("the notice says %s", body.Body)
				}
			}
		case procedure.DrawFixed, procedure.DrawRevealed:
			order = append(order, e.Body.EventType())
		}
	}
	if want := []string{"draw-committed", "slip-issued", "draw-fixed", "draw-revealed"}; !slices.Equal(order, want) {
		t.Errorf("the draw went %v", order)
	}
	return committed
}

// resting are the limits that rest on an article by their own source or by their stage's or slip's, in the rulebook as it is
// loaded, by procedure, stage and key.
func resting(library *rulebook.Library, article string) map[string]procedure.Limit {
	all := map[string]procedure.Limit{}
	book, _ := library.Rulebook("zibo-city")
	for key, p := range book.Procedures {
		take := func(stage string, of procedure.Authority, limits ...procedure.Limit) {
			for _, l := range limits {
				if strings.Contains(l.Source, article) || strings.Contains(of.Source, article) {
					all[limitKey(key, stage, l.Key)] = l
				}
			}
		}
		take("", p.Authority, p.Limits...)
		for _, s := range p.Stages {
			take(s.Key, s.Authority, s.Limits...)
		}
		for _, s := range p.Slips {
			if s.Sign != nil {
				take("", s.Authority, *s.Sign)
			}
		}
	}
	return all
}
