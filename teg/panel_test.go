package teg_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// jury is a market in which agents judge.
type jury struct {
	t          *testing.T
	ctx        context.Context
	st         store.Store
	eng        *teg.Engine
	clock      *tegtest.Clock
	alice, bob teg.DID // who dispute
	jurors     []teg.DID
}

// inMemory is a database of its own, which is enough where both databases do the same.
func inMemory(t testing.TB) store.Store {
	st, err := sqlite.OpenMemory(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return st
}

// panelTerms let everybody be a juror who has staked.
func panelTerms() *teg.PanelTerms {
	terms := teg.DefaultPanelTerms()
	terms.MinReputation = 0
	return &terms
}

func newJury(t *testing.T, st store.Store, jurors int, options ...func(*teg.Config)) *jury {
	clock := tegtest.NewClock()
	settings := append([]func(*teg.Config){tegtest.WithClock(clock), func(c *teg.Config) { c.Panel = panelTerms() }}, options...)
	c := &jury{t: t, ctx: limited(t), st: st, clock: clock, eng: tegtest.Over(t, st, settings...)}
	c.populate(jurors)
	return c
}

// populate makes those who dispute, and those who can judge.
func (c *jury) populate(jurors int) {
	t := c.t
	c.alice, c.bob = tegtest.Fund(t, c.eng, "did:example:alice", "100"), tegtest.Fund(t, c.eng, "did:example:bob", "100")
	c.stake(c.alice, "50")
	c.stake(c.bob, "50")
	for i := range jurors {
		juror := tegtest.Fund(t, c.eng, fmt.Sprintf("did:example:juror%d", i), "100")
		c.stake(juror, "20")
		c.jurors = append(c.jurors, juror)
	}
}

func (c *jury) stake(agent teg.DID, sum string) teg.StakeID {
	c.t.Helper()
	r, err := c.eng.Stake(c.ctx, teg.StakeParams{By: agent, Amount: teg.AVT(sum)})
	require.NoError(c.t, err)
	return r.StakeID
}

func (c *jury) tick() {
	c.t.Helper()
	require.NoError(c.t, c.eng.Tick(c.ctx))
}

func (c *jury) after(d time.Duration) {
	c.t.Helper()
	c.clock.Advance(d)
	c.tick()
}

// file disputes a hold, or, where none is asked for, a transfer, and brings it before
// the arbitrator.
func (c *jury) file(held bool) teg.DisputeID {
	c.t.Helper()
	c.clock.Advance(time.Second) // what was staked was staked before
	var about teg.TransactionID
	if held {
		h, err := c.eng.Hold(c.ctx, teg.HoldParams{From: c.alice, To: c.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm})
		require.NoError(c.t, err)
		about = h.TransactionIDs[0]
	} else {
		paid, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: c.alice, To: c.bob, Amount: teg.AVT("5")})
		require.NoError(c.t, err)
		about = paid.TransactionID
	}
	d, err := c.eng.RaiseDispute(c.ctx, teg.RaiseDisputeParams{By: c.alice, Defendant: c.bob, TransactionID: about, Reason: "NOT_DELIVERED", Description: "nothing came"})
	require.NoError(c.t, err)
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		_, err = c.eng.AdvanceDispute(c.ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: d.ID, Status: status})
		require.NoError(c.t, err)
	}
	return d.ID
}

// rounds are those of a dispute's panel.
func (c *jury) rounds(id teg.DisputeID) []teg.SeatedRound {
	c.t.Helper()
	p, err := c.eng.Panel(c.ctx, id)
	require.NoError(c.t, err)
	return p.Rounds
}

func salt(juror teg.DID) string { return juror.String() + strings.Repeat("*", teg.MinSalt) }

func (c *jury) commit(id teg.DisputeID, round *teg.SeatedRound, seat int, choice teg.PanelChoice) {
	c.t.Helper()
	juror := round.Seats[seat].Juror
	_, err := c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: juror, Dispute: id, Commitment: teg.Commitment(id, round.Number, juror, choice, salt(juror))})
	require.NoError(c.t, err)
}

