// Package staking is the rules by which value that agents put to work is kept,
// delegated, rewarded and slashed. Like package ledger it takes values and
// returns values: a rule that moves value returns postings.
//
// # Pools and shares
//
// What is staked lies in pools: one for an agent's own stakes, one for what
// others delegated to it, and one for each of these for value on its way out. A
// pool has tokens, which lie on an account of the ledger, and shares. A deposit
// buys shares at what they are worth; a slash takes tokens and leaves the shares.
// So a slash touches one row, however many stakes it hits.
//
// # Rewards
//
// A cycle distributes a sum over all value that earns: in proportion to what lies
// there at its instant or, with [Terms.TimeWeighted], to how much lay there for
// how long. It turns the sum into a price for one unit, adds that to [Total], and
// touches nothing else, so it costs the same for ten stakes and for ten million.
// When a pool is next touched, it looks up what a share of it has earned since
// the last time; a position (a stake's, a delegation's, a validator's commission)
// does the same with its pool.
//
//	price  = sum / all value            of a cycle
//	index += tokens / shares × price    of a pool: what a share has earned
//	earned = weight × index             of a position, less the index at which it joined
//
// By time, all value is measured in unit-microseconds since the cycle began, and
// the weights that a position took on within a cycle are kept as a debt against
// its price.
//
// Of what a delegation earns, a part goes to the validator: its weight is the
// shares less that part, and the parts of all delegations are one weight of the
// validator's.
//
// Everything is counted in whole numbers of any size ([Number]) and rounded down
// twice: a share's part of a pool at 10⁻⁴⁵ and a unit's price at 10⁻⁵⁴. What is
// paid is rounded down to 10⁻¹⁸ AVT and the rest stays with the position, so
// paid + due + remainder = distributed, where the remainder is smaller than a
// unit for each position.
//
// # An example
//
// Alice stakes 100 AVT and delegates 60 of them to Bob, who keeps 10 %; Bob
// stakes 50. All value is 150. A cycle at 5 % distributes 7.5 AVT, 0.05 for each
// AVT: Alice's own 40 earn 2, her delegation earns 3, of which Bob gets 0.3 and
// she 2.7; Bob's own 50 earn 2.5. Then Bob is slashed by a tenth: his 50 become
// 45, Alice's delegation 54, and the next cycle distributes 5 % of 139, 6.95 AVT.
// The example of this package computes these numbers.
//
// The method is known as the accumulator of rewards per share: Batog, Boca,
// Johnson, "Scalable Reward Distribution on the Ethereum Blockchain" (2018); the
// shares that slashes leave alone are those of Cosmos SDK's validators.
package staking
