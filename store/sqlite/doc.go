// Package sqlite keeps the books in one SQLite file, through a pure Go SQLite
// and without cgo.
//
// SQLite has one writer at a time, and so has a [Store]: one write connection
// that all its writers and its host share ([Store.DB]), a pool of connections
// that only read, and one connection that moves the write-ahead log into the
// file (checkpoints). Readers never wait for the writer, nor the writer for
// them.
//
// # The life of a group in SQLite
//
//  1. Begin takes the write connection out of its pool of one. Whoever else
//     wants to write in this process waits there, in no particular order (the
//     pool of database/sql knows none), and gives up with its context.
//  2. BEGIN IMMEDIATE takes the file's write lock, so that nothing read from
//     here on can change under the group. Another process that holds it is
//     waited for as long as busy_timeout says.
//  3. The rows the group needs are read with prepared IN lists of a few fixed
//     sizes. They need no locks of their own. Keys are looked up in both
//     generations of the journal.
//  4. The engine decides, in memory, while the transaction stays open.
//  5. Commit writes rows 64 at a time with prepared multi-row statements of the
//     driver's own, without database/sql in between; events get their positions
//     from log_head, which is updated last.
//  6. COMMIT appends the changed pages to the write-ahead log and waits for the
//     disk (synchronous=FULL). From here on the group is durable. A COMMIT that
//     fails is rolled back: nothing was written.
//  7. The write connection goes back, and the checkpointer is told. When the log
//     has grown enough it copies pages into the file beside the next groups, and
//     only for the few that are left over it holds the write connection for a
//     moment, so that the log starts again from its beginning.
//
// # Safety
//
// Amounts are sixteen bytes whose order is numeric order; CHECKs hold their
// bounds, triggers refuse UPDATE and DELETE of what is append-only, and
// recursive_triggers makes REPLACE run into the same triggers. [Store.Check]
// refuses settings under which an acknowledged commit could be lost.
package sqlite
