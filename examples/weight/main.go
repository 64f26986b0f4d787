// Command weight says what a host carries that imports this module: for each choice of
// packages the modules that are linked, and the size of a program that can use them. It is
// run in the module's root, by `make weight`, and prints the table
// of docs/operations.md.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is this one, which is not counted.
const module = "github.com/agentvault/teg-layer"

// host is a program that imports some packages of the module.
type host struct {
	name     string
	packages []string // below the module
}

// most is how many modules a host of the engine and one driver may link.
const most = 24

// hosts are weighed in this order. The first two are the least that works.
var hosts = []host{
	{"`teg` + SQLite", []string{"teg", "store/sqlite"}},
	{"`teg` + PostgreSQL", []string{"teg", "store/postgres"}},
	{"`teg` + both", []string{"teg", "store/sqlite", "store/postgres"}},
	{"+ proofs (`governance/attestation/groth16`)", []string{"teg", "store/sqlite", "governance/attestation/groth16"}},
	{"+ evidence (`teg/ipfs`)", []string{"teg", "store/sqlite", "teg/ipfs"}},
	{"+ an outside arbitrator (`teg/arbiter`)", []string{"teg", "store/sqlite", "teg/arbiter"}},
	{"+ `server`", []string{"teg", "store/sqlite", "server"}},
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "| a host that imports | modules | MB |\n| --- | --- | --- |")
	for _, h := range hosts {
		modules, err := h.modules(ctx)
		if err != nil {
			return err
		}
		size, err := h.size(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "| %s | %d | %.1f |\n", h.name, len(modules), float64(size)/1e6); err != nil {
			return err
		}
	}
	return nil
}

// modules are those of which something is linked, as `go version -m` lists them.
func (h host) modules(ctx context.Context) ([]string, error) {
	args := []string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}
	for _, name := range h.packages {
		args = append(args, module+"/"+name)
	}
	list, err := tool(ctx, args...)
	if err != nil {
		return nil, err
	}
	modules := strings.Fields(list)
	slices.Sort(modules)
	return slices.DeleteFunc(slices.Compact(modules), func(path string) bool { return path == module }), nil
}

// size builds a program that names what hosts call of the packages, so that the linker
// keeps it. The program lies in a place that only this build sees.
func (h host) size(ctx context.Context) (int64, error) {
	dir, err := os.MkdirTemp("", "teg-weight-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	source, overlay, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "host")
	if err := os.WriteFile(source, []byte(h.program()), 0o600); err != nil {
		return 0, err
	}
	root, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "examples", "weight", "host", "main.go"): source}})
	if err == nil {
		err = os.WriteFile(overlay, replaced, 0o600)
	}
	if err != nil {
		return 0, err
	}
	if _, err := tool(ctx, "build", "-trimpath", "-ldflags", "-s -w", "-overlay", overlay, "-o", binary, "./examples/weight/host"); err != nil {
		return 0, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// used is what a host calls of a package; all that it leads to is linked.
var used = map[string]string{
	"teg": "teg.New, (*teg.Engine).Transfer, (*teg.Engine).TransferBatch, (*teg.Engine).Hold, (*teg.Engine).Capture, (*teg.Engine).Stake, " +
		"(*teg.Engine).Delegate, (*teg.Engine).Signal, (*teg.Engine).Attest, (*teg.Engine).RaiseDispute, (*teg.Engine).Run, (*teg.Engine).RunAuditor, " +
		"(*teg.Engine).Verify, teg.Export, teg.Import",
	"store/sqlite":                   "sqlite.Open, store.Store((*sqlite.Store)(nil))",
	"store/postgres":                 "postgres.Open, store.Store((*postgres.Store)(nil))",
	"governance/attestation/groth16": "teg.ProofVerifier(groth16.New())",
	"teg/ipfs":                       "ipfs.New, teg.EvidenceStore((*ipfs.Store)(nil))",
	"teg/arbiter":                    "arbiter.New, teg.Arbitrator((*arbiter.Service)(nil))",
	"server":                         "server.New, http.Handler((*server.Server)(nil))",
}

func (h host) program() string {
	imports, calls := []string{"fmt", module + "/store"}, []string{}
	for _, name := range h.packages {
		imports = append(imports, module+"/"+name)
		calls = append(calls, used[name])
		if name == "server" {
			imports = append(imports, "net/http")
		}
	}
	return fmt.Sprintf("package main\n\nimport (\n%s)\n\nfunc main() {\n\tkeep := []any{%s}\n\tfmt.Println(len(keep))\n}\n",
		quoted(imports), strings.Join(calls, ", "))
}

func quoted(imports []string) string {
	var lines strings.Builder
	for _, name := range imports {
		fmt.Fprintf(&lines, "\t%q\n", name)
	}
	return lines.String()
}

// tool runs the go command without cgo.
func tool(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", args[0], err, said.String())
	}
	return string(out), nil
}