func (c *jury) reveal(id teg.DisputeID, round *teg.SeatedRound, seat int, choice teg.PanelChoice) {
	c.t.Helper()
	juror := round.Seats[seat].Juror
	_, err := c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: juror, Dispute: id, Choice: choice, Salt: salt(juror)})
	require.NoError(c.t, err)
}

func (c *jury) status(id teg.DisputeID) teg.DisputeView {
	c.t.Helper()
	d, err := c.eng.Dispute(c.ctx, teg.DID{}, id)
	require.NoError(c.t, err)
	return d
}

func onEachJury(t *testing.T, jurors int, test func(c *jury), options ...func(*teg.Config)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(newJury(t, open(t), jurors, options...)) })
}

// A panel judges a hold: drawn, committed, revealed, ruled, carried out.
func TestPanelJudgesAHold(t *testing.T) {
	t.Parallel()
	onEachJury(t, 4, func(c *jury) {
		t, id := c.t, c.file(true)
		c.tick()
		round := c.rounds(id)[0]
		require.Equal(t, teg.PanelCommitting, round.State)
		require.Len(t, round.Seats, 3)
		require.Equal(t, c.clock.Now().Add(panelTerms().CommitWindow), round.Deadline)
		require.Len(t, strings.Split(strings.TrimSpace(round.Roll), "\n"), 4, "nobody who disputes is on the roll")
		for i, s := range round.Seats {
			require.Contains(t, c.jurors, s.Juror)
			require.Equal(t, i+1, s.Number)
			require.Equal(t, "20", s.Weight.String())
			_, err := c.eng.Dispute(c.ctx, s.Juror, id)
			require.NoError(t, err, "a juror may read what it judges")
			sits, err := c.eng.SitsOn(c.ctx, id, s.Juror)
			require.NoError(t, err)
			require.True(t, sits)
		}
		c.tick()
		require.Len(t, c.rounds(id), 1, "drawn once")

		c.commit(id, &round, 0, teg.ChoiceForClaimant)
		c.commit(id, &round, 1, teg.ChoiceForClaimant)
		c.tick()
		require.Equal(t, teg.PanelCommitting, c.rounds(id)[0].State)
		c.commit(id, &round, 2, teg.ChoiceForDefendant)
		c.tick()
		require.Equal(t, teg.PanelRevealing, c.rounds(id)[0].State)
		for i, choice := range []teg.PanelChoice{teg.ChoiceForClaimant, teg.ChoiceForClaimant, teg.ChoiceForDefendant} {
			c.reveal(id, &round, i, choice)
			require.Zero(t, c.rounds(id)[0].Seats[i].Choice, "nobody sees a vote before the end")
		}
		before := tegtest.Available(t, c.eng, c.alice)
		c.tick()
		round = c.rounds(id)[0]
		require.Equal(t, teg.PanelRuled, round.State)
		require.Equal(t, teg.ChoiceForClaimant, round.Choice)
		require.Equal(t, teg.ChoiceForDefendant, round.Seats[2].Choice)
		d := c.status(id)
		require.Equal(t, teg.DisputeFavorClaimant, d.Status)
		require.Equal(t, teg.HoldEndVoided, d.HoldEnd, "who set it aside was right")
		require.Equal(t, teg.DefaultArbitrator, d.Timeline[len(d.Timeline)-1].By)
		require.Contains(t, d.Notes, "2 of 3 jurors voted RESOLVED_FAVOR_CLAIMANT")
		require.NotEqual(t, before, tegtest.Available(t, c.eng, c.alice))
		var states []teg.PanelState
		for _, s := range round.History {
			states = append(states, s.State)
		}
		require.Equal(t, []teg.PanelState{panel.Drawn, teg.PanelCommitting, teg.PanelRevealing, teg.PanelRuled}, states)
		for _, s := range round.Seats {
			require.True(t, s.Penalty.IsZero() && s.Reward.IsZero() && !s.Open, "nobody lost, nothing was to be shared")
		}
		c.tick()
		require.EqualValues(t, d.Steps, c.status(id).Steps, "a ruling once")
	})
}

