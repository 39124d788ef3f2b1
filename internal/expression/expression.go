// Package expression compiles the conditions and formulas of rulebooks, and says of those it refuses what kind of mistake
// they hold and where, so that a reader can be told in his own language.
package expression

import (
	"cmp"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Kind is a kind of mistake.
type Kind string

// The kinds.
const (
	Syntax          Kind = "syntax"           // it cannot be read
	UnknownName     Kind = "unknown-name"     // Name is nothing that can be asked for
	UnknownFunction Kind = "unknown-function" // there is no function Name
	WrongTypes      Kind = "wrong-types"      // Name, a function or an operator, takes no such values
	WrongResult     Kind = "wrong-result"     // it gives Is, not Want
)

// Fault is the first mistake of an expression.
type Fault struct {
	Kind         Kind
	Line, Column int // from 1
	Name         string
	Is, Want     *cel.Type
	Detail       string // as the compiler says it
}

func (f *Fault) Error() string {
	return fmt.Sprintf("%d:%d: %s: %s", f.Line, f.Column, f.Kind, f.Detail)
}

// Compile reads an expression that gives the type wanted. The error is a [*Fault].
func Compile(env *cel.Env, text string, want *cel.Type) (*cel.Ast, error) {
	parsed, issues := env.Parse(text)
	if first := first(issues); first != nil {
		f := at(first)
		f.Kind = Syntax
		return nil, f
	}
	checked, issues := env.Check(parsed)
	if first := first(issues); first != nil {
		return nil, mistake(env, parsed, first)
	}
	if is := checked.OutputType(); is != want {
		return nil, &Fault{Kind: WrongResult, Line: 1, Column: 1, Is: is, Want: want, Detail: fmt.Sprintf("%s, not %s", is, want)}
	}
	return checked, nil
}

// first is the mistake that stands first in the text.
func first(issues *cel.Issues) *cel.Error {
	all := issues.Errors()
	if len(all) == 0 {
		return nil
	}
	return slices.MinFunc(all, func(a, b *cel.Error) int {
		return cmp.Or(cmp.Compare(a.Location.Line(), b.Location.Line()), cmp.Compare(a.Location.Column(), b.Location.Column()))
	})
}

func at(e *cel.Error) *Fault {
	return &Fault{Line: max(e.Location.Line(), 1), Column: max(e.Location.Column(), 0) + 1, Detail: e.Message}
}

// mistake tells the checker's refusals apart by what stands at the place: a name, a call, or anything else.
func mistake(env *cel.Env, parsed *cel.Ast, e *cel.Error) *Fault {
	f := at(e)
	f.Kind = WrongTypes
	found := ast.MatchDescendants(ast.NavigateAST(parsed.NativeRep()), func(x ast.NavigableExpr) bool { return x.ID() == e.ExprID })
	if len(found) == 0 {
		return f
	}
	switch x := found[0]; x.Kind() {
	case ast.IdentKind:
		f.Kind, f.Name = UnknownName, x.AsIdent()
	case ast.SelectKind:
		f.Kind, f.Name = UnknownName, x.AsSelect().FieldName()
	case ast.CallKind:
		f.Name = x.AsCall().FunctionName()
		if sign, ok := operators.FindReverse(f.Name); ok {
			f.Name = cmp.Or(sign, f.Name)
		} else if !env.HasFunction(f.Name) {
			f.Kind = UnknownFunction
		}
	}
	return f
}
