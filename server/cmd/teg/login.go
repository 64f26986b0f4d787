package main

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/didweb"
	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/registry"
)

// newLogin lets agents in who sign with a key of their DID; nil where there is no key to
// sign their tokens with.
func newLogin(ctx context.Context, b *books, c *config.Config, tokens auth.Config, logger *slog.Logger) (*login.Service, error) {
	if len(tokens.Secret) == 0 && c.PrivateKey() == nil {
		return nil, nil
	}
	signer, err := auth.NewSigner(tokens, c.PrivateKey())
	if err != nil {
		return nil, err
	}
	return login.New(ctx, login.Config{
		Sessions: b.store.Sessions(), Signer: signer, Resolver: resolvers(c, b.federation), Service: cmp.Or(c.JWTAudience, c.JWTIssuer),
		Reserved: b.IsSystem, Logger: logger,
		AccessTTL: time.Duration(c.JWTAccessMinutes) * time.Minute, RefreshTTL: time.Duration(c.JWTRefreshDays) * 24 * time.Hour,
	})
}

// resolvers find the keys of the DIDs that may log in.
func resolvers(c *config.Config, federation *registry.Federation) login.Resolvers {
	known := login.Resolvers{
		"key": didkey.Key{}, "jwk": didkey.JWK{},
		"web": didweb.New(didweb.Config{Client: fetch.New(fetch.Config{Redirects: 2, Networks: c.DIDWebNetworks})}),
	}
	for _, method := range federation.Methods() {
		if known[method] == nil { // what a DID says of itself, or its host, needs no registry
			known[method] = registryKeys{federation}
		}
	}
	enabled := login.Resolvers{}
	for _, method := range c.LoginDIDMethods {
		if resolver := known[method]; resolver != nil {
			enabled[method] = resolver
		}
	}
	return enabled
}

// registryKeys finds the keys that a registry names.
type registryKeys struct{ *registry.Federation }

// Keys leaves out those that are none for signatures.
func (r registryKeys) Keys(ctx context.Context, of did.DID) ([]pubkey.Key, error) {
	named, err := r.Federation.Keys(ctx, of)
	if err != nil {
		return nil, err
	}
	var keys []pubkey.Key
	for _, text := range named {
		jwk, err := pubkey.ParseJWK(text)
		if err != nil {
			continue
		}
		if key, err := pubkey.New(jwk.Public); err == nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, registry.ErrUnknown
	}
	return keys, nil
}

// registryIntegration tells whether the registry's keys can be read.
func registryIntegration(c *config.Config) []server.Integration {
	if keys := c.JWKS(); keys != nil {
		return []server.Integration{{Name: "jwks", Check: keys.Check}}
	}
	return nil
}