// Who does not vote loses a part of its stake, to those who voted as the majority did.
func TestPanelFinesWhoDoesNotVote(t *testing.T) {
	t.Parallel()
	onEachJury(t, 3, func(c *jury) {
		_, err := c.eng.Issue(c.ctx, teg.IssueParams{By: tegtest.Admin, To: c.eng.TreasuryDID(), Amount: teg.AVT("10"), Reason: "reserve"})
		require.NoError(c.t, err)
		t, id := c.t, c.file(false)
		c.tick()
		round := c.rounds(id)[0]
		pinned, _ := c.eng.Stakes(c.ctx, teg.StakesQuery{Agent: round.Seats[2].Juror})
		_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: round.Seats[2].Juror, StakeID: pinned.Stakes[0].ID})
		require.ErrorIs(t, err, teg.ErrInvalidState, "its seat is pinned")
		c.commit(id, &round, 0, teg.ChoiceForClaimant)
		c.commit(id, &round, 1, teg.ChoiceForClaimant)
		c.after(panelTerms().CommitWindow)
		require.Equal(t, teg.PanelRevealing, c.rounds(id)[0].State)
		c.reveal(id, &round, 0, teg.ChoiceForClaimant)
		c.reveal(id, &round, 1, teg.ChoiceForClaimant)
		c.tick()
		d, ended := c.status(id), c.rounds(id)[0]
		require.Equal(t, teg.DisputeFavorClaimant, d.Status)
		require.Equal(t, "5", d.Penalty.String(), "who paid has back what it paid")
		require.Equal(t, "1", ended.Seats[2].Penalty.String())
		for i := range 2 {
			require.Equal(t, "1.5", ended.Seats[i].Reward.String(), "half of the penalty, and what the treasury adds")
			require.Equal(t, "81.5", tegtest.Available(t, c.eng, ended.Seats[i].Juror))
		}
		balance, err := c.eng.Balance(c.ctx, ended.Seats[2].Juror)
		require.NoError(t, err)
		require.Equal(t, "19", balance.Staked.String())
		stakes, err := c.eng.Stakes(c.ctx, teg.StakesQuery{Agent: ended.Seats[2].Juror})
		require.NoError(t, err)
		_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: ended.Seats[2].Juror, StakeID: stakes.Stakes[0].ID})
		require.NoError(t, err, "its seat is free")
	}, func(c *teg.Config) { c.Panel.Reward = teg.AVT("1") })
}

// A treasury that cannot pay the reward keeps nobody from what the others have lost.
func TestPanelWithAnEmptyTreasury(t *testing.T) {
	t.Parallel()
	c := newJury(t, inMemory(t), 3, func(c *teg.Config) { c.Panel.Reward = teg.AVT("1000000") })
	id := c.file(false)
	c.tick()
	round := c.rounds(id)[0]
	c.commit(id, &round, 0, teg.ChoiceForDefendant)
	c.commit(id, &round, 1, teg.ChoiceForDefendant)
	c.after(panelTerms().CommitWindow)
	c.reveal(id, &round, 0, teg.ChoiceForDefendant)
	c.reveal(id, &round, 1, teg.ChoiceForDefendant)
	c.tick()
	require.Equal(t, teg.DisputeFavorDefendant, c.status(id).Status)
	require.True(t, c.status(id).Penalty.IsZero())
	for _, s := range c.rounds(id)[0].Seats[:2] {
		require.Equal(t, "0.5", s.Reward.String())
	}
}

