package server

import (
	"context"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/server/api"
)

// integrationTimeout is how long a service may take to answer a check.
const integrationTimeout = 10 * time.Second

// Integration is a service that the server makes use of and can do without for a
// while.
type Integration struct {
	// Name is what /health calls it, such as ipfs.
	Name string
	// Check asks the service something small. It is called in the background, never
	// for a caller, and must heed its context.
	Check func(ctx context.Context) error
}

// watchIntegrations checks every service, at once and then every half minute, until
// the context ends.
func (s *Server) watchIntegrations(ctx context.Context) {
	var watching sync.WaitGroup
	for _, integration := range s.config.Integrations {
		watching.Go(func() {
			every := time.NewTicker(checkEvery)
			defer every.Stop()
			for {
				s.checkIntegration(ctx, integration)
				select {
				case <-ctx.Done():
					return
				case <-every.C:
				}
			}
		})
	}
	watching.Wait()
}

// checkIntegration asks one service, and logs when it has come or gone. Why it does not
// answer is in the log alone: /health is for everybody.
func (s *Server) checkIntegration(ctx context.Context, i Integration) {
	limited, cancel := context.WithTimeout(ctx, integrationTimeout)
	defer cancel()
	err := i.Check(limited)
	if ctx.Err() != nil {
		return
	}
	check := api.IntegrationCheck{Status: "healthy", CheckedAt: stampOrNull(time.Now())}
	if err != nil {
		check.Status = "degraded"
	}
	if told := s.config.Metrics; told != nil {
		told.ServiceChecked(i.Name, err == nil)
	}
	before := s.health.setIntegration(i.Name, check)
	switch {
	case before == check.Status:
	case err != nil:
		s.config.Logger.WarnContext(ctx, "a service does not answer; what needs it waits", "service", i.Name, "error", err)
	case before != "":
		s.config.Logger.InfoContext(ctx, "a service answers again", "service", i.Name)
	}
}

// setIntegration notes the result of a check, and returns the status before it.
func (h *health) setIntegration(name string, check api.IntegrationCheck) (before string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.integrations == nil {
		h.integrations = map[string]api.IntegrationCheck{}
	}
	before = h.integrations[name].Status
	h.integrations[name] = check
	return before
}

// integrationChecks are the last results, pending where there is none yet.
func (s *Server) integrationChecks() map[string]api.IntegrationCheck {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	checks := map[string]api.IntegrationCheck{}
	for _, i := range s.config.Integrations {
		check, known := s.health.integrations[i.Name]
		if !known {
			check.Status = "pending"
		}
		checks[i.Name] = check
	}
	return checks
}
