package rehearsal

import "testing"

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
