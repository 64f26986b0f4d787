package cache

import "context"

// Changed puts another epoch in force: call it after a change was committed, and before
// anybody is told. Where the store does not answer, answers from before the change may be
// given elsewhere for as long as the TTL, but not by this cache, which moves the epoch
// before it reads again. Changes that were made at the same time share an epoch.
func (c *Cache) Changed(ctx context.Context) {
	n := c.changes.Add(1)
	if !c.Begun() {
		c.owe(n)
		return
	}
	c.moving.Lock()
	defer c.moving.Unlock()
	c.move(context.WithoutCancel(ctx), n) // the change is there, also where its caller is gone
}

// Settle gives changes an epoch that they are owed since the store was away. Answer does
// so by itself; call it now and then for the sake of other servers.
func (c *Cache) Settle(ctx context.Context) {
	if c.Begun() {
		c.settle(ctx)
	}
}

// settle reports whether nothing is owed any more. Who reads does not wait for another who
// sees to it.
func (c *Cache) settle(ctx context.Context) bool {
	owed := c.owed.Load()
	if owed <= c.moved.Load() {
		return true
	}
	if !c.moving.TryLock() {
		return false
	}
	defer c.moving.Unlock()
	return c.move(ctx, owed)
}

// move sees to it that an epoch is in force that was drawn after the first n changes. One
// at a time does, who holds moving.
func (c *Cache) move(ctx context.Context, n int64) bool {
	if c.moved.Load() >= n {
		return true
	}
	made := c.changes.Load()
	if !c.asks() || !c.put(ctx, newEpoch()) {
		c.owe(n)
		return false
	}
	c.moved.Store(made)
	return true
}

// put puts an epoch in force.
func (c *Cache) put(ctx context.Context, e epoch) bool {
	return c.bounded(ctx, func(ctx context.Context) error {
		return c.config.Store.Write(ctx, c.epochName(), e[:], epochTTL)
	})
}

// owe notes that the first n changes are to have an epoch before anything is read.
func (c *Cache) owe(n int64) {
	for {
		owed := c.owed.Load()
		if owed >= n || c.owed.CompareAndSwap(owed, n) {
			return
		}
	}
}
