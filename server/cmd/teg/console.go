package main

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/console"
)

// consoleBase is where the console lies.
const consoleBase = "/console"

// withFaces puts before the API what is wanted of the faces that call it.
func withFaces(api http.Handler, c *config.Config, logger *slog.Logger) (http.Handler, error) {
	tools, err := withMCP(api, c)
	if err != nil {
		return nil, err
	}
	return withConsole(tools, c, logger)
}

// withConsole puts the console before the API, where it is wanted.
func withConsole(api http.Handler, c *config.Config, logger *slog.Logger) (http.Handler, error) {
	if !c.ConsoleEnabled {
		return api, nil
	}
	secret, err := consoleSecret(c)
	if err != nil {
		return nil, err
	}
	pages, err := console.New(console.Config{
		API: api, Prefix: c.APIPrefix, Base: consoleBase, Secret: secret, Logger: logger, TransportSecurity: c.Environment == config.Production,
	})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == consoleBase || strings.HasPrefix(r.URL.Path, consoleBase+"/") {
			pages.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	}), nil
}

// consoleSecret is what sessions are sealed under: what is set for it, what follows from the
// key of the tokens that they hold, or one that ends with the process.
func consoleSecret(c *config.Config) ([]byte, error) {
	tokens := tokenConfig(c)
	switch {
	case !c.ConsoleSecret.IsZero():
		return c.ConsoleSecret.Reveal(), nil
	case len(tokens.Secret) > 0 || c.PrivateKey() != nil:
		signer, err := auth.NewSigner(tokens, c.PrivateKey())
		if err != nil {
			return nil, err
		}
		return signer.Derive("console sessions")
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // which never fails
	return secret, nil
}
