package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/rehearsal"
)

// own starts a program of the test's own on a data folder.
func own(t *testing.T, data string, env ...string) *Program {
	t.Helper()
	p, err := Up(within(t, 2*time.Minute), binary, data, append(env, "DUBAN_SAMPLE=true")...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	return p
}

func scratch(t *testing.T) string {
	t.Helper()
	data, err := Scratch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(data)) })
	return data
}

func (p *Program) session(t *testing.T, login string) *client.Client {
	t.Helper()
	s := rehearsal.Stage{URL: p.URL, Password: password(p.Data)}
	c, err := s.Client(within(t, time.Minute), login)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ended waits for a program that should end by itself, and gives its error.
func ended(t *testing.T, p *Program) error {
	t.Helper()
	select {
	case <-p.Ended():
		return p.Wait()
	case <-within(t, 3*time.Minute).Done():
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
		return nil
	}
}

// A program stopped, or killed without warning, finds everything as it was when it starts again; meanwhile nobody else
// starts on its data, and a taken address is told.
func TestStartingAgainFindsEverything(t *testing.T) {
	data := scratch(t)
	first := own(t, data)
	refused := func(what, want string, env ...string) {
		t.Helper()
		p, err := Launch(binary, data, env, "up")
		if err != nil {
			t.Fatal(err)
		}
		if err := ended(t, p); err == nil || !strings.Contains(p.Output(), want) {
			t.Errorf("%s: %v\n%s", what, err, p.Output())
		}
	}
	refused("a second program on the same data", "正被另一个督办进程")
	matter, err := first.session(t, "stb.clerk").Create(within(t, time.Minute), client.Key(), api.NewMatter{
		Rulebook: "zibo-city", Procedure: "first-study", Title: "传达学习", Submit: false,
		Form: form(t, map[string]any{"subject": "上级会议精神"})})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatalf("stopping: %v\n%s", err, first.Output())
	}
	second := own(t, data)
	found, err := second.session(t, "stb.clerk").Matter(within(t, time.Minute), matter.ID)
	if err != nil || found.Sequence != matter.Sequence {
		t.Fatalf("after a stop: %v, sequence %d, want %d", err, found.Sequence, matter.Sequence)
	}
	if err := second.Kill(); err != nil {
		t.Fatal(err)
	}
	third := own(t, data)
	acted, err := third.session(t, "stb.clerk").Act(within(t, time.Minute), client.Key(), matter.ID,
		api.Action{Action: api.ActionNameFill, Fields: form(t, map[string]any{"attendance": 12})})
	if err != nil || acted.Sequence <= matter.Sequence {
		t.Fatalf("after a kill: %v, sequence %d", err, acted.Sequence)
	}
	verify := exec.Command(binary, "verify")
	verify.Env = append(os.Environ(), "DUBAN_DATA="+data)
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	data = scratch(t)
	refused("a taken address", "DUBAN_LISTEN", "DUBAN_LISTEN="+strings.TrimPrefix(third.URL, "http://"))
}

// A data folder written by another version is left alone.
func TestAnotherVersionsDataIsLeftAlone(t *testing.T) {
	data := scratch(t)
	cluster := filepath.Join(data, "postgres", "cluster")
	if err := os.MkdirAll(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Launch(binary, data, nil, "up")
	if err != nil {
		t.Fatal(err)
	}
	if err := ended(t, p); err == nil || !strings.Contains(p.Output(), "数据目录由 PostgreSQL 9") {
		t.Errorf("started on a cluster of version 9: %v\n%s", err, p.Output())
	}
}

// rules check, explain, diff and simulate say what they should, in Chinese.
func TestRulesCommands(t *testing.T) {
	t.Parallel()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	for _, name := range []string{"zibo-city.yaml", "zibo.org.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, "rulebooks", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(broken, name), []byte(strings.Replace(string(text), "approve: leader-sign", "approve: nowhere", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		args []string
		fail bool
		want []string
	}{
		{"check", []string{"--dir", filepath.Join(root, "rulebooks"), "check"}, false, nil},
		{"check a broken one", []string{"--dir", broken, "check"}, true, []string{"zibo-city.yaml:", "nowhere"}},
		{"explain", []string{"explain", "zibo-city", "central-document", "--from", "2026-09-24"}, false, []string{"国庆节", "001"}},
		{"diff", []string{"diff", "zibo-stb"}, false, []string{"first-study", "bureau-proposal"}},
		{"simulate", []string{"simulate", "zibo-city", "innovation-proposal", "-n", "200", "--seed", "7"}, false, []string{"200", "7"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := exec.Command(binary, append([]string{"rules"}, c.args...)...).CombinedOutput()
			if (err != nil) != c.fail {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is missing from\n%s", want, tail(string(out), 40))
				}
			}
		})
	}
}
