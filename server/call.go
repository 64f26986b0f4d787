package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// call is a request on its way to its answer.
type call struct {
	server  *Server
	w       http.ResponseWriter
	request *http.Request
	ctx     context.Context
	began   time.Time
	id      string // of the request

	route  *route
	vars   map[string]string // of the path
	caller auth.Identity     // zero on a public route without a token
	key    string            // the idempotency key
	query  query
	faults faults // of the request's shape
	status int    // of the answer, once it is written
}

// engine is the engine that the call is about.
func (c *call) engine() *teg.Engine { return c.server.engine }

// log writes the one line of the request. It names the route, never the path,
// and nothing that the client sent but the request's id.
func (c *call) log() {
	template := "none"
	if c.route != nil {
		template = c.route.path
	}
	level := slog.LevelInfo
	if c.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	logger := c.server.config.Logger
	if !logger.Enabled(c.ctx, level) {
		return
	}
	logger.LogAttrs(c.ctx, level, "request", slog.String("request_id", c.id), slog.String("method", c.request.Method),
		slog.String("route", template), slog.Int("status", c.status), slog.String("agent", c.caller.Agent.String()),
		slog.Duration("took", time.Since(c.began)))
}

// recover turns a panic into a 500 that tells the client nothing and the log
// everything.
func (c *call) recover() {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault) // net/http's own way to drop a connection
	}
	c.server.config.Logger.ErrorContext(c.ctx, "panic", "request_id", c.id, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
	if c.status == 0 {
		c.fail(teg.ErrInternal)
	}
}
