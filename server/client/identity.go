package client

import (
	"context"
	"errors"
)

// identity is who calls.
type identity interface {
	// token is what to send; empty for none.
	token(ctx context.Context) (string, error)
	// renew is another token where there is one, as the server does not take the stale one.
	renew(ctx context.Context, stale string) (string, error)
}

// nobody has no token.
type nobody struct{}

func (nobody) token(context.Context) (string, error)         { return "", nil }
func (nobody) renew(context.Context, string) (string, error) { return "", nil }

// TokenSource gives tokens, such as one that a registry issued: see [WithTokenSource].
type TokenSource func(ctx context.Context) (string, error)

func (s TokenSource) token(ctx context.Context) (string, error)           { return s(ctx) }
func (s TokenSource) renew(ctx context.Context, _ string) (string, error) { return s(ctx) }

// errNoToken does not repeat the token, which is a secret all the same.
var errNoToken = errors.New("client: the token has characters that no token has: take away what is around it, such as the line end of a file")

// sendable refuses a token that cannot stand in a header.
func sendable(token string, err error) (string, error) {
	if err == nil && !visible(token) {
		return "", errNoToken
	}
	return token, err
}

// lostOnTheWay reports whether a login or a renewal may go better from its beginning: nobody
// knows what became of a request of it, so that it could not be sent again by itself.
func lostOnTheWay(err error) bool {
	f := failureOf(errors.Unwrap(err))
	return f.passing && !f.untouched
}

func constant(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}
