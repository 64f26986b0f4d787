// Package server is the HTTP face of the engine: /api/v1 and what stands around
// it. No rule of the economy lives here.
//
// # How a request goes through
//
//  1. [Server.ServeHTTP] gives the request an id and headers, keeps panics in,
//     writes the one line in the log, and refuses what is more than the server works
//     on at the same time (overload.go).
//  2. routes.go is the whole API as one table: method, path, who may call it,
//     whether it takes an idempotency key, and the handler.
//  3. handle.go does what all routes share, in the order of the contract: who
//     (401), how often (429, ratelimit.go), role (403), shape (400, 413, 415, 422). Only then does the caller
//     get a profile, if it has none yet, and the handler runs.
//  4. A handler turns the request into parameters of one verb of the engine and
//     its receipt into an answer. What the engine refuses comes back as an
//     error, and problem.go is the one table from its codes to statuses.
//
// What is no HTTP that net/http can read it answers by itself, in plain text and before
// there is a request to route; [Listener] gives that the form of every other error.
//
// Suspension, replay, existence, state and balance are the engine's to decide,
// in that order, under the locks of the commit.
package server