// A treasury that has the reward for two jurors and not for all three pays nobody, and
// no seat says otherwise.
func TestPanelRewardsForAllOrNobody(t *testing.T) {
	c := newJury(t, inMemory(t), 3, func(c *teg.Config) { c.Panel.Reward = teg.AVT("0.0004") }) // the one fee is 0.001
	id := c.file(false)
	c.tick()
	round := c.rounds(id)[0]
	for i := range 3 {
		c.commit(id, &round, i, teg.ChoiceForDefendant)
	}
	c.tick()
	for i := range 3 {
		c.reveal(id, &round, i, teg.ChoiceForDefendant)
	}
	c.tick()
	require.Equal(t, teg.DisputeFavorDefendant, c.status(id).Status)
	for _, s := range c.rounds(id)[0].Seats {
		require.True(t, s.Reward.IsZero(), "%s", s.Reward)
	}
}

// A juror who has gone by the end is paid nothing, and keeps nobody's round open.
func TestPanelWithAJurorWhoHasGone(t *testing.T) {
	c := newJury(t, inMemory(t), 3, withSlashing)
	id := c.file(false)
	c.tick()
	round := c.rounds(id)[0]
	for i := range 2 {
		c.commit(id, &round, i, teg.ChoiceForDefendant)
	}
	c.after(panelTerms().CommitWindow)
	c.reveal(id, &round, 0, teg.ChoiceForDefendant)
	gone := round.Seats[0].Juror
	_, err := c.eng.Slash(c.ctx, teg.SlashParams{By: tegtest.Admin, Validator: gone, Percentage: teg.Percent(100), Evidence: "x", Reason: "x"})
	require.NoError(t, err)
	_, err = c.eng.Transfer(c.ctx, teg.TransferParams{From: gone, To: c.bob, Amount: teg.AVT("79.999")})
	require.NoError(t, err)
	stakes, err := c.eng.Stakes(c.ctx, teg.StakesQuery{Agent: gone})
	require.NoError(t, err)
	_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: gone, StakeID: stakes.Stakes[0].ID})
	require.NoError(t, err)
	_, err = c.eng.DeactivateAgent(c.ctx, teg.StandingParams{Agent: gone, By: tegtest.Admin, Reason: "x"})
	require.NoError(t, err)
	c.reveal(id, &round, 1, teg.ChoiceForDefendant)
	c.tick()
	require.Equal(t, teg.DisputeFavorDefendant, c.status(id).Status)
	seats := c.rounds(id)[0].Seats
	require.Equal(t, "1", seats[2].Penalty.String())
	require.True(t, seats[0].Reward.IsZero(), "who is deactivated receives nothing")
	require.Equal(t, "1", seats[1].Reward.String())
}

// A round without a majority is drawn once more, with others; after that people decide.
func TestPanelIsDrawnAgainOnce(t *testing.T) {
	t.Parallel()
	onEachJury(t, 6, func(c *jury) {
		t, id := c.t, c.file(true)
		c.tick()
		first := c.rounds(id)[0]
		for i, choice := range []teg.PanelChoice{teg.ChoiceForClaimant, teg.ChoiceForDefendant, teg.ChoiceSplit} {
			c.commit(id, &first, i, choice)
		}
		c.tick()
		for i, choice := range []teg.PanelChoice{teg.ChoiceForClaimant, teg.ChoiceForDefendant, teg.ChoiceSplit} {
			c.reveal(id, &first, i, choice)
		}
		c.tick()
		rounds := c.rounds(id)
		require.Equal(t, teg.PanelRedrawn, rounds[0].State)
		require.Len(t, rounds, 2)
		for _, s := range rounds[1].Seats {
			for _, before := range rounds[0].Seats {
				require.NotEqual(t, before.Juror, s.Juror, "others judge")
			}
		}
		_, err := c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: rounds[0].Seats[0].Juror, Dispute: id, Commitment: strings.Repeat("0", 64)})
		require.ErrorIs(t, err, teg.ErrAlreadyExists, "its round has ended")
		c.after(panelTerms().CommitWindow)
		rounds = c.rounds(id)
		require.Equal(t, teg.PanelFailed, rounds[1].State)
		for _, s := range rounds[1].Seats {
			require.Equal(t, "1", s.Penalty.String())
		}
		c.tick()
		require.Len(t, c.rounds(id), 2)
		require.Equal(t, teg.DisputeAwaitingArbitration, c.status(id).Status)
		_, err = c.eng.ResolveDispute(c.ctx, teg.ResolveDisputeParams{By: tegtest.Admin, DisputeID: id, Resolution: teg.DisputeSplit, Notes: "by hand"})
		require.NoError(t, err)
	})
}

