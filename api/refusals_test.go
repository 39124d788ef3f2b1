package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/message"
)

// TestEveryRefusalHasItsWords looks in the sources of the whole program for the codes a person may be refused with: given to
// what refuses as text, as a constant, or through functions that make a refusal of a code.
func TestEveryRefusalHasItsWords(t *testing.T) {
	sources := readSources(t, "..")
	for sources.carriersOnce() { // until no function is found that gives its code on to another
	}
	found := map[string]string{}
	sources.refusals(func(p *sourcePackage, in *sourceFile, scope ast.Node, value ast.Expr) {
		codes, known := sources.codes(p, in, scope, value)
		if !known {
			t.Errorf("%s: it is not seen which code %q is", in.path, sources.text(value))
		}
		for _, code := range codes {
			found[code] = in.path
		}
	})
	require.Greater(t, len(found), 120, "the sources are looked through")
	for _, code := range []string{"begins-otherwise", "rules-need-unit", "no-effect", "ballot-early", "not-overseer", "attachment-too-large",
		"unit-exists", "deputy-overlaps", "base-not-in-force", "not-stuck"} {
		require.Contains(t, found, code, "each way of saying a code is seen")
	}
	for code, file := range found {
		if !message.Has("errors." + code) {
			t.Errorf("errors.json has no text for %q, with which %s refuses", code, file)
		}
	}
}

// sources are the files of the program, with what tells a code from them.
type sources struct {
	files    *token.FileSet
	packages map[string]*sourcePackage // by the last part of its path
}

type sourcePackage struct {
	files     []*sourceFile
	constants map[string]string
	carriers  map[string]int // functions that refuse with one of their arguments -> which
}

type sourceFile struct {
	path string
	ast  *ast.File
}

