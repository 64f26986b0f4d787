package console_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// worked has Alice at work, Bob praised and flagged, and a reward cycle closed.
func (s *stand) worked() {
	stake, err := s.engine.Stake(s.t.Context(), teg.StakeParams{By: s.alice, Amount: teg.AVT("100")})
	require.NoError(s.t, err)
	_, err = s.engine.Delegate(s.t.Context(), teg.DelegateParams{By: s.alice, StakeID: stake.StakeID, Validator: s.bob, Amount: teg.AVT("40")})
	require.NoError(s.t, err)
	_, err = s.engine.RunRewardCycle(s.t.Context(), teg.CycleParams{By: tegtest.Admin})
	require.NoError(s.t, err)
	_, err = s.engine.ClaimRewards(s.t.Context(), teg.ClaimParams{By: s.alice})
	require.NoError(s.t, err)
	_, err = s.engine.Signal(s.t.Context(), teg.SignalParams{By: s.alice, TransactionID: s.paid, Value: 1})
	require.NoError(s.t, err)
	_, err = s.engine.RaiseFlag(s.t.Context(), teg.RaiseFlagParams{By: tegtest.Admin, Agent: s.bob, Code: "TOO_CHEAP", Severity: teg.SeverityLow, Reason: "<b>cheap</b>"})
	require.NoError(s.t, err)
}

// An agent sees all of itself, those who oversee it more, and strangers what is public.
func TestAgentPages(t *testing.T) {
	eachStand(t, func(s *stand) {
		s.worked()
		admin := s.loggedIn(teg.Agent("did:example:root"), auth.Admin)
		r := admin.get("/console/agents/did:example:bob")
		admin.shows(r, "Balance after", "for a search", "signal", "Delegated to it", "TOO_CHEAP", "<b>cheap</b>", "Suspend it", "Slash it")
		require.NotContains(s.t, r.text, "<b>cheap")
		admin.shows(admin.get("/console/agents/did%3Aexample%3Aalice"), "Delegated to others", "stake_", "994.999")
		bob := s.loggedIn(s.bob)
		r = bob.get("/console/agents/did:example:bob")
		bob.shows(r, "Balance after", "you", "Delegated to it")
		require.NotContains(s.t, r.text, "TOO_CHEAP", "nobody is told of flags against it")
		r = bob.get("/console/agents/did:example:alice")
		bob.shows(r, "Reputation over time", "Pay it", "of 1, from whom trusts it")
		require.NotContains(s.t, r.text, "Balance after")
		require.NotContains(s.t, r.text, "994.999")
		require.Equal(s.t, http.StatusNotFound, bob.get("/console/agents/did:example:nobody").status)
		require.Equal(s.t, http.StatusNotFound, bob.get("/console/agents/nobody").status)
	})
}

func TestListsOfAgents(t *testing.T) {
	eachStand(t, func(s *stand) {
		s.worked()
		auditor := s.loggedIn(teg.Agent("did:example:auditor"), auth.Auditor)
		r := auditor.get("/console/agents?search=ali")
		auditor.shows(r, "/console/agents/did:example:alice", "/api/v1/admin/agents?limit=50&search=ali")
		require.NotContains(s.t, r.text, "did:example:bob")
		auditor.shows(auditor.get("/console/reputation"), "did:example:bob", "How reputations are spread", "0 to 99")
		auditor.shows(auditor.get("/console/reputation?sort=trust"), "By trust")
		alice := s.loggedIn(s.alice)
		alice.shows(alice.get("/console/staking"), "did:example:bob", "Reward cycles", "Rewards that you were paid", "staking reward")
	})
}
