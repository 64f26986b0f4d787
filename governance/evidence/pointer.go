// Package evidence reads the pointers by which attestations and disputes name what
// lies in storage: ipfs:// addresses, whose CID is a hash of the content, so that
// whoever has the content can tell whether it is what was named.
//
// Only pointers that name content which can be checked are taken: a file, raw or in
// the form of UnixFS, under a hash that nobody can find a second content for.
package evidence

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxPointer is how long a pointer may be, in bytes.
	MaxPointer = 512
	// MaxSegments is how many directories and files a path may name.
	MaxSegments = 16
	// maxSegment is how long a name within a path may be, in bytes, as written out.
	maxSegment = 255
)

// Scheme begins every pointer.
const Scheme = "ipfs://"

// Pointer names content: by a CID alone, or by the path to it through directories
// that begin at the CID.
type Pointer struct {
	root CID
	path []string
}

// ParsePointer reads ipfs://CID or ipfs://CID/name/name. Names are percent-encoded
// as in any address: %20 is a space. The error is for people, and says what to
// write instead.
func ParsePointer(text string) (Pointer, error) {
	if len(text) > MaxPointer {
		return Pointer{}, fmt.Errorf("at most %d bytes", MaxPointer)
	}
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return Pointer{}, errors.New("must begin with ipfs:// and a CID, such as ipfs://bafy…")
	}
	parts := strings.Split(rest, "/")
	root, err := ParseCID(parts[0])
	if err != nil {
		return Pointer{}, err
	}
	if len(parts)-1 > MaxSegments {
		return Pointer{}, fmt.Errorf("a path has at most %d names", MaxSegments)
	}
	p := Pointer{root: root}
	for _, part := range parts[1:] {
		name, err := segment(part)
		if err != nil {
			return Pointer{}, err
		}
		p.path = append(p.path, name)
	}
	return p, nil
}

var errSegment = fmt.Errorf("a path is names with one slash between them, none of them empty, . or .., each at most %d bytes, "+
	"percent-encoded where it holds anything but letters, digits and -._~!$&'()*+,;=:@", maxSegment)

// segment decodes one name of a path.
func segment(text string) (string, error) {
	if strings.ContainsFunc(text, escaped) {
		return "", errSegment
	}
	name, err := url.PathUnescape(text)
	switch {
	case err != nil || name == "" || name == "." || name == "..":
	case len(name) > maxSegment || !utf8.ValidString(name) || strings.Contains(name, "/") || strings.ContainsFunc(name, unicode.IsControl):
	default:
		return name, nil
	}
	return "", errSegment
}

// escaped tells what an address holds in percent-encoded form only. What is beyond
// ASCII is taken both ways.
func escaped(r rune) bool {
	return r < utf8.RuneSelf && r != '%' && !strings.ContainsRune("-._~!$&'()*+,;=:@", r) &&
		(r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// Root is the CID that the pointer begins with.
func (p Pointer) Root() CID { return p.root }

// Path lists the names from the root to the content, decoded; none where the root
// is the content itself.
func (p Pointer) Path() []string { return p.path }

// String is the pointer in canonical form: the CID's canonical text, and each name
// encoded no more than it must be.
func (p Pointer) String() string {
	var b strings.Builder
	b.WriteString(Scheme + p.root.String())
	for _, name := range p.path {
		b.WriteString("/" + url.PathEscape(name))
	}
	return b.String()
}
