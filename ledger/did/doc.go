// Package did holds decentralized identifiers (DIDs), the names of everyone
// who takes part in the ledger.
//
// A DID is text of three parts, as in the W3C recommendation "Decentralized
// Identifiers (DIDs) v1.0":
//
//	did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
//	 |   |   '- method-specific id: letters, digits, ". - _", %XX and ":"
//	 |   '----- method: lower-case letters and digits
//	 '--------- scheme, always "did"
//
// # What a DID is here
//
// A [DID] is a value: immutable, comparable with ==, usable as a map key. It
// is made by [Parse], so whoever holds one that is not zero holds a name that
// was checked. The zero DID names nobody ([DID.IsZero]).
//
// Two DIDs are the same when their bytes are the same. Nothing is normalised:
// "did:web:example.com" and "did:web:EXAMPLE.com" are two names, and so are
// "did:x:a%2Fb" and "did:x:a%2fb". A ledger that folded names together would
// have to know the rules of every method, and would pay the wrong party when
// it was mistaken.
//
// Only the name itself is accepted. A DID URL, with a path, a query or a
// fragment, points at something inside a DID document and cannot own value.
//
// # Text, JSON and SQL
//
// A DID reads and writes itself as its text everywhere: encoding.TextMarshaler,
// JSON string, JSON object key, SQL text. The zero DID has no text: writing it
// is an error, and so is reading an empty string, JSON null or SQL NULL into a
// DID. Where nobody is a legitimate answer say so in the type: a pointer or
// the omitzero option in JSON, sql.Null[did.DID] in SQL.
package did
