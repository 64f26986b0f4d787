// Package server is the HTTP face of the engine: /api/v1 and what stands around
// it. No rule of the economy lives here.
//
// # How a request goes through
//
//  1. [Server.ServeHTTP] gives the request an id and headers, keeps panics in,
//     and writes the one line in the log.
//  2. routes.go is the whole API as one table: method, path, who may call it,
//     whether it takes an idempotency key, and the handler.
//  3. handle.go does what all routes share, in the order of the contract: who
//     (401), role (403), shape (400, 413, 415, 422). Only then does the caller
//     get a profile, if it has none yet, and the handler runs.
//  4. A handler turns the request into parameters of one verb of the engine and
//     its receipt into an answer. What the engine refuses comes back as an
//     error, and problem.go is the one table from its codes to statuses.
//
// Suspension, replay, existence, state and balance are the engine's to decide,
// in that order, under the locks of the commit.
package server
