package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pure packages import one another and small libraries, nothing that touches the world.
var pure = []string{
	"duban/internal/rulebook", "duban/internal/procedure", "duban/internal/calendar", "duban/internal/message",
	"duban/internal/document", "duban/internal/poll", "duban/internal/expression",
}

// importRule says what packages at or below "in" may not import; "except" are packages that may.
type importRule struct {
	why    string
	in     []string
	except []string
	refuse []string
	allow  []string // within what is refused
}

func importRules() []importRule {
	return []importRule{
		{why: "pure packages import only one another", in: pure, refuse: []string{"duban"}, allow: pure},
		{why: "pure packages touch neither Temporal nor the network nor the database", in: pure,
			refuse: []string{"go.temporal.io", "github.com/labstack/echo", "github.com/jackc/pgx", "net/http", "database/sql"}},
		{why: "the verifier shares nothing with what it verifies", in: []string{"duban/internal/verifier"}, refuse: []string{"duban"}},
		{why: "the policy knows the rules of votes and matters, and no part of the program that asks it", in: []string{"duban/internal/identity"},
			refuse: []string{"duban", "go.temporal.io", "github.com/labstack/echo", "github.com/jackc/pgx", "net/http", "database/sql"}, allow: pure},
		{why: "only embedded imports the Temporal server", in: []string{"duban"}, except: []string{"duban/internal/embedded"},
			refuse: []string{"go.temporal.io/server"}},
		{why: "only the program imports embedded", in: []string{"duban"}, except: []string{"duban/cmd/duban", "duban/internal/embedded"},
			refuse: []string{"duban/internal/embedded"}},
		{why: "only engine uses the Temporal client, and the bare workflow it is compared with", in: []string{"duban"},
			except: []string{"duban/internal/engine", "duban/internal/embedded", "duban/internal/bench"},
			refuse: []string{"go.temporal.io/sdk/client"}},
		{why: "workflow code is deterministic", in: []string{"duban/workflows"},
			refuse: []string{"duban/api", "duban/internal/store", "duban/internal/engine", "duban/internal/identity", "duban/internal/app",
				"github.com/jackc/pgx", "github.com/labstack/echo", "net/http", "database/sql", "math/rand", "crypto/rand", "os"}},
		{why: "activities serve workflows, not requests", in: []string{"duban/activities"},
			refuse: []string{"duban/api", "duban/workflows", "duban/internal/app", "github.com/labstack/echo"}},
		{why: "the store knows the database and the machine only", in: []string{"duban/internal/store"},
			refuse: []string{"duban/api", "duban/workflows", "duban/activities", "duban/internal/engine", "duban/internal/app",
				"go.temporal.io", "github.com/labstack/echo"}},
		{why: "the engine does not know HTTP", in: []string{"duban/internal/engine"},
			refuse: []string{"duban/api", "duban/internal/app", "github.com/labstack/echo"}},
	}
}

func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") })
}

func (r importRule) broken(from, imported string) bool {
	return below(from, r.in) && !below(from, r.except) && below(imported, r.refuse) && !below(imported, r.allow)
}

// The layout's import rules hold for every file that is part of the program.
func TestImportRules(t *testing.T) {
	found := map[string][]string{}
	root := "../.."
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "testdata", "bin", "data"}, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		from := "duban/" + filepath.ToSlash(folder)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[from] = append(found[from], imported)
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, found["duban/internal/embedded"], "go.temporal.io/server/temporal", "the walk saw the program")
	for _, rule := range importRules() {
		for _, named := range slices.Concat(rule.in, rule.except, rule.allow) {
			require.True(t, named == "duban" || found[named] != nil, "%s: there is no %s", rule.why, named)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(found)) {
		for _, imported := range found[from] {
			for _, rule := range importRules() {
				if rule.broken(from, imported) {
					t.Errorf("%s imports %s: %s", from, imported, rule.why)
				}
			}
		}
	}
}

// Each rule refuses something.
func TestImportRulesBite(t *testing.T) {
	for _, c := range []struct {
		from, imported string
		broken         bool
	}{
		{"duban/internal/procedure", "duban/internal/calendar", false},
		{"duban/internal/procedure", "duban/internal/store", true},
		{"duban/internal/calendar", "github.com/jackc/pgx/v5", true},
		{"duban/internal/verifier", "duban/internal/poll", true},
		{"duban/internal/verifier", "golang.org/x/mod/sumdb/note", false},
		{"duban/internal/identity", "duban/internal/procedure", false},
		{"duban/internal/identity", "duban/internal/store", true},
		{"duban/internal/identity", "net/http", true},
		{"duban/api", "go.temporal.io/server/temporal", true},
		{"duban/internal/embedded", "go.temporal.io/server/temporal", false},
		{"duban/internal/app", "duban/internal/embedded", true},
		{"duban/cmd/duban", "duban/internal/embedded", false},
		{"duban/api", "go.temporal.io/sdk/client", true},
		{"duban/workflows", "go.temporal.io/sdk/workflow", false},
		{"duban/workflows", "duban/internal/store", true},
		{"duban/activities", "duban/internal/store", false},
		{"duban/activities", "duban/api", true},
		{"duban/internal/store", "go.temporal.io/sdk/temporal", true},
		{"duban/internal/engine", "github.com/labstack/echo/v4", true},
	} {
		broken := slices.ContainsFunc(importRules(), func(r importRule) bool { return r.broken(c.from, c.imported) })
		require.Equal(t, c.broken, broken, "%s imports %s", c.from, c.imported)
	}
}
