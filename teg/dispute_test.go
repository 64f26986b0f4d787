package teg_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// court is two agents with a hold between them, and what they dispute.
type court struct {
	*conduct
	alice, bob teg.DID // of whom she pays, with 100 each
}

// inCourt runs a test on each database; a dispute costs 1 to file and a bond of 2.
func inCourt(t *testing.T, test func(c *court), options ...func(*teg.Config)) {
	t.Parallel()
	options = append([]func(*teg.Config){withBond}, options...)
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(newCourt(t, open(t), options...)) })
}

func newCourt(t *testing.T, st store.Store, options ...func(*teg.Config)) *court {
	c := &court{conduct: newConduct(t, st, options...)}
	c.alice, c.bob = tegtest.Fund(t, c.eng, "did:example:alice", "100"), tegtest.Fund(t, c.eng, "did:example:bob", "100")
	return c
}

func (c *court) hold(sum string, term time.Duration) teg.HoldReceipt {
	h, err := c.eng.Hold(c.ctx, teg.HoldParams{From: c.alice, To: c.bob, Amount: teg.AVT(sum), Term: term})
	require.NoError(c.t, err)
	return h
}

func (c *court) stake(agent teg.DID, sum string) teg.StakeID {
	s, err := c.eng.Stake(c.ctx, teg.StakeParams{By: agent, Amount: teg.AVT(sum)})
	require.NoError(c.t, err)
	return s.StakeID
}

func (c *court) claim(about teg.TransactionID) teg.RaiseDisputeParams {
	return teg.RaiseDisputeParams{By: c.alice, Defendant: c.bob, TransactionID: about, Reason: "NOT_DELIVERED", Description: "nothing came"}
}

func (c *court) file(p teg.RaiseDisputeParams) teg.DisputeReceipt {
	c.t.Helper()
	d, err := c.eng.RaiseDispute(c.ctx, p)
	require.NoError(c.t, err)
	return d
}

func (c *court) advance(id teg.DisputeID, to teg.DisputeStatus) {
	c.t.Helper()
	_, err := c.eng.AdvanceDispute(c.ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: id, Status: to})
	require.NoError(c.t, err)
}

// arbitrated brings a dispute before those who decide it.
func (c *court) arbitrated(p teg.RaiseDisputeParams) teg.DisputeID {
	c.t.Helper()
	d := c.file(p)
	c.advance(d.ID, teg.DisputeUnderReview)
	c.advance(d.ID, teg.DisputeAwaitingArbitration)
	return d.ID
}

func (c *court) ruling(id teg.DisputeID, to teg.DisputeStatus) teg.ResolveDisputeParams {
	return teg.ResolveDisputeParams{By: tegtest.Admin, DisputeID: id, Resolution: to, Notes: "so it is"}
}

func (c *court) resolve(p teg.ResolveDisputeParams) teg.DisputeReceipt {
	c.t.Helper()
	d, err := c.eng.ResolveDispute(c.ctx, p)
	require.NoError(c.t, err)
	return d
}

// has is what an agent has available, locked and staked, and its score.
func (c *court) has(agent teg.DID) string {
	c.t.Helper()
	p, err := c.eng.Profile(c.ctx, agent)
	require.NoError(c.t, err)
	return fmt.Sprintf("%s+%s+%s %d", p.Balance.Available, p.Balance.Locked, p.Balance.Staked, p.Reputation)
}

func (c *court) holdState(id teg.HoldID) teg.HoldState {
	h, err := c.eng.GetHold(c.ctx, c.alice, id)
	require.NoError(c.t, err)
	return h.State
}

