package client

import (
	"fmt"
	"iter"
	"net/url"
	"time"
)

// set adds a parameter, unless it is zero.
func set[T comparable](v url.Values, name string, value T) {
	var zero T
	if value == zero {
		return
	}
	text := fmt.Sprint(value)
	if at, is := any(value).(time.Time); is {
		text = at.UTC().Format(time.RFC3339Nano)
	}
	v.Set(name, text)
}

// with adds a parameter, zero or not.
func with(v url.Values, name, text string) url.Values {
	v.Set(name, text)
	return v
}

// pages goes through the items of all pages. next gets the page of a cursor, the first one
// where it is empty.
func pages[T any](next func(cursor string) ([]T, *string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		cursor, passed := "", "" // one that was passed some pages ago is seen again in a circle
		for page := 1; ; page++ {
			items, following, err := next(cursor)
			if err == nil && following != nil && (*following == cursor || *following == passed || *following == "") {
				err = fmt.Errorf("client: the server answers the same page for ever (cursor %q)", inLine(cursor))
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if following == nil {
				return
			}
			if page&(page-1) == 0 { // at powers of two, so that circles of any length are found
				passed = cursor
			}
			cursor = *following
		}
	}
}
