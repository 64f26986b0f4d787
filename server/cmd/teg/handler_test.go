package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// Who oversees a server sees its settings, and nothing that lets anybody in.
func TestShownSettings(t *testing.T) {
	c, err := config.Load(config.Sources{Environ: []string{
		"JWT_SECRET_KEY=0123456789abcdef0123456789abcdef", "DATABASE_URL=postgres://teg:hush@127.0.0.1/teg", "OPA_URL=http://127.0.0.1:8181/v1/data/teg/decision", "OPA_TOKEN=hush",
	}})
	require.NoError(t, err)
	values := map[string]string{}
	for _, s := range shownSettings(c) {
		require.NotContains(t, s.Value, "hush", s.Name)
		require.NotContains(t, s.Value, "0123456789abcdef", s.Name)
		values[s.Name] = s.Value
	}
	require.Equal(t, "/api/v1", values["API_V1_PREFIX"])
	require.Equal(t, "http://127.0.0.1:8181/v1/data/teg/decision", values["OPA_URL"])
}
