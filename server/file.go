package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/docs"
	"github.com/agentvault/teg-layer/server/openapi"
)

// file is an answer that is sent as it is.
type file struct {
	kind   string // its media type
	text   []byte
	zipped []byte // the same, compressed with gzip; may be nil
	tag    string // changes when the text does
	policy string // the Content-Security-Policy, if it is another than that of all answers
}

// filesAge is how long clients keep files without asking whether they have changed.
const filesAge = "public, max-age=300"

func newFile(kind string, text, zipped []byte) *file {
	sum := sha256.Sum256(text)
	return &file{kind: kind, text: text, zipped: zipped, tag: `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// fileSet is what the server serves as files, made when it is asked for first.
type fileSet struct {
	json, yaml func() *file
	docs       func() (map[string]*file, error)
}

func newFileSet(prefix string) fileSet {
	return fileSet{
		json: sync.OnceValue(func() *file { return newFile("application/json", openapi.JSON(prefix), nil) }),
		yaml: sync.OnceValue(func() *file { return newFile("application/yaml", openapi.YAML(prefix), nil) }),
		docs: docsFiles,
	}
}

// docsFiles are the same for all servers.
var docsFiles = sync.OnceValues(func() (map[string]*file, error) {
	all, err := docs.Read()
	files := map[string]*file{}
	for name, each := range all {
		files[name] = newFile(each.Kind, each.Text, each.Zipped)
		files[name].policy = docs.Policy
	}
	return files, err
})

func getDocumentJSON(c *call) (answer, error) { return answer{body: c.server.files.json()}, nil }
func getDocumentYAML(c *call) (answer, error) { return answer{body: c.server.files.yaml()}, nil }

// getDocs answers the page, getDocsFile what it consists of.
func getDocs(c *call) (answer, error) { return c.docsFile(docs.Page) }

func getDocsFile(c *call) (answer, error) { return c.docsFile(c.vars["file"]) }

func (c *call) docsFile(name string) (answer, error) {
	files, err := c.server.files.docs()
	if err != nil {
		return answer{}, err
	}
	if found := files[name]; found != nil {
		return answer{body: found}, nil
	}
	return answer{}, ledger.Refuse(ledger.ErrNotFound, "the documentation has no such file")
}

// writeFile sends a file, or says that the client has it already.
func (c *call) writeFile(f *file) {
	h := c.w.Header()
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", filesAge)
	if f.policy != "" {
		h.Set("Content-Security-Policy", f.policy)
	}
	if c.has(f.tag) {
		c.status = http.StatusNotModified
		c.w.WriteHeader(c.status)
		return
	}
	text := f.text
	if f.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if c.takesGzip() {
			h.Set("Content-Encoding", "gzip")
			text = f.zipped
		}
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	c.status = http.StatusOK
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(text) // a client that is gone is no fault
}

// has reports whether the client says that it has what the tag names.
func (c *call) has(tag string) bool {
	for each := range strings.SplitSeq(c.request.Header.Get("If-None-Match"), ",") {
		if each = strings.TrimPrefix(strings.TrimSpace(each), "W/"); each == tag || each == "*" {
			return true
		}
	}
	return false
}

// takesGzip reports whether the client asks for compression with gzip, as browsers do. One
// that asks in a more elaborate way gets the file as it is.
func (c *call) takesGzip() bool {
	for each := range strings.SplitSeq(c.request.Header.Get("Accept-Encoding"), ",") {
		if strings.EqualFold(strings.TrimSpace(each), "gzip") {
			return true
		}
	}
	return false
}
