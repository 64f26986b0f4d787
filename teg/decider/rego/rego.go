// Package rego decides by policies in Rego whether acts may be carried out, with the Open
// Policy Agent's own evaluator inside of the process. It is the [teg.Decider] of an
// engine:
//
//	policies, err := rego.Open(ctx, rego.Config{Dir: "policies"})
//	eng, err := teg.New(ctx, st, teg.Config{Decider: policies})
//
// Package decider has what a policy is asked and what it may answer. Policies reach
// nothing outside: what Rego has for the network, for the process's environment and for
// chance is not there, and a policy that uses it is refused at the start.
//
// It is a package of its own because the evaluator adds some 17 MB to a program.
package rego

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider"
)

// Config says where the policies are. Dir is required.
type Config struct {
	// Dir holds the policies: every file in it, and below it, that ends with .rego, but
	// not with _test.rego. What is hidden, with a name that begins with a dot, is not
	// looked at: Kubernetes keeps another copy there of what it mounts.
	Dir string
	// Rule decides. Default: data.teg.decision.
	Rule string
}

// defaultRule is the one that decides where none is named.
const defaultRule = "data.teg.decision"

// Bounds of what is read as policies.
const (
	maxFiles = 1000
	maxBytes = 4 << 20
)

// withheld are the builtins that reach outside, or tell of the process. Those of schemas
// read the files that a $ref names.
var withheld = []string{
	"http.send", "net.lookup_ip_addr", "opa.runtime", "trace", "print", "rand.intn", "uuid.rfc4122", "json.match_schema", "json.verify_schema",
}

// Decider holds policies. It is safe for concurrent use.
type Decider struct {
	config Config
	query  atomic.Pointer[rego.PreparedEvalQuery]
}

var _ teg.Decider = (*Decider)(nil)

// Open reads and compiles the policies of a directory, strictly: what OPA warns of is an
// error, as is a builtin that is withheld, and a rule that no file has.
func Open(ctx context.Context, c Config) (*Decider, error) {
	if c.Rule == "" {
		c.Rule = defaultRule
	}
	d := &Decider{config: c}
	return d, d.Reload(ctx)
}

// Reload reads the policies anew. Where that fails, those before stay in force.
func (d *Decider) Reload(ctx context.Context) error {
	compiler, err := d.compile()
	if err != nil {
		return err
	}
	rule, err := ast.ParseRef(d.config.Rule)
	if err != nil || !rule.HasPrefix(ast.DefaultRootRef) {
		return fmt.Errorf("rego: %.64q is no rule such as %s", d.config.Rule, defaultRule)
	}
	if len(compiler.GetRulesExact(rule)) == 0 {
		return fmt.Errorf("rego: no policy in %s has the rule %s, which is to decide", d.config.Dir, d.config.Rule)
	}
	query, err := rego.New(rego.Query(d.config.Rule), rego.Compiler(compiler), rego.StrictBuiltinErrors(true)).PrepareForEval(ctx)
	if err != nil {
		return fmt.Errorf("rego: %w", err)
	}
	d.query.Store(&query)
	return nil
}

// compile reads the directory.
func (d *Decider) compile() (*ast.Compiler, error) {
	modules, left := map[string]*ast.Module{}, int64(maxBytes)
	err := filepath.WalkDir(d.config.Dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(entry.Name(), ".") && name != d.config.Dir && entry.IsDir():
			return filepath.SkipDir
		case entry.IsDir() || !isPolicy(entry.Name()):
			return nil
		}
		text, err := readPolicy(name, &left)
		if err != nil {
			return err
		}
		module, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities()})
		modules[name] = module
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("rego: the policies in %s cannot be used: %w", d.config.Dir, err)
	case len(modules) == 0:
		return nil, fmt.Errorf("rego: there is no policy in %s: no file that ends with .rego", d.config.Dir)
	case len(modules) > maxFiles:
		return nil, fmt.Errorf("rego: more than %d policies in %s", maxFiles, d.config.Dir)
	}
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities())
	if compiler.Compile(modules); compiler.Failed() {
		return nil, fmt.Errorf("rego: the policies in %s cannot be used: %w", d.config.Dir, compiler.Errors)
	}
	return compiler, nil
}

// isPolicy tells by the name of a file whether it is to be read.
func isPolicy(name string) bool {
	return strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego") && !strings.HasPrefix(name, ".")
}

// readPolicy reads a file, and counts what may still be read.
func readPolicy(name string, left *int64) (string, error) {
	text, err := os.ReadFile(name)
	if *left -= int64(len(text)); err == nil && *left < 0 {
		err = fmt.Errorf("more than %d bytes of policies", maxBytes)
	}
	return string(text), err
}

// capabilities are what policies can use.
func capabilities() *ast.Capabilities {
	able := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV1))
	able.Builtins = slices.DeleteFunc(able.Builtins, func(b *ast.Builtin) bool { return slices.Contains(withheld, b.Name) })
	able.AllowNet = []string{}
	return able
}

// Decide implements [teg.Decider]. A rule that is undefined denies.
func (d *Decider) Decide(ctx context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
	query := d.query.Load()
	if query == nil {
		return nil, errors.New("rego: no policies were read")
	}
	results, err := query.Eval(ctx, rego.EvalInput(decider.NewInput(intents)))
	switch {
	case err != nil:
		return nil, fmt.Errorf("rego: %w", err)
	case len(results) == 0:
		return decider.Undefined(len(intents)), nil
	case len(results) != 1 || len(results[0].Expressions) != 1:
		return nil, decider.ErrAnswer
	}
	return decider.Verdicts(results[0].Expressions[0].Value, len(intents))
}
