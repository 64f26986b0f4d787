package server

import (
	"context"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

const (
	checkEvery   = 30 * time.Second // of the ledger, in the background
	checkLimit   = 5 * time.Minute  // for one such check
	checkTimeout = 2 * time.Second  // of the database, for a caller
)

// health is what /health knows.
type health struct {
	started time.Time
	mu      sync.Mutex
	ledger  api.LedgerCheck // of the last check in the background

	integrations map[string]api.IntegrationCheck
}

// Run checks the books in the background, soon and then every half minute,
// until the context ends. Where many accounts make a check long, the next one
// waits longer, so that checks never take more than a fiftieth of the time. The
// services of Config.Integrations are checked beside it, Config.Login is run, and the log
// is read for Config.Cache.
func (s *Server) Run(ctx context.Context) error {
	var watching sync.WaitGroup
	watching.Go(func() { s.watchIntegrations(ctx) })
	if s.config.Login != nil {
		watching.Go(func() { _ = s.config.Login.Run(ctx) }) // it logs its own faults
	}
	if s.config.Cache != nil {
		watching.Go(func() { s.watchScores(ctx) })
	}
	defer watching.Wait()
	for {
		began := time.Now()
		s.checkLedger(ctx)
		next := time.NewTimer(max(checkEvery, 50*time.Since(began)))
		select {
		case <-ctx.Done():
			next.Stop()
			return nil
		case <-next.C:
		}
	}
}

// checkLedger compares what was issued and not burned with what all accounts
// hold.
func (s *Server) checkLedger(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	difference, err := s.engine.SupplyDifference(limited)
	if ctx.Err() != nil {
		return
	}
	if told := s.config.Metrics; told != nil {
		told.BooksChecked(difference, err)
	}
	check := api.LedgerCheck{Status: "healthy", CheckedAt: stampOrNull(time.Now())}
	switch {
	case err != nil:
		check.Status = "degraded"
		s.config.Logger.WarnContext(ctx, "the books could not be checked", "error", err)
	default:
		text := difference.String()
		check.SupplyDifference = &text
		if !difference.IsZero() {
			check.Status = "unhealthy"
			s.config.Logger.ErrorContext(ctx, "the accounts do not hold the supply", "difference", text)
		}
	}
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	s.health.ledger = check
}

func (h *health) lastCheck() api.LedgerCheck {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ledger.Status == "" {
		return api.LedgerCheck{Status: "pending"}
	}
	return h.ledger
}

type healthChecks struct {
	Database      api.DatabaseCheck
	Configuration api.ConfigurationCheck
	Ledger        api.LedgerCheck
	Resources     api.ResourcesCheck
	Integrations  map[string]api.IntegrationCheck
}

// all are the checks by their names.
func (h healthChecks) all() map[string]any {
	checks := map[string]any{}
	for name, check := range h.Integrations {
		checks[name] = check
	}
	checks["database"], checks["configuration"], checks["ledger"], checks["resources"] = h.Database, h.Configuration, h.Ledger, h.Resources
	return checks
}

// status sums the checks up. A service that is away degrades the server, and no more:
// what needs it waits.
func (h healthChecks) status() string {
	statuses := []string{h.Ledger.Status, h.Resources.Status, h.Database.Status}
	if slices.Contains(statuses, "unhealthy") {
		return "unhealthy"
	}
	for _, check := range h.Integrations {
		statuses = append(statuses, check.Status)
	}
	if slices.Contains(statuses, "degraded") {
		return "degraded"
	}
	return "healthy"
}

const service = "teg"

func getHealth(c *call) (answer, error) {
	checks := healthChecks{
		Database: c.checkDatabase(), Configuration: api.ConfigurationCheck{Status: "healthy", Debug: c.server.config.Debug},
		Ledger: c.server.health.lastCheck(), Resources: c.checkResources(),
		Integrations: c.server.integrationChecks(),
	}
	body := api.Health{
		Status: checks.status(), Service: service, Version: c.server.config.Version, Environment: c.server.config.Environment, Checks: checks.all(),
	}
	status := http.StatusOK
	if body.Status == "unhealthy" {
		status = http.StatusServiceUnavailable
	}
	return answer{status: status, body: body}, nil
}

// checkDatabase asks it something small.
func (c *call) checkDatabase() api.DatabaseCheck {
	ctx, cancel := context.WithTimeout(c.ctx, checkTimeout)
	defer cancel()
	began := time.Now()
	err := c.engine().Ping(ctx)
	check := api.DatabaseCheck{Status: "healthy", LatencyMs: float64(time.Since(began).Microseconds()) / 1000}
	if err != nil {
		check.Status = "unhealthy"
	} else if check.LatencyMs > 500 {
		check.Status = "degraded"
	}
	return check
}

func (c *call) checkResources() api.ResourcesCheck {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(memory) // stops nobody, unlike runtime.ReadMemStats
	stats := c.engine().Stats()
	check := api.ResourcesCheck{
		Status: "healthy", Goroutines: runtime.NumGoroutine(), MemoryMib: memory[0].Value.Uint64() >> 20, WaitingOperations: stats.Waiting,
		UptimeSeconds: int64(time.Since(c.server.health.started) / time.Second),
	}
	if stats.Waiting > 10_000 {
		check.Status = "degraded"
	}
	return check
}

func getLive(*call) (answer, error) { return answer{body: api.Liveness{Status: "alive"}}, nil }

// getReady says no while the server is being shut down or its database is away.
func getReady(c *call) (answer, error) {
	if c.server.draining.Load() {
		return answer{}, errDraining
	}
	if c.checkDatabase().Status == "unhealthy" {
		return answer{}, teg.ErrUnavailable
	}
	return answer{body: api.Readiness{Status: "ready"}}, nil
}

func getService(c *call) (answer, error) {
	config := &c.server.config
	return answer{body: api.Service{
		Service: service, Version: config.Version, Environment: config.Environment, API: config.Prefix, Health: "/health", Documentation: "/docs",
	}}, nil
}
