package main

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/didweb"
	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/config"
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
		Sessions: b.store.Sessions(), Signer: signer, Resolver: resolvers(c), Service: cmp.Or(c.JWTAudience, c.JWTIssuer),
		Reserved: b.IsSystem, Logger: logger,
		AccessTTL: time.Duration(c.JWTAccessMinutes) * time.Minute, RefreshTTL: time.Duration(c.JWTRefreshDays) * 24 * time.Hour,
	})
}

// resolvers find the keys of the DIDs that may log in.
func resolvers(c *config.Config) login.Resolvers {
	known := login.Resolvers{
		"key": didkey.Key{}, "jwk": didkey.JWK{},
		"web": didweb.New(didweb.Config{Client: fetch.New(fetch.Config{Redirects: 2, Networks: c.DIDWebNetworks})}),
	}
	enabled := login.Resolvers{}
	for _, method := range c.LoginDIDMethods {
		if resolver := known[method]; resolver != nil {
			enabled[method] = resolver
		}
	}
	return enabled
}

// registryIntegration tells whether the registry's keys can be read.
func registryIntegration(c *config.Config) []server.Integration {
	if keys := c.JWKS(); keys != nil {
		return []server.Integration{{Name: "jwks", Check: keys.Check}}
	}
	return nil
}
