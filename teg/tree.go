package teg

import (
	"context"
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
