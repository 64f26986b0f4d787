package server

import (
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// stamp writes a time as the contract wants it: RFC 3339, UTC, six fractional
// digits.
func stamp(t time.Time) string { return t.UTC().Format(teg.TimeFormat) }

// stampOrNull is null for the zero time.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := stamp(t)
	return &text
}

// orNull is null for the empty text.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// didOrNull is null for nobody.
func didOrNull(id teg.DID) *string { return orNull(id.String()) }

// orEmpty is a list that is never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// orZero is what an optional field says, the zero value for nothing.
func orZero[T any](given *T) T {
	if given == nil {
		var none T
		return none
	}
	return *given
}
