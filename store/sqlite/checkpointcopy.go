package sqlite

import (
	"context"
	"time"
)

// How the log is copied beside the writers, so that they need not wait for it.
const (
	restFactor   = 400 // of the limit, so little that it is not copied beforehand
	settleFactor = 80  // of the limit, more than which writers do not wait for
	settleTimes  = 2   // the second has to write what came in during the first

	settleHold = 3 * time.Millisecond // that writers wait at most, each time
)

// copy moves the log into the file beside the writers, and has the file reach the disk.
func (c *checkpointer) copy(ctx context.Context, log progress) (progress, error) {
	log, err := c.follow(ctx, log)
	for range settleTimes {
		if err != nil || log.left() == 0 || log.left() > c.limit/settleFactor {
			return log, err
		}
		if err = c.settle(ctx); err == nil {
			log, err = c.follow(ctx, log)
		}
	}
	return log, err
}

// follow copies the log, and again what was written meanwhile, until so little is left that
// writers can wait for it, or nothing more can be gained.
func (c *checkpointer) follow(ctx context.Context, log progress) (progress, error) {
	for {
		before := log.left()
		if _, err := c.checkpoint(ctx, "PASSIVE"); err != nil {
			return log, err
		}
		var err error
		if log, err = c.checkpoint(ctx, "NOOP"); err != nil {
			return log, err
		}
		if log.left() <= c.limit/restFactor || log.left() > before*3/4 {
			return log, nil
		}
	}
}

// settle has the file written to the disk. SQLite does so at the end of a copy, and only
// where the copy has all of the log: with writers at work it never has, and all that was
// copied would be left to [checkpointer.restart], for which writers wait, some 100 ms. So they
// are kept from the log for the moment in which its last pages are copied, and no longer:
// what reaches the disk then does so beside them.
func (c *checkpointer) settle(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	held, err := c.write.Conn(waiting)
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		_, err := c.checkpoint(ctx, "PASSIVE")
		written <- err
	}()
	enough := time.NewTimer(settleHold)
	defer enough.Stop()
	select {
	case <-enough.C:
		_ = held.Close() // which only gives it back
		return <-written
	case err := <-written:
		_ = held.Close()
		return err
	}
}
