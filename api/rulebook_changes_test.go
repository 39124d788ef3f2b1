package api_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/rulebook"
	"duban/internal/rules"
)

const cityRules = "/api/v1/rulebooks/zibo-city"

// inForce gives the version in force and its text.
func inForce(c *client, book string) (version, text string) {
	c.w.t.Helper()
	all := read[api.RulebookVersions](c.get(book + "/versions").is(http.StatusOK))
	return all.InForce, read[api.RulebookText](c.get(book + "/versions/" + all.InForce).is(http.StatusOK)).Text
}

// shorter is a text in which the applicant's own screening takes a day less.
func shorter(t *testing.T, text string) string {
	t.Helper()
	old := "who: applicant/head\n        within: 3 workdays"
	require.Contains(t, text, old)
	return strings.Replace(text, old, "who: applicant/head\n        within: 2 workdays", 1)
}

// proposedChange keeps a change and gives its id.
func proposedChange(c *client, book, base, text string) string {
	c.w.t.Helper()
	var kept struct {
		ID string `json:"id"`
	}
	require.NoError(c.w.t, json.Unmarshal(c.post(book+"/changes", map[string]any{"base": base, "text": text}).is(http.StatusCreated).body, &kept))
	return kept.ID
}

// A text is checked where it is written: problems with their place and remedy, in it and in what derives from it; or what it
// would change, for how many.
func TestCheckRulebook(t *testing.T) {
	w := newWorld(t)
	w.as("boshan.clerk").started(proposal())
	c := w.as("office.clerk")
	base, text := inForce(c, cityRules)
	check := func(text string) api.RulebookCheck {
		t.Helper()
		return read[api.RulebookCheck](c.post(cityRules+"/check", map[string]any{"base": base, "text": text}).is(http.StatusOK))
	}
	good := check(shorter(t, text))
	require.Empty(t, good.Problems)
	require.NotEqual(t, base, good.Version)
	require.Len(t, good.Differences, 1, "what derives from it has the procedure as it stands there")
	require.Len(t, good.Differences[0].Procedures, 1)
	changed := good.Differences[0].Procedures[0]
	require.Equal(t, []any{"innovation-proposal", api.RuleDifferenceHow("changed"), 1}, []any{changed.Key, changed.How, changed.Running})
	require.Len(t, changed.Stages, 1)
	require.Equal(t, "3个工作日内 → 2个工作日内", changed.Stages[0].Changes[0].From+" → "+changed.Stages[0].Changes[0].To)
	require.Contains(t, good.Lines, api.TextLine{New: lineOf(shorter(t, text), "within: 2 workdays\n        set-by: office\n        actions: {approve: initial-review"),
		Text: "        within: 2 workdays"})

	bad := check(strings.Replace(text, "who: applicant/head", "who: applicant/boss", 1))
	require.NotEmpty(t, bad.Problems)
	require.Equal(t, lineOf(text, "who: applicant/head"), bad.Problems[0].Line)
	require.True(t, bad.Problems[0].Here)
	require.NotEmpty(t, bad.Problems[0].Remedy)
	heirs := check(strings.Replace(text, "within: 5 workdays\n        from: started", "within: 2 workdays\n        from: started", 1))
	require.NotEmpty(t, heirs.Problems)
	require.Equal(t, "zibo-stb.yaml", heirs.Problems[0].File)
	require.False(t, heirs.Problems[0].Here)
	require.Empty(t, check(text).Differences)

	played := read[api.RulebookSimulation](c.post(cityRules+"/simulate",
		map[string]any{"procedure": "innovation-proposal", "text": shorter(t, text), "matters": 20}).is(http.StatusOK))
	require.Empty(t, played.Broken)
	require.Contains(t, played.Report, "20件")
	c.post(cityRules+"/simulate", map[string]any{"procedure": "none", "text": text}).refused(http.StatusNotFound, "unknown-procedure")
	c.post(cityRules+"/simulate", map[string]any{"procedure": "none", "text": text, "matters": 201}).refused(http.StatusBadRequest, "invalid-request")
}

// lineOf is the line on which a passage begins.
func lineOf(text, passage string) int {
	before, _, _ := strings.Cut(text, passage)
	return strings.Count(before, "\n") + 1
}

