// Package policy has what governance decides while the economy runs: named, typed
// and versioned policies, and the terms that follow from them.
//
// A policy has a code, which nobody else's is, and one of four types. The type says
// what its parameters may be:
//
//   - attestation: what an attestation has to bring, and what it earns;
//   - economic: parameters of value, stakes and scores, under the names of the
//     environment variables in lower case, such as transfer_fee;
//   - auditor: how rules of the auditor are set;
//   - dispute: deadlines, fee and bond of disputes.
//
// Parameters are read strictly and kept in one canonical form ([ParseParameters]): two
// texts that mean the same are the same bytes.
//
// A policy is never altered, it gets another version; and it is never deleted, it is
// deactivated, which is a version as well. Versions of all policies are counted
// together: the count is the version of the terms. [Book] is all policies as of such
// a version. It never changes, and can be shared; a change makes the next Book of it.
//
// [Terms] are what decisions go by: the configuration, and over it what active
// mandatory policies of the types economic and dispute set. No two of them may set
// the same parameter, so it does not matter in which order they are laid over it. An
// advisory policy is shown, and sets nothing.
package policy