// A dispute goes its way: filed with fee and bond, the hold frozen, stake pinned from
// the review on, answered, decided, everything given to whom it belongs.
func TestDispute(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		h, staked := c.hold("10", 0), c.stake(c.bob, "50")
		before := c.clock.Now()
		p := c.claim(h.TransactionIDs[0])
		p.Pointer, p.Category, p.Key = somePointer, "delivery", "k"
		d := c.file(p)
		want := teg.Dispute{
			ID: d.ID, Claimant: c.alice, Defendant: c.bob, Cause: d.Cause, Reason: "NOT_DELIVERED", Category: "delivery", Description: "nothing came",
			Value: teg.AVT("10"), Hold: h.HoldID, Fee: teg.AVT("1"), Bond: teg.AVT("2"), FiledAt: before, Status: teg.DisputeOpen,
			Deadline: before.Add(7 * 24 * time.Hour), Claims: 1, Steps: 1, UpdatedAt: before,
		}
		require.Equal(t, want, d.Dispute)
		require.Equal(t, "hold", d.Cause.Kind.String())
		require.Equal(t, "86.999+13.001+0 0", c.has(c.alice), "hold, its fee, and what the dispute costs")
		require.Equal(t, teg.HoldFrozen, c.holdState(h.HoldID))
		for name, act := range map[string]func() error{
			"capture": func() error {
				_, err := c.eng.Capture(c.ctx, teg.CaptureParams{By: c.alice, HoldID: h.HoldID})
				return err
			},
			"void":          func() error { _, err := c.eng.Void(c.ctx, teg.VoidParams{By: c.bob, HoldID: h.HoldID}); return err },
			"file it again": func() error { _, err := c.eng.RaiseDispute(c.ctx, c.claim(h.TransactionIDs[0])); return err },
		} {
			want := teg.ErrInvalidState
			if name == "file it again" {
				want = teg.ErrAlreadyExists
			}
			require.ErrorIs(t, act(), want, name)
		}

		_, err := c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: staked, Amount: teg.AVT("1")})
		require.NoError(t, err, "nothing is pinned before the review")
		c.clock.Advance(time.Hour)
		c.advance(d.ID, teg.DisputeUnderReview)
		_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: staked, Amount: teg.AVT("40")})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: staked, Amount: teg.AVT("39")})
		require.NoError(t, err)
		_, err = c.eng.RespondToDispute(c.ctx, teg.ResponseParams{By: c.bob, DisputeID: d.ID, Response: "it was delivered"})
		require.NoError(t, err)
		c.advance(d.ID, teg.DisputeAwaitingArbitration)

		ruling := c.ruling(d.ID, teg.DisputeFavorClaimant)
		ruling.Hold, ruling.Penalty = teg.HoldEndVoided, teg.AVT("5")
		done := c.resolve(ruling)
		require.Equal(t, [2]string{"5", "0"}, [2]string{done.Collected.String(), done.Outstanding().String()})
		require.Equal(t, "105+0+0 5", c.has(c.alice))
		require.Equal(t, "85+0+10 -25", c.has(c.bob))
		require.Equal(t, teg.HoldVoided, c.holdState(h.HoldID))
		_, err = c.eng.Unstake(c.ctx, teg.UnstakeParams{By: c.bob, StakeID: staked})
		require.NoError(t, err, "nothing is pinned any more")
		_, err = c.eng.ResolveDispute(c.ctx, ruling)
		require.ErrorIs(t, err, teg.ErrInvalidState, "there is one ruling")

		view, err := c.eng.Dispute(c.ctx, c.bob, d.ID)
		require.NoError(t, err)
		require.Equal(t, "it was delivered", view.Response)
		require.Len(t, view.Evidence, 1)
		var path []string
		for _, s := range view.Timeline {
			path = append(path, s.To.String())
		}
		require.Equal(t, "OPEN UNDER_REVIEW AWAITING_ARBITRATION RESOLVED_FAVOR_CLAIMANT", strings.Join(path, " "))
		again := c.file(p)
		require.True(t, again.Replayed, "the first answer, whatever became of it")
		again.Replayed = false
		require.Equal(t, d, again)
	})
}

