package api

import (
	"slices"
	"testing"
	"testing/fstest"

	"duban/internal/procedure"
	"duban/internal/rulebook"
)

func TestManyPostsAreNamedBriefly(t *testing.T) {
	file := "organisation: o\ntitle: 机构\nunits:\n"
	for unit, title := range map[string]string{"a": "甲", "b": "乙", "c": "丙", "d": "丁", "e": "戊"} {
		file += "  " + unit + ": {name: " + title + ", kind: office, head: clerk, posts: {clerk: {title: " + title + "}}}\n"
	}
	library, err := rulebook.Load(fstest.MapFS{"o.org.yaml": {Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWords(rulebook.NewShelf(library))
	posts := []procedure.Post{"a/clerk", "b/clerk", "c/clerk", "d/clerk", "e/clerk"}
	for _, test := range []struct {
		posts []procedure.Post
		said  string
		all   []string
	}{
		{posts[:1], "甲", nil},
		{posts[:4], "甲、乙、丙、丁", nil},
		{posts, "甲、乙、丙等5个岗位", []string{"甲", "乙", "丙", "丁", "戊"}},
	} {
		if said, all := w.postsBriefly(test.posts); said != test.said || !slices.Equal(all, test.all) {
			t.Errorf("%v are said as %q, all of them %q", test.posts, said, all)
		}
	}
}
