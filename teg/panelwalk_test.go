package teg_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Whatever jurors, parties, administrators and time do, every panel ends, nothing stays
// pinned, and the books hold.
func TestPanelsEndWhateverHappens(t *testing.T) {
	t.Parallel()
	terms := panelTerms()
	terms.Reward = teg.AVT("0.1")
	j := newJury(t, inMemory(t), 6, func(c *teg.Config) { c.Panel = terms })
	rapid.Check(t, func(r *rapid.T) {
		w := newPanelWalk(r, j)
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			w.step(r)
			w.tick()
		}
		for range 6 { // two rounds with two windows each, and the dispute's own deadline
			w.clock.Advance(3 * 24 * time.Hour)
			w.tick()
		}
		w.clock.Advance(teg.DefaultDisputeTerms().Arbitration)
		w.tick()
		require.False(r, w.status(w.id).Status.Open())
		for _, round := range w.rounds(w.id) {
			require.False(r, round.State.Open(), round.State)
			for _, s := range round.Seats {
				require.False(r, s.Open)
			}
		}
		for _, juror := range w.jurors {
			for _, s := range w.stakes(juror) {
				_, err := w.eng.Unstake(w.ctx, teg.UnstakeParams{By: juror, StakeID: s.ID})
				require.NoError(r, err, "nothing stays pinned")
			}
		}
	})
}

// panelWalk is a jury, and the dispute that it judges now.
type panelWalk struct {
	*jury
	id teg.DisputeID
}

// newPanelWalk files another dispute, which some of the jurors can judge.
func newPanelWalk(r *rapid.T, j *jury) *panelWalk {
	for _, agent := range append([]teg.DID{j.alice}, j.jurors...) {
		tegtest.Fund(j.t, j.eng, agent.String(), "30")
	}
	for _, juror := range j.jurors[:rapid.IntRange(2, len(j.jurors)).Draw(r, "jurors")] {
		j.stake(juror, "20")
	}
	w := &panelWalk{jury: j, id: j.file(rapid.Bool().Draw(r, "held"))}
	w.tick()
	return w
}

func (w *panelWalk) stakes(agent teg.DID) []teg.Stake {
	found, err := w.eng.Stakes(w.ctx, teg.StakesQuery{Agent: agent, ActiveOnly: true})
	require.NoError(w.t, err)
	return found.Stakes
}

// step is something that somebody does, whether or not it is allowed.
func (w *panelWalk) step(r *rapid.T) {
	who := rapid.SampledFrom(w.jurors).Draw(r, "juror")
	choice := teg.PanelChoice(rapid.IntRange(1, 3).Draw(r, "choice"))
	if choice == teg.ChoiceSplit { // so that there are majorities
		choice = teg.ChoiceForClaimant
	}
	switch rapid.IntRange(0, 9).Draw(r, "act") {
	case 0, 1, 2:
		for number := range 2 {
			_, _ = w.eng.CommitVote(w.ctx, teg.CommitVoteParams{By: who, Dispute: w.id, Commitment: teg.Commitment(w.id, number+1, who, choice, salt(who))})
		}
	case 3, 4, 5:
		_, _ = w.eng.RevealVote(w.ctx, teg.RevealVoteParams{By: who, Dispute: w.id, Choice: choice, Salt: salt(who)})
	case 6:
		w.clock.Advance(time.Duration(rapid.IntRange(1, 80).Draw(r, "hours")) * time.Hour)
	case 7:
		for _, s := range w.stakes(who) {
			_, _ = w.eng.Unstake(w.ctx, teg.UnstakeParams{By: who, StakeID: s.ID, Amount: teg.AVT("6")})
		}
	case 8:
		_, _ = w.eng.SuspendAgent(w.ctx, teg.StandingParams{Agent: who, By: tegtest.Admin, Reason: "x", Duration: time.Hour})
	case 9:
		if rapid.IntRange(0, 3).Draw(r, "end") == 0 {
			_, _ = w.eng.WithdrawDispute(w.ctx, teg.WithdrawDisputeParams{By: w.alice, DisputeID: w.id})
		}
	}
}