// The ends, with all that a dispute holds: who has what, and which score.
func TestDisputeEnds(t *testing.T) {
	inCourt(t, func(c *court) {
		harsh := -100
		for i, end := range []struct {
			name              string
			act               func(id teg.DisputeID) error
			claimant, accused string // available, locked and staked, and the score
			hold              teg.HoldState
		}{
			{"for the defendant", func(id teg.DisputeID) error {
				p := c.ruling(id, teg.DisputeFavorDefendant)
				p.Hold = teg.HoldEndCaptured
				_, err := c.eng.ResolveDispute(c.ctx, p)
				return err
			}, "88.999+0+0 -25", "111+0+0 5", teg.HoldCaptured},
			{"for the defendant, with a penalty", func(id teg.DisputeID) error {
				p := c.ruling(id, teg.DisputeFavorDefendant)
				p.Penalty, p.Reputation = teg.AVT("3"), &harsh
				_, err := c.eng.ResolveDispute(c.ctx, p)
				return err
			}, "85.999+10.001+0 -100", "104+0+0 5", teg.HoldActive},
			{"split", func(id teg.DisputeID) error {
				_, err := c.eng.ResolveDispute(c.ctx, c.ruling(id, teg.DisputeSplit))
				return err
			},
				"89.499+10.001+0 0", "100.5+0+0 0", teg.HoldActive},
			{"withdrawn", func(id teg.DisputeID) error {
				_, err := c.eng.WithdrawDispute(c.ctx, teg.WithdrawDisputeParams{By: c.alice, DisputeID: id})
				return err
			}, "89.999+10.001+0 0", "100+0+0 0", teg.HoldActive},
			{"withdrawn after the response", func(id teg.DisputeID) error {
				_, err := c.eng.RespondToDispute(c.ctx, teg.ResponseParams{By: c.bob, DisputeID: id, Response: "no"})
				require.NoError(c.t, err)
				_, err = c.eng.WithdrawDispute(c.ctx, teg.WithdrawDisputeParams{By: c.alice, DisputeID: id})
				return err
			}, "88.999+10.001+0 0", "101+0+0 0", teg.HoldActive},
			{"left alone", func(teg.DisputeID) error {
				c.clock.Advance(14 * 24 * time.Hour)
				return c.eng.Tick(c.ctx)
			}, "89.999+10.001+0 0", "100+0+0 0", teg.HoldActive},
		} {
			c.alice = tegtest.Fund(c.t, c.eng, fmt.Sprintf("did:example:alice-%d", i), "100")
			c.bob = tegtest.Fund(c.t, c.eng, fmt.Sprintf("did:example:bob-%d", i), "100")
			h := c.hold("10", teg.MaxHoldTerm)
			id := c.arbitrated(c.claim(h.TransactionIDs[0]))
			require.NoError(c.t, end.act(id), end.name)
			require.Equal(c.t, end.claimant, c.has(c.alice), end.name)
			require.Equal(c.t, end.accused, c.has(c.bob), end.name)
			require.Equal(c.t, end.hold, c.holdState(h.HoldID), end.name)
			tegtest.Verify(c.t, c.eng)
		}
	})
}

// A claim that is rejected costs nothing, unless it is frivolous; and before an
// arbitrator nobody rejects it by hand.
func TestDisputeRejected(t *testing.T) {
	inCourt(t, func(c *court) {
		paid := c.pay(c.alice, c.bob)
		treasury := func() string { return tegtest.Available(c.t, c.eng, c.eng.TreasuryDID()) }
		before, poor := treasury(), c.has(c.alice)
		d := c.file(c.claim(paid))
		_, err := c.eng.AdvanceDispute(c.ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: d.ID, Status: teg.DisputeRejected})
		require.NoError(c.t, err)
		require.Equal(c.t, poor, c.has(c.alice))

		other := c.pay(c.alice, c.bob)
		d = c.file(c.claim(other))
		ruling := c.ruling(d.ID, teg.DisputeRejected)
		ruling.Frivolous = true
		require.True(c.t, c.resolve(ruling).Frivolous)
		require.NotEqual(c.t, before, treasury())
		require.True(c.t, strings.HasSuffix(c.has(c.alice), " -25"), c.has(c.alice))

		id := c.arbitrated(c.claim(c.pay(c.alice, c.bob)))
		_, err = c.eng.AdvanceDispute(c.ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: id, Status: teg.DisputeRejected})
		require.ErrorIs(c.t, err, teg.ErrInvalidState)
		_, err = c.eng.ResolveDispute(c.ctx, c.ruling(id, teg.DisputeRejected))
		require.ErrorIs(c.t, err, teg.ErrInvalidState)
	})
}

