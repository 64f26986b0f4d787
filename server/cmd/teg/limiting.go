package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/limit/redislimit"
	"github.com/agentvault/teg-layer/store"
)

// limiting is what counts requests, and what goes with it.
type limiting struct {
	limiter      limit.Limiter // nil: nobody is limited
	integrations []server.Integration
	run          func(ctx context.Context) error // in the background
	close        func() error
}

// newLimiting counts requests where the configuration wants it.
func newLimiting(st store.Store, c *config.Config, logger *slog.Logger) (limiting, error) {
	l := limiting{run: func(context.Context) error { return nil }, close: func() error { return nil }}
	if !c.RateLimitEnabled {
		return l, nil
	}
	memory := limit.NewMemory(0)
	switch c.RateLimitStore {
	case config.LimitPostgres:
		buckets, ok := st.(store.Buckets)
		if !ok {
			return limiting{}, fmt.Errorf("this database cannot count requests for several servers; set RATE_LIMIT_STORE to memory or redis")
		}
		stored := limit.NewStored(buckets, logger)
		l.limiter, l.run = limit.NewShared(stored, memory, logger), stored.Run
	case config.LimitRedis:
		shared, err := redislimit.Open(string(c.RedisURL.Reveal()), "")
		if err != nil {
			return limiting{}, err
		}
		l.limiter, l.close = limit.NewShared(shared, memory, logger), shared.Close
		l.integrations = []server.Integration{{Name: "redis", Check: shared.Ping}}
	default:
		l.limiter = memory
	}
	return l, nil
}
