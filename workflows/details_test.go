package workflows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/workflows/workflowtest"
)

func TestDetails(t *testing.T) {
	begin := func(id string) procedure.State {
		s := procedure.New(workflowtest.Spec(workflowtest.Review(), id, workflowtest.Monday))
		events, err := procedure.Decide(s, workflowtest.Start(), workflowtest.Monday)
		require.NoError(t, err)
		return procedure.Fold(s, events)
	}
	do := func(s procedure.State, actor procedure.Actor, action procedure.ActionName) procedure.State {
		events, err := procedure.Decide(s, workflowtest.Act(string(action), actor, action), workflowtest.Monday.Add(time.Hour))
		require.NoError(t, err)
		return procedure.Fold(s, events)
	}
	open := begin("0190f7a0-0000-7000-8000-000000000001")
	for name, c := range map[string]struct {
		state procedure.State
		says  []string
	}{
		"open": {open, []string{"**审查：科技金融改革**", "在“小组初审”环节等待专项小组（leader）办理，时限2026年3月16日17:30。", "- 专项小组（leader）：办理",
			"- 初审时限：2026年3月16日17:30 前", "到时自动处理：2026年3月11日"}},
		"suspended": {do(open, workflowtest.Director, procedure.ActionSuspend), []string{"停在“小组初审”环节，自2026年3月2日11:00起由", "暂停计时：按规定办理"}},
		"closed":    {do(open, workflowtest.Leader, procedure.ActionReject), []string{"已于2026年3月2日11:00结束（不予通过）"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := details(c.state)
			for _, said := range c.says {
				require.Contains(t, text, said)
			}
			require.NotContains(t, text, "workflow.", "every text is in the catalogue")
			require.NotContains(t, text, "{")
		})
	}
}

func TestSummaryIsOneShortLine(t *testing.T) {
	spec := workflowtest.Spec(workflowtest.Review(), "m", workflowtest.Monday)
	require.Equal(t, "审查 · 科技金融改革", Summary(spec))
	spec.Title = strings.Repeat("改", 100)
	require.Len(t, []rune(Summary(spec)), summaryLength)
	require.LessOrEqual(t, len(Summary(spec)), 200)
}

// Every text the package's sources name is in the catalogue, and a word for every duty there is.
func TestEveryWordIsInTheCatalogue(t *testing.T) {
	keys := map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(parsed(t, file), func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			text, ok := literal(call.Args[0])
			switch f := call.Fun.(type) {
			case *ast.Ident:
				if ok && f.Name == "say" {
					keys["workflow."+text] = true
				}
			case *ast.SelectorExpr:
				if ok && f.Sel.Name == "Text" {
					keys[text] = true
				}
			}
			return true
		})
	}
	require.Greater(t, len(keys), 10)
	duties := 0
	ast.Inspect(parsed(t, "../internal/procedure/state.go"), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Duty" {
			duty, ok := literal(spec.Values[0])
			require.True(t, ok)
			keys["workflow.duty."+duty] = true
			duties++
		}
		return true
	})
	require.Positive(t, duties)
	for key := range keys {
		require.True(t, message.Has(key), key)
	}
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return f
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}