// A penalty is taken out of one source after the other; the rest is owed.
func TestDisputePenalty(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		paid := c.pay(c.alice, c.bob) // bob has 101
		c.stake(c.bob, "60")
		id := c.arbitrated(c.claim(paid))
		spent, err := c.eng.TransferToSystem(c.ctx, teg.SystemTransferParams{From: c.bob, Amount: teg.AVT("31")})
		require.NoError(t, err)
		require.Equal(t, "10", spent.SenderBalance.String())
		p := c.ruling(id, teg.DisputeFavorClaimant)
		p.Penalty = teg.AVT("75")
		before := c.has(c.alice)
		d := c.resolve(p)
		require.Equal(t, [2]string{"70", "5"}, [2]string{d.Collected.String(), d.Outstanding().String()}, "10 that it could spend and 60 of its stake; from %s", before)
		require.Equal(t, "0+0+0 -25", c.has(c.bob))
		_, err = c.eng.Issue(c.ctx, teg.IssueParams{By: tegtest.Admin, To: c.bob, Amount: teg.AVT("7"), Reason: "a wage"})
		require.NoError(t, err)
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, "2+0+0 -25", c.has(c.bob), "what it owes is paid first")

		c.alice, c.bob = tegtest.Fund(t, c.eng, "did:example:carol", "14.001"), tegtest.Fund(t, c.eng, "did:example:dave", "100")
		h := c.hold("10", 0) // carol has 4 left, of which the dispute takes 3
		id = c.arbitrated(c.claim(h.TransactionIDs[0]))
		require.Equal(t, "1+13.001+0 0", c.has(c.alice))
		p = c.ruling(id, teg.DisputeFavorDefendant)
		p.Penalty = teg.AVT("2.5")
		d = c.resolve(p)
		require.Equal(t, "2.5", d.Collected.String(), "what she could spend, and of her bond")
		require.Equal(t, "0.5+10.001+0 -25", c.has(c.alice))
		require.Equal(t, "103.5+0+0 5", c.has(c.bob))
	})
}

// What a ruling gives back to one who owes already is set aside for those it owes,
// before anything of it can pay the penalty of the same ruling.
func TestDisputePenaltyComesAfterOlderDebts(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		c.alice = tegtest.Fund(t, c.eng, "did:example:erin", "13.001")
		h := c.hold("10", 0) // with it and what the dispute takes she has nothing left
		id := c.arbitrated(c.claim(h.TransactionIDs[0]))
		carol := tegtest.Fund(t, c.eng, "did:example:carol", "0")
		require.NoError(t, c.eng.Owe(c.ctx, c.alice, carol, teg.AVT("11"), ledger.ID{1}, ""))
		p := c.ruling(id, teg.DisputeFavorDefendant)
		p.Penalty, p.Hold = teg.AVT("5"), teg.HoldEndVoided
		d := c.resolve(p)
		require.Equal(t, "2", d.Collected.String(), "of her bond")
		require.Equal(t, "0+10.001+0 -25", c.has(c.alice))
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, "10.001+0+0 0", c.has(carol))
		left, err := c.eng.Debts(c.ctx, teg.DebtsQuery{Debtor: c.alice})
		require.NoError(t, err)
		require.Equal(t, "3.999", left.Left.String())
	})
}