// A change is kept by what it says, named by a matter of its own rulebook's procedure, and after it took effect the versions
// say since when and by which matter.
func TestRulebookChange(t *testing.T) {
	w := newWorld(t)
	c := w.as("office.clerk")
	base, text := inForce(c, cityRules)
	change := func(base, text string) *answer {
		return c.post(cityRules+"/changes", map[string]any{"base": base, "text": text})
	}
	change(base, text).refused(http.StatusUnprocessableEntity, "rulebook-unchanged")
	change("0123456789abcdef", shorter(t, text)).refused(http.StatusConflict, "base-not-in-force")
	problem := change(base, strings.Replace(text, "workflow: RuleChange", "workflow: Rule", 1)).refused(http.StatusUnprocessableEntity, "rulebook-invalid")
	require.NotEmpty(t, problem.Errors)
	id := proposedChange(c, cityRules, base, shorter(t, text))
	require.Equal(t, id, proposedChange(c, cityRules, base, shorter(t, text)), "the same again")

	form := func(id string) map[string]any {
		return map[string]any{"rulebook": "zibo-city", "procedure": "rule-change", "title": "缩短筛选时限", "form": map[string]any{"change": id,
			"reason": "加快提报", "effectiveOn": "2026-01-20"}}
	}
	c.post("/api/v1/matters", form(strings.Repeat("0", 64))).refused(http.StatusUnprocessableEntity, "change-unknown")
	stb := w.as("stb-office.clerk")
	stbBase, stbText := inForce(stb, "/api/v1/rulebooks/zibo-stb")
	other := proposedChange(stb, "/api/v1/rulebooks/zibo-stb", stbBase, strings.Replace(stbText, "within: 3 workdays", "within: 2 workdays", 1))
	c.post("/api/v1/matters", form(other)).refused(http.StatusUnprocessableEntity, "change-elsewhere")
	m := c.started(form(id))
	c.act(m.ID, map[string]any{"action": "fill", "fields": map[string]any{"change": other}}).refused(http.StatusUnprocessableEntity, "change-elsewhere")

	shown := read[api.RulebookChange](c.get(cityRules + "/changes/" + id).is(http.StatusOK))
	require.True(t, shown.Current)
	require.False(t, shown.Enacted)
	require.Len(t, shown.Check.Differences, 1)
	c.get("/api/v1/rulebooks/zibo-stb/changes/"+id).refused(http.StatusNotFound, "not-found")

	done, err := w.rules.Enact(t.Context(), m.ID, "zibo-city", id, false)
	require.NoError(t, err)
	all := read[api.RulebookVersions](c.get(cityRules + "/versions").is(http.StatusOK))
	require.Equal(t, done.Version, all.InForce)
	require.Len(t, all.Items, 2)
	require.Equal(t, []any{"change", m.ID, "缩短筛选时限", int64(2)}, []any{string(all.Items[0].Cause), all.Items[0].Matter, all.Items[0].MatterTitle, all.Items[0].Number})
	require.Equal(t, all.Items[0].Since, all.Items[1].Until)
	require.Equal(t, 1, all.Items[1].Running, "the change itself runs under the rules it changed")
	require.Nil(t, all.Shipped, "what the program brings was in force")
	require.Equal(t, "change", all.Change.Field)
	require.Nil(t, read[api.RulebookVersions](w.as("linzi.clerk").get(cityRules+"/versions").is(http.StatusOK)).Change)
	heir := read[api.RulebookVersions](stb.get("/api/v1/rulebooks/zibo-stb/versions").is(http.StatusOK))
	require.Equal(t, "parent", string(heir.Items[0].Cause))

	after := read[api.RulebookChange](c.get(cityRules + "/changes/" + id).is(http.StatusOK))
	require.True(t, after.Enacted)
	require.False(t, after.Current)
	require.Equal(t, shown.Check.Differences[0].Procedures[0].Stages, after.Check.Differences[0].Procedures[0].Stages)
	require.Equal(t, shown.Check.Lines, after.Check.Lines)
	compared := read[api.RulebookComparison](c.get(cityRules + "/comparison?from=" + base + "&to=" + done.Version).is(http.StatusOK))
	require.True(t, compared.Readable)
	require.Len(t, compared.Differences, 1)
	heirs := read[api.RulebookComparison](stb.get("/api/v1/rulebooks/zibo-stb/comparison?from=" + heir.Items[1].Version + "&to=" + heir.InForce).is(http.StatusOK))
	require.Empty(t, heirs.Lines, "its own text is as it was")
	require.True(t, heirs.Readable)
	c.get(cityRules+"/comparison?from="+base+"&to=none").refused(http.StatusNotFound, "not-found")
	var schema map[string]any
	require.NoError(t, json.Unmarshal(c.get("/api/v1/rulebook-schema").is(http.StatusOK).body, &schema))
	require.Contains(t, schema, "$defs")
}

// That a change took effect is known as soon as it did, also in a process that has not taken the rules over yet.
func TestAChangePutInForceElsewhere(t *testing.T) {
	w := newWorld(t)
	c := w.as("office.clerk")
	base, text := inForce(c, cityRules)
	id := proposedChange(c, cityRules, base, shorter(t, text))
	library, err := shipped()
	require.NoError(t, err)
	elsewhere := rules.NewKeeper(w.store, rulebook.NewShelf(library), slog.New(slog.DiscardHandler))
	require.NoError(t, elsewhere.Open(t.Context()))
	done, err := elsewhere.Enact(t.Context(), uuid.NewString(), "zibo-city", id, false)
	require.NoError(t, err)
	shown := read[api.RulebookChange](c.get(cityRules + "/changes/" + id).is(http.StatusOK))
	require.True(t, shown.Enacted)
	require.False(t, shown.Current)
	require.Equal(t, done.Version, shown.InForce)
	require.Len(t, shown.Check.Differences, 1, "what it changed in its base")
}

// A draft is its writer's alone, and one window does not write over the other.
func TestRulebookDraft(t *testing.T) {
	w := newWorld(t)
	c := w.as("office.clerk")
	path := cityRules + "/draft"
	c.get(path).refused(http.StatusNotFound, "not-found")
	save := func(tag, text string) *answer {
		header := map[string]string{}
		if tag != "" {
			header["If-Match"] = tag
		}
		return c.send(http.MethodPut, path, map[string]any{"base": "b", "text": text}, header)
	}
	first := save("", "一").is(http.StatusOK)
	save("", "二").refused(http.StatusPreconditionFailed, "draft-moved")
	second := save(first.header.Get("ETag"), "二").is(http.StatusOK)
	save(first.header.Get("ETag"), "三").refused(http.StatusPreconditionFailed, "draft-moved")
	got := c.get(path).is(http.StatusOK)
	require.Equal(t, second.header.Get("ETag"), got.header.Get("ETag"))
	require.Equal(t, "二", read[api.RulebookDraft](got).Text)
	w.as("stb-office.clerk").get(path).refused(http.StatusNotFound, "not-found")
	c.send(http.MethodDelete, path, nil, map[string]string{"Idempotency-Key": uuid.NewString()}).is(http.StatusNoContent)
	c.get(path).refused(http.StatusNotFound, "not-found")
}
