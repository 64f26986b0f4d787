//go:build full

package main

import (
	"context"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/spiffe"
)

// openPeers connects to the Workload API and waits for an SVID.
func openPeers(ctx context.Context, c *config.Config) (*peers, error) {
	workloads := make(map[string]spiffe.Workload, len(c.SPIFFERoles))
	for id, peer := range c.SPIFFERoles {
		workloads[id] = spiffe.Workload{Agent: peer.Agent, Roles: peer.Roles}
	}
	source, err := spiffe.Open(ctx, spiffe.Config{Address: c.SPIFFESocket, TrustDomains: c.SPIFFEDomains, Workloads: workloads})
	if err != nil {
		return nil, err
	}
	return &peers{tls: source.TLS(), identify: source.Identify, check: source.Check, close: source.Close}, nil
}
