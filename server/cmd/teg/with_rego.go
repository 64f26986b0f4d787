//go:build full

package main

import (
	"context"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg/decider/rego"
)

// openRego reads the policies that decide inside of this process.
func openRego(ctx context.Context, c *config.Config) (*policies, error) {
	d, err := rego.Open(ctx, rego.Config{Dir: c.OPAPolicyDir})
	if err != nil {
		return nil, err
	}
	return &policies{Decider: d, reload: d.Reload, close: func() {}}, nil
}
