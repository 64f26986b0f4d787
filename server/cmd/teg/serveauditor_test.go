package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The auditor runs beside the server unless it is told not to. What was not read then
// is read when it runs again.
func TestServeRunsTheAuditor(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0")
	s.succeed("migrate", "up")
	admin := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:root", "--role", "admin"))
	var b *background
	serve := func(args ...string) (api string) {
		b = s.start(append([]string{"serve"}, args...)...)
		return servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
	}
	api := serve("--auditor-enabled=false")
	for _, act := range [][3]string{
		{"PUT", "/admin/auditor/rules", `{"rules":[{"code":"LARGE_TRANSFER","thresholds":{"min_amount":1}}]}`},
		{"POST", "/admin/tokens/issue", `{"recipient_agent_id":"did:example:root","amount":"10","reason":"grant"}`},
		{"POST", "/admin/tokens/issue", `{"recipient_agent_id":"did:example:bob","amount":"10","reason":"grant"}`},
		{"POST", "/token/transfer", `{"receiver_agent_id":"did:example:bob","amount":"1"}`},
	} {
		status, answer := ask(t, act[0], api+act[1], admin, act[2])
		require.Equal(t, 200, status, answer)
	}
	require.Zero(t, b.end(syscall.SIGTERM)) // an auditor writes down where it stands when it ends
	api = serve("--auditor-enabled=false")
	_, metrics := ask(t, "GET", api+"/admin/auditor/metrics", admin, "")
	require.Equal(t, []any{float64(0), float64(0)}, []any{metrics["position"], metrics["total_flags"]})
	require.Zero(t, b.end(syscall.SIGTERM))

	api = serve()
	require.Eventually(t, func() bool {
		_, flags := ask(t, "GET", api+"/admin/auditor/flags?rule=LARGE_TRANSFER&agent_id=did:example:root", admin, "")
		return flags["total"] == float64(1)
	}, 2*time.Minute, 20*time.Millisecond)
	require.Zero(t, b.end(syscall.SIGTERM))
	api = serve("--auditor-enabled=false")
	_, metrics = ask(t, "GET", api+"/admin/auditor/metrics", admin, "")
	require.Greater(t, metrics["position"], float64(0))
	require.Zero(t, b.end(syscall.SIGTERM))
}
