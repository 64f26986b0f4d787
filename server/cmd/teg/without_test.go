//go:build !full

package main

import "testing"

// A binary that was built without something says so where it is asked for.
func TestWhatThisBinaryHasNot(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0")
	s.succeed("migrate", "up")
	s.fail(1, "OPA_POLICY_DIR needs a binary with Rego in it: build it with -tags full", "serve", "--opa-policy-dir", ".")
	s.fail(1, "SPIFFE_LISTEN_ADDR needs a binary with SPIFFE in it: build it with -tags full", "serve",
		"--spiffe-listen-addr", "127.0.0.1:0", "--spiffe-endpoint-socket", "unix:///nowhere", "--spiffe-trust-domains", "example.org")
}
