// Package store is what the engine remembers, and how.
//
// It composes the ports of the domain packages, and adds what only a database
// can give: transactions, the journal of idempotency keys, and the log of
// events. Package store itself holds contracts and no SQL; the drivers in
// store/postgres and store/sqlite do, and store/storetest holds both to every
// sentence written here.
//
// # The life of a group
//
//  1. The engine collects waiting operations and the rows they need ([Need]).
//  2. [Writer.Begin] opens a transaction, locks and reads those rows in the
//     global order, and then, in a statement that starts after the locks are
//     held, reads the idempotency keys.
//  3. The engine decides, in memory.
//  4. [Tx.Commit] writes everything ([Changes]) with a handful of multi-row
//     statements, takes log_head last, numbers the events, and commits.
//     log_head bears the version of the terms that policies set: whoever
//     decided by another one gets no position and writes nothing
//     ([ErrTermsChanged]).
//
// # Lock order
//
// Account rows by id, then holds by id, then the total of stakes, whose lock is
// that of all rows of stakes, then the journal, then log_head. Whoever locks
// anything in these databases keeps to it.
package store
