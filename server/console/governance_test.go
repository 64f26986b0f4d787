package console_test

import (
	"net/url"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// A policy shows what each of its versions changed.
func TestPolicies(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice, auth.Admin)
		b.shows(b.get("/console/policies?policy_type=economic&active_only=true"), "Fees of the year", "reputation dispute won")
		b.shows(b.get("/console/policies?policy_type=dispute"), "None.")
		path := "/console/policies/" + s.policy.String()
		b.done("policy-change", url.Values{"policy_id": {s.policy.String()}, "parameters": {`{"reputation_dispute_won": 9}`}})
		r := b.get(path)
		b.shows(r, "<del>7</del>", "<ins>9</ins>", "parameters.reputation_dispute_won", "Deactivate it")
		b.done("policy-end", url.Values{"policy_id": {s.policy.String()}})
		b.shows(b.get(path), "<del>true</del>", "<ins>false</ins>", "Make it active again")
		b.done("policy-make", url.Values{"policy_code": {"more"}, "policy_name": {"More"}, "policy_type": {"dispute"}, "enforcement_level": {"advisory"}, "parameters": {`{"dispute_bond":"1"}`}})
		b.shows(b.get("/console/policies"), "More")
		require.NotContains(s.t, s.loggedIn(s.bob).get(path).text, "Change it")
	})
}

func TestTreasury(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice, auth.Admin)
		first := b.get("/console/treasury")
		b.shows(first, "0.001", "did:agentvault:treasury", "acts/burn")
		require.NotContains(s.t, first.text, "/agents/did:agentvault", "it is no agent, and has no page")
		b.done("give", url.Values{"system_account_type": {"treasury"}, "amount": {"4"}})
		b.done("burn", url.Values{"amount": {"1"}, "reason": {"less is more"}})
		b.done("adjust", url.Values{"from_agent_id": {"did:example:bob"}, "to_agent_id": {"did:example:alice"}, "amount": {"2"}, "reason": {"a fault"}})
		b.shows(b.get("/console/treasury"), `<p class="big">3.001</p>`, "1,009")
		require.Equal(s.t, "13", s.available(s.bob))
		r := b.get("/console/treasury")
		b.shows(r, "3 of the 6 last transactions", s.paid.String(), "system transfer", "transaction_type=grant")
		require.NotContains(s.t, r.text, "a fault", "it had no part in that")
		r = b.get("/console/treasury?fees=without")
		b.shows(r, "2 of the 6", "show them, too")
		require.NotContains(s.t, r.text, s.paid.String(), "a fee alone came of it")
	})
}

// An entry of the log comes with its proof, once it is in the tree.
func TestAuditLog(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice, auth.Admin)
		b.shows(b.get("/console/audit-log?actor=did:example:alice&action=transfer"), s.entry.String(), s.paid.String(), "LOG_SIGNING_KEY")
		b.shows(b.get("/console/audit-log?actor=nobody"), "that is no DID")
		require.NoError(s.t, s.engine.Tick(t.Context()))
		b.shows(b.get("/console/audit-log/"+s.entry.String()), `data-path="`, "Place in the log", "transfer")
	})
}

func TestSystem(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice, auth.Auditor)
		b.shows(b.get("/console/system"), "LISTEN_ADDR", ":8002", "not set", "database", "Readers of the log", runtime.Version(), "/admin/system")
	})
}
