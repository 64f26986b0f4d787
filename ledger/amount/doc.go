// Package amount holds the three numbers that the ledger computes with: what
// an account has, what a movement changes, and the share that a fee or a
// reward takes.
//
//	Amount   0 AVT .. 999999999999999999.999999999999999999 AVT
//	Signed   the same range on both sides of zero
//	Rate     0 .. 1 in steps of 0.000001 (0 % .. 100 % in steps of 0.0001 %)
//
// AVT is the unit of the ledger. It has 18 decimal places, so every amount is
// a whole number of units of 10^-18 AVT, and an [Amount] is exactly that: a
// 128-bit count. Nothing here passes through a binary float.
//
// All three types are values: immutable, comparable with ==, usable as map
// keys. Their zero values are 0 AVT, 0 AVT and the rate 0. Equal numbers are
// equal values, however they were written: "10" and "10.0" are ==.
//
// # Arithmetic
//
// Every operation that can leave the range answers an error, [ErrOverflow] or
// [ErrNegative], and never wraps around or saturates:
//
//	rest, err := balance.Sub(price) // errors.Is(err, amount.ErrNegative): too little
//
// Division happens in two places only, [Amount.MulDiv] and [Rate.Of]. Both
// round down, so that whoever receives a share never receives too much. What
// rounding leaves stays with whoever pays the share: subtract, do not compute
// the other share separately.
//
//	fee := rate.Of(price)      // rounded down
//	net, err := price.Sub(fee) // exactly the rest
//
// # Text
//
// Text is checked against a grammar before it is read, and nothing is ever
// rounded to fit: a 19th decimal, an exponent, a sign where none is allowed, a
// leading zero, a space are a [*SyntaxError], whose message says what is
// allowed. What is written is canonical: no exponent, no trailing zeros, no
// point without decimals ("1000.5", "0.001", "0").
//
// In JSON, amounts and rates are written as strings, since many readers keep
// JSON numbers in floats; strings and numbers are both read, numbers from
// their literal text. In SQL they are written and read as text, which suits
// NUMERIC(36,18) and TEXT columns. JSON null and SQL NULL are errors; use a
// pointer or sql.Null where nothing is a legitimate answer.
//
// [Amount.Bytes] and [Signed.Bytes] give 16 bytes that sort as the numbers do,
// for databases whose numbers are floats.
package amount