// Where the dispute ends by another's hand, or too few can be jurors, nothing stays
// pinned.
func TestPanelEndsWithItsDispute(t *testing.T) {
	t.Parallel()
	c := newJury(t, inMemory(t), 3)
	id := c.file(true)
	c.tick()
	require.Equal(t, teg.PanelCommitting, c.rounds(id)[0].State)
	_, err := c.eng.ResolveDispute(c.ctx, teg.ResolveDisputeParams{By: tegtest.Admin, DisputeID: id, Resolution: teg.DisputeSplit, Notes: "by hand"})
	require.NoError(t, err)
	c.tick()
	round := c.rounds(id)[0]
	require.Equal(t, teg.PanelDropped, round.State)
	for _, s := range round.Seats {
		require.True(t, !s.Open && s.Penalty.IsZero())
	}

	few := newJury(t, inMemory(t), 2)
	id = few.file(true)
	few.tick()
	require.Equal(t, teg.PanelFailed, few.rounds(id)[0].State)
	require.Empty(t, few.rounds(id)[0].Seats)
	few.tick()
	require.Len(t, few.rounds(id), 1)
	few.after(teg.DefaultDisputeTerms().Arbitration)
	require.Equal(t, teg.DisputeRejected, few.status(id).Status, "no dispute waits for ever")
}

// Who can be drawn: with reputation, stake from before the dispute, active, no party.
func TestWhoCanBeAJuror(t *testing.T) {
	t.Parallel()
	c := newJury(t, inMemory(t), 4, func(c *teg.Config) { c.Panel.Seats = 1 })
	_, err := c.eng.SuspendAgent(c.ctx, teg.StandingParams{Agent: c.jurors[0], By: tegtest.Admin, Reason: "x"})
	require.NoError(t, err)
	payment, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: c.bob, To: c.jurors[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
	_, err = c.eng.Signal(c.ctx, teg.SignalParams{By: c.bob, TransactionID: payment.TransactionID, Value: -1})
	require.NoError(t, err)
	stakes, err := c.eng.Stakes(c.ctx, teg.StakesQuery{Agent: c.jurors[2]})
	require.NoError(t, err)
	_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.jurors[2], StakeID: stakes.Stakes[0].ID, Amount: teg.AVT("15")})
	require.NoError(t, err)
	id := c.file(true)
	c.stake(c.jurors[2], "90") // too late
	c.tick()
	require.Equal(t, c.jurors[3].String()+" 20\n", c.rounds(id)[0].Roll)
}

