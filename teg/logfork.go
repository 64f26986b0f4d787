package teg

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/store"
)

// keepsPromise reports with [ErrLogForked] that the log does not hold what a checkpoint that was
// read from it promised.
func (e *Engine) keepsPromise(ctx context.Context, c *store.Checkpoint) error {
	return outward(e.promised(ctx, c, e.beginsWith(ctx, c)))
}

// promised takes the error of a read of what c covers, which was the last checkpoint when that
// began. Where the log still has c, a fork is told of as shortLog does. Where it has not, it is
// another one now, which took over: errOtherLog.
func (e *Engine) promised(ctx context.Context, c *store.Checkpoint, err error) error {
	if !forks(err) && !errors.Is(err, errNoTiles) {
		return err
	}
	switch has, failed := e.stillHas(ctx, c); {
	case failed != nil: // a fork is one the next time, too
		return failed
	case has:
		return e.shortLog(err)
	}
	return errOtherLog
}

// stillHas reports whether the log has a checkpoint that was read from it, and warns where it has
// not, as somebody may have got that.
func (e *Engine) stillHas(ctx context.Context, c *store.Checkpoint) (bool, error) {
	kept, err := e.store.Reader().LastCheckpoint(ctx, e.config.LogOrigin, c.Size)
	has := kept != nil && kept.Size == c.Size && kept.Root == c.Root
	if err == nil && !has {
		e.config.Logger.Warn("a checkpoint is in the log no longer, as after a failover or where a backup was restored; somebody may have got it: "+
			"hold the newest that was kept against the log, see docs/audit-log.md", "origin", c.Origin, "size", c.Size, "root", c.Root)
	}
	return has, err
}

// errOtherLog is a log that became another one while it was read, as after a failover.
var errOtherLog = fmt.Errorf("%w: the log is another one than when it was looked at first, as after a failover; ask again", ErrUnavailable)

// beginsWith reports with errFork that the log does not begin with what a checkpoint says.
func (e *Engine) beginsWith(ctx context.Context, c *store.Checkpoint) error {
	size, _, err := e.store.Reader().LogSize(ctx)
	if err != nil {
		return err
	}
	if c.Size > size { // first: package tlog does not come to an end with sizes that no log has
		return fmt.Errorf("%w: it has %d events, and the checkpoint says %d", errFork, size, c.Size)
	}
	root, err := tlog.TreeHash(c.Size, e.treeReader(ctx))
	if err == nil && root != c.Root {
		err = fmt.Errorf("%w: at %d its root is %s, and the checkpoint says %s", errFork, c.Size, root, c.Root)
	}
	return err
}

var errFork = errors.New("teg: the log went another way")

// shortLog tells of a log that does not hold what a checkpoint or a tile promised, once
// for all who watch the process, and each caller.
func (e *Engine) shortLog(err error) error {
	if !forks(err) {
		return err
	}
	e.tree.forked.Do(func() {
		e.config.Logger.Error("the log does not hold what a checkpoint of it promised, and no checkpoint is signed from now on; "+
			"a restored database needs a new LogOrigin, anything else is damage: see docs/audit-log.md", "origin", e.config.LogOrigin, "error", err)
	})
	return forked(err)
}

// forks reports whether an error says that the log is not what it was promised to be.
func forks(err error) bool { return errors.Is(err, errFork) || errors.Is(err, store.ErrBeyondLog) }

// forked is what callers are told then.
func forked(err error) error { return fmt.Errorf("%w (%w)", ErrLogForked, err) }
