package ipfstest

import (
	"cmp"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"google.golang.org/protobuf/encoding/protowire"
)

// The kinds of nodes, as UnixFS numbers them.
const (
	KindRaw       = 0
	KindDirectory = 1
	KindFile      = 2
	KindSymlink   = 4
	KindShard     = 5
)

// Link leads from a node to another one.
type Link struct {
	Name string
	CID  cid.Cid
	Size uint64 // of all that hangs on it
}

// Content is what UnixFS has in a node.
type Content struct {
	Kind  uint64
	Data  []byte
	Size  *uint64 // of a file
	Sizes []uint64
}

// Encode writes a block of dag-pb with UnixFS in it, sound or not. Links of a
// directory must be in the order of their names.
func Encode(c Content, links ...Link) []byte {
	return EncodeRaw(c.encode(), links...)
}

// EncodeRaw writes a block of dag-pb around any bytes.
func EncodeRaw(content []byte, links ...Link) []byte {
	var block []byte
	for _, l := range links {
		var b []byte
		b = protowire.AppendBytes(protowire.AppendTag(b, 1, protowire.BytesType), l.CID.Bytes())
		b = protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), l.Name)
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), l.Size)
		block = protowire.AppendBytes(protowire.AppendTag(block, 2, protowire.BytesType), b)
	}
	if content == nil {
		return block
	}
	return protowire.AppendBytes(protowire.AppendTag(block, 1, protowire.BytesType), content)
}

func (c Content) encode() []byte {
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), c.Kind)
	if c.Data != nil {
		b = protowire.AppendBytes(protowire.AppendTag(b, 2, protowire.BytesType), c.Data)
	}
	if c.Size != nil {
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), *c.Size)
	}
	for _, size := range c.Sizes {
		b = protowire.AppendVarint(protowire.AppendTag(b, 4, protowire.VarintType), size)
	}
	return b
}

// Directory writes the block of a directory.
func Directory(links ...Link) []byte {
	slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.Name, b.Name) })
	return Encode(Content{Kind: KindDirectory}, links...)
}

// layout is how a file is cut and written.
type layout struct {
	piece     int // bytes
	rawLeaves bool
	prefix    cid.Prefix
}

// width is how many pieces a node has at most, as kubo lays files out.
const width = 174

// piece is a part of a file that has been written.
type piece struct {
	link Link
	size uint64 // of its content
}

// file writes a file into blocks that put keeps, balanced as kubo does by default.
func (l layout) file(content []byte, put func(c cid.Cid, block []byte)) (cid.Cid, error) {
	var level []piece
	for begin := 0; begin == 0 || begin < len(content); begin += l.piece {
		leaf, err := l.leaf(content[begin:min(begin+l.piece, len(content))], put)
		if err != nil {
			return cid.Undef, err
		}
		level = append(level, leaf)
	}
	for len(level) > 1 {
		var above []piece
		for pieces := range slices.Chunk(level, width) {
			parent, err := l.parent(pieces, put)
			if err != nil {
				return cid.Undef, err
			}
			above = append(above, parent)
		}
		level = above
	}
	return level[0].link.CID, nil
}

func (l layout) leaf(data []byte, put func(cid.Cid, []byte)) (piece, error) {
	size := uint64(len(data))
	if l.rawLeaves {
		prefix := l.prefix
		prefix.Version, prefix.Codec = 1, cid.Raw
		c, err := prefix.Sum(data)
		put(c, data)
		return piece{Link{CID: c, Size: size}, size}, err
	}
	content := Content{Kind: KindFile, Size: &size}
	if size > 0 {
		content.Data = data
	}
	block := Encode(content)
	c, err := l.prefix.Sum(block)
	put(c, block)
	return piece{Link{CID: c, Size: uint64(len(block))}, size}, err
}

func (l layout) parent(pieces []piece, put func(cid.Cid, []byte)) (piece, error) {
	var links []Link
	var sizes []uint64
	var size, all uint64
	for _, p := range pieces {
		links, sizes = append(links, p.link), append(sizes, p.size)
		size, all = size+p.size, all+p.link.Size
	}
	block := Encode(Content{Kind: KindFile, Size: &size, Sizes: sizes}, links...)
	c, err := l.prefix.Sum(block)
	put(c, block)
	return piece{Link{CID: c, Size: all + uint64(len(block))}, size}, err
}

// prefix is the form of CIDs of a version and a hash.
func prefix(version, codec, hash uint64) cid.Prefix {
	return cid.Prefix{Version: version, Codec: codec, MhType: hash, MhLength: multihash.DefaultLengths[hash]}
}
