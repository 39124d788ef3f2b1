package api

import (
	"slices"
	"testing"

	"duban/internal/procedure"
)

func TestManyPostsAreNamedBriefly(t *testing.T) {
	w := &words{posts: map[procedure.Post]string{"a/clerk": "甲", "b/clerk": "乙", "c/clerk": "丙", "d/clerk": "丁", "e/clerk": "戊"}}
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
