package client

import (
	"net/http"
)

// CallOption says something about one call.
type CallOption func(*callSettings)

// callSettings are those of one call.
type callSettings struct {
	key, requestID string
	record         *Answer
	rehearsal      *Explanation // not nil: the call is not made
}

// Key names the operation, within the caller and the kind of operation, so that it is
// carried out once however often it is called: give the name that the caller's own books
// have for it, such as "order-17". 1 to 255 visible ASCII characters. Without it each call
// makes a key of its own, which serves for its retries alone. A method that takes no key
// fails with it.
func Key(key string) CallOption { return func(s *callSettings) { s.key = key } }

// RequestID names the request on the lines of the server's log and in its audit log: 1 to
// 128 of letters, digits, '.', '_' and '-'. Without it the server makes one.
func RequestID(id string) CallOption { return func(s *callSettings) { s.requestID = id } }

// Record fills in what is known of the last answer beside its content, also where the call
// fails; where no answer came, the key alone, and whether it writes.
func Record(into *Answer) CallOption { return func(s *callSettings) { s.record = into } }

// Answer is an answer as it came.
type Answer struct {
	Status    int
	Header    http.Header
	Body      []byte // as the server wrote it, with fields that this client does not know
	RequestID string
	Replayed  bool   // whether it is the answer of an earlier request under the same key
	Writes    bool   // whether the call may have changed something, as it is not one that only reads
	Key       string // the key that was sent; empty without
	Tries     int    // how often the request was sent
}
