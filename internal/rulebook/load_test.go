package rulebook_test

import (
	"testing"

	"duban/internal/rulebook"
	"duban/rulebooks"
)

func TestShippedRulebooksAreSound(t *testing.T) {
	problems, err := rulebook.Check(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}
