package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// tracing follows requests and operations. Its zero value follows nobody.
type tracing struct {
	tracer  teg.Tracer
	wrap    func(http.Handler) http.Handler
	lines   func(slog.Handler) slog.Handler
	sendAll func(context.Context) error
}

// logger has the lines of another say what trace they belong to.
func (t *tracing) logger(of *slog.Logger) *slog.Logger {
	if t.lines == nil {
		return of
	}
	return slog.New(t.lines(of.Handler()))
}

// handler follows the requests to another.
func (t *tracing) handler(next http.Handler) http.Handler {
	if t.wrap == nil {
		return next
	}
	return t.wrap(next)
}

// tracesPatience is how long a collector is waited for at the end.
const tracesPatience = 3 * time.Second

// close sends what is left. That a collector does not take it is no fault of the
// program's, and was logged.
func (t *tracing) close() {
	if t.sendAll == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracesPatience)
	defer cancel()
	_ = t.sendAll(ctx)
}
