// Package inprocess carries HTTP requests to a handler of the same process, so that
// what calls the API from within a server calls it as everybody else does: with a token,
// within limits, by the contract.
package inprocess
