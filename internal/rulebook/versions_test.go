package rulebook_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/internal/rulebook"
)

// changed is the shipped library with one place of the city's rules said otherwise.
func changed(t *testing.T, old, new string) *rulebook.Library {
	t.Helper()
	l := library(t)
	book, _ := l.Rulebook("zibo-city")
	if strings.Count(book.Text, old) == 0 {
		t.Fatalf("the city's rules do not say %q", old)
	}
	other, err := l.Try("zibo-city", strings.Replace(book.Text, old, new, 1))
	if err != nil {
		t.Fatal(err)
	}
	return other
}

// A changed limit is said in words, with the article of each side, for the rulebook and for those it goes on to.
func TestCompareVersions(t *testing.T) {
	for name, c := range map[string]struct{ old, new, procedure, stage, what, to string }{
		"limit": {"within: 3 workdays\n        set-by: office\n        actions: {approve: initial-review", "within: 2 workdays\n        set-by: office\n        actions: {approve: initial-review",
			"innovation-proposal", "screening", "时限“提报单位筛选”", "2个工作日内"},
		"slip":           {"prefix: 淄改办示", "prefix: 淄改办提", "central-document", "", "文书“提示单”", "提示单（淄改办提）"},
		"said otherwise": {"batch: true\n\n  provincial-document", "\n\n  provincial-document", "central-document", "check", "其他设置", "有改动，见文本对照"},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := library(t), changed(t, c.old, c.new)
			d, ok := rulebook.Compare(from, to, "zibo-city")
			if !ok || len(d.Procedures) == 0 {
				t.Fatalf("nothing changed: %+v", d)
			}
			for _, p := range d.Procedures {
				if p.Key != c.procedure {
					continue
				}
				all := p.Changes
				for _, s := range p.Stages {
					if s.Key != c.stage {
						t.Errorf("%s changed", s.Key)
					}
					all = append(all, s.Changes...)
				}
				if len(all) != 1 || all[0].What != c.what || all[0].To != c.to {
					t.Errorf("%+v", all)
				}
				return
			}
			t.Errorf("%s is not among %+v", c.procedure, d.Procedures)
		})
	}
	if d, _ := rulebook.Compare(library(t), library(t), "zibo-stb"); len(d.Procedures) != 0 {
		t.Errorf("the same version differs: %+v", d)
	}
	if _, ok := rulebook.Compare(library(t), library(t), "no-such"); ok {
		t.Error("an unknown rulebook is compared")
	}
}

// A text is tried among the others: what is wrong with it, or with what derives from it, is said with its file and line.
func TestTry(t *testing.T) {
	l := library(t)
	book, _ := l.Rulebook("zibo-city")
	for name, c := range map[string]struct{ text, code, file string }{
		"broken":            {"rulebook: [", "yaml-syntax", "zibo-city.yaml"},
		"another rulebook":  {strings.Replace(book.Text, "rulebook: zibo-city", "rulebook: zibo-county", 1), "unknown-rulebook", "zibo-stb.yaml"},
		"breaks its heir":   {strings.Replace(book.Text, "within: 5 workdays\n        from: started", "within: 2 workdays\n        from: started", 1), "loosened-limit", "zibo-stb.yaml"},
		"one of its own":    {"rulebook: zibo-stb\ntitle: x\norganisation: zibo-stb\n", "duplicate-rulebook", "zibo-stb.yaml"},
		"nothing but words": {"x", "wrong-type", "zibo-city.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.Try("zibo-city", c.text)
			var found rulebook.Problems
			if !errors.As(err, &found) {
				t.Fatalf("taken: %v", err)
			}
			for _, p := range found {
				if p.Code == c.code && p.File == c.file && p.Line > 0 && p.Remedy != "" {
					return
				}
			}
			t.Errorf("%v", found)
		})
	}
	if _, err := l.Try("zibo-city", book.Text); err != nil {
		t.Error(err)
	}
	stb, _ := l.Rulebook("zibo-stb")
	_, err := l.Try("zibo-stb", strings.Replace(stb.Text, "rulebook: zibo-stb", "rulebook: zibo-county", 1))
	var found rulebook.Problems
	if !errors.As(err, &found) || found[0].Code != "other-rulebook" {
		t.Errorf("another rulebook's text is taken: %v", err)
	}
	if heirs := l.Heirs("zibo-city"); strings.Join(heirs, " ") != "zibo-stb" {
		t.Errorf("heirs %v", heirs)
	}
	for _, key := range []string{"zibo-city", "zibo-stb"} {
		book, _ := l.Rulebook(key)
		if p, ok := book.ChangeProcedure(); !ok || p.Rulebook != key {
			t.Errorf("%s has no procedure by which it is changed", key)
		}
	}
}

// The lines of a comparison are those of both texts, in order, and what both have is found.
func TestCompareLines(t *testing.T) {
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 12), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		var old, new []string
		for _, l := range rulebook.CompareLines(before, after, 100) {
			if l.Old > 0 {
				if old = append(old, l.Text); l.Old != len(old) {
					t.Fatalf("line %d of the old text comes as %d", len(old), l.Old)
				}
			}
			if l.New > 0 {
				if new = append(new, l.Text); l.New != len(new) {
					t.Fatalf("line %d of the new text comes as %d", len(new), l.New)
				}
			}
		}
		if before != after && (strings.Join(old, "\n") != before || strings.Join(new, "\n") != after) {
			t.Fatalf("%q and %q come as %q and %q", before, after, old, new)
		}
	})
	got := rulebook.CompareLines("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nx\n5\n6\n7\n", 1)
	want := []rulebook.Line{{3, 3, "3"}, {4, 0, "4"}, {0, 4, "x"}, {5, 5, "5"}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, not %v", got[i], want[i])
		}
	}
}
