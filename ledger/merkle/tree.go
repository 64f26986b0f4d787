// Package merkle grows a Merkle log (RFC 6962) at its right end and cuts it into tiles,
// as golang.org/x/mod/sumdb/tlog and C2SP's tlog-tiles have them: a tile of level L is
// 256 hashes of subtrees of 256^L leaves each, and the hash over it is one of those of
// the tile above.
//
// What has been cut off never changes. A [Tree] keeps what is not: fewer than 256 hashes
// on each level, from which it can be made again ([Tree.Restore]) when a process begins.
package merkle

import "golang.org/x/mod/sumdb/tlog"

// Hash is a SHA-256 of a leaf or a node. Its text is base64.
type Hash = tlog.Hash

// The shape of tiles.
const (
	Height = 8           // levels of the tree in a tile
	Width  = 1 << Height // hashes in a complete tile
	Levels = 64 / Height // of tiles: more leaves than they hold cannot be counted
)

// Tile is a complete tile.
type Tile struct {
	Level  int
	Index  int64  // among those of its level
	Root   Hash   // over all of it
	Hashes []byte // Width times tlog.HashSize
}

// Leaf is the hash of a leaf with this content.
func Leaf(content []byte) Hash { return tlog.RecordHash(content) }

// Tree is a log that grows. Its zero value is empty.
type Tree struct {
	size  int64
	nodes [64]Hash       // of each complete subtree at the right end, by its height: those whose bit is set in size
	edges [Levels][]byte // of each level the hashes that make no complete tile yet
}

// Size is how many leaves there are.
func (t *Tree) Size() int64 { return t.size }

// Root is the hash over the whole log.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // asks no reader
		return root
	}
	var root Hash
	first := true
	for height := range t.nodes {
		switch {
		case t.size>>height&1 == 0:
		case first:
			root, first = t.nodes[height], false
		default:
			root = tlog.NodeHash(t.nodes[height], root)
		}
	}
	return root
}

// Append adds a leaf, and returns the tiles that are complete by it, the lowest first:
// mostly none.
func (t *Tree) Append(leaf Hash) []Tile { return t.add(0, leaf) }

// add adds a complete subtree of 1<<height leaves. The log must be a multiple of that
// long.
func (t *Tree) add(height int, hash Hash) (complete []Tile) {
	size := t.size + 1<<height
	for {
		if height%Height == 0 {
			level := height / Height
			if full := level - 1; full >= 0 && len(t.edges[full]) == Width*tlog.HashSize {
				complete = append(complete, Tile{Level: full, Index: size>>height - 1, Root: hash, Hashes: t.edges[full]})
				t.edges[full] = nil
			}
			if level < Levels {
				t.edges[level] = append(t.edges[level], hash[:]...)
			}
		}
		if t.size>>height&1 == 0 {
			t.nodes[height], t.size = hash, size
			return complete
		}
		hash = tlog.NodeHash(t.nodes[height], hash)
		t.size &^= 1 << height
		height++
	}
}

// Edge tells which hashes of a level are in no complete tile while there are size
// leaves: width of them, from index*Width on.
func Edge(size int64, level int) (index int64, width int) {
	there := size >> (Height * level)
	return there >> Height, int(there % Width)
}

// Restore makes the tree again from its edges: edge returns the hashes that [Edge] tells
// of, for size, on each level.
func Restore(size int64, edge func(level int, index int64, width int) ([]Hash, error)) (*Tree, error) {
	t := &Tree{}
	for level := Levels - 1; level >= 0; level-- {
		index, width := Edge(size, level)
		if width == 0 {
			continue
		}
		hashes, err := edge(level, index, width)
		if err != nil {
			return nil, err
		}
		for _, hash := range hashes {
			t.add(Height*level, hash)
		}
	}
	return t, nil
}
