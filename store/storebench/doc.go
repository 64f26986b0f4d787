// Package storebench measures what a database can do at most: transfers written
// by hand, as a program would write them that knows nothing but the tables.
//
// A [Ceiling] writes what the engine writes for a transfer with a fee under a
// random idempotency key: the balances of two accounts, the treasury's row with
// its tallies, one transaction, three entries, the journal's row, an event of
// the same size, and the head of the log. It uses the real schema and the plain
// driver with prepared statements on one connection, synced as the engine's.
//
// It is an upper bound, and not a ledger: it is alone in its database and keeps
// every balance in memory, so it reads nothing, locks nothing, looks no key up
// and refuses nothing. What an engine reaches of it is what is left after all
// that.
//
// A [Place] says where: every measurement has a scratch database of its own
// there, on the same server or in the same directory as the database that it is
// compared with, and drops it in the end.
package storebench
