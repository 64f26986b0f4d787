package ipfs

import (
	"context"
	"crypto/sha256"
	"hash"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"

	"github.com/agentvault/teg-layer/governance/evidence"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

// What may be read on the way to the bytes of one pointer, beside those bytes.
const (
	maxDepth     = 32
	maxStructure = 16 << 20 // bytes
	minPiece     = 4 << 10  // bytes of a piece on average, beyond the first freeBlocks
	freeBlocks   = 4096
)

// found is content that was read and proved.
type found struct {
	through []cid.Cid // the directories that the path leads through, from the root
	content cid.Cid
	keep    []cid.Cid // what has to be kept: the content, or its pieces where a CID holds the content itself
	size    int64
	sum     [sha256.Size]byte
}

// walk reads the content behind one pointer, block by block.
type walk struct {
	node   *Node
	limit  int64 // bytes of content
	room   int64 // bytes of blocks that may still be read
	blocks int   // that may still be read
	keep   []cid.Cid
	within bool // a block that has to be kept, with all that it links to
	size   int64
	sum    hash.Hash
}

func newWalk(node *Node, limit int64) *walk {
	return &walk{node: node, limit: limit, room: limit + maxStructure, blocks: int(limit/minPiece) + freeBlocks, sum: sha256.New()}
}

// find follows the pointer's path and reads the file at its end.
func (w *walk) find(ctx context.Context, p evidence.Pointer) (found, error) {
	at, err := permitted(p.Root().Bytes())
	if err != nil {
		return found{}, err
	}
	var f found
	for _, name := range p.Path() {
		f.through = append(f.through, at)
		if at, err = w.step(ctx, at, name); err != nil {
			return found{}, err
		}
	}
	if err := w.file(ctx, at, 0); err != nil {
		return found{}, err
	}
	f.content, f.keep, f.size = at, w.keep, w.size
	copy(f.sum[:], w.sum.Sum(nil))
	return f, nil
}

// step finds what a directory has under a name.
func (w *walk) step(ctx context.Context, directory cid.Cid, name string) (cid.Cid, error) {
	if directory.Type() == cid.Raw {
		return cid.Undef, refuse("%s is no directory: there is no %q in it", directory, name)
	}
	n, err := w.read(ctx, directory)
	if err != nil {
		return cid.Undef, err
	}
	switch n.kind {
	case kindDirectory:
	case kindShard:
		return cid.Undef, refuse("%s is a sharded directory, which is not followed: point at the file's own CID", directory)
	default:
		return cid.Undef, refuse("%s is no directory: there is no %q in it", directory, name)
	}
	var target []byte
	for _, l := range n.links {
		if l.name != name {
			continue
		}
		if target != nil {
			return cid.Undef, refuse("directory %s has %q twice", directory, name)
		}
		target = l.target
	}
	if target == nil {
		return cid.Undef, refuse("directory %s has no %q", directory, name)
	}
	return permitted(target)
}

// file reads a file, or one piece of it, with all of its pieces in their order.
func (w *walk) file(ctx context.Context, c cid.Cid, depth int) error {
	if depth > maxDepth {
		return refuse("the file is nested more than %d deep", maxDepth)
	}
	if !w.within && !isInline(c) {
		w.within = true
		defer func() { w.within = false }()
		if !slices.Contains(w.keep, c) {
			w.keep = append(w.keep, c)
		}
	}
	if c.Type() == cid.Raw {
		block, err := w.block(ctx, c)
		if err != nil {
			return err
		}
		return w.take(block)
	}
	n, err := w.read(ctx, c)
	if err != nil {
		return err
	}
	if err := n.isFile(c); err != nil {
		return err
	}
	if n.size > uint64(w.limit) {
		return w.tooLarge()
	}
	begin := w.size
	if err := w.take(n.data); err != nil {
		return err
	}
	for i, l := range n.links {
		if err := w.piece(ctx, l, n.sizes[i], depth+1); err != nil {
			return err
		}
	}
	if n.sized && uint64(w.size-begin) != n.size {
		return refuse("%s says that it has %d bytes, and has %d", c, n.size, w.size-begin)
	}
	return nil
}

// piece reads one piece of a file. It must be as long as the file says: who reads
// from the middle on goes by that, and would see other bytes.
func (w *walk) piece(ctx context.Context, l link, size uint64, depth int) error {
	c, err := permitted(l.target)
	if err != nil {
		return err
	}
	begin := w.size
	if err := w.file(ctx, c, depth); err != nil {
		return err
	}
	if uint64(w.size-begin) != size {
		return refuse("a piece of the file is said to have %d bytes, and has %d: %s", size, w.size-begin, c)
	}
	return nil
}

// take adds bytes to the content.
func (w *walk) take(data []byte) error {
	if w.size += int64(len(data)); w.size > w.limit {
		return w.tooLarge()
	}
	_, err := w.sum.Write(data)
	return err
}

// read reads a node of UnixFS.
func (w *walk) read(ctx context.Context, c cid.Cid) (*node, error) {
	block, err := w.block(ctx, c)
	if err != nil {
		return nil, err
	}
	n, err := parseNode(block)
	if err != nil {
		return nil, refuse("%s is not UnixFS: %v", c, err)
	}
	return n, nil
}

// block reads a block, within the bounds of the walk.
func (w *walk) block(ctx context.Context, c cid.Cid) ([]byte, error) {
	if w.blocks--; w.blocks < 0 {
		return nil, refuse("the content is in more than %d pieces", w.limit/minPiece+freeBlocks)
	}
	block, err := w.fetch(ctx, c)
	if err != nil {
		return nil, err
	}
	if w.room -= int64(len(block)); w.room < 0 {
		return nil, w.tooLarge()
	}
	return block, nil
}

func (w *walk) fetch(ctx context.Context, c cid.Cid) ([]byte, error) {
	if !isInline(c) {
		return w.node.Block(ctx, c)
	}
	hash, err := multihash.Decode(c.Hash())
	if err != nil {
		return nil, refuse("%s cannot be read: %v", c, err)
	}
	return hash.Digest, nil
}

func (w *walk) tooLarge() error {
	return refuse("the content is larger than %d bytes, or its structure than %d more", w.limit, maxStructure)
}

// permitted reads a CID, and takes none of what [evidence.ParseCID] would not take:
// a piece is proved no worse than the whole.
func permitted(binary []byte) (cid.Cid, error) {
	if _, err := evidence.CIDFromBytes(binary); err != nil {
		return cid.Undef, refuse("a link within the content: %v", err)
	}
	c, err := cid.Cast(binary)
	if err != nil {
		return cid.Undef, refuse("a link within the content: %v", err)
	}
	return c, nil
}

func isInline(c cid.Cid) bool { return c.Prefix().MhType == multihash.IDENTITY }

// refuse says what about the content makes it no evidence.
func refuse(format string, args ...any) error {
	return ledger.Refuse(teg.ErrInvalidInput, format, args...)
}
