package store

// Host is a transaction that the host of the engine brought: a writer whose
// Begin does not begin, whose transactions' Commit writes and leaves the commit
// to the host, whose Rollback leaves everything to the host, and whose Close
// does nothing. It is used by one goroutine at a time, as the transaction is.
type Host interface {
	Writer
	// Reader asks questions inside the transaction, and so sees what it wrote.
	Reader() Reader
}
