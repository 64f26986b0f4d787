package remote

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// The salt of a vote is told before the vote is sent, with what tells the vote later, and
// the commitment is that of the caller's seat.
func TestPanelCommit(t *testing.T) {
	s := newStand(t, documented(t))
	_, stdout, _ := s.run("panel", "--json")
	var page struct{ Panels []client.TakenSeat }
	require.NoError(t, json.Unmarshal([]byte(stdout), &page))
	seat := page.Panels[0]
	id := string(seat.DisputeID)
	code, _, stderr := s.run("panel", "commit", id, "split")
	require.Zero(t, code, stderr)
	before, salt, found := strings.Cut(strings.TrimSpace(stderr), "teg panel reveal "+id+" split ")
	require.True(t, found, stderr)
	require.NotEmpty(t, before)
	var sent client.CommitRequest
	require.NoError(t, json.Unmarshal([]byte(s.bodies[len(s.bodies)-1]), &sent))
	require.Equal(t, panel.Commitment(id, seat.Round, seat.JurorAgentID, panel.Split, salt), sent.Commitment)

	code, _, stderr = s.run("panel", "commit", "disp_other", "split")
	require.Equal(t, exitRefused, code)
	require.Contains(t, stderr, "no seat")
}

// Secrets come on stdin, and who registers is whom the token names.
func TestBootstrapTokens(t *testing.T) {
	s := newStand(t, documented(t))
	const token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJkaWQ6ZXhhbXBsZTpib2IifQ.x" // {"sub":"did:example:bob"}
	connected := []string{"--url", s.URL, "--token", token}
	code, stdout, stderr := run("tegboot_x\n", append([]string{"bootstrap-token", "check", "-"}, connected...)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "valid")
	require.JSONEq(t, `{"bootstrap_token":"tegboot_x"}`, s.bodies[0])
	code, _, stderr = run("tegboot_x", append([]string{"agent", "register", "-", "--metadata", `{"a":1}`}, connected...)...)
	require.Zero(t, code, stderr)
	var sent client.RegistrationRequest
	require.NoError(t, json.Unmarshal([]byte(s.bodies[1]), &sent))
	require.Equal(t, []any{"tegboot_x", did.MustParse(bob)}, []any{sent.BootstrapToken, sent.AgentDID})
	code, _, _ = run("x", "agent", "register", "-", "--url", s.URL, "--token", "opaque")
	require.Equal(t, exitMisused, code)
	require.Len(t, s.bodies, 2)
}

// A token is printed, and nothing else; without one there is nothing to print.
func TestLogin(t *testing.T) {
	code, stdout, _ := run("", "login", "--token", "t")
	require.Equal(t, []any{0, "t\n"}, []any{code, stdout})
	code, stdout, _ = run("", "login", "--token", "t", "--json")
	require.Equal(t, []any{0, `{"access_token":"t"}` + "\n"}, []any{code, stdout})
	code, stdout, stderr := run("", "login")
	require.Equal(t, []any{exitMisused, ""}, []any{code, stdout})
	require.Contains(t, stderr, "teg keygen")
}
