package teglayer_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every Go snippet of the README is taken from an example that is compiled and
// tested: the comment above it names the file and the region.
func TestREADMESnippets(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	snippets := marked.FindAllStringSubmatch(string(text), -1)
	require.Len(t, snippets, strings.Count(string(text), "```go"), "each snippet names its source")
	require.NotEmpty(t, snippets)
	for _, s := range snippets {
		require.Equal(t, region(t, s[1], s[2]), s[3], "%s#%s", s[1], s[2])
	}
}

// The same of the pages of documentation, as far as a snippet names its source.
func TestDocumentationSnippets(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, s := range marked.FindAllStringSubmatch(string(text), -1) {
			require.Equal(t, region(t, s[1], s[2]), s[3], "%s: %s#%s", page, s[1], s[2])
		}
	}
}

// marked is a snippet under the name of its source.
var marked = regexp.MustCompile("(?s)<!-- (\\S+)#(\\w+) -->\n```go\n(.*?)```")

// region returns the lines between two markers, without their indentation.
func region(t *testing.T, file, name string) string {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?s)([\t ]*)// region ` + name + `\n(.*?)[\t ]*// endregion`).FindStringSubmatch(string(text))
	require.NotNil(t, found, "%s has no region %s", file, name)
	var out strings.Builder
	for line := range strings.Lines(strings.Trim(found[2], "\n") + "\n") {
		out.WriteString(strings.TrimPrefix(line, found[1]))
	}
	return out.String()
}
