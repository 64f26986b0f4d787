// Package api has the bodies of requests and answers as Go types. They are made of the
// OpenAPI document (types.gen.go, by make generate), so that what the server says is what
// the document says.
package api

import (
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Time is a time as the API writes it: RFC 3339 in UTC with six fractional digits.
type Time struct{ time.Time }

// MarshalText writes the time.
func (t Time) MarshalText() ([]byte, error) {
	return t.UTC().AppendFormat(make([]byte, 0, len(teg.TimeFormat)), teg.TimeFormat), nil
}

// MarshalJSON writes the time, quoted.
func (t Time) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, len(teg.TimeFormat)+2), '"')
	return append(t.UTC().AppendFormat(b, teg.TimeFormat), '"'), nil
}
