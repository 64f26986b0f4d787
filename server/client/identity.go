package client

import "context"

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

func constant(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}
