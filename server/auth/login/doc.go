// Package login lets an agent in who can sign with a key of its DID.
//
//  1. [Service.Challenge] gives a text that names this service and the DID, holds for
//     five minutes, and bears a code that only the servers of this system can make.
//     Nothing is stored.
//  2. The agent signs the text. [Service.Prove] looks for the keys of the DID, checks
//     the signature, and notes that the challenge was used: a second time it is refused.
//  3. [Service.Open] begins a session and gives out an access token, a JWT that names
//     it, and a refresh token.
//  4. [Service.Refresh] trades the refresh token for a new pair. The old one is good no
//     longer: whoever brings it again, thief or owner, ends the session, since one of
//     the two has to be a thief.
//
// # Refresh tokens
//
// A refresh token is the name of its session, a generation, and a code over both. The
// database knows the session and its good generation, and no token; who reads it gets
// nothing to log in with. Old generations are recognized by their codes, so that only
// somebody who had a token of the session can end it.
//
// # When a session ends
//
// Access tokens are checked in memory, thousands of times a second, so the sessions that
// ended are kept there. The server that ends one knows at once. Every other one of the
// same database asks it once a second ([Poll]): there an access token of a session that
// has ended works for a second longer, and for as long as the database does not answer,
// but never beyond its own end.
package login
