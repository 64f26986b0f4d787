//go:build !full

package main

import "testing"

// Who wants requests followed is told that this build cannot.
func TestNoTracing(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318")
	s.succeed("migrate", "up")
	s.fail(exitFailed, "-tags full", "serve")
	s.succeed("verify") // has no requests
}
