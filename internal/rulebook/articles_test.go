package rulebook_test

import (
	"encoding/json"
	"testing"

	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// claimed are the articles of the mechanisms built so far (Z02, Z03, Z13, Z15 to Z17, Z21, Z24), each to be claimed by a rule.
var claimed = map[string][]string{
	"zibo-city": {
		"001 art. 3", "001 art. 4(1)", "001 art. 4(2)", "001 art. 4(3)", // Z02: three first times
		"001 art. 5(1)", "001 art. 5(2)", "001 art. 5(3)", // Z03: three slips
		"001 art. 12(1)", "001 art. 12(2)", "001 art. 12(3)", // Z13: innovation proposals
		"001 art. 14", "001 art. 14(1)", // Z15: ten practices every half-year
		"001 art. 14(2)", // Z16: rolled out
		"001 art. 14(3)", // Z17: evaluated
		"001 art. 18(1)", // Z21: nothing before approval
	},
	"zibo-stb": {
		"001 art. 21",              // Z24: derived rules
		"000 art. 4", "000 art. 5", // Z02
		"000 art. 6",                       // Z03
		"000 art. 11(1)", "000 art. 11(2)", // Z13
		"000 art. 14", "000 art. 15", // Z16
		"000 art. 18", // Z21
	},
}

func TestEveryArticleIsClaimedByARule(t *testing.T) {
	l := library(t)
	for key, articles := range claimed {
		book, ok := l.Rulebook(key)
		if !ok {
			t.Fatal(key)
		}
		found := map[string]bool{}
		for _, a := range authorities(t, book) {
			for _, c := range rulebook.Citations(a) {
				found[c.String()] = true
			}
		}
		for _, article := range articles {
			if !found[article] {
				t.Errorf("no rule of %s claims %s", key, article)
			}
		}
	}
}

// Every stage, limit, alarm, slip, intake, extension, suspension and urging of what is shipped says where it comes from.
func TestEveryRuleSaysWhereItComesFrom(t *testing.T) {
	for _, book := range library(t).Rulebooks() {
		for _, a := range authorities(t, book) {
			if a.Source == "" && a.SetBy == "" {
				t.Errorf("a rule of %s says nothing of where it comes from", book.Key)
			}
		}
		for _, p := range book.Procedures {
			for _, s := range p.Stages {
				if s.Kind == procedure.KindTask && len(s.Limits) == 0 && !spanned(p, s.Key) {
					t.Errorf("%s/%s: the stage %s has no limit of its own and none spans it", book.Key, p.Key, s.Key)
				}
			}
		}
	}
}

// spanned reports whether a limit of the procedure runs while the stage waits.
func spanned(p *procedure.Procedure, stage string) bool { return len(p.Limits) > 0 && p.First != stage }

func authorities(t *testing.T, book *rulebook.Rulebook) []procedure.Authority {
	t.Helper()
	all := []procedure.Authority{}
	if book.Extends != "" {
		all = append(all, book.Authority)
	}
	limits := func(of []procedure.Limit) {
		for _, l := range of {
			all = append(all, l.Authority)
			for _, a := range l.Alarms {
				all = append(all, a.Authority)
			}
		}
	}
	for _, p := range book.Procedures {
		all = append(all, p.Authority)
		limits(p.Limits)
		if p.Intake != nil {
			all = append(all, p.Intake.Authority)
		}
		if p.Begins != nil {
			all = append(all, p.Begins.Authority)
		}
		if p.Urge != nil {
			all = append(all, p.Urge.Authority)
		}
		for _, s := range p.Slips {
			all = append(all, s.Authority)
			if s.Sign != nil {
				limits([]procedure.Limit{*s.Sign})
			}
		}
		for _, s := range p.Stages {
			all = append(all, s.Authority)
			limits(s.Limits)
			if s.Suspend != nil {
				all = append(all, s.Suspend.Authority)
			}
			if s.Extend != nil {
				all = append(all, s.Extend.Authority)
			}
		}
	}
	return all
}

// A matter carries its procedure as JSON; nothing of it may be lost on the way.
func TestAProcedureSurvivesItsJSON(t *testing.T) {
	for _, book := range library(t).Rulebooks() {
		for key, p := range book.Procedures {
			first, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var again procedure.Procedure
			if err := json.Unmarshal(first, &again); err != nil {
				t.Fatal(err)
			}
			second, err := json.Marshal(again)
			if err != nil {
				t.Fatal(err)
			}
			if string(first) != string(second) {
				t.Errorf("%s/%s reads back as another", book.Key, key)
			}
		}
	}
}
