//go:build !full

package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/agentvault/teg-layer/server/config"
)

// errNoTracing refuses what this build has no code for.
var errNoTracing = errors.New("this build cannot follow requests: take one that is built with -tags full, " +
	"or leave OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_TRACES_EXPORTER out, or set OTEL_TRACES_EXPORTER=none")

// openTracing follows nobody, and says so where the configuration wants somebody
// followed.
func openTracing(_ context.Context, c *config.Config, _ *slog.Logger) (*tracing, error) {
	if c.Traces() != config.TracesNone {
		return nil, errNoTracing
	}
	return &tracing{}, nil
}
