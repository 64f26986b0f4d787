package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// The console is before the API where it is wanted, and takes nothing else from it.
func TestConsoleIsMounted(t *testing.T) {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the API") })
	for environment, served := range map[string]bool{"development": true, "production": false} {
		c := loadedFor(t, "ENVIRONMENT="+environment)
		face, err := withConsole(api, c, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		for path, console := range map[string]bool{"/console": true, "/console/login": true, "/consoles": false, "/": false, "/api/v1/token/balance": false} {
			recorder := httptest.NewRecorder()
			face.ServeHTTP(recorder, httptest.NewRequest("GET", "http://127.0.0.1"+path, nil))
			require.Equal(t, !console || !served, recorder.Body.String() == "the API", "%s %s", environment, path)
		}
	}
}

// Sessions are sealed under what is set for them, or what follows from the key of tokens: the
// same on every server that has it, and another one than the key itself.
func TestConsoleSecret(t *testing.T) {
	secret := func(settings ...string) string {
		s, err := consoleSecret(loadedFor(t, settings...))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(s), 32)
		return string(s)
	}
	require.Equal(t, secret(), secret())
	require.NotEqual(t, consoleTokenKey, secret())
	require.Equal(t, "sessions are sealed under this, on every server", secret("CONSOLE_SECRET=sessions are sealed under this, on every server"))
	_, err := config.Load(config.Sources{Environ: []string{"JWT_SECRET_KEY=" + consoleTokenKey, "CONSOLE_SECRET=short"}})
	require.ErrorContains(t, err, "CONSOLE_SECRET")
}

const consoleTokenKey = "pZ0x7Qm3vK9tW2sR5yB8nD1fH4jL6gC0aE7u"

func loadedFor(t *testing.T, settings ...string) *config.Config {
	c, err := config.Load(config.Sources{Environ: append([]string{"JWT_SECRET_KEY=" + consoleTokenKey, "RATE_LIMIT_ENABLED=true", "DATABASE_URL=sqlite://x.db"}, settings...)})
	require.NoError(t, err)
	return c
}
