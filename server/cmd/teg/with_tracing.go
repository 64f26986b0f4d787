//go:build full

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/telemetry"
)

// openTracing follows requests where the configuration says so.
func openTracing(ctx context.Context, c *config.Config, logger *slog.Logger) (*tracing, error) {
	settings := telemetry.Config{Endpoint: c.OTLPEndpoint, Version: programVersion(), Logger: logger}
	switch c.Traces() {
	case config.TracesNone:
		return &tracing{}, nil
	case config.TracesConsole:
		settings.Console = os.Stderr
	}
	t, err := telemetry.New(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("requests cannot be followed: %w", err)
	}
	return &tracing{tracer: t, wrap: t.Handler, lines: t.LogHandler, sendAll: t.Shutdown}, nil
}
