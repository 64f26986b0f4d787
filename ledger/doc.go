// Package ledger decides how value may move.
//
// It holds the vocabulary of the books (accounts, transactions, legs, holds)
// and the rules over it as pure functions: they take values and return values,
// know no clock, no database and no network, and therefore can be read and
// tested as arithmetic.
//
// # Double entry
//
// Value lives in accounts. A [Posting] is a proposal to move some of it: signed
// legs, none zero, at most one per account, summing to zero. A [Book] holds the
// accounts that a group of operations works on; [Book.Post] is the only code
// that changes a balance, and it refuses whatever would make an account
// negative, pass the largest amount, or create value. Only the issuance account
// may be negative: the supply is exactly minus its balance.
//
// # Chains
//
// Every account row numbers its entries from 1 without gaps and every entry
// carries the balance after it. A balance is thereby provable from its entries,
// a page of history is one index seek at any depth, and a lost or doubled entry
// shows as a jump.
//
// # Refusals
//
// A rule that says no returns a [*Refusal] (or a struct that embeds one, such as
// [*InsufficientBalanceError]). Each wraps one sentinel, and each sentinel has
// one code, the same in Go and over HTTP.
package ledger