func readSources(t *testing.T, root string) *sources {
	t.Helper()
	s := &sources{token.NewFileSet(), map[string]*sourcePackage{}}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "web"}, entry.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".gen.go") {
			return nil
		}
		parsed, err := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		if absolute, err := filepath.Abs(folder); err == nil {
			folder = absolute
		}
		name := filepath.Base(folder)
		if s.packages[name] == nil {
			s.packages[name] = &sourcePackage{constants: map[string]string{}, carriers: map[string]int{}}
		}
		p := s.packages[name]
		p.files = append(p.files, &sourceFile{path, parsed})
		for _, declared := range parsed.Decls {
			constants, ok := declared.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST {
				continue
			}
			for _, each := range constants.Specs {
				spec := each.(*ast.ValueSpec)
				for i, value := range spec.Values {
					if text, ok := literal(value); ok {
						p.constants[spec.Names[i].Name] = text
					}
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	return s
}

func literal(e ast.Expr) (string, bool) {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

func (s *sources) text(e ast.Expr) string {
	switch v := e.(type) {
	case *ast.Ident:
		return v.Name
	case *ast.SelectorExpr:
		return s.text(v.X) + "." + v.Sel.Name
	}
	return s.files.Position(e.Pos()).String()
}

// refusals gives each code that is refused with, and the function it is in.
func (s *sources) refusals(each func(p *sourcePackage, in *sourceFile, scope ast.Node, value ast.Expr)) {
	for _, p := range s.packages {
		for _, in := range p.files {
			for _, declared := range in.ast.Decls {
				inFunctions(declared, declared, func(n, scope ast.Node) {
					switch v := n.(type) {
					case *ast.CompositeLit:
						field := codeField(v.Type)
						for _, element := range v.Elts {
							pair, ok := element.(*ast.KeyValueExpr)
							if !ok || field == "" {
								continue
							}
							if name, ok := pair.Key.(*ast.Ident); ok && strings.EqualFold(name.Name, field) {
								each(p, in, scope, pair.Value)
							}
						}
					case *ast.CallExpr:
						if f, ok := v.Fun.(*ast.Ident); ok {
							if at, ok := p.carriers[f.Name]; ok && at < len(v.Args) {
								each(p, in, scope, v.Args[at])
							}
						}
					}
				})
			}
		}
	}
}

// inFunctions walks a declaration, with the innermost function each node is in.
func inFunctions(n, scope ast.Node, each func(n, scope ast.Node)) {
	ast.Inspect(n, func(inner ast.Node) bool {
		if f, ok := inner.(*ast.FuncLit); ok && inner != n {
			inFunctions(f, f, each)
			return false
		}
		if inner != nil {
			each(inner, scope)
		}
		return true
	})
}

// codeField is the field in which a type says why it refuses.
func codeField(t ast.Expr) string {
	name := ""
	switch v := t.(type) {
	case *ast.Ident:
		name = v.Name
	case *ast.SelectorExpr:
		name = v.Sel.Name
	}
	switch name {
	case "Refusal", "fault", "Decision":
		return "Code"
	case "Enacted":
		return "Refusal"
	}
	return ""
}

// codes gives the codes an expression may be; not known: it cannot be seen. What another refusal said is its own.
func (s *sources) codes(p *sourcePackage, in *sourceFile, scope ast.Node, e ast.Expr) (codes []string, known bool) {
	if text, ok := literal(e); ok {
		return []string{text}, true
	}
	switch v := e.(type) {
	case *ast.CallExpr: // a conversion
		if len(v.Args) == 1 {
			return s.codes(p, in, scope, v.Args[0])
		}
	case *ast.SelectorExpr:
		if from, ok := v.X.(*ast.Ident); ok && s.packages[from.Name] != nil {
			if text, ok := s.packages[from.Name].constants[v.Sel.Name]; ok {
				return []string{text}, true
			}
		}
		return nil, v.Sel.Name == "Code" || v.Sel.Name == "Refusal"
	case *ast.Ident:
		if text, ok := p.constants[v.Name]; ok {
			return []string{text}, true
		}
		if _, ok := parameter(scope, v.Name); ok {
			return nil, true
		}
		return s.chosen(p, in, scope, v.Name)
	}
	return nil, false
}

// chosen gives the codes a variable was given: as they are, or from a table.
func (s *sources) chosen(p *sourcePackage, in *sourceFile, scope ast.Node, name string) (codes []string, known bool) {
	ast.Inspect(scope, func(n ast.Node) bool {
		assigned, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, left := range assigned.Lhs {
			if variable, ok := left.(*ast.Ident); !ok || variable.Name != name || i >= len(assigned.Rhs) {
				continue
			}
			values := []ast.Expr{assigned.Rhs[i]}
			if index, ok := assigned.Rhs[i].(*ast.IndexExpr); ok {
				table, ok := index.X.(*ast.CompositeLit)
				if !ok {
					return true
				}
				values = nil
				for _, row := range table.Elts {
					values = append(values, row.(*ast.KeyValueExpr).Value)
				}
			}
			for _, value := range values {
				more, ok := s.codes(p, in, scope, value)
				codes, known = append(codes, more...), ok
			}
		}
		return true
	})
	return codes, known
}

// parameter tells which of a function's parameters has the name.
func parameter(scope ast.Node, name string) (at int, ok bool) {
	var kind *ast.FuncType
	switch f := scope.(type) {
	case *ast.FuncDecl:
		kind = f.Type
	case *ast.FuncLit:
		kind = f.Type
	default:
		return 0, false
	}
	for _, field := range kind.Params.List {
		for _, each := range field.Names {
			if each.Name == name {
				return at, true
			}
			at++
		}
	}
	return 0, false
}

// carriersOnce looks for functions that refuse with one of their arguments, and reports whether there are more than known.
func (s *sources) carriersOnce() (more bool) {
	names := map[ast.Node]string{}
	for _, p := range s.packages {
		for _, in := range p.files {
			ast.Inspect(in.ast, func(n ast.Node) bool {
				switch v := n.(type) {
				case *ast.FuncDecl:
					if v.Recv == nil {
						names[v] = v.Name.Name
					}
				case *ast.AssignStmt:
					for i, right := range v.Rhs {
						if f, ok := right.(*ast.FuncLit); ok {
							if left, ok := v.Lhs[i].(*ast.Ident); ok {
								names[f] = left.Name
							}
						}
					}
				}
				return true
			})
		}
	}
	s.refusals(func(p *sourcePackage, _ *sourceFile, scope ast.Node, value ast.Expr) {
		variable, ok := value.(*ast.Ident)
		if !ok || names[scope] == "" {
			return
		}
		if at, ok := parameter(scope, variable.Name); ok {
			if _, known := p.carriers[names[scope]]; !known {
				p.carriers[names[scope]], more = at, true
			}
		}
	})
	return more
}
