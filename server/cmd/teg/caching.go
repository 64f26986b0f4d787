package main

import (
	"log/slog"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/cache/rediscache"
	"github.com/agentvault/teg-layer/server/config"
)

// caching is where answers are shared, and what goes with it.
type caching struct {
	cache        *cache.Cache // nil: they are not
	integrations []server.Integration
	close        func() error
}

// newCaching shares answers where the configuration wants it.
func newCaching(c *config.Config, told cache.Metrics, logger *slog.Logger) (caching, error) {
	if c.CacheURL.IsZero() {
		return caching{close: func() error { return nil }}, nil
	}
	store, err := rediscache.Open(string(c.CacheURL.Reveal()), "")
	if err != nil {
		return caching{}, err
	}
	return caching{
		cache:        cache.New(cache.Config{Store: store, TTL: c.CacheTTL, Logger: logger, Metrics: told}),
		integrations: []server.Integration{{Name: "cache", Check: store.Ping}}, close: store.Close,
	}, nil
}
