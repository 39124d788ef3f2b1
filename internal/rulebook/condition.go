package rulebook

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// asStrict reports whether a condition holds only where another does, as far as its form shows: everything the other
// asks for (its parts joined by &&) is asked for by this one too.
func asStrict(was, is string) bool {
	old, okOld := conjuncts(was)
	new, okNew := conjuncts(is)
	if !okOld || !okNew {
		return false
	}
	return !slices.ContainsFunc(old, func(part string) bool { return !slices.Contains(new, part) })
}

// conjuncts are the parts of a condition joined by &&, in their normal form.
func conjuncts(condition string) ([]string, bool) {
	env, err := cel.NewEnv()
	if err != nil {
		return nil, false
	}
	parsed, issues := env.Parse(condition)
	if issues.Err() != nil {
		return nil, false
	}
	native := parsed.NativeRep()
	var parts []string
	var walk func(ast.Expr) bool
	walk = func(e ast.Expr) bool {
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
			return !slices.ContainsFunc(e.AsCall().Args(), func(arg ast.Expr) bool { return !walk(arg) })
		}
		text, err := cel.ExprToString(e, native.SourceInfo())
		parts = append(parts, text)
		return err == nil
	}
	return parts, walk(native.Expr())
}
