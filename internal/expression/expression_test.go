package expression_test

import (
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/expression"
)

func TestCompile(t *testing.T) {
	env, err := cel.NewEnv(cel.Variable("form", cel.MapType(cel.StringType, cel.DynType)), cel.Variable("count", cel.IntType))
	require.NoError(t, err)
	for text, want := range map[string]expression.Fault{
		`form.result = "ok"`:           {Kind: expression.Syntax, Line: 1, Column: 13},
		`form.result == "ok`:           {Kind: expression.Syntax, Line: 1, Column: 16},
		``:                             {Kind: expression.Syntax, Line: 1, Column: 1},
		"count > 1 &&\n cuont > 2":     {Kind: expression.UnknownName, Line: 2, Column: 2, Name: "cuont"},
		`count.title == "x"`:           {Kind: expression.UnknownName, Line: 1, Column: 6, Name: "title"},
		`length(form) > 1`:             {Kind: expression.UnknownFunction, Line: 1, Column: 7, Name: "length"},
		`count > 1 && count + "a" > 1`: {Kind: expression.WrongTypes, Line: 1, Column: 20, Name: "+"},
		`size(count) > 1`:              {Kind: expression.WrongTypes, Line: 1, Column: 5, Name: "size"},
		`size(form)`:                   {Kind: expression.WrongResult, Line: 1, Column: 1, Is: cel.IntType, Want: cel.BoolType},
	} {
		t.Run(text, func(t *testing.T) {
			_, err := expression.Compile(env, text, cel.BoolType)
			var fault *expression.Fault
			require.ErrorAs(t, err, &fault)
			assert.NotEmpty(t, fault.Detail)
			fault.Detail = ""
			assert.Equal(t, want, *fault)
		})
	}
	_, err = expression.Compile(env, `form.result == "ok" && count > 1`, cel.BoolType)
	require.NoError(t, err)
}
