package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// Who decides disputes is who is configured, and /health tells of them.
func TestArbitrationIsConfigured(t *testing.T) {
	service := httptest.NewServer(http.NotFoundHandler())
	defer service.Close()
	for setting, decides := range map[string]bool{"ARBITRATOR_URL=" + service.URL: true, "PANEL_ENABLED=true": true, "PANEL_ENABLED=false": false} {
		c, err := config.Load(config.Sources{WithoutTokens: true, Environ: []string{"DATABASE_URL=sqlite://:memory:", setting, "PANEL_SEATS=5", "PANEL_REWARD=2"}})
		require.NoError(t, err)
		st, err := createStore(t.Context(), c.Database)
		require.NoError(t, err)
		require.NoError(t, st.Migrate(t.Context()))
		b, err := startBooks(t.Context(), st, c, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.Equal(t, decides, b.ArbitratorHealth().Configured, setting)
		var names []string
		for _, i := range b.integrations() {
			names = append(names, i.Name)
			require.NoError(t, i.Check(t.Context()), "nobody was asked yet")
		}
		require.Equal(t, decides, len(names) == 1 && names[0] == "arbitrator")
		require.NoError(t, b.Close())

		var engine teg.Config
		require.NoError(t, decideBy(c, &engine))
		require.Equal(t, setting == "PANEL_ENABLED=true", engine.Panel != nil)
		if engine.Panel != nil {
			require.Equal(t, 5, engine.Panel.Seats)
			require.Equal(t, "2", engine.Panel.Reward.String())
			require.NoError(t, engine.Panel.Check())
		}
	}
	s := newShell(t, "ARBITRATOR_URL=https://court.example", "ARBITRATOR_TOKEN=hunter2", "JWT_SECRET_KEY="+secret)
	require.NotContains(t, s.succeed("config", "check"), "hunter2")
	_, _, usage := s.run("serve", "--arbitrator-token", "hunter2")
	require.Contains(t, usage, "unknown flag", "secrets are no flags")
}
