package rehearsal

import (
	"strings"
	"testing"

	"duban/internal/rulebook"
	"duban/rulebooks"
)

func TestThePlaysCanBeRead(t *testing.T) {
	plays, err := Plays()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range plays {
		if names[p.Name] {
			t.Errorf("two plays are called %s", p.Name)
		}
		names[p.Name] = true
		if p.As == "" || p.Rulebook == "" || p.Procedure == "" || p.Title == "" || len(p.Steps) == 0 {
			t.Errorf("%s lacks something: %+v", p.Name, p)
		}
	}
	if len(plays) < 12 {
		t.Errorf("%d plays are no dozen", len(plays))
	}
	draft := plays[0].Steps[4].Fields["draft"]
	if _, ok := draft.(File); !ok {
		t.Errorf("a file was read as %#v", draft)
	}
}

func TestTheCycleCanBeRead(t *testing.T) {
	c, err := PromotionCycle()
	if err != nil {
		t.Fatal(err)
	}
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	for at := range c.Second.Answers { // the first's are among them
		name, key, _ := strings.Cut(at, "/")
		if p, ok := library.Procedure(c.Begin.Rulebook, name); !ok {
			t.Errorf("there is no procedure %s", name)
		} else if _, ok := p.Stage(key); !ok {
			t.Errorf("%s has no stage %s", name, key)
		}
	}
	if Logins(library)["office/clerk"] != "office.clerk" {
		t.Error("the office's clerk has no login")
	}
}
