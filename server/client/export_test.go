package client

import (
	"context"
	"time"
)

// WithWait has a client wait in another way before it sends again.
func WithWait(wait func(ctx context.Context, pause time.Duration) error) Option {
	return func(s *settings) error {
		s.wait = wait
		return nil
	}
}

// WithNow gives the session of [WithLogin] another clock; it stands after that option.
func WithNow(now func() time.Time) Option {
	return func(s *settings) error {
		s.identity.(*session).now = now
		return nil
	}
}

// Decode reads an answer.
func Decode(text []byte, out any) error { return decode(text, out) }

// RefreshTokenOf is the refresh token that a client of [WithLogin] has.
func RefreshTokenOf(c *Client) string { return c.identity.(*session).refresh }

// FollowEvents is Events of a client that hears nothing for so long before it takes a
// connection for dead.
func FollowEvents(ctx context.Context, c *Client, silence time.Duration, query EventsQuery, yield func(Event, error) bool) error {
	r := &eventReader{Client: c, query: query, yield: yield, silence: silence}
	return r.follow(ctx)
}
