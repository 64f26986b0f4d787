//go:build !full

package main

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/server/config"
)

// openRego says that this binary has no Rego in it.
func openRego(context.Context, *config.Config) (*policies, error) {
	return nil, errors.New("OPA_POLICY_DIR needs a binary with Rego in it: build it with -tags full, or ask an Open Policy Agent with OPA_URL")
}