// What cannot be disputed, and by whom not.
func TestDisputeRefusals(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		carol := tegtest.Fund(t, c.eng, "did:example:carol", "100")
		paid, other := c.pay(c.alice, c.bob), c.pay(c.alice, carol)
		gift, err := c.eng.TransferToSystem(c.ctx, teg.SystemTransferParams{From: c.alice, Amount: teg.AVT("1")})
		require.NoError(t, err)
		for name, bad := range map[string]struct {
			change func(*teg.RaiseDisputeParams)
			want   error
		}{
			"with oneself":            {func(p *teg.RaiseDisputeParams) { p.Defendant = c.alice }, teg.ErrInvalidInput},
			"about nothing":           {func(p *teg.RaiseDisputeParams) { p.TransactionID = teg.TransactionID{} }, teg.ErrInvalidInput},
			"about two things":        {func(p *teg.RaiseDisputeParams) { p.AVTP = "a" }, teg.ErrInvalidInput},
			"without a reason":        {func(p *teg.RaiseDisputeParams) { p.Reason = " " }, teg.ErrInvalidInput},
			"without words":           {func(p *teg.RaiseDisputeParams) { p.Description = "" }, teg.ErrInvalidInput},
			"with bad evidence":       {func(p *teg.RaiseDisputeParams) { p.Pointer = "http://x" }, teg.ErrInvalidInput},
			"about another's payment": {func(p *teg.RaiseDisputeParams) { p.By, p.Defendant = carol, c.bob }, teg.ErrNotFound},
			"about nobody's payment":  {func(p *teg.RaiseDisputeParams) { p.TransactionID = teg.TransactionID{7} }, teg.ErrNotFound},
			"with who was not paid":   {func(p *teg.RaiseDisputeParams) { p.TransactionID = other }, teg.ErrInvalidInput},
			"with the treasury": {func(p *teg.RaiseDisputeParams) {
				p.TransactionID, p.Defendant = gift.TransactionID, c.eng.TreasuryDID()
			}, teg.ErrNotFound},
			"with nobody":               {func(p *teg.RaiseDisputeParams) { p.Defendant = teg.Agent("did:example:nobody") }, teg.ErrNotFound},
			"about an unreported thing": {func(p *teg.RaiseDisputeParams) { p.TransactionID, p.AVTP = teg.TransactionID{}, "x" }, teg.ErrNotFound},
		} {
			p := c.claim(paid)
			bad.change(&p)
			_, err := c.eng.RaiseDispute(c.ctx, p)
			require.ErrorIs(t, err, bad.want, name)
		}
		c.clock.Advance(30 * 24 * time.Hour)
		d := c.file(c.claim(paid))
		_, err = c.eng.Dispute(c.ctx, carol, d.ID)
		require.ErrorIs(t, err, teg.ErrNotFound, "it is not hers to see")
		_, err = c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: carol, DisputeID: d.ID, Pointer: somePointer})
		require.ErrorIs(t, err, teg.ErrNotFound)
		c.clock.Advance(time.Second)
		p := c.claim(other)
		p.Defendant = carol
		_, err = c.eng.RaiseDispute(c.ctx, p)
		require.ErrorIs(t, err, teg.ErrInvalidState, "it was too long ago")

		_, err = c.eng.SuspendAgent(c.ctx, teg.StandingParams{Agent: c.bob, By: tegtest.Admin, Reason: "x"})
		require.NoError(t, err)
		_, err = c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: d.ID, Pointer: somePointer})
		require.ErrorIs(t, err, teg.ErrSuspended)
		_, err = c.eng.RespondToDispute(c.ctx, teg.ResponseParams{By: c.bob, DisputeID: d.ID, Response: "no"})
		require.NoError(t, err, "who is suspended may respond")

		dave := tegtest.Fund(t, c.eng, "did:example:dave", "1.001")
		p = c.claim(c.pay(dave, c.bob))
		p.By, p.Defendant = c.bob, dave
		_, err = c.eng.ReactivateAgent(c.ctx, teg.StandingParams{Agent: c.bob, By: tegtest.Admin})
		require.NoError(t, err)
		against := c.file(p)
		_, err = c.eng.DeactivateAgent(c.ctx, teg.StandingParams{Agent: dave})
		require.ErrorIs(t, err, teg.ErrInvalidState, "nobody steps out of a dispute")
		_, err = c.eng.WithdrawDispute(c.ctx, teg.WithdrawDisputeParams{By: c.bob, DisputeID: against.ID})
		require.NoError(t, err)
		_, err = c.eng.DeactivateAgent(c.ctx, teg.StandingParams{Agent: dave})
		require.NoError(t, err)
	})
}

