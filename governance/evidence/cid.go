package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/multiformats/go-multibase"
)

// The forms of content that a pointer may name.
const (
	Raw   = 0x55 // bytes as they are
	DagPB = 0x70 // a node of UnixFS: a file in pieces, or a directory
)

// MaxInline is how many bytes a CID may hold in itself, in place of a hash of them.
const MaxInline = 128

// inline is the code of the hash that is the content itself.
const inline = 0x00

// digests lists the hashes that are taken, with the length of what they give. None
// is cut short, and none is known to be broken.
var digests = map[uint64]int{
	0x12: 32, 0x13: 64, // SHA2-256, SHA2-512
	0x14: 64, 0x16: 32, // SHA3-512, SHA3-256
	0x1e: 32, 0xb220: 32, // BLAKE3, BLAKE2b-256
}

// CID names content by a hash of it.
type CID struct {
	version int
	codec   uint64
	hash    []byte // multihash: code, length and digest
}

var errCID = errors.New("must hold a CID, such as bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi")

// ParseCID reads a CID of version 0 (Qm…, always of UnixFS) or 1 (in any of the
// bases whose letters need no escape).
func ParseCID(text string) (CID, error) {
	if len(text) < 2 || len(text) > MaxPointer || strings.ContainsFunc(text, outsideBase) {
		return CID{}, errCID
	}
	if len(text) == 46 && strings.HasPrefix(text, "Qm") {
		_, hash, err := multibase.Decode("z" + text)
		if err != nil {
			return CID{}, errCID
		}
		return CID{version: 0, codec: DagPB, hash: hash}.checked()
	}
	base, binary, err := multibase.Decode(text)
	if err != nil || base == multibase.Base2 || base == multibase.Identity {
		return CID{}, errCID
	}
	return readVersion1(binary)
}

func outsideBase(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// CIDFromBytes reads the binary form of a CID, as links within UnixFS have it.
func CIDFromBytes(binary []byte) (CID, error) {
	if len(binary) == 34 && binary[0] == 0x12 && binary[1] == 32 {
		return CID{version: 0, codec: DagPB, hash: bytes.Clone(binary)}.checked()
	}
	if len(binary) > MaxPointer {
		return CID{}, errCID
	}
	return readVersion1(bytes.Clone(binary))
}

// readVersion1 reads the binary form of version 1, and keeps it.
func readVersion1(text []byte) (CID, error) {
	version, n, err := readVarint(text)
	if err != nil || version != 1 {
		return CID{}, errCID
	}
	codec, m, err := readVarint(text[n:])
	if err != nil {
		return CID{}, errCID
	}
	return CID{version: 1, codec: codec, hash: text[n+m:]}.checked()
}

// checked refuses what no content can be held against.
func (c CID) checked() (CID, error) {
	code, n, err := readVarint(c.hash)
	if err != nil {
		return CID{}, errCID
	}
	length, m, err := readVarint(c.hash[n:])
	if err != nil || length != uint64(len(c.hash)-n-m) {
		return CID{}, errCID
	}
	size, known := digests[code]
	switch {
	case c.codec != Raw && c.codec != DagPB:
		return CID{}, fmt.Errorf("names no file: its CID must be of raw bytes or of UnixFS (dag-pb), and is of codec 0x%x", c.codec)
	case code == inline && length > MaxInline:
		return CID{}, fmt.Errorf("holds %d bytes in the CID itself, at most %d may be", length, MaxInline)
	case code == inline:
		return c, nil
	case !known:
		return CID{}, fmt.Errorf("its CID uses hash 0x%x; use sha2-256, sha2-512, sha3-256, sha3-512, blake2b-256 or blake3", code)
	case length != uint64(size):
		return CID{}, fmt.Errorf("its CID has a hash of %d bytes in place of %d", length, size)
	}
	return c, nil
}

// IsZero reports whether it names nothing.
func (c CID) IsZero() bool { return len(c.hash) == 0 }

// Codec tells what form the content has: [Raw] or [DagPB].
func (c CID) Codec() uint64 { return c.codec }

// Inline returns the content where the CID itself holds it.
func (c CID) Inline() ([]byte, bool) {
	if c.IsZero() || c.hash[0] != inline {
		return nil, false
	}
	_, n, err := readVarint(c.hash[1:])
	return bytes.Clone(c.hash[1+n:]), err == nil
}

// Bytes is the binary form, as links within UnixFS have it.
func (c CID) Bytes() []byte {
	if c.version == 0 {
		return bytes.Clone(c.hash)
	}
	text := binary.AppendUvarint(nil, 1)
	text = binary.AppendUvarint(text, c.codec)
	return append(text, c.hash...)
}

// String is the canonical text: base58 for version 0, base32 in lower case for
// version 1.
func (c CID) String() string {
	encoding := multibase.Encoding(multibase.Base32)
	if c.version == 0 {
		encoding = multibase.Base58BTC
	}
	text, err := multibase.Encode(encoding, c.Bytes())
	if err != nil || c.IsZero() {
		return ""
	}
	if c.version == 0 {
		return text[1:]
	}
	return text
}
