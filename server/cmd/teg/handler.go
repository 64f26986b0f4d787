package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/websocket"
)

// newAPI is the API over the books, as the configuration wants it.
func newAPI(ctx context.Context, b *books, c *config.Config, counts limiting, shares caching, logger *slog.Logger) (*server.Server, error) {
	tokens := tokenConfig(c)
	service, err := newLogin(ctx, b, c, tokens, logger)
	if err != nil {
		return nil, fmt.Errorf("nobody can be logged in: %w", err)
	}
	if service != nil { // or it would be a revocation list that is not nil
		tokens.Revocations = service
	}
	verifier, err := auth.New(tokens)
	if err != nil {
		return nil, fmt.Errorf("tokens cannot be checked: %w", err)
	}
	return server.New(b.Engine, server.Config{
		Prefix: c.APIPrefix, Verifier: verifier, Version: programVersion(), Environment: c.Environment.String(),
		Debug: c.Debug, Logger: b.tracing.logger(logger), Metrics: b.metrics, MetricsPage: b.metricsPage(c), MaxBody: c.MaxBodyBytes, Origins: c.CORSOrigins,
		ProvisionRegistry: c.AutoProvisionAgents, Login: service, ProvisionSelf: c.AutoProvisionSelf,
		Integrations:  slices.Concat(b.integrations(), registryIntegration(c), counts.integrations, shares.integrations),
		MaxConcurrent: c.MaxConcurrent, Streams: streams(c), Limiter: counts.limiter, TrustedProxies: c.TrustedProxies,
		Limits: server.Limits{
			Standard: c.RateLimitStandard, Transfer: c.RateLimitTransfer, Admin: c.RateLimitAdmin, Identity: c.RateLimitIdentity,
		},
		Peers: b.identify(), Metadata: b.metadata(), Cache: shares.cache,
		Settings: shownSettings(c),
	}), nil
}

// streams are the bounds of streams of events.
func streams(c *config.Config) server.Streams {
	s := server.Streams{Max: c.StreamsMax, PerAgent: c.StreamsPerAgent, Upgrade: websocket.Upgrade}
	if s.Max == 0 {
		s.Max = -1 // none, which is no default
	}
	return s
}

// shownSettings are the settings in force, for those who oversee the server.
func shownSettings(c *config.Config) []server.Setting {
	var list []server.Setting
	for _, s := range c.Effective() {
		list = append(list, server.Setting{Name: s.Name, Value: s.Value, Source: s.Source})
	}
	return list
}
