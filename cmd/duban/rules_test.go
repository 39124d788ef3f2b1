package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/internal/message"
)

func TestRules(t *testing.T) {
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "bad.yaml"), []byte("rulebook: bad\ntitle: 规则\nprocedure: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		run   func(program) error
		shows string // of what is printed
		fails string // of the Chinese error; empty: it does not fail
	}{
		{"check", func(p program) error { return rulesCheck{}.Run(p, &rulesCommand{}) }, "规则检查通过", ""},
		{"check a bad folder", func(p program) error { return rulesCheck{}.Run(p, &rulesCommand{Dir: bad}) }, "bad.yaml:3:1: ", "1处问题"},
		{"explain", func(p program) error {
			return rulesExplain{"zibo-city", "provincial-document", "2026-02-09"}.Run(p, &rulesCommand{})
		}, "2026年3月3日", ""},
		{"explain from no day", func(p program) error {
			return rulesExplain{"zibo-city", "provincial-document", "2026-02-30"}.Run(p, &rulesCommand{})
		}, "", "2026-02-30"},
		{"explain what is not there", func(p program) error {
			return rulesExplain{"zibo-city", "nothing", "2026-02-09"}.Run(p, &rulesCommand{})
		}, "", "innovation-proposal"},
		{"diff", func(p program) error { return rulesDiff{"zibo-stb"}.Run(p, &rulesCommand{}) }, "新增流程", ""},
		{"diff of nothing", func(p program) error { return rulesDiff{"nothing"}.Run(p, &rulesCommand{}) }, "", "zibo-city、zibo-stb"},
		{"simulate", func(p program) error { return rulesSimulate{"zibo-stb", "first-study", 20, 7}.Run(p, &rulesCommand{}) }, "20件，种子7", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			err := c.run(program{ctx: t.Context(), out: &out, err: &errs})
			if !strings.Contains(out.String(), c.shows) {
				t.Errorf("it printed\n%s\nwithout %q", out.String(), c.shows)
			}
			if c.fails == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var failed explainable
			if !errors.As(err, &failed) {
				t.Fatalf("it failed with %v, which has no text", err)
			}
			if text := message.Text(failed.Message()); !strings.Contains(text, c.fails) {
				t.Errorf("it failed with %q, without %q", text, c.fails)
			}
		})
	}
}
