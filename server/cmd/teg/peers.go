package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/registry"
)

// peers are the workloads that connect with SVIDs.
type peers struct {
	tls      *tls.Config
	identify func(*tls.ConnectionState) (auth.Identity, bool)
	check    func(context.Context) error
	close    func() error
}

// connect opens what only a server needs of the outside: where SVIDs come from, and the
// registries.
func (b *books) connect(ctx context.Context, c *config.Config, logger *slog.Logger) error {
	federation, err := registry.New(registry.Config{Registries: c.Registries, Timeout: c.RegistryTimeout, TTL: c.RegistryTTL, Logger: logger})
	if err != nil {
		return err
	}
	b.federation, b.published = federation, c.RegistryKeys()
	if c.SPIFFEListenAddr != "" {
		b.peers, err = openPeers(ctx, c)
	}
	return err
}

// identify is the way to know workloads by their connections; nil: there is none.
func (b *books) identify() func(*tls.ConnectionState) (auth.Identity, bool) {
	if b.peers == nil {
		return nil
	}
	return b.peers.identify
}

// metadata is what a registry tells of a caller; nil: none is asked.
func (b *books) metadata() func(context.Context, auth.Identity) json.RawMessage {
	if b.federation == nil || len(b.federation.Health()) == 0 {
		return nil
	}
	return func(ctx context.Context, caller auth.Identity) json.RawMessage {
		return b.federation.Metadata(ctx, caller.Issuer, caller.Agent)
	}
}

// checkRegistries tells which registry did not answer when it was last asked.
func (b *books) checkRegistries(ctx context.Context) error {
	for _, keys := range b.published {
		if err := keys.Check(ctx); err != nil {
			return err
		}
	}
	checks := b.federation.Health()
	for _, issuer := range slices.Sorted(maps.Keys(checks)) {
		if err := checks[issuer](ctx); err != nil {
			return fmt.Errorf("%s: %w", issuer, err)
		}
	}
	return nil
}

// disconnect lets go of the outside.
func (b *books) disconnect() error {
	if b.policies != nil {
		b.policies.close()
	}
	if b.federation != nil {
		b.federation.Close()
	}
	if b.peers != nil {
		return b.peers.close()
	}
	return nil
}

// listenForPeers serves workloads on an address of their own, where there is one.
func (s *service) listenForPeers(ctx context.Context) error {
	if s.books.peers == nil {
		return nil
	}
	addr := s.config.SPIFFEListenAddr
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (%w); free the port or choose another with SPIFFE_LISTEN_ADDR", addr, err)
	}
	s.logger.Info("serving workloads with SVIDs", "address", listener.Addr().String())
	go func() { s.failed <- s.http.Serve(tls.NewListener(listener, s.books.peers.tls)) }()
	return nil
}

// reloadPolicies reads policies anew at each SIGHUP, until the context ends. Those that
// cannot be used leave the ones before in force.
func (s *service) reloadPolicies(ctx context.Context) {
	p := s.books.policies
	if p == nil || p.reload == nil {
		return
	}
	for {
		select {
		case <-p.hangups:
			if err := p.reload(ctx); err != nil {
				s.logger.Error("the policies could not be read anew; those before stay in force", "error", err)
				continue
			}
			s.logger.Info("the policies were read anew")
		case <-ctx.Done():
			return
		}
	}
}
