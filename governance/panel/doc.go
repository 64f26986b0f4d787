// Package panel has the rules by which agents judge a dispute together.
//
// A round of a panel is a small jury. Its members are drawn by stake: whoever has
// twice as much at stake is drawn twice as often, so that it does not help to be
// many. What counts is what was staked before the dispute was filed and still is, so
// that nobody can buy a seat once there is something to judge. Of each member a sum
// of its own stake is pinned for its seat.
//
// Nobody is to vote as the others do because they did. So each member first commits
// to a choice: it hands in a hash that says nothing without the salt that it keeps,
// and that nobody else can hand in, since the member's DID is part of it. When all
// have, or the time is over, they reveal what they chose. The choice that more than
// half of those who revealed made is the ruling, where at least half of the seats
// and one more did. Else the round is repeated once, with others; after that the
// case is left to an administrator.
//
//	drawn → committing → revealing → ruled
//	   ↘        ↘            ↘ redrawn (the first round), failed (the second)
//
// Each state that waits for somebody has a deadline, and what happens then, so that
// no stake is pinned for ever. A member that does not reveal loses a part of what is
// pinned. What is taken goes to those who chose as the majority did, with what the
// treasury adds.
//
// # The draw
//
// [Draw] can be run again by anybody. Its inputs are public once it was made: the
// roll, which is the list of those who could be drawn with their weights
// ([Roll.Text]), and the seed ([Seed]), which mixes a secret of 32 random bytes, the
// dispute, the round, the roll, and the hash of an event of the log from before the
// draw.
//
//  1. The stream is SHA-256("teg-panel-draw-v1" ‖ 0x00 ‖ seed ‖ n) for n = 0, 1, 2, …
//     as 8 bytes, big-endian, one block after the other.
//  2. W is the sum of the weights of those who are left, in units of 10⁻¹⁸ AVT. Let b
//     be the number of bits of W − 1, and k = ⌈b/8⌉. Take the next k bytes of the
//     stream as a big-endian number and keep its lowest b bits. Where that is W or
//     more, take the next k bytes, so that no number is likelier than another.
//  3. Go through those who are left in the order of the roll, which is that of their
//     DIDs' bytes, and add up their weights. The first at whom the sum is larger than
//     the number is drawn, and is left no longer.
//  4. Go on with 2 until as many are drawn as are wanted, or nobody is left.
//
// Those who are drawn take the seats in this order. Whoever cannot take one by then,
// because it was suspended or took its stake out meanwhile, is passed over, and named.
//
// What this needs of trust: the server that draws knows the secret before it uses it,
// so an operator who wants to could draw again and again until it likes the result,
// and write down the last. Nobody else can. Whoever does not trust the operator so
// far lets an outside service be the arbitrator.
package panel
