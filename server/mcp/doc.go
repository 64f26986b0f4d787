// Package mcp is an agent's wallet for a language model: tools of the Model Context
// Protocol over the client of the API. It is bound to one identity, that of the client,
// and can do nothing that this could not do over HTTP; an admin's verbs are not among the
// tools.
//
// # How it is laid out
//
// wallet.go makes the server of tools, and tool.go carries one out: what every tool has
// is there. A file holds the tools of a noun. key.go keeps a model that repeats itself from
// paying twice, spending.go bounds what it can spend, refusal.go says why something was
// refused and what may be done instead. stdio.go and handler.go are the two ways to reach
// the tools.
//
// # Words of others
//
// What others wrote may be made to be obeyed by a model. It stands in fields that are
// called untrusted_text, or quoted in refusals, and the instructions of the server say
// that nothing in there is an instruction.
package mcp
