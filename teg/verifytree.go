package teg

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// treeProof grows the tree anew from the log while that is read, and holds it against the
// tiles and the checkpoints. Of each it tells the first that differs: whatever follows on
// that is different, too.
type treeProof struct {
	growth
	tiles  int64 // complete ones of level 0, when the proof began
	broken bool  // a tile differs
	untrue bool  // a checkpoint does
}

// beginTree notes how far the tree had grown.
func (v *verification) beginTree() error {
	last, err := v.engine.reader().LastTile(v.ctx)
	v.tree.tiles = last.Index + 1
	return err
}

// proveTree lets a page of the log into the tree.
func (v *verification) proveTree(events []store.Event) error {
	leaves := make([]store.Leaf, len(events))
	for i := range events {
		leaves[i] = store.Leaf{ID: events[i].ID, Hash: merkle.Leaf(events[i].Body)}
	}
	return v.proveLeaves(leaves)
}

// proveLeaves lets leaves into the tree.
func (v *verification) proveLeaves(leaves []store.Leaf) error {
	promised, err := v.engine.reader().AuditCheckpoints(v.ctx, v.tree.Size(), v.tree.Size()+int64(len(leaves)))
	if err != nil {
		return err
	}
	for i := range leaves {
		v.tree.add(&leaves[i])
		for ; len(promised) > 0 && promised[0].Size == v.tree.Size(); promised = promised[1:] {
			v.checkpoint(&promised[0])
		}
	}
	tiles := v.tree.complete
	v.tree.complete = nil
	return v.completeTiles(tiles)
}

// checkpoint holds a checkpoint against the tree at its size.
func (v *verification) checkpoint(c *store.Checkpoint) {
	v.report.Checkpoints++
	where := fmt.Sprintf("checkpoint %d of %s", c.Size, c.Origin)
	switch root := v.tree.Root(); {
	case v.tree.untrue:
	case c.Root != root:
		v.tree.untrue = true
		v.find("tree", where, "says that the root is %s, and it is %s: an event was changed since", c.Root, root)
	case !strings.HasPrefix(c.Note+"\n", checkpointText(c.Origin, c.Size, c.Root)+"\n"):
		v.find("tree", where, "was given out with another text")
	}
}

// completeTiles holds the tiles that a page of the log completed against those that are
// kept, level by level.
func (v *verification) completeTiles(tiles []store.Tile) error {
	for level := range merkle.Levels {
		var want []store.Tile
		for _, tile := range tiles {
			if tile.Level == level && tile.Index < v.tree.tiles>>(merkle.Height*level) {
				want = append(want, tile)
			}
		}
		if len(want) == 0 || v.tree.broken {
			continue
		}
		kept, err := v.engine.reader().Tiles(v.ctx, level, want[0].Index, len(want))
		if err != nil {
			return err
		}
		v.compareTiles(want, kept)
	}
	return nil
}

func (v *verification) compareTiles(want, kept []store.Tile) {
	for i, w := range want {
		where := fmt.Sprintf("tile %d of level %d", w.Index, w.Level)
		switch {
		case i >= len(kept) || kept[i].Index != w.Index:
			v.find("tree", where, "is missing")
		case kept[i].Root != w.Root || !bytes.Equal(kept[i].Hashes, w.Hashes):
			v.find("tree", where, "differs from the log: an event of it was changed, or it was")
		case kept[i].Latest != w.Latest:
			v.find("tree", where, "tells another id as the latest")
		default:
			continue
		}
		v.tree.broken = true
		return
	}
}

// endTree looks for what the tree promises beyond the log.
func (v *verification) endTree() error {
	beyond, err := v.engine.reader().AuditCheckpoints(v.ctx, v.tree.Size(), math.MaxInt64)
	if err != nil {
		return err
	}
	size, _, err := v.engine.reader().LogSize(v.ctx)
	for i := range beyond {
		if beyond[i].Size > size {
			v.find("tree", fmt.Sprintf("checkpoint %d of %s", beyond[i].Size, beyond[i].Origin), "the log has %d events", size)
			break
		}
	}
	if v.tree.tiles*merkle.Width > v.tree.Size() {
		v.find("tree", fmt.Sprintf("tile %d of level 0", v.tree.tiles-1), "the log has %d events", v.tree.Size())
	}
	return errors.Join(err, v.strayTiles())
}

// strayTiles looks for tiles over what is not there, where the tree could not grow on.
func (v *verification) strayTiles() error {
	for level := 1; level < merkle.Levels && !v.tree.broken; level++ {
		above, err := v.engine.reader().Tiles(v.ctx, level, v.tree.tiles>>(merkle.Height*level), 1)
		if err != nil {
			return err
		}
		last, err := v.engine.reader().LastTile(v.ctx) // after, since both were written at once
		if err != nil {
			return err
		}
		if len(above) > 0 && above[0].Index >= (last.Index+1)>>(merkle.Height*level) {
			v.tree.broken = true
			v.find("tree", fmt.Sprintf("tile %d of level %d", above[0].Index, level), "stands over tiles that are missing")
		}
	}
	return nil
}
