// Package dispute says what can become of a dispute between two agents, and who gets
// what at its end.
//
// A dispute is about one cause: a transfer, a hold or an AVTP transaction. It is
// filed by one party to it, the claimant, against the other, the defendant, and goes
// on its way by what people do and by time:
//
//	OPEN → UNDER_REVIEW → AWAITING_ARBITRATION → RESOLVED_FAVOR_CLAIMANT
//	                                             RESOLVED_FAVOR_DEFENDANT
//	                                             RESOLVED_SPLIT
//
// It can be rejected out of the first two states and withdrawn out of all three.
// Each of the three has a deadline at which it ends by itself: the first two in the
// next one, the last in REJECTED. So no dispute can hold value for ever.
//
// What it holds: the fee and the bond that the claimant filed it with, the hold that
// it is about, and, from UNDER_REVIEW on, stake of the defendant up to the value in
// dispute. [Dispute.Settle] says what becomes of each at every end. Nothing here
// moves value, reads a clock or remembers anything: times come in, decisions come
// out.
package dispute
