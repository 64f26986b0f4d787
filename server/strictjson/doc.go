// Package strictjson reads the JSON bodies of requests, and refuses whatever
// two programs could read in two ways.
//
// encoding/json is made to be generous: it takes the last of duplicate keys,
// matches "AMOUNT" to a field named amount, replaces broken UTF-8, and ignores
// what follows the first value when it reads from a stream. In front of money
// each of these is a way to make a gateway approve one request and the ledger
// execute another. [Decode] accepts one meaning only.
//
// # Two kinds of refusal
//
// A [*MalformedError] says that the bytes are no JSON text: an empty body,
// bytes that are not UTF-8, a syntax error, half of a surrogate pair, nesting
// deeper than [MaxDepth]. An HTTP server answers 400.
//
// An [*InputError] says that the text is JSON but not the request that was
// asked for: no object at the top, unknown or duplicate keys, a wrong type, a
// missing field, a list that is too long, a NUL character, something after the
// object. It lists every
// field at fault, so that a caller can mend all of them at once. An HTTP
// server answers 422. A body that is faulty in both ways is malformed.
//
// Any other error means that the Go type is one that the decoder does not
// support; that is a fault of the program and never of the request.
//
// # What a struct says
//
// The exported fields of the struct carry json tags. A field is optional when
// it is a pointer or its tag has omitempty or omitzero; every other field is
// required. null counts as absent. The tag `strict:"secret"` keeps a value out
// of errors, with everything below it.
//
//	type request struct {
//		Receiver did.DID        `json:"receiver_agent_id"`
//		Amount   amount.Amount  `json:"amount"`
//		Message  *string        `json:"message"`
//		Metadata map[string]any `json:"metadata,omitempty"`
//		Token    string         `json:"refresh_token" strict:"secret"`
//	}
//
// Strings, booleans, integers, structs, slices and pointers to them are read
// as one expects. Free-form data goes into map[string]any, any or
// json.RawMessage; its numbers stay literal text (json.Number), and it obeys
// the same rules at every depth. Types that implement encoding.TextUnmarshaler,
// such as did.DID, are read from a JSON string. amount.Amount and amount.Rate
// are read from a string or from the literal text of a number, never through a
// float; a rate is a percentage, as everywhere in JSON.
//
// # Cost
//
// The scanner is written by hand and the shape of each type is worked out
// once, so that a small body takes one or two microseconds and an allocation
// per string. The caller bounds the length of the body. That bounds the work, and
// with it, as lists that are read into slices have at most [MaxElements] elements,
// the memory: free-form data takes some fifty times its text.
package strictjson
