package teg_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// apart are tests that do things at once which share nothing.
var apart = []string{"TestEveryCallFails", "TestDryRun", "TestDryRunOfVotes"}

// The race detector is asked about the tests in testdata/at_once.txt alone, since it takes
// ten times as long: about all, therefore, in which something happens at once.
func TestRacesAreLookedFor(t *testing.T) {
	content, err := os.ReadFile("testdata/at_once.txt")
	require.NoError(t, err)
	listed := strings.Fields(string(content))
	require.True(t, slices.IsSorted(listed))
	functions, missing := parseTests(t), []string(nil)
	for name := range functions {
		if strings.HasPrefix(name, "Test") && functions.atOnce(name, map[string]bool{}) && !slices.Contains(slices.Concat(apart, listed), name) {
			missing = append(missing, name)
		}
	}
	require.Empty(t, missing, "list them")
	for _, name := range listed {
		require.Contains(t, functions, name, "there is no such test")
	}
}

// functions are those of the package's tests by name; methods of the same name count as one.
type functions map[string][]*ast.FuncDecl

func parseTests(t *testing.T) functions {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	found := functions{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				found[f.Name.Name] = append(found[f.Name.Name], f)
			}
		}
	}
	return found
}

// atOnce reports whether a function starts goroutines, by itself or by what it calls.
func (f functions) atOnce(name string, seen map[string]bool) (starts bool) {
	if seen[name] {
		return false
	}
	seen[name] = true
	for _, declared := range f[name] {
		ast.Inspect(declared, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				starts = true
			case *ast.CallExpr:
				called := nameOf(n.Fun)
				starts = starts || called == "Go" || f.atOnce(called, seen)
			}
			return !starts
		})
	}
	return starts
}

func nameOf(called ast.Expr) string {
	switch called := called.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		return called.Sel.Name
	}
	return ""
}