// Deadlines count by the time, whoever looks and whether or not anything was written.
func TestDisputeDeadlines(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		c.stake(c.bob, "50")
		h := c.hold("10", 10*24*time.Hour)
		d := c.file(c.claim(h.TransactionIDs[0]))
		c.clock.Advance(7 * 24 * time.Hour)
		view, err := c.eng.Dispute(c.ctx, c.alice, d.ID)
		require.NoError(t, err)
		require.Equal(t, teg.DisputeUnderReview, view.Status)
		require.Len(t, view.Timeline, 2)
		count := func(status teg.DisputeStatus) int64 {
			page, err := c.eng.Disputes(c.ctx, teg.DisputesQuery{Party: c.bob, Status: status})
			require.NoError(t, err)
			require.Len(t, page.Disputes, int(page.Total))
			return page.Total
		}
		require.EqualValues(t, 1, count(teg.DisputeUnderReview))
		require.Zero(t, count(teg.DisputeOpen))
		c.clock.Advance(14*24*time.Hour - time.Second)
		require.NoError(t, c.eng.Tick(c.ctx))
		written, err := c.eng.Dispute(c.ctx, c.alice, d.ID)
		require.NoError(t, err)
		require.Equal(t, "10", written.Pinned.String())
		written.Pinned, written.Pool = view.Pinned, view.Pool
		require.Equal(t, view, written, "what was shown is what was written")

		c.clock.Advance(time.Second)
		_, err = c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: d.ID, Pointer: somePointer})
		require.NoError(t, err)
		view, err = c.eng.Dispute(c.ctx, c.alice, d.ID)
		require.NoError(t, err)
		require.Equal(t, teg.DisputeAwaitingArbitration, view.Status, "an act does first what is due")
		c.clock.Advance(14 * 24 * time.Hour)
		_, err = c.eng.ResolveDispute(c.ctx, c.ruling(d.ID, teg.DisputeSplit))
		require.ErrorIs(t, err, teg.ErrInvalidState, "it is rejected by now")
		require.EqualValues(t, 1, count(teg.DisputeRejected))
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, teg.HoldActive, c.holdState(h.HoldID))
		thawed, err := c.eng.GetHold(c.ctx, c.alice, h.HoldID)
		require.NoError(t, err)
		require.Equal(t, h.ExpiresAt.Add(35*24*time.Hour), thawed.ExpiresAt, "the frozen time is added")
		c.clock.Advance(10 * 24 * time.Hour)
		require.Equal(t, teg.HoldExpired, c.holdState(h.HoldID))
		require.Equal(t, "100+0+0 0", c.has(c.alice))
	})
}

