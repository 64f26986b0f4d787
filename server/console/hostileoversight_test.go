package console_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What agents and reviewers write is text on the pages of oversight, too.
func TestStoredScriptsInOversight(t *testing.T) {
	eachStand(t, func(s *stand) {
		const hostile = `</title></svg><script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="x`
		ctx := t.Context()
		flag, err := s.engine.RaiseFlag(ctx, teg.RaiseFlagParams{By: tegtest.Admin, Agent: s.bob, Code: "X", Reason: hostile, Severity: teg.SeverityLow, Transactions: []teg.TransactionID{s.paid}})
		require.NoError(s.t, err)
		paid, err := s.engine.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
		require.NoError(s.t, err)
		filed, err := s.engine.RaiseDispute(ctx, teg.RaiseDisputeParams{By: s.alice, Defendant: s.bob, TransactionID: paid.TransactionID, Reason: hostile[:40], Description: hostile})
		require.NoError(s.t, err)
		_, err = s.engine.RespondToDispute(ctx, teg.ResponseParams{By: s.bob, DisputeID: filed.ID, Response: hostile})
		require.NoError(s.t, err)
		name, level, parameters := hostile, teg.PolicyMandatory, `{"attestation_type":"x","data_schema":{"title":"</pre><script>alert(1)</script>"}}`
		policy, err := s.engine.PutPolicy(ctx, teg.PutPolicyParams{By: tegtest.Admin, Code: "hostile", Type: teg.PolicyAttestation,
			PolicyEdit: teg.PolicyEdit{Name: &name, Level: &level, Description: &name, Parameters: &parameters}})
		require.NoError(s.t, err)
		require.NoError(s.t, s.engine.Tick(ctx))
		b := s.loggedIn(s.alice, auth.Admin)
		for _, path := range []string{
			"/flags", "/flags/" + flag.ID.String(), "/disputes?mine=true", "/disputes/" + filed.ID.String(), "/policies", "/policies/" + policy.ID.String(), "/audit-log/" + s.entry.String(),
			"/audit-log?action=%3Cscript%3Ealert(1)", "/rules/HIGH_VELOCITY_TRANSFERS?max_transfers=%22%3E%3Cscript%3Ealert(1)",
			"/acts/policy-change?parameters=%3C/textarea%3E%3Cscript%3Ealert(1)", "/acts/dispute-respond?dispute_id=%22%3E%3Cscript%3Ealert(1)",
		} {
			p := b.get("/console" + path)
			require.Equal(s.t, 200, p.status, path)
			require.NotContains(s.t, p.text, "<script>alert", path)
			require.NotContains(s.t, p.text, "<img", path)
			require.NotContains(s.t, p.text, `" onmouseover="`, path)
			s.safe(p)
		}
	})
}
