package teglayer_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/agentvault/teg-layer"

// tiers lists the layers from the bottom up. A package may import what stands
// in its own tier or below; a longer path wins.
var tiers = map[string]int{
	"ledger/amount": 0, "ledger/did": 0,
	"ledger": 1, "staking": 2, "reputation": 2, "governance": 2,
	"store": 3, "store/internal": 4, "store/postgres": 5, "store/sqlite": 5, "store/storetest": 6, "store/storebench": 6,
	"teg": 7, "teg/tegtest": 8, "teg/tegbench": 8, "teg/arbiter": 8, "teg/outside": 7, "teg/internal": 7, "teg/decider": 8,
	"server": 9, "server/cmd": 10, "examples": 10,
	"teg/ipfs":                10, // above the server too: who imports that links no IPFS
	"server/limit/redislimit": 10, // nor a client of Redis
	"server/cache/rediscache": 10, "server/redisconn": 10,
}

// leaves are packages of the server that know nothing of the engine.
var leaves = []string{
	"server/auth", "server/auth/pubkey", "server/auth/fetch", "server/auth/didkey", "server/auth/didweb", "server/config", "server/strictjson",
}

// adapters are packages beside the engine that speak to the outside, each behind a port
// of teg: they may use HTTP and libraries of their own, and no host links one that it
// does not import.
var adapters = []string{"teg/ipfs", "teg/arbiter", "teg/outside", "teg/decider"}

// places are the only folders that import a library which nobody is to link who does not
// import the folder.
var places = map[string]string{"github.com/prometheus": "server/metrics", "go.opentelemetry.io": "server/telemetry"}

// adapterOf is the folder right under teg that a folder lies in.
func adapterOf(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	return path.Join(parts[:min(2, len(parts))]...)
}

