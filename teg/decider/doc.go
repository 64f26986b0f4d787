// Package decider says how an engine of policies, such as the Open Policy Agent, is asked
// about acts, and reads what it answers. Package opa asks one over REST, and package rego
// holds one in the process; both are a [teg.Decider].
//
// The input of a question is always a list, also where there is one act, so that a policy
// cannot overlook a batch:
//
//	{"acts": [{"verb": "transfer", "by": "did:example:alice", "roles": ["agent"],
//	           "sender": "did:example:alice", "receiver": "did:example:bob", "amount": "10.5"}]}
//
// The answer is one verdict for all of them, or a list with one for each, in their order.
// A verdict is true or false, or {"allow": true or false, "reason": "…"}. No answer,
// which is what a policy gives that is undefined, denies; any other answer is a fault,
// and nothing is carried out.
package decider
