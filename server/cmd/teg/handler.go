package main

import (
	"fmt"
	"log/slog"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
)

// newAPI is the API over the books, as the configuration wants it.
func newAPI(b *books, c *config.Config, logger *slog.Logger) (*server.Server, error) {
	verifier, err := auth.New(tokenConfig(c))
	if err != nil {
		return nil, fmt.Errorf("tokens cannot be checked: %w", err)
	}
	return server.New(b.Engine, server.Config{
		Prefix: c.APIPrefix, Verifier: verifier, Version: programVersion(), Environment: c.Environment.String(),
		Debug: c.Debug, Logger: b.tracing.logger(logger), Metrics: b.metrics, MetricsPage: b.metricsPage(c), MaxBody: c.MaxBodyBytes, Origins: c.CORSOrigins,
		ProvisionRegistry: c.AutoProvisionAgents, Integrations: b.integrations(),
	}), nil
}
