// Package postgres keeps the books in PostgreSQL, through pgx under bun.
//
// # The life of a group in PostgreSQL
//
// A group costs two round trips, whatever its size, and with stakes up to two
// more. Each is a pipeline of prepared statements with array parameters, on a
// connection that its writer has for itself.
//
//  1. First trip: BEGIN. The account rows are locked and read in the order of
//     their ids (FOR NO KEY UPDATE, one table, no joins), then holds in the
//     order of theirs, and then the total of stakes. Only then, in statements
//     whose snapshots are taken after the locks were granted, rows of stakes,
//     idempotency keys, references and the sums of refunds are read, and ids for
//     new accounts are drawn. Pools of stakes follow in a trip of their own, and
//     the closed cycles that are needed in another.
//  2. The engine decides, in memory.
//  3. Second trip: every kind of row in one statement each, log_head as the last
//     lock, which numbers the events, and COMMIT. Nobody can step in between, so
//     each statement fails by itself where a row that it changes is missing, or
//     where log_head bears another version of the terms than the first trip was
//     told, and COMMIT is not reached.
//  4. Where the answer to COMMIT is lost, the database is asked on a fresh
//     connection what became of the transaction (pg_xact_status, and a row that
//     it wrote), and nothing is ever run again blindly. A session that
//     the server still believes alive is ended, which sets its rows free.
//  5. A COMMIT waits for the standbys that the server names. Where that wait was cut,
//     which PostgreSQL takes for success, and wherever a row tells of an act that was
//     committed before, another COMMIT of the same session waits for them, before
//     anybody hears of it.
//
// Groups of several servers on the same rows would wait for each other in their first
// trip, each already closed, and so be small. A writer that had to wait lately therefore
// makes a trip before it closes its group: BEGIN, and the turn, a session advisory lock
// that is given to the next just before COMMIT. The turn comes before all locks of rows,
// is waited for with an end, and guards nothing: hosts' transactions and the slow lane do
// not take it, and a writer that does not get it begins without it.
//
// Rows that others hold are waited for briefly, patiently, or not at all, as
// the caller says. Writers of one or of several processes collect fees at
// stripes of their own, leased by session advisory locks.
//
// # A host's transaction
//
// [Tx] runs the same statements one by one inside a transaction that a host
// brought. It must be READ COMMITTED. Its events wait in event_inbox until the
// next [Store.Maintain] numbers them, so that no host ever holds the head of the
// log; they go by the terms that were in force when they were decided.
package postgres
