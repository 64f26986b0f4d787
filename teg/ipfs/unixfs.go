package ipfs

import (
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"google.golang.org/protobuf/encoding/protowire"
)

// maxLinks is how many links a block may have, and how many sizes of them.
const maxLinks = 1 << 16

// The kinds of nodes, as UnixFS numbers them.
const (
	kindRaw       = 0
	kindDirectory = 1
	kindFile      = 2
	kindSymlink   = 4
	kindShard     = 5
)

// node is a block of dag-pb with what UnixFS says in it.
type node struct {
	kind  uint64
	data  []byte
	size  uint64 // of a file with all of its pieces
	sized bool   // it says its size
	sizes []uint64
	links []link
}

// link leads from a file to one of its pieces, or from a directory to a file.
type link struct {
	name   string
	target []byte // CID, in its binary form
}

var errNode = errors.New("its form is broken")

// parseNode reads a block of dag-pb.
func parseNode(block []byte) (*node, error) {
	var content []byte
	n := &node{}
	err := fields(block, func(number protowire.Number, text []byte, _ uint64) error {
		switch {
		case number == 1 && text != nil && content == nil:
			content = text
			return nil
		case number == 2 && text != nil && len(n.links) < maxLinks:
			l, err := parseLink(text)
			n.links = append(n.links, l)
			return err
		}
		return errNode
	})
	if err != nil {
		return nil, err
	}
	if err := n.parseContent(content); err != nil {
		return nil, err
	}
	return n, nil
}

func parseLink(text []byte) (link, error) {
	var l link
	named := false
	err := fields(text, func(number protowire.Number, text []byte, _ uint64) error {
		switch {
		case number == 1 && text != nil && l.target == nil:
			l.target = text
		case number == 2 && text != nil && !named:
			l.name, named = string(text), true
		case number == 3 && text == nil: // size of all that hangs on it, which nobody may go by
		default:
			return errNode
		}
		return nil
	})
	if err == nil && len(l.target) == 0 {
		err = errNode
	}
	return l, err
}

// parseContent reads what UnixFS has in a node.
func (n *node) parseContent(content []byte) error {
	known := false
	err := fields(content, func(number protowire.Number, text []byte, value uint64) error {
		switch {
		case number == 1 && text == nil && !known:
			n.kind, known = value, true
		case number == 2 && text != nil && n.data == nil:
			n.data = text
		case number == 3 && text == nil && !n.sized:
			n.size, n.sized = value, true
		case number == 4 && text == nil && len(n.sizes) < maxLinks:
			n.sizes = append(n.sizes, value)
		case number == 4 && text != nil:
			return n.parseSizes(text)
		case number >= 5 && number <= 8: // of shards, mode and time of change
		default:
			return errNode
		}
		return nil
	})
	if err == nil && !known {
		err = errNode
	}
	return err
}

// parseSizes reads sizes that were packed into one field.
func (n *node) parseSizes(packed []byte) error {
	for len(packed) > 0 {
		size, length := protowire.ConsumeVarint(packed)
		if length < 0 || len(n.sizes) == maxLinks {
			return errNode
		}
		n.sizes, packed = append(n.sizes, size), packed[length:]
	}
	return nil
}

// isFile refuses what is no file, and a file that does not say how long each of its
// pieces is.
func (n *node) isFile(c cid.Cid) error {
	switch n.kind {
	case kindRaw, kindFile:
	case kindDirectory, kindShard:
		return refuse("%s is a directory: add the path of a file in it", c)
	case kindSymlink:
		return refuse("%s is a symbolic link, which is not followed", c)
	default:
		return refuse("%s is no file: its kind is %d", c, n.kind)
	}
	if len(n.sizes) != len(n.links) {
		return refuse("%s has %d pieces and says the length of %d", c, len(n.links), len(n.sizes))
	}
	return nil
}

// fields reads a message of protocol buffers field by field: text is what a field of
// bytes holds, never nil then, and value what a number is.
func fields(message []byte, visit func(number protowire.Number, text []byte, value uint64) error) error {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return errNode
		}
		message = message[length:]
		var text []byte
		var value uint64
		switch kind {
		case protowire.VarintType:
			value, length = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			text, length = protowire.ConsumeBytes(message)
		default: // UnixFS has no others
			return errNode
		}
		if length < 0 {
			return fmt.Errorf("%w: it ends too early", errNode)
		}
		if err := visit(number, text, value); err != nil {
			return err
		}
		message = message[length:]
	}
	return nil
}
