package teg_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Whatever anybody does, in whatever order: at each step what is frozen, set aside
// and pinned is what the open disputes hold, and by the clock alone all of them end,
// with nothing held any more.
func TestDisputeWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		st, err := sqlite.OpenMemory(t.Context())
		require.NoError(rt, err)
		defer st.Close()
		w := newDisputeWalk(rt, st)
		defer w.eng.Close()
		for range rapid.IntRange(4, 12).Draw(rt, "steps") {
			w.step(rt)
		}
		w.end(rt)
	})
}

// disputeWalk is a market in which anything may be disputed.
type disputeWalk struct {
	eng      *teg.Engine
	clock    *tegtest.Clock
	agents   []teg.DID
	paid     []payment
	disputes []teg.DisputeID
}

// payment is a transaction that can be disputed, and its parties.
type payment struct {
	id       teg.TransactionID
	from, to teg.DID
}

func newDisputeWalk(rt *rapid.T, st *sqlite.Store) *disputeWalk {
	terms := teg.DefaultDisputeTerms()
	terms.FilingFee, terms.Bond = teg.AVT("0.000000000000000003"), teg.AVT("2")
	w := &disputeWalk{clock: tegtest.NewClock()}
	var err error
	w.eng, err = teg.New(context.Background(), st, teg.Config{Clock: w.clock.Now, Disputes: &terms})
	require.NoError(rt, err)
	for i := range 3 {
		agent := teg.Agent(fmt.Sprintf("did:example:%d", i))
		_, err := w.eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: agent, Amount: teg.AVT("100"), Reason: "x"})
		require.NoError(rt, err)
		_, err = w.eng.Stake(context.Background(), teg.StakeParams{By: agent, Amount: teg.AVT("20")})
		require.NoError(rt, err)
		w.agents = append(w.agents, agent)
	}
	for i, hold := range []bool{true, false} {
		require.NoError(rt, w.pay(w.agents[i], w.agents[i+1], hold))
		require.NoError(rt, w.file(w.paid[i], rapid.Bool().Draw(rt, "by the payer")))
	}
	return w
}

// step does something, which may be refused, and proves the books.
func (w *disputeWalk) step(rt *rapid.T) {
	pick := func(name string) teg.DID { return rapid.SampledFrom(w.agents).Draw(rt, name) }
	var err error
	switch act := rapid.IntRange(0, 9).Draw(rt, "act"); {
	case act <= 5:
		err = w.act(rt, rapid.SampledFrom(w.disputes).Draw(rt, "dispute"), pick("by"))
	case act == 6:
		w.clock.Advance(time.Duration(rapid.IntRange(1, 9*24).Draw(rt, "hours")) * time.Hour)
		err = w.eng.Tick(context.Background())
	case act == 7:
		staker := pick("staker")
		stakes, failed := w.eng.Stakes(context.Background(), teg.StakesQuery{Agent: staker})
		require.NoError(rt, failed)
		_, err = w.eng.Unstake(context.Background(), teg.UnstakeParams{By: staker, StakeID: stakes.Stakes[0].ID, Amount: teg.AVT("5")})
	case act == 8:
		err = w.pay(pick("from"), pick("to"), rapid.Bool().Draw(rt, "hold"))
	default:
		err = w.file(rapid.SampledFrom(w.paid).Draw(rt, "about"), rapid.Bool().Draw(rt, "by the payer"))
	}
	var refusal *teg.Refusal
	if err != nil && !errors.As(err, &refusal) && !errors.Is(err, teg.ErrInsufficientBalance) && !errors.Is(err, teg.ErrSelfTransfer) && teg.CodeOf(err) == "SYS_INTERNAL_ERROR" {
		rt.Fatalf("%v", err)
	}
	_, err = w.eng.Verify(context.Background())
	require.NoError(rt, err)
}

