package storebench

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// checkpoints moves the write-ahead log into the file on a connection of its
// own, under the same bounds as the engine's store: from so many pages on, and
// looking at most so often.
type checkpoints struct {
	db    *sql.DB
	turn  sync.Mutex // held by whoever writes, or starts the log again
	holds bool       // whether the writer has it
	quit  context.CancelFunc
	done  chan struct{}
}

const (
	checkpointPages = 80_000
	restPages       = 2_000
	checkpointPause = 50 * time.Millisecond
)

func startCheckpoints(ctx context.Context, path string) (*checkpoints, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=0&_synchronous=FULL&_pragma=wal_autocheckpoint(0)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	ctx, quit := context.WithCancel(context.WithoutCancel(ctx))
	c := &checkpoints{db: db, quit: quit, done: make(chan struct{})}
	go c.run(ctx)
	return c, nil
}

func (c *checkpoints) run(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(checkpointPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.step(ctx)
		}
	}
}

// step copies the log while others write, again and again until little is left of
// what they added meanwhile, and that while they wait, so that it can start again.
func (c *checkpoints) step(ctx context.Context) {
	left, err := c.left(ctx)
	if err != nil || left < checkpointPages {
		return
	}
	for before := 2 * left; left > restPages && left < before*3/4; {
		before = left
		if _, err = c.checkpoint(ctx, "PASSIVE"); err != nil {
			return
		}
		if left, err = c.left(ctx); err != nil {
			return
		}
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	_, _ = c.checkpoint(ctx, "RESTART") // what it cannot do now, the next step does
}

// left is the number of pages in the log that are not in the file.
func (c *checkpoints) left(ctx context.Context) (int, error) { return c.checkpoint(ctx, "NOOP") }

func (c *checkpoints) checkpoint(ctx context.Context, mode string) (left int, err error) {
	var busy, pages, moved int
	err = c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved)
	return pages - moved, err
}

// enter and leave are called by the writer around its transactions.
func (c *checkpoints) enter() {
	c.turn.Lock()
	c.holds = true
}

func (c *checkpoints) leave() {
	if c.holds {
		c.holds = false
		c.turn.Unlock()
	}
}

func (c *checkpoints) stop() error {
	c.quit()
	<-c.done
	return c.db.Close()
}
