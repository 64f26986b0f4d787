// Package groth16 verifies zero-knowledge proofs: that somebody knows hidden values
// which, together with public ones, satisfy a circuit. It reads what snarkjs
// writes: verification_key.json, proof.json, and the public signals as decimal
// strings, of the proof system Groth16 over the curve BN254 (which circom's tools
// call bn128).
//
//	verifier := groth16.New()
//	inputs, err := verifier.CheckKey(key)         // once, when a circuit is registered
//	err = verifier.Verify(key, signals, proof)    // nil: the proof holds
//
// # What is checked
//
// A proof is three points (A, B, C), A and C of the group G₁ and B of G₂. A key is
// the points α of G₁ and β, γ, δ of G₂, and one point ICᵢ of G₁ for the constant
// one and for each public input xᵢ. With e the pairing, the proof holds where
//
//	e(A, B) = e(α, β) · e(IC₀ + Σ xᵢ·ICᵢ, γ) · e(C, δ)
//
// This is equation (2) of section 3.2 in Jens Groth, "On the Size of Pairing-based
// Non-interactive Arguments", EUROCRYPT 2016 (https://eprint.iacr.org/2016/260). The
// equation alone is not enough. Beside it
//
//   - there are as many inputs as the key has points for them, and each is written
//     in one way only: digits, no sign, no leading zero, and less than the order r
//     of the groups. The equation sees inputs modulo r, so p and p + r would both
//     pass, and what was recorded could be another number than what was proven;
//   - each coordinate is less than the modulus of its field, for the same reason;
//   - each point lies on its curve and in its group (G₂ is a small part of its
//     curve, and outside of it the pairing promises nothing), and none is the
//     point at infinity, which turns a factor of the equation into one;
//   - a key is one that can be relied on as far as can be seen from it: see
//     [Verifier.CheckKey].
//
// # What a proof does not say
//
// Groth16 is malleable: whoever sees a proof can make others of the same statement
// from it without knowing the hidden values, as (z·A, z⁻¹·B, C) for any z, and they hold.
// So the bytes of a proof name nothing. What must not be done twice is to be
// recognised by the public inputs, or by what they stand for.
//
// A proof also says nothing about who hands it in. Where that matters, one of the
// circuit's inputs binds it to a name and to the data it is about, and whoever
// verifies compares that input with what it has to be. The circuit has to multiply it
// by itself: in a sum with a hidden number anybody could exchange it, see the README
// of governance/attestation/circuits.
//
// And it holds only as far as the keys were made honestly: who knows the secrets
// that a key was made from can prove anything with it.
package groth16