// AVTP transactions that were reported can be disputed too; by the claimant's word
// alone nothing is pinned.
func TestDisputeOfAVTP(t *testing.T) {
	inCourt(t, func(c *court) {
		t := c.t
		c.stake(c.bob, "50")
		report := func(avtp string, by teg.DID, price string) {
			_, err := c.eng.ReportOutcome(c.ctx, teg.OutcomeParams{
				By: by, Final: by == tegtest.Admin, AVTP: avtp, Initiator: c.alice, Responder: c.bob, Outcome: teg.OutcomeSuccess, Price: teg.AVT(price),
			})
			require.NoError(t, err)
		}
		report("hers alone", c.alice, "40")
		report("his too", c.alice, "40")
		report("his too", c.bob, "7")
		report("the platform's", c.bob, "9")
		report("the platform's", tegtest.Admin, "8")
		for avtp, value := range map[string]string{"hers alone": "0", "his too": "7", "the platform's": "8"} {
			p := c.claim(teg.TransactionID{})
			p.AVTP = avtp
			d := c.file(p)
			require.Equal(t, value, d.Value.String(), avtp)
			require.Equal(t, "avtp", d.Cause.Kind.String())
			c.advance(d.ID, teg.DisputeUnderReview)
			view, err := c.eng.Dispute(c.ctx, teg.DID{}, d.ID)
			require.NoError(t, err)
			require.Equal(t, value, view.Pinned.String())
		}
	})
}

// The content of evidence is fetched and kept behind the parties' backs, as soon as
// storage has it.
func TestDisputeEvidence(t *testing.T) {
	const wrong, absent = "ipfs://bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "ipfs://bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
	files := &pickyStorage{folder: wrong}
	t.Parallel()
	c := newCourt(t, storetest.OpenPostgres(t), tegtest.WithEvidence(files))
	p := c.claim(c.pay(c.alice, c.bob))
	p.Pointer = somePointer
	d := c.file(p)
	for _, pointer := range []string{wrong, absent} {
		_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: c.bob, DisputeID: d.ID, Pointer: pointer})
		require.NoError(t, err)
	}
	files.SetUnreachable(true)
	states := func() string {
		require.NoError(t, c.eng.Tick(context.Background()))
		view, err := c.eng.Dispute(c.ctx, teg.DID{}, d.ID)
		require.NoError(t, err)
		var words []string
		for _, e := range view.Evidence {
			words = append(words, fmt.Sprint(!e.Storage.At.IsZero(), e.Storage.Sound, e.Storage.Size))
		}
		return strings.Join(words, ", ")
	}
	require.Equal(t, "false false 0, true false 0, false false 0", states(), "storage that is away blocks nobody, and it is tried again")
	files.SetUnreachable(false)
	c.clock.Advance(time.Minute)
	files.Put(somePointer, []byte("a receipt"))
	require.Equal(t, "true true 9, true false 0, false false 0", states())
	require.Equal(t, 1, files.Pinned(somePointer))
	fetches := files.Fetches()
	c.clock.Advance(time.Minute)
	require.Equal(t, "true true 9, true false 0, false false 0", states())
	require.Equal(t, fetches+1, files.Fetches(), "what is known is not asked again")
}

// A policy changes what a dispute costs and how long it lasts, from its place in the log
// on; a dispute keeps the deadline that it has.
func TestDisputeTerms(t *testing.T) {
	inCourt(t, func(c *court) {
		before := c.file(c.claim(c.pay(c.alice, c.bob)))
		_, err := c.eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, Code: "courts", Type: teg.PolicyDispute, PolicyEdit: teg.PolicyEdit{
			Name: ref("courts"), Level: ref(teg.PolicyMandatory), Parameters: ref(`{"dispute_bond":"10","dispute_open_period":"1h","dispute_review_period":"2h"}`),
		}})
		require.NoError(c.t, err)
		after := c.file(c.claim(c.pay(c.alice, c.bob)))
		require.Equal(c.t, []string{"2", "10"}, []string{before.Bond.String(), after.Bond.String()})
		require.Equal(c.t, c.clock.Now().Add(time.Hour), after.Deadline)
		c.clock.Advance(3 * time.Hour)
		require.NoError(c.t, c.eng.Tick(c.ctx))
		for id, status := range map[teg.DisputeID]teg.DisputeStatus{before.ID: teg.DisputeOpen, after.ID: teg.DisputeAwaitingArbitration} {
			view, err := c.eng.Dispute(c.ctx, teg.DID{}, id)
			require.NoError(c.t, err)
			require.Equal(c.t, status, view.Status)
		}
	})
}

