package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// Bounds of the write-ahead log, in pages.
const (
	checkpointAt   = 20_000 // copy into the file from here on
	truncateFactor = 8      // give the space back when it grew to so many times as much
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
	log, _, err := c.checkpoint(ctx, "NOOP")
	if err != nil || log < c.limit {
		return
	}
	if _, _, err := c.checkpoint(ctx, "PASSIVE"); err != nil {
		return
	}
	c.restart(ctx, log)
}

// restart lets the log begin again from its start. Its few pages that came in
// since the passive checkpoint are copied while no one can write.
func (c *checkpointer) restart(ctx context.Context, log int) {
	mode := "RESTART"
	if log >= truncateFactor*c.limit {
		mode = "TRUNCATE"
	}
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	held, err := c.write.Conn(waiting)
	if err != nil {
		return
	}
	defer held.Close()
	until := time.Now().Add(restartWait)
	for {
		_, busy, err := c.checkpoint(ctx, mode)
		if err != nil || !busy || time.Now().After(until) {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// checkpoint runs one in the given mode and returns how many pages the log
// holds, and whether others stood in the way.
func (c *checkpointer) checkpoint(ctx context.Context, mode string) (log int, busy bool, err error) {
	var moved int
	err = c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &moved)
	return log, busy, err
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
			_, _, _ = c.checkpoint(context.Background(), "TRUNCATE") // what it cannot do now, the next opener does
			_ = held.Close()
		}
		c.err = c.db.Close()
	})
	return c.err
}
