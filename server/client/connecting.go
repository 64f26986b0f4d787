package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// connecting watches how far a request gets. The error alone does not tell: net/http sends
// requests with a key again by itself where a kept connection breaks, so that one that was
// carried out can end with "connection refused".
type connecting struct{ sought, found atomic.Bool }

// watch is the context for a request that is to be watched.
func (c *connecting) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.found.Store(true) },
	})
}

// neverLeft reports whether a request that failed cannot have reached the server.
func (c *connecting) neverLeft(err error) bool {
	if c.sought.Load() || c.found.Load() {
		return !c.found.Load()
	}
	// A transport that is not net/http's, and says nothing.
	var dialling *net.OpError
	return errors.As(err, &dialling) && dialling.Op == "dial" || isUntrusted(err)
}

// isUntrusted reports whether the server could not prove who it is.
func isUntrusted(err error) bool {
	var untrusted *tls.CertificateVerificationError
	return errors.As(err, &untrusted)
}
