// Package fetch gets small documents over HTTPS from addresses that others may have
// chosen, such as the one in a did:web.
//
// What could be made of that by somebody who chooses an address is refused: the
// address that is dialled, after names were resolved and each time anew, has to be a
// public one, unless it lies in a network that was allowed; redirects leave neither the
// host nor the scheme, or are not followed at all; nothing is sent but the question, no
// cookies, no credentials, and through no proxy of the environment; size, time and
// number of connections are bounded.
package fetch
