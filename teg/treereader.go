package teg

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// LogHash is a hash of the tree over the log: SHA-256, base64 as text and in JSON.
type LogHash = merkle.Hash

// treeReader gives out hashes of the tree, of what the log's last checkpoint covers. It
// is used for one answer.
type treeReader struct {
	ctx    context.Context
	reader store.Reader
	tiles  map[tilePlace]string // as much of tiles as was wanted
}

// tilePlace is where a tile stands.
type tilePlace struct {
	level int
	index int64
}

func (e *Engine) treeReader(ctx context.Context) *treeReader {
	return &treeReader{ctx: ctx, reader: e.store.Reader(), tiles: map[tilePlace]string{}}
}

// ReadHashes implements [tlog.HashReader]. A tile is read once, as wide as is needed.
func (r *treeReader) ReadHashes(indexes []int64) ([]LogHash, error) {
	widths := map[tilePlace]int{}
	for _, index := range indexes {
		tile := tlog.TileForIndex(merkle.Height, index)
		at := tilePlace{tile.L, tile.N}
		widths[at] = max(widths[at], tile.W)
	}
	for at, width := range widths {
		if len(r.tiles[at]) >= width*tlog.HashSize {
			continue
		}
		data, err := r.tile(at.level, at.index, width)
		if err != nil {
			return nil, err
		}
		r.tiles[at] = string(data)
	}
	hashes := make([]LogHash, len(indexes))
	for i, index := range indexes {
		tile := tlog.TileForIndex(merkle.Height, index)
		data := r.tiles[tilePlace{tile.L, tile.N}]
		tile.W = len(data) / tlog.HashSize
		hash, err := tlog.HashFromTile(tile, []byte(data), index)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}

// tile reads the first hashes of a tile: from its row or, where it is not complete, from
// what is below it.
func (r *treeReader) tile(level int, index int64, width int) ([]byte, error) {
	found, err := r.reader.Tiles(r.ctx, level, index, 1)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 && found[0].Index == index {
		return found[0].Hashes[:width*tlog.HashSize], nil
	}
	hashes, err := r.edge(level, index, width)
	var data []byte
	for _, hash := range hashes {
		data = append(data, hash[:]...)
	}
	return data, err
}

// edge makes the first hashes of a tile that is not complete.
func (r *treeReader) edge(level int, index int64, width int) ([]LogHash, error) {
	if level > 0 {
		return tileRoots(r.ctx, r.reader, level, index, width)
	}
	leaves, err := r.reader.Leaves(r.ctx, index*merkle.Width, width)
	if err == nil && len(leaves) < width {
		err = fmt.Errorf("%w: it ends within tile %d", store.ErrBeyondLog, index)
	}
	hashes := make([]LogHash, len(leaves))
	for i := range leaves {
		hashes[i] = leaves[i].Hash
	}
	return hashes, err
}

// tileRoots reads the first hashes of a tile above level 0, which are the roots of those
// below.
func tileRoots(ctx context.Context, reader store.Reader, level int, index int64, width int) ([]LogHash, error) {
	roots, err := reader.TileRoots(ctx, level-1, index*merkle.Width, width)
	if err == nil && len(roots) < width {
		err = fmt.Errorf("%w: %d of %d tiles below tile %d of level %d are there", errNoTiles, len(roots), width, index, level)
	}
	return roots, err
}

// LogIdentity tells this economy's log from every other one: the hash of its first event, in
// hexadecimal. It stays the same once that event was archived and forgotten. [ErrNotFound]
// while nothing has happened yet. A copy of a database has that of what it was copied from.
func (e *Engine) LogIdentity(ctx context.Context) (string, error) {
	first, err := e.treeReader(ctx).tile(0, 0, 1)
	if errors.Is(err, store.ErrBeyondLog) {
		return "", fmt.Errorf("%w: the log is empty", ErrNotFound)
	}
	return hex.EncodeToString(first), outward(err)
}

// errNoTiles is a tree of which somebody has taken away.
var errNoTiles = fmt.Errorf("%w: tiles of the log's tree are missing", ErrInternal)

// LogTile returns the hashes of a tile: 32 bytes for each of its width hashes, 1 to 256.
// Level 0 has the hashes of the log's events, each level above those of complete tiles
// below. What the last checkpoint does not cover is [ErrNotFound].
//
// A tile and its hashes never change: a complete one, which is 256 wide, can be kept for
// ever.
func (e *Engine) LogTile(ctx context.Context, level int, index int64, width int) ([]byte, error) {
	last, err := e.covered(ctx, level, index, width)
	if err != nil {
		return nil, err
	}
	data, err := e.treeReader(ctx).tile(level, index, width)
	return data, outward(e.promised(ctx, last, err))
}

// LogLeaves returns what the hashes of a tile of level 0 are of: the bodies of width
// events. They are the business of those whom they name; only who may see everything
// should be shown them. Of events that were archived and forgotten it is an
// [*ArchivedError].
func (e *Engine) LogLeaves(ctx context.Context, index int64, width int) ([][]byte, error) {
	last, err := e.covered(ctx, 0, index, width)
	if err != nil {
		return nil, err
	}
	events, _, err := e.store.Reader().Follow(ctx, index*merkle.Width, width)
	if err == nil && len(events) < width {
		err = fmt.Errorf("%w: it ends within tile %d", store.ErrBeyondLog, index)
	}
	leaves := make([][]byte, len(events))
	for i := range events {
		leaves[i] = events[i].Body
	}
	return leaves, outward(e.promised(ctx, last, err))
}

// covered returns the last checkpoint, and refuses a tile that it does not cover.
func (e *Engine) covered(ctx context.Context, level int, index int64, width int) (*store.Checkpoint, error) {
	last, err := e.lastCheckpoint(ctx)
	if err != nil {
		return nil, outward(err)
	}
	there := int64(0)
	if last != nil && level >= 0 && level < merkle.Levels {
		there = last.Size >> (merkle.Height * level)
	}
	// No product: an index that somebody made up may be of any size.
	if width < 1 || width > merkle.Width || index < 0 || index > there>>merkle.Height || index == there>>merkle.Height && int64(width) > there%merkle.Width {
		return nil, ledger.Refuse(ErrNotFound, "no checkpoint covers this tile")
	}
	return last, nil
}
