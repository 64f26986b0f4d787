package cache

import (
	"context"
	"time"
)

// Away reports whether the store does not answer for now.
func (c *Cache) Away() bool { return c.away.Load() }

// asks reports whether a request is to ask the store. While that is away, one request
// tries it in each pause, and no other waits for what comes of it.
func (c *Cache) asks() bool {
	at, now := c.resumeAt.Load(), time.Now()
	return at == 0 || now.UnixNano() >= at && c.resumeAt.CompareAndSwap(at, now.Add(pauseTime).UnixNano())
}

// bounded asks the store within the patience, and reports whether it answered. A caller
// who hung up is no fault of it.
func (c *Cache) bounded(ctx context.Context, ask func(context.Context) error) bool {
	limited, cancel := context.WithTimeout(ctx, c.config.Patience)
	defer cancel()
	err := ask(limited)
	switch {
	case err == nil:
		c.answered(ctx)
	case ctx.Err() == nil:
		c.failed(ctx, err)
	}
	return err == nil
}

func (c *Cache) failed(ctx context.Context, err error) {
	c.tell(Fault)
	c.resumeAt.Store(time.Now().Add(pauseTime).UnixNano())
	if c.away.CompareAndSwap(false, true) {
		c.config.Logger.WarnContext(ctx, "the shared cache does not answer; the database is asked until it does", "error", err)
	}
}

func (c *Cache) answered(ctx context.Context) {
	if c.away.Load() && c.away.CompareAndSwap(true, false) {
		c.resumeAt.Store(0)
		c.config.Logger.InfoContext(ctx, "the shared cache answers again")
	}
}
