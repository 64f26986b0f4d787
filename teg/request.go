package teg

import (
	"context"
	"log/slog"
)

type requestKey struct{}

// WithRequestID names the request on whose behalf the engine is called; the
// events of what it does carry the name, and so do the lines that it logs.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// requestField is what log lines call the name of a request.
const requestField = "request_id"

// requestLog adds to each line on whose behalf it is written.
type requestLog struct{ slog.Handler }

func (l requestLog) Handle(ctx context.Context, line slog.Record) error {
	if id := requestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String(requestField, id))
	}
	return l.Handler.Handle(ctx, line)
}

func (l requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(attrs)}
}

func (l requestLog) WithGroup(name string) slog.Handler {
	return requestLog{l.Handler.WithGroup(name)}
}

// mostRequests is how many requests one line names.
const mostRequests = 10

// requestsOf names the requests of operations, the first few of many, for a line about
// all of them; empty, and so left out of the line, where none has a name.
func requestsOf(ops []*operation) slog.Attr {
	var ids []string
	for _, op := range ops {
		if op.request != "" && len(ids) < mostRequests {
			ids = append(ids, op.request)
		}
	}
	switch len(ids) {
	case 0:
		return slog.Attr{}
	case 1:
		return slog.String(requestField, ids[0])
	}
	return slog.Any("request_ids", ids)
}
