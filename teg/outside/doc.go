// Package outside speaks HTTP to a service that an operator has named: an arbitrator, a
// policy engine, a registry.
//
// A service is trusted with its answer and nothing else. It is reached at the one address
// that was given, without a proxy, by https unless it is on this machine; redirects are
// not followed; answers are bounded in size and in time; and neither its address, in
// which keys may stand, nor its token, nor its words at length are in errors.
package outside
