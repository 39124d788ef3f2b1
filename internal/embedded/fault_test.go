package embedded

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/message"
)

// Every fault has a text in the catalogue.
func TestFaultsHaveTexts(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, 0)
	require.NoError(t, err)
	var codes []Code
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, Code(text))
		}
		return true
	})
	require.Len(t, codes, 13)
	for _, code := range codes {
		key, _ := fault(code, nil, nil, "").Message()
		require.True(t, message.Has(key), key)
	}
}
