package server_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
)

// syncBuffer is a buffer that a logger writes to while the test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// /health tells of each service that is used, from a check in the background; one that
// is away degrades the server and never makes it unhealthy, and what it says of itself
// is for the log alone.
func TestIntegrations(t *testing.T) {
	var log syncBuffer
	var asked atomic.Int64
	m := newMarket(t, func(c *server.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c.Integrations = []server.Integration{
			{Name: "ipfs", Check: func(context.Context) error { asked.Add(1); return errors.New("no route to hunter2") }},
			{Name: "other", Check: func(context.Context) error { return nil }},
		}
	})
	health := m.send("GET", "/health", "", "").is(200, "")
	require.Equal(t, []any{"healthy", "pending", nil}, []any{health.at("status"), health.at("checks", "ipfs", "status"), health.at("checks", "ipfs", "checked_at")})
	require.Zero(t, asked.Load(), "nobody is asked for a caller")

	running, stop := context.WithCancel(ctx())
	ended := make(chan error, 1)
	go func() { ended <- m.server.Run(running) }()
	require.Eventually(t, func() bool {
		health = m.send("GET", "/health", "", "")
		return health.at("checks", "ipfs", "status") == "degraded" && health.at("checks", "other", "status") == "healthy"
	}, 2*time.Minute, time.Millisecond)
	health.is(200, "")
	require.Equal(t, "degraded", health.at("status"))
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, health.at("checks", "ipfs", "checked_at"))
	m.send("GET", "/health/ready", "", "").is(200, "")
	require.NotContains(t, health.body, "hunter2")
	stop()
	require.NoError(t, <-ended)
	require.Contains(t, log.String(), "no route to hunter2")
}
