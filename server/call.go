package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/teg"
)

// call is a request on its way to its answer.
type call struct {
	server  *Server
	w       counted
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
	dry     bool          // whether it is to be explained, and must not do anything
	items   int           // how many requests this one counts as, once it is read; 0 is one
	faults  faults        // of the request's shape
	code    string        // of the error that the answer is
	limit   limit.Class   // for which it was refused
	wait    time.Duration // until there is room again
	session string        // what became of one; see Exchange
	took    time.Duration
	entered bool          // it counts as one that is under way
	opened  time.Duration // after which a stream of events began; 0 where the answer is none
	fault   error         // why it is a 5xx
	stack   []byte        // of a panic

	from    netip.Addr // where the request comes from, see address
	located bool
}

// engine is the engine that the call is about.
func (c *call) engine() *teg.Engine {
	if c.dry {
		return c.server.engine.Dry()
	}
	return c.server.engine
}

// leave takes the call from those under way, once.
func (c *call) leave() {
	if c.entered {
		c.entered = false
		c.server.under.Add(-1)
	}
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
	if c.w.status == 0 {
		c.fail(err)
	}
	c.fault, c.stack = err, debug.Stack()
}
