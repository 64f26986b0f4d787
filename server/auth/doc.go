// Package auth says who a caller is: it checks the JSON Web Tokens that come
// in and mints those that go out.
//
// A token is a claim by an issuer whose key the operator has configured:
//
//	sub    the DID of the agent, never one of the system's own
//	roles  list of agent, auditor, arbitrator, admin, system; ["agent"] when absent
//	iat    when it was issued, exp when it ends; both required, at most
//	       Config.MaxLifetime apart
//	nbf    not before; optional
//	jti    its own name, at most 255 bytes; optional
//	sid    the session that it ends with, where a login gave it out, which its prefix tells;
//	       any other is not looked at. See package login
//	iss    required, and equal, when Config.Issuer is set
//	aud    required to hold Config.Audience when that is set
//
// Every caller is an agent; roles add rights. Roles that are not known are
// ignored, so that an issuer may serve other programs with the same tokens.
// What an issuer may give is bounded by Config.IssuerRoles.
//
// # Several issuers
//
// Beside the local key, whose tokens name Config.Issuer, there may be others, such as
// registries, each with a name, an algorithm, keys, roles and methods of DIDs of its own
// ([Issuer]). iss says whose token it is meant to be, and then that issuer's keys alone
// are tried. Keys may be published and change while the server runs ([JWKS]).
//
// # What a token cannot do
//
// The algorithm belongs to the key and is configured; the token's alg is
// compared with it and decides nothing. That closes "alg: none" and the
// confusion of a public key with an HMAC secret. Headers that would change how
// a token is read (crit, b64, zip) are refused, and those that bring a key
// (jwk, jku, x5c, x5u) are never looked at. Header and claims are read by
// server/strictjson: a claim given twice, or a text that two parsers could read
// in two ways, is refused.
//
// # Cost
//
// A signature check costs tens of microseconds. A [Verifier] remembers the
// tokens it accepted by their SHA-256 until they end, in a bounded memory, so
// that all but the first use of a token costs well under a microsecond.
// Revocation is asked on every use and never remembered.
//
// # The library
//
// This is the only package that imports lestrrat-go/jwx, and it uses its JWS
// part alone: signatures. What the claims mean is decided here. Replacing the
// library means rewriting signature.go.
package auth
