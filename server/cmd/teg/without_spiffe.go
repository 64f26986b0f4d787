//go:build !full

package main

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/server/config"
)

// openPeers says that this binary has no SPIFFE in it.
func openPeers(context.Context, *config.Config) (*peers, error) {
	return nil, errors.New("SPIFFE_LISTEN_ADDR needs a binary with SPIFFE in it: build it with -tags full")
}
