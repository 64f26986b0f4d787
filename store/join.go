package store

import "context"

// Host is a transaction that the host of the engine brought: a writer whose
// Begin does not begin, whose transactions' Commit writes and leaves the commit
// to the host, whose Rollback leaves everything to the host, and whose Close
// does nothing. It is used by one goroutine at a time, as the transaction is.
type Host interface {
	Writer
	// Join makes the transaction ready for the engine, once, and Begin does it
	// where that was not done. Only then Stripe is known. What cannot carry the
	// engine's work (it has ended, its database is not migrated, its isolation
	// shows old values) is [ErrNotJoinable].
	Join(ctx context.Context) error
	// Reader asks questions inside the transaction, and so sees what it wrote.
	Reader() Reader
}
