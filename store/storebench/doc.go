// Package storebench is what an engine is measured against: transfers written by
// hand, by a program that knows nothing but the tables and is good at that.
//
// A [Ceiling] does what the engine's commit of a group does to the database, over
// the real schema, the plain driver and prepared statements, synced as the
// engine's own commits are:
//
//  1. open a transaction, lock and read the rows of the two agents of every
//     transfer and the treasury's row of one writer, and look the idempotency
//     keys up in both generations of the journal;
//  2. decide in memory, from the balances that were read;
//  3. write the changed rows (balance and seq; of the treasury also its tallies),
//     one transaction, three entries with the balance after them, one row of the
//     journal and one event per transfer, and the head of the log; commit.
//
// On PostgreSQL that is two round trips of pipelined statements with array
// parameters; on SQLite it is either a statement for each row or a statement for
// many, whichever [Ceiling.Settle] found to be faster there. [Ceiling.Alone] is
// the other thing that one would write by hand: BEGIN, a statement at a time,
// COMMIT.
//
// Values go through the driver's own encodings: on PostgreSQL amounts as text in
// arrays that pgx puts together, on SQLite through database/sql. An engine that
// encodes for itself can gain on the ceiling there. Neither database is vacuumed or
// analyzed for the measurement, nor is the engine's.
//
// There is no queue, no goroutine, no hashing of keys, no general rule and no
// error to translate: what an engine reaches of the ceiling is what is left after
// all of these. But the books that a ceiling leaves behind hold as the engine's
// do, and its Verify says so: nothing was saved by writing less.
//
// A [Place] says where: every measurement has a scratch database of its own
// there, on the same server or in the same directory as the database that it is
// compared with, and drops it in the end.
package storebench
