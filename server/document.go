package server

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// document is an answer that is sent as it is: a file of the server's own, a note, the
// hashes of a tree. As a handler it is the page of an [answer].
type document struct {
	kind   string // its media type
	text   []byte
	zipped []byte // the same, compressed with gzip; may be nil
	tag    string // changes when the text does; "" for none
	age    string // how long clients keep it, as Cache-Control has it; "" is: not without asking
	policy string // the Content-Security-Policy, if it is another than that of all answers
}

// The ages of documents.
const (
	someMinutes = "public, max-age=300"
	forever     = "public, max-age=31536000, immutable" // whoever asks, and whenever
)

// newFile is a document that clients may keep for some minutes, and are not sent again
// while they have it.
func newFile(kind string, text, zipped []byte) *document {
	sum := sha256.Sum256(text)
	return &document{kind: kind, text: text, zipped: zipped, tag: `"` + hex.EncodeToString(sum[:16]) + `"`, age: someMinutes}
}

// ServeHTTP sends the document, or says that the client has it already.
func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if h.Get("Cache-Control") == "" { // who sent a token gets what nobody keeps
		h.Set("Cache-Control", cmp.Or(d.age, "no-cache"))
	}
	if d.policy != "" {
		h.Set("Content-Security-Policy", d.policy)
	}
	if d.tag != "" {
		h.Set("ETag", d.tag)
		if has(r, d.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	text := d.text
	if d.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			text = d.zipped
		}
	}
	h.Set("Content-Type", d.kind)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text) // a client that is gone is no fault
}

// has reports whether the client says that it has what the tag names.
func has(r *http.Request, tag string) bool {
	for each := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if each = strings.TrimPrefix(strings.TrimSpace(each), "W/"); each == tag || each == "*" {
			return true
		}
	}
	return false
}

// takesGzip reports whether the client asks for compression with gzip, as browsers do. One
// that asks in a more elaborate way gets the document as it is.
func takesGzip(r *http.Request) bool {
	for each := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.EqualFold(strings.TrimSpace(each), "gzip") {
			return true
		}
	}
	return false
}
