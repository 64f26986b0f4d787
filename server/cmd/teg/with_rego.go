//go:build full

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg/decider/rego"
)

// openRego reads the policies that decide inside of this process. From before the first
// reading on SIGHUP asks for another, so that no change goes unread.
func openRego(ctx context.Context, c *config.Config) (*policies, error) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	rest := func() { signal.Stop(hangups) }
	d, err := rego.Open(ctx, rego.Config{Dir: c.OPAPolicyDir})
	if err != nil {
		rest()
		return nil, err
	}
	return &policies{Decider: d, reload: d.Reload, hangups: hangups, close: rest}, nil
}
