package server_test

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// Who oversees a server is told of its build, of its log and of who reads it, and of its settings.
func TestSystem(t *testing.T) {
	settings := func(c *server.Config) {
		c.Version, c.Environment = "v9", "test"
		c.Settings = []server.Setting{{Name: "A", Value: "1", Source: "environment"}, {Name: "B", Source: "default"}}
	}
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		m := newMarketOn(t, open(t), settings)
		m.auditing()
		m.pay(m.aliceToken, m.bob)
		aud := m.token(teg.Agent("did:example:aud"), auth.Auditor)
		r := m.get("/admin/system", aud).is(200, "")
		require.Equal(t, []any{"v9", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, "test"}, []any{r.at("version"), r.at("go_version"), r.at("platform"), r.at("environment")})
		require.Equal(t, map[string]any{"name": "A", "value": "1", "source": "environment"}, r.at("settings", 0))
		require.Equal(t, map[string]any{"name": "B", "value": nil, "source": "default"}, r.at("settings", 1))
		require.NotEqual(t, json.Number("0"), r.at("log", "events"))
		require.Equal(t, json.Number("0"), r.at("log", "first_position"))
		require.Equal(t, false, r.at("log", "signed"))
		require.NotEmpty(t, r.at("connections"))
		require.Equal(t, json.Number("0"), r.at("work", "failures"))
		require.Eventually(t, func() bool {
			readers := m.get("/admin/system", aud).is(200, "").at("readers").([]any)
			return len(readers) > 0 && readers[0].(map[string]any)["name"] != ""
		}, 2*time.Minute, 10*time.Millisecond)
	})
}

// A program that tells no settings shows none.
func TestSystemWithoutSettings(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	require.Empty(t, m.get("/admin/system", m.admins).is(200, "").at("settings"))
}