func (w *disputeWalk) pay(from, to teg.DID, hold bool) error {
	if hold {
		h, err := w.eng.Hold(context.Background(), teg.HoldParams{From: from, To: to, Amount: teg.AVT("7")})
		if err == nil {
			w.paid = append(w.paid, payment{h.TransactionIDs[0], from, to})
		}
		return err
	}
	r, err := w.eng.Transfer(context.Background(), teg.TransferParams{From: from, To: to, Amount: teg.AVT("5")})
	if err == nil {
		w.paid = append(w.paid, payment{r.TransactionID, from, to})
	}
	return err
}

func (w *disputeWalk) file(about payment, byPayer bool) error {
	p := teg.RaiseDisputeParams{By: about.from, Defendant: about.to, TransactionID: about.id, Reason: "R", Description: "d", Pointer: somePointer}
	if !byPayer {
		p.By, p.Defendant = about.to, about.from
	}
	d, err := w.eng.RaiseDispute(context.Background(), p)
	if err == nil {
		w.disputes = append(w.disputes, d.ID)
	}
	return err
}

// act does something about a dispute: most of the time what comes next.
func (w *disputeWalk) act(rt *rapid.T, id teg.DisputeID, by teg.DID) error {
	view, err := w.eng.Dispute(context.Background(), teg.DID{}, id)
	require.NoError(rt, err)
	what, frivolous := rapid.IntRange(0, 11).Draw(rt, "about it"), false
	next := view.Status + 1
	if what == 8 {
		next, frivolous = teg.DisputeRejected, rapid.Bool().Draw(rt, "frivolous")
	}
	switch {
	case what == 9:
		_, err = w.eng.RespondToDispute(context.Background(), teg.ResponseParams{By: by, DisputeID: id, Response: "no"})
	case what == 10:
		_, err = w.eng.WithdrawDispute(context.Background(), teg.WithdrawDisputeParams{By: by, DisputeID: id})
	case what == 11 || next == teg.DisputeFavorClaimant:
		_, err = w.eng.ResolveDispute(context.Background(), w.ruling(rt, id))
	default:
		_, err = w.eng.AdvanceDispute(context.Background(), teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: id, Status: next, Frivolous: frivolous})
	}
	return err
}

func (w *disputeWalk) ruling(rt *rapid.T, id teg.DisputeID) teg.ResolveDisputeParams {
	p := teg.ResolveDisputeParams{
		By: tegtest.Admin, DisputeID: id, Notes: "so",
		Resolution: rapid.SampledFrom([]teg.DisputeStatus{teg.DisputeFavorClaimant, teg.DisputeFavorDefendant, teg.DisputeSplit}).Draw(rt, "resolution"),
		Hold:       rapid.SampledFrom([]teg.HoldEnd{0, teg.HoldEndCaptured, teg.HoldEndVoided}).Draw(rt, "hold"),
	}
	if p.Resolution != teg.DisputeSplit {
		p.Penalty = teg.AVT(rapid.SampledFrom([]string{"0", "1", "90", "200"}).Draw(rt, "penalty"))
	}
	return p
}

// end lets the time pass, and nothing else.
func (w *disputeWalk) end(rt *rapid.T) {
	w.clock.Advance(36 * 24 * time.Hour)
	for _, id := range w.disputes {
		d, err := w.eng.Dispute(context.Background(), teg.DID{}, id)
		require.NoError(rt, err)
		require.False(rt, d.Status.Open(), "%s is %s", id, d.Status)
	}
	require.NoError(rt, w.eng.Tick(context.Background()))
	w.clock.Advance(36 * 24 * time.Hour) // holds that were given back expire
	require.NoError(rt, w.eng.Tick(context.Background()))
	require.NoError(rt, w.eng.Tick(context.Background())) // pays what it set aside
	_, err := w.eng.Verify(context.Background())
	require.NoError(rt, err)
	supply, err := w.eng.Supply(context.Background())
	require.NoError(rt, err)
	require.True(rt, supply.Locked.IsZero(), "%s AVT are locked still", supply.Locked)
}
