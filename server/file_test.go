package server_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/openapi"
)

// The document is served with the server's own prefix, can be kept, and is not sent to who
// has it.
func TestDocumentIsServed(t *testing.T) {
	m := newMarket(t)
	moved := over(t, m.engine, func(c *server.Config) { c.Prefix = "/economy" })
	for path, whole := range map[string]func(string) []byte{"/openapi.json": openapi.JSON, "/openapi.yaml": openapi.YAML} {
		r := m.send("GET", path, "", "")
		require.Equal(t, 200, r.status)
		require.Equal(t, string(whole(prefix)), r.text)
		require.Equal(t, "public, max-age=300", r.header.Get("Cache-Control"))
		tag := r.header.Get("ETag")
		for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := m.send("GET", path, "", "", "If-None-Match", have)
			require.Equal(t, 304, again.status, have)
			require.Empty(t, again.text)
			require.Equal(t, tag, again.header.Get("ETag"))
		}
		require.Equal(t, 200, m.send("GET", path, "", "", "If-None-Match", `"other"`).status)
		other := moved.send("GET", path, "", "")
		require.Equal(t, string(whole("/economy")), other.text)
		require.NotEqual(t, tag, other.header.Get("ETag"))
		m.send("GET", path+"?x=1", "", "").is(422, "VALIDATION_INVALID_INPUT")
		m.send("GET", path, "x.y.z", "").is(401, "AUTH_INVALID_TOKEN")
	}
}

// The page has a policy of its own, under which it can run nothing but its own files, and
// all that it refers to is there.
func TestDocs(t *testing.T) {
	m := newMarket(t)
	page := m.send("GET", "/docs", "", "")
	require.Equal(t, 200, page.status)
	require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	policy := page.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, page.text, "<script>")
	for _, quoted := range strings.Split(page.text, `"docs/`)[1:] {
		name, _, _ := strings.Cut(quoted, `"`)
		plain := m.send("GET", "/docs/"+name, "", "")
		require.Equal(t, 200, plain.status, name)
		require.Contains(t, []string{"text/javascript; charset=utf-8", "text/css; charset=utf-8"}, plain.header.Get("Content-Type"))
		zipped := m.send("GET", "/docs/"+name, "", "", "Accept-Encoding", "br, gzip")
		if zipped.header.Get("Content-Encoding") == "gzip" {
			require.Less(t, len(zipped.text), len(plain.text)/2)
			r, err := gzip.NewReader(strings.NewReader(zipped.text))
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, plain.text == string(text), name)
		}
	}
	m.send("GET", "/docs/nothing.js", "", "").is(404, "BIZ_ENTITY_NOT_FOUND")
	for _, path := range []string{"/docs/", "/docs/..", "/docs/dist/x", "/docs/%2e%2e%2fdocs.go%00"} {
		m.send("GET", path, "", "").is(404, "ROUTE_NOT_FOUND")
	}
}
