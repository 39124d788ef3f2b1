package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

func TestSearchFindsChineseAsItIsWritten(t *testing.T) {
	s := storetest.New(t)
	titles := map[string]string{}
	for _, title := range []string{
		"关于推进5G基站共建共享的建议", "改革创新奖励办法", "创新型城市建设，改进作风", "鲁改办〔2026〕12号文件办理", "Digital Government 一网通办", "O'Brien \\ 的建议",
	} {
		told := newStory(newSpec(title))
		require.NoError(t, told.start(false))
		record(t, s, told)
		titles[told.spec.Matter] = title
	}
	for typed, want := range map[string][]string{
		"改":              {"改革创新奖励办法", "创新型城市建设，改进作风", "鲁改办〔2026〕12号文件办理"},
		"改革":             {"改革创新奖励办法"},
		"革改":             nil,
		"改进":             {"创新型城市建设，改进作风"},
		"设改":             nil, // a comma lies between
		"改革创新":           {"改革创新奖励办法"},
		"改革奖励":           nil, // not as it is written
		"改革 奖励":          {"改革创新奖励办法"},
		"5G":             {"关于推进5G基站共建共享的建议"},
		"5g基站":           {"关于推进5G基站共建共享的建议"},
		"５Ｇ基站":           {"关于推进5G基站共建共享的建议"},
		"推进5G":           {"关于推进5G基站共建共享的建议"},
		"进5G基":           {"关于推进5G基站共建共享的建议"},
		"G基站":            nil,
		"2026":           {"鲁改办〔2026〕12号文件办理"},
		"202":            {"鲁改办〔2026〕12号文件办理"},
		"〔2026〕12号":      {"鲁改办〔2026〕12号文件办理"},
		"鲁改办〔2026〕12号":   {"鲁改办〔2026〕12号文件办理"},
		"鲁改办〔2026〕1号":    nil,
		"digi":           {"Digital Government 一网通办"},
		"gov 通办":         {"Digital Government 一网通办"},
		"government一网通办": {"Digital Government 一网通办"},
		"o'brien":        {"O'Brien \\ 的建议"},
		"' & | ! :* \\ ": nil,
		"，。":             nil,
	} {
		list, err := s.Matters(t.Context(), store.MatterFilter{Text: typed}, nil, 100)
		require.NoError(t, err, typed)
		var got []string
		for _, m := range list {
			got = append(got, titles[m.ID])
		}
		assert.ElementsMatch(t, want, got, typed)
	}
	list, err := s.Matters(t.Context(), store.MatterFilter{Text: "起草中"}, nil, 100)
	require.NoError(t, err)
	assert.Len(t, list, len(titles), "the form's texts")
	list, err = s.Matters(t.Context(), store.MatterFilter{Text: "市科技局"}, nil, 100)
	require.NoError(t, err)
	assert.Len(t, list, len(titles), "the unit")
}

func TestSearchFollowsTheForm(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("形成方案"))
	record(t, s, told)
	for typed, want := range map[string]int{"起草中": 0, "5G基站共享方案": 1} {
		list, err := s.Matters(t.Context(), store.MatterFilter{Text: typed}, nil, 10)
		require.NoError(t, err)
		assert.Len(t, list, want, typed)
	}
}

func TestSearchTakesTextsOfAnyLength(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("长文", func(spec *procedure.Spec) {
		text, err := json.Marshal(strings.Repeat("改革", 20_000) + strings.Repeat("x", 10_000) + " 末尾")
		require.NoError(t, err)
		spec.Form["summary"] = text
	}))
	require.NoError(t, told.start(false))
	record(t, s, told)
	for typed, want := range map[string]int{"长文": 1, "革改革改": 1, "末尾": 0} {
		list, err := s.Matters(t.Context(), store.MatterFilter{Text: typed}, nil, 10)
		require.NoError(t, err)
		assert.Len(t, list, want, typed)
	}
}

// Any piece of Chinese of a title finds it, and no text makes a malformed query.
func TestSearchFindsEveryPiece(t *testing.T) {
	s := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		title := rapid.StringMatching(`[一-龥]{1,12}`).Draw(rt, "title")
		told := newStory(newSpec(title, func(spec *procedure.Spec) { spec.At = began.Add(time.Hour) }))
		require.NoError(rt, told.start(false))
		record(rt, s, told)
		runes := []rune(title)
		from := rapid.IntRange(0, len(runes)-1).Draw(rt, "from")
		to := rapid.IntRange(from+1, len(runes)).Draw(rt, "to")
		list, err := s.Matters(ctx, store.MatterFilter{Text: string(runes[from:to])}, nil, 1000)
		require.NoError(rt, err)
		found := false
		for _, m := range list {
			found = found || m.ID == told.spec.Matter
		}
		require.True(rt, found)
		_, err = s.Matters(ctx, store.MatterFilter{Text: rapid.String().Draw(rt, "anything")}, nil, 1)
		require.NoError(rt, err)
	})
}