// In a host's transaction a dispute is filed, advanced and decided with the host's rows,
// or not at all.
func TestDisputeInHostTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newCourt(t, st, withBond)
		c.stake(c.bob, "50")
		h := c.hold("10", 0)
		for _, commit := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			inside := *c
			inside.conduct = &conduct{t: t, ctx: c.ctx, clock: c.clock, eng: c.eng.Using(host)}
			p := inside.ruling(inside.arbitrated(inside.claim(h.TransactionIDs[0])), teg.DisputeFavorClaimant)
			p.Hold, p.Penalty = teg.HoldEndVoided, teg.AVT("110")
			done := inside.resolve(p)
			require.Equal(t, "10", done.Outstanding().String(), "100 were available or staked")
			if commit {
				require.NoError(t, tx.Commit())
				continue
			}
			require.NoError(t, tx.Rollback())
			require.Equal(t, teg.HoldActive, c.holdState(h.HoldID))
		}
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, teg.HoldVoided, c.holdState(h.HoldID))
	})
}

// However many pointers lead nowhere, new evidence is looked at at once.
func TestDisputeEvidenceBehindDeadPointers(t *testing.T) {
	t.Parallel()
	files := new(tegtest.FakeEvidence)
	c := newCourt(t, storetest.OpenSQLite(t), tegtest.WithEvidence(files))
	d := c.file(c.claim(c.pay(c.alice, c.bob)))
	give := func(by teg.DID, pointer string) {
		_, err := c.eng.AddEvidence(c.ctx, teg.EvidenceParams{By: by, DisputeID: d.ID, Pointer: pointer})
		require.NoError(t, err)
	}
	for i := range 60 {
		for _, by := range []teg.DID{c.alice, c.bob} {
			give(by, fmt.Sprintf("%s/%d", somePointer, i))
		}
	}
	for range 3 { // pages of fifty
		c.tick()
	}
	files.Put(somePointer, []byte("a receipt"))
	give(c.bob, somePointer)
	c.tick()
	view, err := c.eng.Dispute(c.ctx, teg.DID{}, d.ID)
	require.NoError(t, err)
	require.True(t, view.Evidence[120].Storage.Sound)
}

// pickyStorage is a storage in which one pointer names a folder.
type pickyStorage struct {
	tegtest.FakeEvidence
	folder string
}

func (s *pickyStorage) Fetch(ctx context.Context, pointer string, limit int64) (teg.Evidence, error) {
	if pointer == s.folder {
		return teg.Evidence{}, ledger.Invalid("", "%s is a folder\x00\xff", pointer) // whatever storage says
	}
	return s.FakeEvidence.Fetch(ctx, pointer, limit)
}

// A dispute whose last deadline is over ends before another about the same is filed: the
// hold that it gives back is frozen again, or, where its own time is over by then, is
// disputed as one that has ended.
func TestDisputeAfterAnotherThatLapsed(t *testing.T) {
	inCourt(t, func(c *court) {
		for term, frozen := range map[time.Duration]bool{10 * 24 * time.Hour: true, time.Hour: false} {
			h := c.hold("10", term)
			first := c.file(c.claim(h.TransactionIDs[0]))
			c.clock.Advance(35*24*time.Hour + 2*time.Hour)
			p := c.claim(h.TransactionIDs[0])
			p.By, p.Defendant = c.bob, c.alice
			second := c.file(p)
			require.Equal(c.t, frozen, second.Hold == h.HoldID)
			want := teg.HoldExpired
			if frozen {
				want = teg.HoldFrozen
			}
			require.Equal(c.t, want, c.holdState(h.HoldID))
			view, err := c.eng.Dispute(c.ctx, teg.DID{}, first.ID)
			require.NoError(c.t, err)
			require.Equal(c.t, teg.DisputeRejected, view.Status)
			tegtest.Verify(c.t, c.eng)
		}
	})
}
