package rulebook_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// What a regulation wants true, a gate refuses otherwise; what it only asks about may be answered no.
func TestAnsweringNo(t *testing.T) {
	const (
		principles = `"category":"economy","kind":"practice","summary":"s","peopleFirst":true,"fourBenefits":true,"keyPoints":true,"problemDriven":true`
		criteria   = `"lead":"stb","summary":"s","topDesign":true,"grassroots":false,"benefit":true,"replicable":true`
		study      = `"subject":"s","heldOn":"2026-01-12","attendance":3,"minutes":"x"`
	)
	for _, c := range []struct {
		name, book, procedure, unit, form string
		refused                           string // code of the refusal; empty: it goes on
		source                            string // the article it refuses by
		to                                string
	}{
		// 001 art. 12: a proposal follows five principles.
		{"a proposal by all five", "zibo-city", "innovation-proposal", "stb", principles + `,"informatised":true`, "", "", "screening"},
		{"a proposal by four", "zibo-city", "innovation-proposal", "stb", principles + `,"informatised":false`, "gate-closed", "001 art. 12", ""},
		{"a proposal silent on one", "zibo-city", "innovation-proposal", "stb", principles, "fields-missing", "001 art. 12", ""},
		{"a bureau's by all five", "zibo-stb", "bureau-proposal", "stb-hightech", principles + `,"informatised":true`, "", "", "section-check"},
		{"a bureau's by four", "zibo-stb", "bureau-proposal", "stb-hightech", principles + `,"informatised":false`, "gate-closed", "001 art. 12", ""},
		// 001 art. 14(1): the call names what it looks for; what is filed must have matured, the vote weighs the rest.
		{"a practice not led by information", "zibo-city", "practice", "boshan", criteria + `,"informatised":false,"mature":true`, "", "", "check"},
		{"a practice not mature", "zibo-city", "practice", "boshan", criteria + `,"informatised":true,"mature":false`, "gate-closed", "001 art. 14(1)", ""},
		{"a practice silent on one", "zibo-city", "practice", "boshan", criteria + `,"mature":true`, "fields-missing", "001 art. 14(1)", ""},
		// 001 art. 3, 000 art. 4: it is the meeting's first item.
		{"a study as the first item", "zibo-city", "first-study", "boshan", study + `,"firstItem":true`, "", "", "confirm"},
		{"a study as another item", "zibo-city", "first-study", "boshan", study + `,"firstItem":false`, "gate-closed", "001 art. 3", ""},
		{"a section's as another item", "zibo-stb", "first-study", "stb-hightech", study + `,"firstItem":false`, "gate-closed", "000 art. 4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := time.Date(2026, 1, 12, 2, 0, 0, 0, time.UTC)
			starter := actor(procedure.Post(c.unit + "/clerk"))
			spec, err := library(t).Open(rulebook.Request{Matter: "m", Rulebook: c.book, Procedure: c.procedure, Title: "t", Form: form("{" + c.form + "}"),
				Unit: c.unit, Starter: starter, At: at, Calendar: calendar.Shipped()})
			if err != nil {
				t.Fatal(err)
			}
			s := procedure.New(spec)
			events, err := procedure.Decide(s, procedure.Command{Key: "k", Action: procedure.ActionStart, Actor: starter, Submit: true}, at)
			var refusal *procedure.Refusal
			if errors.As(err, &refusal) {
				if refusal.Code != c.refused || !strings.Contains(refusal.Source, c.source) {
					t.Errorf("refused by %s: %s %v", refusal.Source, refusal.Code, refusal.Args)
				}
				return
			}
			if stage := procedure.Fold(s, events).Stage; c.refused != "" || stage != c.to {
				t.Errorf("it is at %s", stage)
			}
		})
	}
}
