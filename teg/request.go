package teg

import "context"

type requestKey struct{}

// WithRequestID names the request on whose behalf the engine is called; the
// events of what it does carry the name.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
