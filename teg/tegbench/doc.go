// Package tegbench loads an engine with transfers and says what it reaches of
// what its database can do at most.
//
// A [Load] is so many transfers by so many callers, each of which waits for an
// answer before it sends the next. Payers are drawn evenly, receivers evenly or
// by Zipf's law; every transfer has a fee and a random idempotency key of its
// own. [Run] puts a load on a [Target]: an [Engine] in this process, or whatever
// else can pay, such as a client over HTTP.
//
// [Compare] runs the same load on an engine and, in the same run and on the same
// disk, on a hand-written ceiling (package store/storebench) in groups as large
// as the engine's, and returns medians and their ratios.
package tegbench
