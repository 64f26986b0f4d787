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
// What is no HTTP that net/http can read is answered by net/http itself, in plain
// text and without a request id, before there is a request to route: 400 for a
// broken request line, path escape or header, 417, 431, 501 and 505. It has no hook
// for these; a proxy in front usually answers them first.
//
// Suspension, replay, existence, state and balance are the engine's to decide,
// in that order, under the locks of the commit.
package server
