package main

import (
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg/ipfs/ipfstest"
)

// The storage that is configured is the one that evidence is read from.
func TestEvidenceIsConfigured(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	service := ipfstest.StartPinningService(t, "hunter2")
	c, err := config.Load(config.Sources{WithoutTokens: true, Environ: []string{
		"DATABASE_URL=sqlite://:memory:", "IPFS_API_URL=" + n.API, "IPFS_PINNING_URL=" + service.URL, "IPFS_PINNING_TOKEN=hunter2",
		"IPFS_MAX_BYTES=8", "IPFS_TIMEOUT=1m",
	}})
	require.NoError(t, err)
	st, err := createStore(t.Context(), c.Database)
	require.NoError(t, err)
	require.NoError(t, st.Migrate(t.Context()))
	b, err := startBooks(t.Context(), st, c, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, b.Close()) }()
	require.Len(t, b.integrations(), 1)
	require.NoError(t, b.integrations()[0].Check(t.Context()))

	eight, nine := n.Add(t, []byte("12345678"), nil), n.Add(t, []byte("123456789"), nil)
	require.NoError(t, b.evidence.Pin(t.Context(), "ipfs://"+eight.String()))
	require.Len(t, service.Pins(), 1)
	_, err = b.evidence.Fetch(t.Context(), "ipfs://"+nine.String(), 0)
	require.ErrorContains(t, err, "larger than 8 bytes")
}

// A server starts without its storage, and tells that it is away.
func TestServeWithoutItsStorage(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0",
		"IPFS_API_URL=http://127.0.0.1:1", "IPFS_API_TOKEN=hunter2")
	s.succeed("migrate", "up")
	out := s.succeed("config", "check")
	require.Regexp(t, `IPFS_API_URL +http://127.0.0.1:1 +environment`, out)
	require.NotContains(t, out, "hunter2")
	_, _, usage := s.run("serve", "--ipfs-api-token", "hunter2")
	require.Contains(t, usage, "unknown flag", "secrets are no flags")
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:root", "--role", "admin"))
	b := s.start("serve")
	url := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]
	require.Eventually(t, func() bool {
		_, health := ask(t, "GET", url+"/health", token, "")
		return health["checks"].(map[string]any)["ipfs"].(map[string]any)["status"] == "degraded" && health["status"] == "degraded"
	}, 2*time.Minute, 10*time.Millisecond)
	require.Zero(t, b.end(syscall.SIGTERM))
	shown := newShell(t, "IPFS_API_URL=nonsense", "IPFS_PINNING_TOKEN=hunter2")
	d, api, tokens := startDev(shown, "--ephemeral")
	status, health := ask(t, "GET", api[:len(api)-len("/api/v1")]+"/health", tokens["ADMIN"], "")
	require.Equal(t, 200, status)
	require.NotContains(t, health["checks"], "ipfs", "a first look has no storage")
	require.Zero(t, d.end(syscall.SIGTERM))
}
