package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A party sees its own disputes, an arbitrator the queue, and neither what is the other's.
func TestDisputes(t *testing.T) {
	eachStand(t, func(s *stand) {
		carol := tegtest.Fund(t, s.engine, "did:example:carol", "10")
		id := s.dispute.String()
		s.loggedIn(s.alice).shows(s.loggedIn(s.alice).get("/console/disputes"), id, "open")
		s.loggedIn(s.bob).shows(s.loggedIn(s.bob).get("/console/disputes?role=claimant"), "None.")
		require.NotContains(s.t, s.loggedIn(carol).get("/console/disputes").text, id)
		require.Equal(s.t, http.StatusNotFound, s.loggedIn(carol).get("/console/disputes/"+id).status)
		b := s.loggedIn(carol, auth.Arbitrator)
		b.shows(b.get("/console/disputes"), id, "1 are open")
		b.shows(b.get("/console/disputes?mine=true"), "None.")
		b.shows(b.get("/console/disputes?status=OPEN&agent_id=did:example:bob"), id)
		b.shows(b.get("/console/disputes?agent_id=nobody"), "that is no DID")
	})
}

// A dispute is worked on by each side with what is its own, from the claim to the ruling.
func TestDispute(t *testing.T) {
	eachStand(t, func(s *stand) {
		carol := tegtest.Fund(t, s.engine, "did:example:carol", "10")
		path, which := "/console/disputes/"+s.dispute.String(), s.dispute.String()
		alice, bob, arbiter := s.loggedIn(s.alice), s.loggedIn(s.bob), s.loggedIn(carol, auth.Arbitrator)
		alice.shows(alice.get(path), "nothing was found", "Withdraw it", "Bring evidence", "What each end would move")
		require.NotContains(s.t, alice.get(path).text, "Decide it so", "it is not hers to decide")
		require.NotContains(s.t, s.loggedIn(s.alice, auth.Arbitrator).get(path).text, "Decide it so", "not even as an arbitrator")
		bob.done("dispute-respond", url.Values{"dispute_id": {which}, "response": {"I found it all"}})
		bob.done("dispute-evidence", url.Values{"dispute_id": {which}, "evidence_pointer": {"ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"}})
		require.NotContains(s.t, bob.get(path).text, "dispute-respond", "once")
		require.NotContains(s.t, arbiter.get(path).text, "/console/transactions/tx_", "it is not the arbiter's to see")
		alice.shows(alice.get(path), "/console/transactions/"+s.paid.String())
		arbiter.done("dispute-move", url.Values{"dispute_id": {which}, "status": {"UNDER_REVIEW"}, "note": {"looking"}})
		arbiter.done("dispute-move", url.Values{"dispute_id": {which}, "status": {"AWAITING_ARBITRATION"}})
		r := arbiter.get(path + "?penalty=2.5&reputation=-30")
		arbiter.shows(r, "I found it all", "looking", "bafkreigh2", "penalty of the other: 2.5 AVT", "-30", "+7",
			"/console/acts/dispute-resolve?dispute_id="+which+"&hold=&penalties.reputation_adjustment=-30&penalties.token_penalty=2.5&resolution_status=RESOLVED_FAVOR_CLAIMANT")
		arbiter.shows(arbiter.get(path+"?penalty=much&reputation=x&hold=y"), "that is no amount", "that is no whole number", "it is capture or void")
		arbiter.done("dispute-resolve", url.Values{
			"dispute_id": {which}, "resolution_status": {"RESOLVED_FAVOR_CLAIMANT"}, "resolution_notes": {"it was empty"}, "penalties.token_penalty": {"2.5"},
		})
		arbiter.shows(arbiter.get(path), "it was empty", "2.5 AVT, 2.5 collected")
		require.NotContains(s.t, arbiter.get(path).text, "What each end would move")
		require.Equal(s.t, "12.5", s.available(s.bob))
	})
}

// What a ruling does with a frozen hold is shown before it is done.
func TestRulingOnAHold(t *testing.T) {
	eachStand(t, func(s *stand) {
		hold, err := s.engine.Hold(t.Context(), teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("3")})
		require.NoError(s.t, err)
		filed, err := s.engine.RaiseDispute(t.Context(), teg.RaiseDisputeParams{
			By: s.bob, Defendant: s.alice, TransactionID: hold.TransactionIDs[0], Reason: "NOT_PAID", Description: "she keeps it",
		})
		require.NoError(s.t, err)
		b := s.loggedIn(s.alice)
		path := "/console/disputes/" + filed.ID.String()
		b.shows(b.get(path), "frozen", "is active again")
		b.shows(b.get(path+"?hold=capture"), "its receiver is paid all of it")
		b.shows(b.get(path+"?hold=void"), "its payer has all of it back")
	})
}
