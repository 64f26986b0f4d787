package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// often is how the rules are set that the bursts must meet. The first finds an agent
// each second; the second needs what was paid over seconds, and so over restarts.
const often = `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","thresholds":{"max_transfers":2,"window_seconds":1}},
	{"code":"STRUCTURING","thresholds":{"threshold_amount":"0.011","min_transfers":40,"window_seconds":4}}]}`

// The server is killed at random while agents pay faster than a rule allows: before a
// payment's event, between the event and its flag, and after. In the end the flags are
// those that one reader finds who was never interrupted, each once.
func TestKilledWhileAuditing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "READER_TERM=100ms")
		s.succeed("migrate", "up")
		s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
		s.succeed("import", "--ratings", "ring.csv")
		admin := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:root", "--role", "admin"))
		setRules(s, admin, often)
		payers := make([]*sender, 4)
		for i := range payers {
			payers[i] = &sender{
				name: fmt.Sprintf("payer-%d", i), from: i + 1, path: "/token/transfer", id: "transaction_id",
				body:  fmt.Sprintf(`{"receiver_agent_id":"did:otc:%d","amount":"0.01"}`, 1+(i+1)%4),
				token: strings.TrimSpace(s.succeed("token", "mint", "--sub", fmt.Sprintf("did:otc:%d", i+1))),
			}
		}
		killOverAndOver(s, payers, kills(t), func(api string) { requireFlaggedOnce(t, api, admin) })
	})
}

// setRules changes rules over HTTP, on a server that is there for that alone.
func setRules(s *shell, admin, rules string) {
	s.t.Helper()
	b := s.start("serve")
	api := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
	status, set := ask(s.t, "PUT", api+"/admin/auditor/rules", admin, rules)
	require.Equal(s.t, 200, status, set)
	require.Zero(s.t, b.end(syscall.SIGTERM))
}

// requireFlaggedOnce compares the flags with what the rules find in the whole log.
func requireFlaggedOnce(t *testing.T, api, admin string) {
	t.Helper()
	status, trial := ask(t, "POST", api+"/admin/auditor/rules/trial", admin, `{"rules":[],"limit":1000}`)
	require.Equal(t, 200, status, trial)
	require.Equal(t, true, trial["complete"])
	want := found(t, trial["findings"])
	require.NotEmpty(t, want)
	var flagged map[string]bool
	require.Eventually(t, func() bool {
		status, page := ask(t, "GET", api+"/admin/auditor/flags?limit=1000", admin, "")
		require.Equal(t, 200, status)
		flagged = found(t, page["flags"])
		return len(flagged) >= len(want)
	}, 2*time.Minute, 50*time.Millisecond)
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(flagged)))
	t.Logf("%d bursts, each flagged once", len(flagged))
}

// found are rule, agent, window and transactions of findings or flags, none of them twice.
func found(t *testing.T, list any) map[string]bool {
	t.Helper()
	seen, windows := map[string]bool{}, map[string]bool{}
	for _, each := range list.([]any) {
		of := each.(map[string]any)
		window := fmt.Sprint(of["rule_violated_code"], of["flagged_agent_did"], of["window_start"])
		require.False(t, windows[window], "%s twice", window)
		windows[window] = true
		seen[fmt.Sprint(window, of["related_transaction_ids"])] = true
	}
	return seen
}