// rules are what no file of a layer may import, tests aside.
var rules = []struct {
	layer     string
	forbidden []string
	because   string
}{
	{"ledger", []string{"database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog"}, "rules never act"},
	{"staking", []string{"database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog"}, "rules never act"},
	{"reputation", []string{"database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog"}, "rules never act"},
	{"governance/panel", []string{"database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"governance/auditor", []string{"context", "database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"governance/dispute", []string{"context", "database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"governance/policy", []string{"context", "database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"governance/webhook", []string{"database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"governance/attestation", []string{"context", "database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync"}, "rules never act"},
	{"teg", []string{"github.com/consensys"}, "a host links a proof system only where it asks for one"},
	{"governance/evidence", []string{"context", "database/sql", "net/http", "github.com/uptrace/bun", "os", "log/slog", "sync", "github.com/ipfs"}, "rules never act, and hosts that import teg alone link no IPFS"},
	{"teg", []string{"database/sql", "github.com/uptrace/bun", "github.com/jackc", "modernc.org"}, "only store speaks SQL"},
	{"teg", []string{"net/http", "github.com/ipfs"}, "the engine has no face, and speaks to the outside through ports"},
	{"server", []string{"database/sql", "github.com/uptrace/bun", "github.com/jackc", "modernc.org"}, "only store speaks SQL"},
	{"server/auth", []string{module + "/teg"}, "who a caller is has nothing to do with what it does"},
	{"store", []string{"net/http"}, "the store has no face"},
}

type sourceFile struct {
	layer string // folder below the root
	name  string
	test  bool
	tree  *ast.File
	set   *token.FileSet
}

func sources(t *testing.T) []sourceFile {
	var files []sourceFile
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && name != "." && foreign(name) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		files = append(files, sourceFile{filepath.ToSlash(filepath.Dir(name)), name, strings.HasSuffix(name, "_test.go"), tree, set})
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// foreign reports whether a folder holds no code of this module: one that is hidden,
// what npm installed, or a module of its own.
func foreign(folder string) bool {
	name := filepath.Base(folder)
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return strings.HasPrefix(name, ".") || name == "node_modules" || err == nil
}

func (f sourceFile) imports() []string {
	var list []string
	for _, spec := range f.tree.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, name)
		}
	}
	return list
}

// tierOf finds the tier of a folder: that of the longest path that covers it.
func tierOf(folder string) (int, bool) {
	for ; folder != "." && folder != "/"; folder = path.Dir(folder) {
		if tier, ok := tiers[folder]; ok {
			return tier, true
		}
	}
	return 0, false
}

// Imports point down.
func TestImportsPointDown(t *testing.T) {
	for _, f := range sources(t) {
		own, ok := tierOf(f.layer)
		if f.layer == "." || f.test {
			continue
		}
		require.True(t, ok, "%s is in no layer; add its folder to the tiers, or move it", f.name)
		for _, name := range f.imports() {
			folder, inside := strings.CutPrefix(name, module+"/")
			if !inside {
				continue
			}
			tier, _ := tierOf(folder)
			if slices.Contains(leaves, folder) && strings.HasPrefix(f.layer, "server") {
				continue
			}
			require.LessOrEqual(t, tier, own, "%s imports %s, which stands above it", f.name, folder)
		}
	}
}

// Who calls a server links numbers and names of the economy, and nothing else of it.
func TestTheClientIsALeaf(t *testing.T) {
	allowed := []string{module + "/ledger/amount", module + "/ledger/did"}
	found := 0
	for _, f := range sources(t) {
		if f.test || f.layer != "server/client" {
			continue
		}
		found++
		for _, name := range f.imports() {
			outside := strings.Contains(strings.SplitN(name, "/", 2)[0], ".")
			require.True(t, !outside || slices.Contains(allowed, name), "%s imports %s: a client has the standard library, and amounts and DIDs", f.name, name)
		}
	}
	require.NotZero(t, found)
}

// Rules never act; only store speaks SQL.
func TestForbiddenImports(t *testing.T) {
	for _, f := range sources(t) {
		for _, rule := range rules {
			if f.test || f.layer != rule.layer && !strings.HasPrefix(f.layer, rule.layer+"/") {
				continue
			}
			for _, name := range f.imports() {
				for _, forbidden := range rule.forbidden {
					exempt := strings.HasPrefix(f.layer, "ledger/") && forbidden == "database/sql" && name == "database/sql/driver"
					exempt = exempt || (forbidden == "net/http" || forbidden == "github.com/ipfs") && slices.Contains(adapters, adapterOf(f.layer))
					hit := (name == forbidden || strings.HasPrefix(name, forbidden+"/")) && !exempt
					require.False(t, hit, "%s imports %s: %s", f.name, name, rule.because)
				}
			}
		}
	}
}

// What is heavy has one place.
func TestHeavyLibrariesHaveOnePlace(t *testing.T) {
	for _, f := range sources(t) {
		for _, name := range f.imports() {
			for library, place := range places {
				require.True(t, !strings.HasPrefix(name, library+"/") || f.layer == place, "%s imports %s, which is for %s alone", f.name, name, place)
			}
		}
	}
}

// A package is named after what it holds.
func TestForbiddenPackageNames(t *testing.T) {
	for _, f := range sources(t) {
		require.NotContains(t, []string{"util", "utils", "common", "helpers", "models", "manager"}, f.tree.Name.Name, f.name)
	}
}

// Functions are short, and everything exported says what it is.
func TestFunctionsAreShortAndDocumented(t *testing.T) {
	const limit = 70
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, declaration := range f.tree.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := f.set.Position(function.End()).Line - f.set.Position(function.Pos()).Line
			require.LessOrEqual(t, lines, limit, "%s: %s has %d lines", f.name, function.Name.Name, lines)
			if function.Name.IsExported() && exportedReceiver(function) {
				require.NotNil(t, function.Doc, "%s: %s has no comment", f.name, function.Name.Name)
			}
		}
	}
}

func exportedReceiver(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return true
	}
	kind := function.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}
