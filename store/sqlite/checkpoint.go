package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// Bounds of the write-ahead log, in pages.
const (
	checkpointAt   = 80_000 // copy into the file from here on
	truncateFactor = 8      // give the space back when it grew to so many times as much
	leftFactor     = 4      // of the limit, more than which is not copied while writers wait, should a reader be in the way
)

const (
	checkpointPause = 50 * time.Millisecond  // at most one look at the log in this time
	restartWait     = 100 * time.Millisecond // for readers of the log, while writers wait too
	closeWait       = 5 * time.Second        // for the transaction that is open when the store is closed
)

// checkpointer moves the write-ahead log into the file, on a connection of its
// own, so that no commit does it.
type checkpointer struct {
	write *sql.DB // taken for the moment in which the log starts again
	db    *sql.DB
	limit int
	stuck int // length of the log when readers last kept it from starting again; 0 when they did not

	signal chan struct{} // a commit took place
	quit   context.CancelFunc
	done   chan struct{}
	once   sync.Once
	err    error // of the final checkpoint
}

// startCheckpointer starts the goroutine that [checkpointer.stop] ends.
func startCheckpointer(write, db *sql.DB, limit int) *checkpointer {
	ctx, cancel := context.WithCancel(context.Background())
	c := &checkpointer{
		write: write, db: db, limit: limit,
		signal: make(chan struct{}, 1), quit: cancel, done: make(chan struct{}),
	}
	go c.run(ctx)
	return c
}

// wake tells that a commit took place. It never blocks.
func (c *checkpointer) wake() {
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.done)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.signal:
		}
		c.step(ctx)
		pause.Reset(checkpointPause)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// step looks at the log and does what is due. A failure is left for the next
// step: commits do not depend on it, and what stands in the way (a full disk, a
// reader that takes long) shows in its own place.
func (c *checkpointer) step(ctx context.Context) {
	log, err := c.checkpoint(ctx, "NOOP")
	if err != nil || !c.due(log.pages) {
		return
	}
	if log, err = c.copy(ctx, log); err != nil {
		return
	}
	c.stuck = 0
	if log.left() > c.limit/leftFactor || !c.restart(ctx, log.pages) {
		c.stuck = log.pages
	}
}

// due reports whether the log is long enough to be copied. A reader that once
// stood in the way is given until the log has grown by as much again: each
// attempt makes the writers wait.
func (c *checkpointer) due(pages int) bool {
	if pages < c.stuck { // it has started again since
		c.stuck = 0
	}
	return pages >= c.stuck+c.limit
}

// restart lets the log begin again from its start, and reports whether no reader
// stood in the way. Its few pages that came in since the passive checkpoint are
// copied while no one can write.
func (c *checkpointer) restart(ctx context.Context, pages int) bool {
	mode := "RESTART"
	if pages >= truncateFactor*c.limit {
		mode = "TRUNCATE"
	}
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	held, err := c.write.Conn(waiting)
	if err != nil {
		return true // the writer did
	}
	defer held.Close()
	until := time.Now().Add(restartWait)
	for {
		log, err := c.checkpoint(ctx, mode)
		if err != nil || !log.busy {
			return true
		}
		if time.Now().After(until) {
			return false
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return true
		}
	}
}

// progress is what a checkpoint tells of the log.
type progress struct {
	pages, moved int // that it holds, and that are in the file
	busy         bool
}

func (p progress) left() int { return p.pages - p.moved }

// checkpoint runs one in the given mode.
func (c *checkpointer) checkpoint(ctx context.Context, mode string) (p progress, err error) {
	err = c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&p.busy, &p.pages, &p.moved)
	return p, err
}

// stop ends the goroutine and leaves an empty log where no one else has the
// file open. It may be called more than once.
func (c *checkpointer) stop() error {
	c.once.Do(func() {
		c.quit()
		<-c.done
		waiting, cancel := context.WithTimeout(context.Background(), closeWait)
		defer cancel()
		if held, err := c.write.Conn(waiting); err == nil {
			_, _ = c.checkpoint(context.Background(), "TRUNCATE") // what it cannot do now, the next opener does
			_ = held.Close()
		}
		c.err = c.db.Close()
	})
	return c.err
}