// What a juror does at the wrong time, twice, or for another.
func TestVotesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newJury(t, inMemory(t), 3)
	id := c.file(true)
	_, err := c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: c.jurors[0], Dispute: id, Commitment: strings.Repeat("0", 64)})
	require.ErrorIs(t, err, teg.ErrNotFound, "nothing is drawn")
	c.tick()
	round := c.rounds(id)[0]
	juror := round.Seats[0].Juror
	for by, want := range map[teg.DID]error{c.alice: teg.ErrNotFound, tegtest.Admin: teg.ErrNotFound} {
		_, err = c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: by, Dispute: id, Commitment: strings.Repeat("0", 64)})
		require.ErrorIs(t, err, want)
	}
	_, err = c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: juror, Dispute: id, Commitment: "my vote"})
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	_, err = c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: juror, Dispute: id, Choice: teg.ChoiceSplit, Salt: salt(juror)})
	require.ErrorIs(t, err, teg.ErrInvalidState)
	c.commit(id, &round, 0, teg.ChoiceSplit)
	again, err := c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: juror, Dispute: id, Commitment: teg.Commitment(id, 1, juror, teg.ChoiceSplit, salt(juror))})
	require.NoError(t, err)
	require.True(t, again.Again)
	_, err = c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: juror, Dispute: id, Commitment: strings.Repeat("0", 64)})
	require.ErrorIs(t, err, teg.ErrAlreadyExists)
	copied := round.Seats[1].Juror // hands in what another did
	_, err = c.eng.CommitVote(c.ctx, teg.CommitVoteParams{By: copied, Dispute: id, Commitment: again.Seat.Commitment})
	require.NoError(t, err)
	c.commit(id, &round, 2, teg.ChoiceSplit)
	c.tick()
	_, err = c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: copied, Dispute: id, Choice: teg.ChoiceSplit, Salt: salt(juror)})
	require.ErrorIs(t, err, teg.ErrInvalidInput, "it fits nobody else")
	_, err = c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: juror, Dispute: id, Choice: teg.ChoiceSplit, Salt: "short"})
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	_, err = c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: juror, Dispute: id, Choice: 9, Salt: salt(juror)})
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	dry, err := c.eng.RevealVote(c.ctx, teg.RevealVoteParams{By: juror, Dispute: id, Choice: teg.ChoiceSplit, Salt: salt(juror), DryRun: true})
	require.NoError(t, err)
	require.Equal(t, teg.ChoiceSplit, dry.Seat.Choice)
	require.Zero(t, c.rounds(id)[0].Seats[0].RevealedAt)
	c.reveal(id, &round, 0, teg.ChoiceSplit)

	page, err := c.eng.Seats(c.ctx, teg.SeatsQuery{Juror: juror, OpenOnly: true})
	require.NoError(t, err)
	require.EqualValues(t, 1, page.Total)
	require.Equal(t, teg.ChoiceSplit, page.Seats[0].Choice, "what it chose itself")
	require.Equal(t, round.ID, page.Seats[0].In.ID)
}

// Several servers draw, vote and close at the same time: each thing is done once.
func TestPanelsOfSeveralServers(t *testing.T) {
	t.Parallel()
	onEachJury(t, 5, func(c *jury) {
		others := []*teg.Engine{c.eng}
		for range 2 {
			others = append(others, tegtest.Over(c.t, c.st, tegtest.WithClock(c.clock), func(config *teg.Config) { config.Panel = panelTerms() }))
		}
		everywhere := func(do func(e *teg.Engine)) {
			done := make(chan struct{})
			for _, e := range others {
				go func() { do(e); done <- struct{}{} }()
			}
			for range others {
				<-done
			}
		}
		ticks := func() {
			everywhere(func(e *teg.Engine) { _ = e.Tick(c.ctx) })
			for _, e := range others { // whoever speaks to the arbitrator may have looked too early
				require.NoError(c.t, e.Tick(c.ctx))
			}
		}
		id := c.file(true)
		ticks()
		require.Len(c.t, c.rounds(id), 1)
		round := c.rounds(id)[0]
		everywhere(func(e *teg.Engine) {
			for _, s := range round.Seats {
				_, _ = e.CommitVote(c.ctx, teg.CommitVoteParams{By: s.Juror, Dispute: id, Commitment: teg.Commitment(id, 1, s.Juror, teg.ChoiceSplit, salt(s.Juror))})
			}
		})
		ticks()
		require.Equal(c.t, teg.PanelRevealing, c.rounds(id)[0].State)
		for i := range round.Seats[:2] {
			c.reveal(id, &round, i, teg.ChoiceSplit)
		}
		c.clock.Advance(panelTerms().RevealWindow)
		ticks()
		require.Equal(c.t, teg.PanelRuled, c.rounds(id)[0].State)
		require.Equal(c.t, teg.DisputeSplit, c.status(id).Status)
		require.Equal(c.t, "1", c.rounds(id)[0].Seats[2].Penalty.String())
	})
}
