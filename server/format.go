package server

import (
	"time"

	"github.com/agentvault/teg-layer/server/api"
)

// stamp is a time as the contract wants it: RFC 3339, UTC, six fractional digits.
func stamp(t time.Time) api.Time { return api.Time{Time: t} }

// stampOrNull is null for the zero time.
func stampOrNull(t time.Time) *api.Time {
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

// known is null for an id, or an agent, that is none.
func known[T interface{ IsZero() bool }](id T) *T {
	if id.IsZero() {
		return nil
	}
	return &id
}

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
