// Package tegbench loads an engine with transfers and says what it reaches of
// what the same rows reach that are written by hand.
//
// A [Load] is so many transfers, or a load for so long, by so many callers, each
// of which waits for an answer before it sends the next. Payers are drawn evenly,
// receivers evenly or by Zipf's law; every transfer has a fee and a random
// idempotency key of its own. [Run] puts a load on a [Target]: an [Engine] in this
// process, or whatever else can pay, such as a client over HTTP.
//
// # What is compared
//
// A rate says more about the machine than about the engine. So [Compare] runs the
// same load on an engine and, in turns with it and on the same disk, on a
// hand-written ceiling (package store/storebench), and reports ratios: of the
// engine to the ceiling in groups as large as the engine's own were in that run,
// to the ceiling in groups of [FixedGroup], and to the same engine with groups
// limited to one; and of a lone caller of the engine to a lone transaction by
// hand. Each ratio is that of two runs of one round, and the median of the rounds
// counts: what else the machine does meanwhile happens to both.
//
// [Growth] asks another question: what a transfer costs with millions of rows
// behind it, in multiples of what it costs with few.
//
// go test -bench=. compares for some seconds in each combination of database,
// distribution and number of callers; teg bench runs any of them, for as long as
// one likes.
package tegbench
