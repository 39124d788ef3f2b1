package rulebook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"duban/internal/message"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

func TestShippedRulebooksAreSound(t *testing.T) {
	found, err := problems(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Error(p)
	}
}

// Every file under testdata/bad says with "# want: code" on which lines which problems are to be found, and no others.
func TestEachProblemIsFoundWhereItIs(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no bad rulebooks", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			var want, got []string
			for i, line := range strings.Split(read(t, file), "\n") {
				if _, codes, ok := strings.Cut(line, "# want: "); ok {
					for _, code := range strings.Split(codes, ", ") {
						want = append(want, fmt.Sprintf("%d %s", i+1, code))
					}
				}
			}
			for _, p := range check(t, file) {
				if p.File != "case"+suffix(file) {
					t.Errorf("a problem in another file: %s", p)
				}
				got = append(got, fmt.Sprintf("%d %s", p.Line, p.Code))
				for _, text := range []string{p.Message, p.Remedy} {
					if strings.HasPrefix(text, "rulebook.") || strings.Contains(text, "{") && !strings.Contains(text, "{due.") && !strings.Contains(read(t, file), "{") {
						t.Errorf("%s has no proper text: %s", p.Code, text)
					}
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				for _, p := range check(t, file) {
					t.Log(p)
				}
			}
		})
	}
}

// problems are what is wrong with a folder.
func problems(fsys fs.FS) ([]rulebook.Problem, error) {
	_, err := rulebook.Load(fsys)
	var found rulebook.Problems
	if errors.As(err, &found) {
		return found, nil
	}
	return nil, err
}

// check checks one bad file beside the sound ones it builds on.
func check(t *testing.T, file string) []rulebook.Problem {
	t.Helper()
	text := read(t, file)
	fsys := fstest.MapFS{"case" + suffix(file): {Data: []byte(text)}, "a.org.yaml": {Data: []byte(read(t, "testdata/base.org.yaml"))}}
	if strings.Contains(text, "extends: base") || strings.Contains(text, "# with: base") {
		fsys["base.yaml"] = &fstest.MapFile{Data: []byte(read(t, "testdata/base.yaml"))}
	}
	found, err := problems(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func suffix(file string) string {
	if strings.HasSuffix(file, ".org.yaml") {
		return ".org.yaml"
	}
	return ".yaml"
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A code with a text but without a bad file would never have been seen to work.
func TestEachProblemHasABadFile(t *testing.T) {
	var texts map[string]string
	data, err := os.ReadFile("../message/zh-CN/rulebook.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, p := range check(t, file) {
			seen[p.Code] = true
			if !message.Has("rulebook."+p.Code) || !message.Has("rulebook."+p.Code+".remedy") {
				t.Errorf("%s has no text", p.Code)
			}
		}
	}
	for key := range texts {
		if code, ok := strings.CutSuffix(key, ".remedy"); ok && !seen[code] {
			t.Errorf("no bad file shows %s", code)
		}
	}
}
