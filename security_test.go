package teglayer_test

import (
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What SECURITY.md says is tried is tried, and every attack of the tests by name is told
// there.
func TestAttacksAreTried(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	told := map[string]bool{}
	for _, name := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(text), -1) {
		told[name[1]] = true
	}
	require.NotEmpty(t, told)
	for _, f := range sources(t) {
		if !f.test {
			continue
		}
		for _, declaration := range f.tree.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := function.Name.Name
			if strings.HasPrefix(name, "TestOWASP_") || strings.HasPrefix(name, "TestAttack") && f.layer == "server/auth" {
				require.True(t, told[name], "%s is not in SECURITY.md", name)
			}
			delete(told, name)
		}
	}
	require.Empty(t, told, "SECURITY.md names tests that are not there")
}
