package teg

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// growBy takes a step, and begins anew the next time where the log was another one in the
// end than in the beginning, as a failover leaves it. That happens once, or twice where
// servers take over one after the other; where it seems to each time the tree does not fit
// the log, which somebody has changed.
func (e *Engine) growBy(ctx context.Context, due func(last *store.Checkpoint, size int64) bool) error {
	err := e.step(ctx, due)
	switch {
	case !errors.Is(err, errOtherLog):
		e.tree.refused.Store(0)
		return err
	case e.tree.refused.Add(1) < mostRefused:
		return nil
	}
	return errTorn
}

// mostRefused is how many steps may find another log in the end.
const mostRefused = 3

// errTorn is a log of which events are missing, or a tree that is another log's.
var errTorn = fmt.Errorf("%w: the log and its tree do not fit; verify the books", ErrInternal)

// step reads on from the last complete tile, and writes the tiles that are complete by it, with
// a checkpoint where it came to the end of the log and due says so. Who was slower than another
// process has done nothing, which is no error. errOtherLog: the log is another one now.
func (e *Engine) step(ctx context.Context, due func(last *store.Checkpoint, size int64) bool) error {
	g, err := e.beginGrowth(ctx)
	if err != nil {
		return outward(err)
	}
	end, err := g.read(ctx, e.store.Reader())
	if err != nil {
		return outward(e.shortLog(err))
	}
	if len(g.complete) > 0 {
		if err := e.store.GrowTree(ctx, store.TreeGrowth{Tiles: g.complete, Of: g.mark()}); err != nil {
			return e.overtaken(ctx, g, err)
		}
	}
	last, err := e.lastCheckpoint(ctx)
	if err != nil || !end || !due(last, g.Size()) {
		return outward(err)
	}
	next, err := e.nextCheckpoint(ctx, g.Tree, last)
	if err != nil {
		return err
	}
	return unlessSlower(e.store.GrowTree(ctx, store.TreeGrowth{Checkpoint: next, Of: g.mark()}))
}

// overtaken is no error where another process has written the tiles before. Otherwise one
// stands in the way, and would for ever.
func (e *Engine) overtaken(ctx context.Context, g *growth, err error) error {
	if !errors.Is(err, store.ErrConflict) {
		return unlessSlower(err)
	}
	last, err := e.store.Reader().LastTile(ctx)
	if err == nil && last.Index < g.complete[0].Index {
		err = errStrayTile
	}
	return outward(err)
}

// errStrayTile is a tree that somebody has added to, or taken away from.
var errStrayTile = fmt.Errorf("%w: a tile of the log's tree stands where the tree has not grown yet; verify the books", ErrInternal)

// unlessSlower is no error where another process has written the same before.
func unlessSlower(err error) error {
	switch {
	case errors.Is(err, store.ErrConflict):
		return nil
	case errors.Is(err, store.ErrBeyondLog):
		return errOtherLog
	}
	return outward(err)
}

// growth is the tree while it grows by a step.
type growth struct {
	*merkle.Tree
	since    store.Tile    // the last complete one when it began
	latest   store.EventID // the greatest of all that is in it
	last     store.EventID // that was read; zero before the first
	complete []store.Tile
}

// mark is what the log that was read is known by.
func (g *growth) mark() store.LogMark {
	return store.LogMark{Tile: &g.since, Size: g.Size(), Last: g.last}
}

// beginGrowth makes the tree again as far as its tiles are complete.
func (e *Engine) beginGrowth(ctx context.Context) (*growth, error) {
	reader := e.store.Reader()
	last, err := reader.LastTile(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := merkle.Restore((last.Index+1)*merkle.Width, func(level int, index int64, width int) ([]merkle.Hash, error) {
		return tileRoots(ctx, reader, level, index, width)
	})
	g := &growth{Tree: tree, since: last, latest: last.Latest}
	if errors.Is(err, errNoTiles) {
		err = g.unlessOther(ctx, reader, err)
	}
	return g, err
}

// read lets the log's next events in, and reports whether these were all.
func (g *growth) read(ctx context.Context, reader store.Reader) (end bool, err error) {
	for until := g.Size() + treeStep; g.Size() < until; {
		leaves, err := g.leaves(ctx, reader)
		if err != nil {
			return false, err
		}
		for i := range leaves {
			g.add(&leaves[i])
		}
		if len(leaves) < logPage {
			return true, nil
		}
	}
	return false, nil
}

// leaves reads on, and sees that the log still has what was read last.
func (g *growth) leaves(ctx context.Context, reader store.Reader) ([]store.Leaf, error) {
	if g.last == (store.EventID{}) {
		return g.firstLeaves(ctx, reader)
	}
	leaves, err := reader.Leaves(ctx, g.Size()-1, logPage+1)
	switch {
	case errors.Is(err, store.ErrBeyondLog), err == nil && (len(leaves) == 0 || leaves[0].ID != g.last):
		return nil, errOtherLog
	case err != nil:
		return nil, err
	}
	return leaves[1:], nil
}

// firstLeaves reads on from the last complete tile.
func (g *growth) firstLeaves(ctx context.Context, reader store.Reader) ([]store.Leaf, error) {
	leaves, err := reader.Leaves(ctx, g.Size(), logPage)
	if errors.Is(err, store.ErrBeyondLog) {
		err = g.unlessOther(ctx, reader, err)
	}
	return leaves, err
}

// unlessOther is errOtherLog where another log took over since the last complete tile was read:
// it has another one.
func (g *growth) unlessOther(ctx context.Context, reader store.Reader, err error) error {
	last, failed := reader.LastTile(ctx)
	switch {
	case failed != nil: // the next step sees whether tiles are missing
		return failed
	case last.Index == g.since.Index && last.Root == g.since.Root:
		return err
	}
	return errOtherLog
}

func (g *growth) add(leaf *store.Leaf) {
	g.last = leaf.ID
	if bytes.Compare(leaf.ID[:], g.latest[:]) > 0 {
		g.latest = leaf.ID
	}
	for _, tile := range g.Append(leaf.Hash) {
		complete := store.Tile{Tile: tile}
		if tile.Level == 0 {
			complete.Latest = g.latest
		}
		g.complete = append(g.complete, complete)
	}
}
