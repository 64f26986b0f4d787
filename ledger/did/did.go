package did

import "strings"

// MaxLength is the length in bytes of the longest DID that [Parse] accepts.
const MaxLength = 255

// DID is a checked decentralized identifier. It is immutable and comparable;
// == tells whether two DIDs are the same name, byte for byte. The zero DID
// names nobody.
type DID struct{ s string }

// Parse returns the DID that s spells. The error, if any, is a [*SyntaxError]
// that wraps [ErrSyntax] and says which rule s breaks.
func Parse(s string) (DID, error) {
	if why := check(s); why != "" {
		return DID{}, &SyntaxError{Input: s, Reason: why}
	}
	return DID{s}, nil
}

// MustParse is [Parse] for DIDs that are known to be correct, such as
// constants and test data. It panics where Parse would fail.
func MustParse(s string) DID {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// String returns the text that was parsed, unchanged; "" for the zero DID.
func (d DID) String() string { return d.s }

// IsZero reports whether d is the zero DID, which names nobody.
func (d DID) IsZero() bool { return d.s == "" }

// Method returns the method, "key" in "did:key:z6Mk"; "" for the zero DID.
func (d DID) Method() string {
	method, _ := d.split()
	return method
}

// ID returns the method-specific id, everything after the method: "example.com:alice"
// in "did:web:example.com:alice". Percent-encoding is left as it is. It
// returns "" for the zero DID.
func (d DID) ID() string {
	_, id := d.split()
	return id
}

func (d DID) split() (method, id string) {
	method, id, _ = strings.Cut(strings.TrimPrefix(d.s, scheme), ":")
	return method, id
}

// Compare orders DIDs by their bytes: -1 where d sorts before e, 0 where they
// are the same, +1 where d sorts after e. The zero DID sorts before all
// others. It has the form that slices.SortFunc wants.
func (d DID) Compare(e DID) int { return strings.Compare(d.s, e.s) }
