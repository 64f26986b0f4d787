package sqlite

import (
	"database/sql/driver"
	"sync/atomic"
)

// guests counts the transactions that are open on the write connection through
// database/sql, which may last as long as their owner likes.
type guests struct {
	open      atomic.Int32
	committed func() // called after each commit
}

func (g *guests) enter() { g.open.Add(1) }

// present reports whether such a transaction is open.
func (g *guests) present() bool { return g.open.Load() > 0 }

// guestTx is one of them.
type guestTx struct {
	driver.Tx
	guests *guests
}

// Commit commits and leaves.
func (t *guestTx) Commit() error {
	err := translate(t.Tx.Commit())
	t.leave()
	if err == nil && t.guests != nil {
		t.guests.committed()
	}
	return err
}

// Rollback rolls back and leaves.
func (t *guestTx) Rollback() error {
	defer t.leave()
	return translate(t.Tx.Rollback())
}

func (t *guestTx) leave() {
	if t.guests != nil {
		t.guests.open.Add(-1)
	}
}
