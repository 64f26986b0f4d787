package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// owing is an engine with agents some of whom owe something.
type owing struct {
	t                 *testing.T
	ctx               context.Context
	eng               *teg.Engine
	clock             *tegtest.Clock
	alice, bob, carol teg.DID // bob is the debtor
	causes            byte
	last              teg.TransactionID
	hold              teg.HoldID
	stake             teg.StakeID
}

func newOwing(t *testing.T, st store.Store, options ...func(*teg.Config)) *owing {
	w := &owing{t: t, ctx: context.Background(), clock: tegtest.NewClock()}
	w.eng = tegtest.Over(t, st, append([]func(*teg.Config){tegtest.WithClock(w.clock)}, options...)...)
	_, err := w.eng.Issue(w.ctx, teg.IssueParams{By: tegtest.Admin, To: w.eng.TreasuryDID(), Amount: teg.AVT("100000"), Reason: "reserve"})
	require.NoError(t, err)
	w.alice = tegtest.Fund(t, w.eng, "did:example:alice", "100")
	w.bob = tegtest.Fund(t, w.eng, "did:example:bob", "0")
	w.carol = tegtest.Fund(t, w.eng, "did:example:carol", "0")
	return w
}

func (w *owing) owe(debtor, creditor teg.DID, sum string) {
	w.t.Helper()
	w.causes++
	require.NoError(w.t, w.eng.Owe(w.ctx, debtor, creditor, teg.AVT(sum), ledger.ID{w.causes}, ""))
}

func (w *owing) pay(to teg.DID, sum string) teg.TransactionID {
	w.t.Helper()
	r, err := w.eng.Transfer(w.ctx, teg.TransferParams{From: w.alice, To: to, Amount: teg.AVT(sum)})
	require.NoError(w.t, err)
	return r.TransactionID
}

func (w *owing) tick() {
	w.t.Helper()
	require.NoError(w.t, w.eng.Tick(w.ctx))
}

// has says what an agent can spend and what it cannot.
func (w *owing) has(agent teg.DID, available, locked string) {
	w.t.Helper()
	b, err := w.eng.Balance(w.ctx, agent)
	require.NoError(w.t, err)
	require.Equal(w.t, available+" and "+locked, b.Available.String()+" and "+b.Locked.String())
	require.Equal(w.t, plus(w.t, b.Available, b.Locked, b.Staked), b.Total)
}

func plus(t *testing.T, parts ...teg.Amount) (sum teg.Amount) {
	t.Helper()
	for _, part := range parts {
		var err error
		sum, err = sum.Add(part)
		require.NoError(t, err)
	}
	return sum
}

// debts are what an agent owes, newest first.
func (w *owing) debts(debtor teg.DID) teg.DebtsPage {
	w.t.Helper()
	page, err := w.eng.Debts(w.ctx, teg.DebtsQuery{Debtor: debtor})
	require.NoError(w.t, err)
	return page
}

// What comes in to a debtor is set aside up to what it owes, and its creditors are
// paid from there, whoever has waited longest first.
func TestDebtIsPaidFromWhatComesIn(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newOwing(t, open(t))
		w.tick() // nobody owes anything
		w.owe(w.bob, w.carol, "5")
		w.owe(w.bob, w.alice, "3")
		w.has(w.bob, "0", "0")
		require.Equal(t, "8", w.debts(w.bob).Left.String())

		paid := w.pay(w.bob, "6")
		w.has(w.bob, "0", "6")
		w.has(w.carol, "0", "0")
		_, err := w.eng.Transfer(w.ctx, teg.TransferParams{From: w.bob, To: w.alice, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInsufficientBalance, "what is set aside cannot be spent")
		_, err = w.eng.Stake(w.ctx, teg.StakeParams{By: w.bob, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		_, err = w.eng.DeactivateAgent(w.ctx, teg.StandingParams{Agent: w.bob})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		before := w.clock.Now()
		w.clock.Advance(time.Minute)

		w.tick()
		w.has(w.bob, "0", "0")
		w.has(w.carol, "5", "0")
		debts := w.debts(w.bob)
		require.Equal(t, "2", debts.Left.String())
		require.Equal(t, []string{"3 1 2 true", "5 5 0 false"}, []string{standing(debts.Debts[0]), standing(debts.Debts[1])})
		require.Equal(t, w.clock.Now(), debts.Debts[1].ClosedAt)
		require.Equal(t, [16]byte{1}, debts.Debts[1].Cause)
		then, err := w.eng.BalanceAt(w.ctx, w.bob, before)
		require.NoError(t, err)
		require.Equal(t, "6", then.Locked.String())

		w.tick() // there is nothing to pay from
		w.pay(w.bob, "10")
		w.has(w.bob, "8", "2")
		w.pay(w.bob, "1")
		w.has(w.bob, "9", "2")
		w.tick()
		w.has(w.bob, "9", "0")
		require.True(t, w.debts(w.bob).Left.IsZero())
		w.pay(w.bob, "1")
		w.has(w.bob, "10", "0")

		history, err := w.eng.Transactions(w.ctx, teg.TransactionsQuery{Agent: w.bob, Types: []teg.TransactionType{teg.TypeGarnish}})
		require.NoError(t, err)
		require.Len(t, history.Transactions, 2)
		require.Equal(t, paid.String(), history.Transactions[1].ReferenceID)
		require.Equal(t, []teg.DID{w.bob, w.bob}, []teg.DID{history.Transactions[1].From, history.Transactions[1].To})
		history, err = w.eng.Transactions(w.ctx, teg.TransactionsQuery{Agent: w.carol})
		require.NoError(t, err)
		require.Equal(t, teg.TypeDisputeCompensation, history.Transactions[0].Type)
		require.Equal(t, debts.Debts[1].ID.String(), history.Transactions[0].ReferenceID)
		require.Equal(t, w.bob, history.Transactions[0].From)
	})
}

func standing(d teg.Debt) string {
	open := "false"
	if d.Open() {
		open = "true"
	}
	return d.Amount.String() + " " + d.Collected.String() + " " + d.Left.String() + " " + open
}
