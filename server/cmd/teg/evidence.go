package main

import (
	"fmt"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg/ipfs"
)

// openEvidence is the storage of evidence that the configuration names; nil for none.
// Nobody is asked yet: a server starts without its storage.
func openEvidence(c *config.Config) (*ipfs.Store, error) {
	if c.IPFSAPIURL == "" {
		return nil, nil
	}
	st, err := ipfs.New(ipfs.Config{
		API: c.IPFSAPIURL, APIToken: string(c.IPFSAPIToken.Reveal()),
		Pinning: c.IPFSPinningURL, PinningToken: string(c.IPFSPinningToken.Reveal()),
		MaxBytes: c.IPFSMaxBytes, Timeout: c.IPFSTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("evidence cannot be read from IPFS: %w", err)
	}
	return st, nil
}

// integrations are what /health tells of beside the server itself.
func (b *books) integrations() []server.Integration {
	var list []server.Integration
	if b.evidence != nil {
		list = append(list, server.Integration{Name: "ipfs", Check: b.evidence.Check})
	}
	if b.ArbitratorHealth().Configured {
		list = append(list, server.Integration{Name: "arbitrator", Check: b.checkArbitrator})
	}
	if b.policies != nil && b.policies.check != nil {
		list = append(list, server.Integration{Name: "opa", Check: b.policies.check})
	}
	if len(b.published) > 0 {
		list = append(list, server.Integration{Name: "registry", Check: b.checkRegistries})
	}
	if b.peers != nil {
		list = append(list, server.Integration{Name: "spiffe", Check: b.peers.check})
	}
	return list
}
