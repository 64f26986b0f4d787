// Package docs has the page on which people read the OpenAPI document of a server, and
// try it out: Swagger UI, with nothing in it that a strict Content-Security-Policy would
// have to make an exception for beside [Policy].
//
// What lies in dist comes from the package swagger-ui-dist of npm, version 5.35.0, under
// the licence beside it, compressed and otherwise unchanged; make swagger-ui fetches it
// again.
package docs

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"path"
	"strings"
)

//go:embed index.html initializer.js page.css dist/*.gz dist/*LICENSE* dist/NOTICE
var files embed.FS

// Policy is the Content-Security-Policy that the page needs. Swagger UI shows its icons
// from data: addresses.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page is the name of the page itself. It refers to the other files as docs/NAME, and to
// the document as openapi.json, both beside it.
const Page = "index.html"

// File is one of the page's.
type File struct {
	Kind   string // its media type
	Text   []byte
	Zipped []byte // the same, compressed with gzip; nil for small ones
}

// names are what can be asked for, and where it lies.
var names = map[string]string{
	Page: Page, "initializer.js": "initializer.js", "page.css": "page.css",
	"swagger-ui-bundle.js": "dist/swagger-ui-bundle.js.gz", "swagger-ui.css": "dist/swagger-ui.css.gz",
	"LICENSE": "dist/LICENSE", "NOTICE": "dist/NOTICE", "swagger-ui-bundle.js.LICENSE.txt": "dist/swagger-ui-bundle.js.LICENSE.txt",
}

// Read returns all files by their names.
func Read() (map[string]File, error) {
	all := map[string]File{}
	for name, place := range names {
		text, err := files.ReadFile(place)
		if err != nil {
			return nil, err
		}
		file := File{Kind: kindOf(name), Text: text}
		if strings.HasSuffix(place, ".gz") {
			file.Zipped = text
			if file.Text, err = unzip(text); err != nil {
				return nil, fmt.Errorf("docs: %s: %w", place, err)
			}
		}
		all[name] = file
	}
	return all, nil
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

func unzip(text []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
