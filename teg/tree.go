package teg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// treeName is the reader that grows the tree.
const treeName = "merkle-tree"

// How much of the tree grows in one step, how many steps a tick takes, and how long who
// asks for a proof waits for it to grow.
const (
	treeStep  = 64 * merkle.Width
	treeSteps = 32
)

var treePatience = 2 * time.Second // tests have more, as of tickPatience

// logTree is this process's part in the tree over the log. The tree itself is in the
// database alone: each step begins with what is there, so that nothing is lost with a
// process, and two that grow it at once only do the same work twice.
type logTree struct {
	busy     chan struct{} // full while this process grows it
	patience time.Duration // of who asks for a proof: treePatience
	turn     *turn
	forked   sync.Once    // it was told of
	refused  atomic.Int64 // steps in a row, as the log was another one than before
}

// begin waits until nobody else in this process grows the tree, and for no longer than the
// context and the patience last, of which nil has no end. End is called afterwards.
func (t *logTree) begin(ctx context.Context, patience <-chan time.Time) error {
	select {
	case t.busy <- struct{}{}:
		return nil
	case <-patience:
		return ErrNotInTree
	case <-ctx.Done():
		return outward(ctx.Err())
	}
}

func (t *logTree) end() { <-t.busy }

// growTree brings the tree up to the log, in bounded steps, and makes a checkpoint where
// one is due. Of several processes one does.
func (e *Engine) growTree(ctx context.Context) error {
	t := &e.tree
	if err := t.begin(ctx, nil); err != nil {
		return err
	}
	defer t.end()
	if t.turn == nil {
		t.turn = e.turn(treeName)
	}
	for range treeSteps {
		due, err := e.treeDue(ctx)
		if err != nil || !due {
			return outward(err)
		}
		if mine, err := e.keep(ctx, t.turn); err != nil || !mine {
			return err
		}
		if err := e.growBy(ctx, e.checkpointDue); err != nil {
			return err
		}
	}
	return nil
}

// restTree leaves growing to others.
func (e *Engine) restTree(ctx context.Context) {
	e.tree.busy <- struct{}{} // though the context has ended
	defer e.tree.end()
	if e.tree.turn != nil {
		e.giveUp(ctx, e.tree.turn)
	}
}

// treeDue reports whether there is something to do: a tile can be completed, or a
// checkpoint is due.
func (e *Engine) treeDue(ctx context.Context) (bool, error) {
	size, _, err := e.store.Reader().LogSize(ctx)
	if err != nil {
		return false, err
	}
	tile, err := e.store.Reader().LastTile(ctx)
	if err != nil {
		return false, err
	}
	if size >= (tile.Index+2)*merkle.Width {
		return true, nil
	}
	last, err := e.lastCheckpoint(ctx)
	return err == nil && e.checkpointDue(last, size), err
}

// checkpointDue reports whether the log has grown since the last checkpoint, and that is
// some time ago.
func (e *Engine) checkpointDue(last *store.Checkpoint, size int64) bool {
	switch {
	case last == nil:
		return size > 0
	case size <= last.Size:
		return false
	}
	now := e.clock.now()
	return now.Before(last.At) || !now.Before(last.At.Add(e.config.CheckpointInterval)) // the first by another's clock
}

// growBy takes a step, and begins anew the next time where the log was another one in the
// end than in the beginning, as a failover leaves it. That happens once: where it seems to
// each time the tree does not fit the log, which somebody has changed.
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

// step reads on from the last complete tile, and writes the tiles that are complete by it, with a checkpoint where it came to the end of the log and due says
// so. Who was slower than another process has done nothing, which is no error. errOtherLog:
// the log is another one now.
func (e *Engine) step(ctx context.Context, due func(last *store.Checkpoint, size int64) bool) error {
	g, err := e.beginGrowth(ctx)
	if err != nil {
		return outward(err)
	}
	end, err := g.read(ctx, e.store.Reader())
	switch {
	case errors.Is(err, errOtherLog):
		return err
	case err != nil:
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

// errOtherLog is a log that became another one while it was read.
var errOtherLog = errors.New("teg: the log is another one than before")

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
	return &growth{Tree: tree, since: last, latest: last.Latest}, err
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

// firstLeaves reads on from the last complete tile. A log that ends before it is another one
// where it has another last tile, too: it took over since.
func (g *growth) firstLeaves(ctx context.Context, reader store.Reader) ([]store.Leaf, error) {
	leaves, err := reader.Leaves(ctx, g.Size(), logPage)
	if errors.Is(err, store.ErrBeyondLog) {
		if last, failed := reader.LastTile(ctx); failed == nil && (last.Index != g.since.Index || last.Root != g.since.Root) {
			return nil, errOtherLog
		}
	}
	return leaves, err
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

// LogStatus tells how far the tree is behind the log.
type LogStatus struct {
	Origin    string
	Size      int64         // events in the log
	Waiting   int64         // events of hosts' transactions that are not in it yet
	TreeSize  int64         // events that the last checkpoint covers
	Behind    int64         // events that it does not
	BehindFor time.Duration // how old the oldest of those is; zero where there is none
	Signed    bool          // checkpoints are signed
	Tail      int64         // the first event that is in the database; those before it were archived
	Archived  int64         // events that were archived
}

// LogStatus tells how far the tree over the log is behind it. The last checkpoint may be
// of any age where nothing happens.
func (e *Engine) LogStatus(ctx context.Context) (LogStatus, error) {
	s := LogStatus{Origin: e.config.LogOrigin, Signed: e.config.LogSigner != nil}
	last, err := e.lastCheckpoint(ctx) // before the log, which only grows
	if err != nil {
		return s, outward(err)
	}
	if last != nil {
		s.TreeSize = last.Size
	}
	if s.Size, s.Waiting, err = e.store.Reader().LogSize(ctx); err != nil {
		return s, outward(err)
	}
	if s.Tail, err = e.store.Reader().LogTail(ctx); err != nil {
		return s, outward(err)
	}
	segment, err := e.lastSegment(ctx)
	if s.Archived = segment.To; err != nil {
		return s, err
	}
	if s.Behind = s.Size - s.TreeSize; s.Behind <= 0 {
		return s, nil
	}
	oldest, _, err := e.store.Reader().Follow(ctx, max(s.TreeSize, s.Tail), 1)
	if err == nil && len(oldest) > 0 {
		s.BehindFor = max(0, e.clock.now().Sub(oldest[0].At))
	}
	return s, outward(err)
}
