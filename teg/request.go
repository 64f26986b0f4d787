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

// requestLog adds to each line on whose behalf it is written.
type requestLog struct{ slog.Handler }

func (l requestLog) Handle(ctx context.Context, line slog.Record) error {
	if id := requestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request_id", id))
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

// requestsOf names the requests of several operations, the first few of many, for a line
// about all of them. It is empty, and so left out of the line, where none has a name, and
// where there is one operation, in whose context the line is written.
func requestsOf(ops []*operation) slog.Attr {
	var ids []string
	for _, op := range ops {
		if op.request != "" && len(ids) < mostRequests {
			ids = append(ids, op.request)
		}
	}
	if len(ops) == 1 || len(ids) == 0 {
		return slog.Attr{}
	}
	return slog.Any("request_ids", ids)
}
