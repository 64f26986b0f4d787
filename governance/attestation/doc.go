// Package attestation has the rules by which agents attest what they did or know: what
// a submission has to bring, how it moves on, and how a proof is tied to who hands it
// in. It looks nothing up and moves nothing.
//
// # What is handed in
//
// The data is a JSON object. It is brought to its canonical form (RFC 8785, see
// [Canonical]) and hashed; numbers that a double cannot hold, names that stand twice,
// and half surrogates are refused, for two programs could read them in two ways. What
// the policy's JSON Schema says of it is checked by [Schema].
//
// Two submissions of the same agent for the same policy with the same data have one
// [Scope]. Of one scope one submission may stand: one that failed, because its proof
// was not verified or a reviewer rejected it, stands no longer and may be sent again.
//
// # What becomes of it
//
//	                 ┌─► zkp_verified_true, accepted
//	handed in ───────┼─► pending_review ─► zkp_verified_true, accepted, pending_reward, rejected
//	                 ├─► pending_reward ─► zkp_verified_true, accepted
//	                 └─► zkp_verified_false
//
// zkp_verified_true is what was proven and got all that the policy promised; accepted
// is everything else that was taken: without a proof, or with one and without the
// reward, which the agent has no right to or for which there is no budget left. A
// reward that is owed, because the treasury is short or the evidence has not been seen
// in storage, leaves it in pending_reward.
//
// # Proofs
//
// A proof is worth something only to the agent that made it about the data it sends:
// one of the circuit's public inputs is [Binding], a number that follows from both.
// [CheckStatement] compares it, and the inputs that repeat members of the data, before
// a [Verifier] looks at the proof. Proofs can be altered without becoming false, so
// nothing here tells two submissions apart by the bytes of their proofs.
package attestation
