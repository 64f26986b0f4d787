package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const jurySalt = "abcdefghijklmnopqrstuvwxyz"

// summon has three jurors drawn for a new dispute of Bob with Alice.
func (s *stand) summon() (dispute teg.DisputeID, jurors []teg.DID) {
	ctx := s.t.Context()
	for i := range 3 {
		jurors = append(jurors, tegtest.Fund(s.t, s.engine, fmt.Sprintf("did:example:juror%d", i), "100"))
		_, err := s.engine.Stake(ctx, teg.StakeParams{By: jurors[i], Amount: teg.AVT("20")})
		require.NoError(s.t, err)
	}
	s.clock.Advance(time.Second)
	paid, err := s.engine.Transfer(ctx, teg.TransferParams{From: s.bob, To: s.alice, Amount: teg.AVT("3")})
	require.NoError(s.t, err)
	filed, err := s.engine.RaiseDispute(ctx, teg.RaiseDisputeParams{By: s.bob, Defendant: s.alice, TransactionID: paid.TransactionID, Reason: "LATE", Description: "late"})
	require.NoError(s.t, err)
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		_, err = s.engine.AdvanceDispute(ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: filed.ID, Status: status})
		require.NoError(s.t, err)
	}
	require.NoError(s.t, s.engine.Tick(ctx))
	return filed.ID, jurors
}

// A juror hands in the hash of a vote, and tells it when all have; nobody else is asked for one.
func TestBallot(t *testing.T) {
	eachStand(t, func(s *stand) {
		dispute, jurors := s.summon()
		path := "/console/disputes/" + dispute.String()
		require.NotContains(s.t, s.loggedIn(s.bob).get(path).text, "Your vote")
		for i, juror := range jurors {
			b := s.loggedIn(juror)
			b.shows(b.get("/console/disputes"), "Panels you sit on", dispute.String())
			b.shows(b.get(path), "Your vote", `action="/console/acts/panel-commit"`, "5 AVT of your stake", "sha256sum", `data-juror="`+juror.String()+`"`)
			hash := teg.Commitment(dispute, 1, juror, teg.ChoiceForClaimant, jurySalt)
			b.done("panel-commit", url.Values{"dispute_id": {dispute.String()}, "commitment": {hash}})
			if i < 2 {
				b.shows(b.get(path), "You handed in your vote", `data-commitment="`+hash+`"`)
			}
		}
		require.NoError(s.t, s.engine.Tick(t.Context()))
		b := s.loggedIn(jurors[0])
		b.shows(b.get(path), `action="/console/acts/panel-reveal"`)
		vote := url.Values{"dispute_id": {dispute.String()}, "choice": {"RESOLVED_SPLIT"}, "salt": {jurySalt}}
		r := b.post("/console/acts/panel-reveal", vote)
		b.shows(r, "The server would refuse it")
		vote.Set("choice", "RESOLVED_FAVOR_CLAIMANT")
		b.done("panel-reveal", vote)
		b.shows(b.get(path), "You have told your vote")
		for _, juror := range jurors[1:] {
			s.loggedIn(juror).done("panel-reveal", url.Values{"dispute_id": {dispute.String()}, "choice": {"RESOLVED_FAVOR_CLAIMANT"}, "salt": {jurySalt}})
		}
		require.NoError(s.t, s.engine.Tick(t.Context()))
		r = b.get(path)
		b.shows(r, "ruled", "resolved favor claimant")
		require.NotContains(s.t, r.text, "Your vote", "the round has ended")
		stranger := s.loggedIn(tegtest.Fund(t, s.engine, "did:example:stranger", "1"))
		require.Equal(s.t, http.StatusNotFound, stranger.get(path).status)
	})
}
