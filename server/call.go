package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
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

	route   *endpoint
	vars    map[string]string // of the path
	caller  auth.Identity     // zero on a public route without a token
	roles   *teg.RolesInForce // of the caller, once they have been asked for
	resting error             // why the caller's role is not in force for now
	key     string            // the idempotency key
	query   query
	items   int    // how many requests this one counts as, once it is read; 0 is one
	faults  faults // of the request's shape
	status  int    // of the answer, once it is written
	fault   error  // why it is a 5xx
	stack   []byte // of a panic

	from    netip.Addr // where the request comes from, see address
	located bool
}

// engine is the engine that the call is about.
func (c *call) engine() *teg.Engine { return c.server.engine }

// log writes the one line of the request. It names the route, never the path,
// and nothing that the client sent but the request's id.
func (c *call) log() {
	level := c.level()
	logger := c.server.config.Logger
	if !logger.Enabled(c.ctx, level) {
		return
	}
	template := "none"
	if c.route != nil {
		template = c.route.path
	}
	line := []slog.Attr{
		slog.String("request_id", c.id), slog.String("method", c.method()), slog.String("route", template),
		slog.Int("status", c.status), slog.String("agent", c.caller.Agent.String()), slog.String("address", c.addressText()), slog.Duration("took", time.Since(c.began)),
	}
	if c.gone() {
		line = append(line, slog.Bool("client_gone", true))
	}
	if c.fault != nil {
		line = append(line, slog.String("code", teg.CodeOf(c.fault)), slog.Any("error", c.fault))
	}
	if c.stack != nil {
		line = append(line, slog.String("stack", string(c.stack)))
	}
	logger.LogAttrs(c.ctx, level, "request", line...)
}

// level is that of an error for what the server has to answer for: a panic, and
// a 5xx that is not due to a client that hung up.
func (c *call) level() slog.Level {
	if c.stack != nil || c.status == http.StatusInternalServerError || c.status > http.StatusInternalServerError && !c.gone() {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// gone reports whether the client hung up.
func (c *call) gone() bool { return errors.Is(c.request.Context().Err(), context.Canceled) }

// method is the request's method, "other" for one that the client made up.
func (c *call) method() string {
	switch m := c.request.Method; m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	}
	return "other"
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
	err := fmt.Errorf("%w (panic: %v)", errInternal, fault)
	if c.status == 0 {
		c.fail(err)
	}
	c.fault, c.stack = err, debug.Stack()
}
