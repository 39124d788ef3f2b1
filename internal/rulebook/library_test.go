package rulebook_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Readers of rules are told of mistakes in YAML, JSON Schema and CEL in Chinese, with their place.
func TestWhatLibrariesRefuseIsToldInChinese(t *testing.T) {
	sound := map[string]string{
		"form":    read(t, "testdata/bad/bad-form.yaml"),
		"gate":    read(t, "testdata/bad/bad-condition.yaml"),
		"formula": read(t, "testdata/bad/bad-formula.yaml"),
		"score":   read(t, "testdata/bad/bad-formula-score.yaml"),
	}
	for name, c := range map[string]struct{ in, was, is, code, want string }{
		"bracket not closed": {"form", "rulebook:", "x: [1, 2\nrulebook:", "yaml-syntax", "括号"},
		"bracket not opened": {"form", "rulebook:", "x: ]\nrulebook:", "yaml-syntax", "括号"},
		"second colon":       {"form", "title: ", "title: 甲: ", "yaml-syntax", "冒号"},
		"tab":                {"form", "procedures:\n  work:", "procedures:\n\twork:", "yaml-syntax", "制表符"},
		"quote":              {"form", "title: ", "title: \"", "yaml-syntax", "引号"},
		"reserved":           {"form", "title: ", "title: @", "yaml-syntax", "另有用途"},
		"dash":               {"form", "title: ", "title: - ", "yaml-syntax", "短横"},
		"type":               {"form", "strung", "strung", "bad-form", "strung"},
		"reference":          {"form", "{type: strung}", "{$ref: \"#/nowhere\"}", "bad-form", "引用"},
		"outside":            {"form", "{type: strung}", "{$ref: \"https://example.org/x\"}", "bad-form", "引用"},
		"pattern":            {"form", "{type: strung}", "{type: string, pattern: \"(\"}", "bad-form", "“(”不合格式：不是正确的正则表达式"},
		"length":             {"form", "{type: strung}", "{type: string, minLength: -1}", "bad-form", "超出范围"},
		"one equals sign":    {"gate", `form.result = "ok"`, `form.result = "ok"`, "bad-condition", "第1行第13个字符处"},
		"unknown name":       {"gate", `form.result = "ok"`, `from.result == "ok"`, "bad-condition", "没有叫“from”的量"},
		"unknown function":   {"gate", `form.result = "ok"`, `length(form) == 1`, "bad-condition", "没有叫“length”的函数"},
		"types":              {"gate", `form.result = "ok"`, `1 + "a" == 2`, "bad-condition", "“+”"},
		"no condition":       {"gate", `form.result = "ok"`, `size(form)`, "bad-condition", "是整数，应为真或假"},
		"no shares":          {"formula", "unit * votes", "unit * votes", "bad-formula", "public"},
		"half a formula":     {"formula", "unit * votes", "unit *", "bad-formula", "写法不对"},
		"no score":           {"score", "mean > 1.0", "mean > 1.0", "bad-formula", "是真或假，应为小数"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound[c.in], c.was)
			fsys := fstest.MapFS{"case.yaml": {Data: []byte(strings.Replace(sound[c.in], c.was, c.is, 1))},
				"a.org.yaml": {Data: []byte(read(t, "testdata/base.org.yaml"))}}
			found, err := problems(fsys)
			require.NoError(t, err)
			var told []string
			for _, p := range found {
				if p.Code == c.code {
					told = append(told, p.Message)
					assert.Positive(t, p.Line)
				}
			}
			require.Len(t, told, 1, "%v", found)
			assert.Contains(t, told[0], c.want)
			t.Log(told[0])
		})
	}
}
