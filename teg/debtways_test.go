package teg_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// way is one by which value comes to Bob. It is prepared, then he owes more than he
// will ever have, then it comes in.
type way struct {
	prepare func(*owing)
	come    func(*owing) error
	keeps   string // what he can spend after it
	aside   string // what is set aside
}

var waysIn = map[string]way{
	"a transfer": {come: func(w *owing) error { w.pay(w.bob, "3"); return nil }, keeps: "0", aside: "3"},
	"a batch": {come: func(w *owing) error {
		_, err := w.eng.TransferBatch(w.ctx, teg.BatchParams{From: w.alice, Transfers: []teg.BatchTransfer{
			{To: w.bob, Amount: teg.AVT("1")}, {To: w.carol, Amount: teg.AVT("1")}, {To: w.bob, Amount: teg.AVT("2")}}})
		return err
	}, keeps: "0", aside: "3"},
	"an issuance": {come: func(w *owing) error {
		p := teg.IssueParams{By: tegtest.Admin, To: w.bob, Amount: teg.AVT("3"), Reason: "x", Key: "k", DryRun: true}
		for range 3 {
			r, err := w.eng.Issue(w.ctx, p)
			require.NoError(w.t, err)
			require.Equal(w.t, "4", r.RecipientBalance.String(), "what the receiver can spend; again when it is asked again")
			p.DryRun = false
		}
		return nil
	}, prepare: func(w *owing) { w.pay(w.bob, "4") }, keeps: "4", aside: "3"},
	"an adjustment": {come: func(w *owing) error {
		_, err := w.eng.Adjust(w.ctx, teg.AdjustParams{By: tegtest.Admin, From: w.alice, To: w.bob, Amount: teg.AVT("3"), Reason: "x"})
		return err
	}, keeps: "0", aside: "3"},
	"an adjustment by the treasury": {come: func(w *owing) error {
		_, err := w.eng.Adjust(w.ctx, teg.AdjustParams{By: tegtest.Admin, From: w.eng.TreasuryDID(), To: w.bob, Amount: teg.AVT("3"), Reason: "x"})
		return err
	}, keeps: "0", aside: "3"},
	"a refund": {prepare: func(w *owing) { w.pay(w.bob, "10"); w.last = w.payFrom(w.bob, w.alice, "5") }, come: func(w *owing) error {
		_, err := w.eng.Refund(w.ctx, teg.RefundParams{By: w.alice, TransactionID: w.last, Amount: teg.AVT("3")})
		return err
	}, keeps: "4.999", aside: "3"},
	"a capture for him": {prepare: func(w *owing) { w.setAside(w.alice, w.bob, "8", time.Hour) }, come: func(w *owing) error {
		_, err := w.eng.Capture(w.ctx, teg.CaptureParams{By: w.alice, HoldID: w.hold, Amount: teg.AVT("3")})
		return err
	}, keeps: "0", aside: "3"},
	"what a capture of his left": {prepare: func(w *owing) { w.pay(w.bob, "10"); w.setAside(w.bob, w.alice, "8", time.Hour) }, come: func(w *owing) error {
		_, err := w.eng.Capture(w.ctx, teg.CaptureParams{By: w.bob, HoldID: w.hold, Amount: teg.AVT("5")})
		return err
	}, keeps: "1.999", aside: "3"},
	"a capture of all of his": {prepare: func(w *owing) { w.pay(w.bob, "10"); w.setAside(w.bob, w.alice, "8", time.Hour) }, come: func(w *owing) error {
		_, err := w.eng.Capture(w.ctx, teg.CaptureParams{By: w.bob, HoldID: w.hold})
		return err
	}, keeps: "1.999", aside: "0"},
	"a void": {prepare: func(w *owing) { w.pay(w.bob, "10"); w.setAside(w.bob, w.alice, "8", time.Hour) }, come: func(w *owing) error {
		_, err := w.eng.Void(w.ctx, teg.VoidParams{By: w.alice, HoldID: w.hold})
		return err
	}, keeps: "1.999", aside: "8.001"},
	"a hold that expired": {prepare: func(w *owing) { w.pay(w.bob, "10"); w.setAside(w.bob, w.alice, "8", time.Minute) }, come: func(w *owing) error {
		w.clock.Advance(time.Hour)
		_, err := w.eng.Transfer(w.ctx, teg.TransferParams{From: w.bob, To: w.alice, Amount: teg.AVT("3")})
		require.ErrorIs(w.t, err, teg.ErrInsufficientBalance, "his creditors come first")
		_, err = w.eng.Transfer(w.ctx, teg.TransferParams{From: w.bob, To: w.alice, Amount: teg.AVT("1")})
		return err
	}, keeps: "0.998", aside: "8.001"},
	"what is unstaked at once": {prepare: (*owing).work, come: func(w *owing) error {
		for range 2 { // again it is answered from what was kept
			r, err := w.eng.Unstake(w.ctx, teg.UnstakeParams{By: w.bob, StakeID: w.stake, Amount: teg.AVT("4"), Key: "k"})
			require.NoError(w.t, err)
			require.Equal(w.t, "0.5 4 0", r.Rewards.String()+" "+r.Amount.String()+" "+r.Returned.String())
		}
		return nil
	}, keeps: "0", aside: "4.5"},
	"what is unstaked and waits": {prepare: (*owing).work, come: func(w *owing) error {
		_, err := w.eng.Unstake(w.ctx, teg.UnstakeParams{By: w.bob, StakeID: w.stake, Amount: teg.AVT("4")})
		require.NoError(w.t, err)
		w.has(w.bob, "0", "0.5")
		w.clock.Advance(time.Hour)
		w.pay(w.bob, "1") // whoever touches his row gives him what waited long enough
		return nil
	}, keeps: "0", aside: "5.5"},
	"rewards": {prepare: (*owing).work, come: func(w *owing) error {
		r, err := w.eng.ClaimRewards(w.ctx, teg.ClaimParams{By: w.bob, Key: "k"})
		require.Equal(w.t, "0.5", r.Amount.String(), "it was earned")
		return err
	}, keeps: "0", aside: "0.5"},
	"commission": {prepare: func(w *owing) {
		stake, err := w.eng.Stake(w.ctx, teg.StakeParams{By: w.alice, Amount: teg.AVT("20")})
		require.NoError(w.t, err)
		share := teg.Percent(100)
		_, err = w.eng.Delegate(w.ctx, teg.DelegateParams{By: w.alice, StakeID: stake.StakeID, Validator: w.bob, Share: &share})
		require.NoError(w.t, err)
		w.cycle()
	}, come: func(w *owing) error {
		_, err := w.eng.ClaimRewards(w.ctx, teg.ClaimParams{By: w.bob})
		return err
	}, keeps: "0", aside: "1"},
}

// Whichever way value comes to a debtor, or back to it, its creditors come first; and
// what it had before is its own.
func TestEveryWayInIsGarnished(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		for name, way := range waysIn {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var options []func(*teg.Config)
				if name == "what is unstaked and waits" {
					options = append(options, tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.UnstakingPeriod = time.Minute }))
				}
				w := newOwing(t, open(t), options...)
				if way.prepare != nil {
					way.prepare(w)
				}
				w.owe(w.bob, w.carol, "1000")
				require.NoError(t, way.come(w))
				w.has(w.bob, way.keeps, way.aside)
				supply, err := w.eng.Supply(w.ctx)
				require.NoError(t, err)
				b, err := w.eng.Balance(w.ctx, w.bob)
				require.NoError(t, err)
				require.Equal(t, b.Locked, supply.Locked, "nobody else has anything set aside")
				before := tegtest.Available(t, w.eng, w.carol)
				w.tick()
				w.has(w.bob, way.keeps, "0")
				require.Equal(t, way.aside, minus(t, tegtest.Available(t, w.eng, w.carol), before))
			})
		}
	})
}

func minus(t *testing.T, a, b string) string {
	t.Helper()
	left, err := teg.AVT(a).Sub(teg.AVT(b))
	require.NoError(t, err)
	return left.String()
}

func (w *owing) payFrom(from, to teg.DID, sum string) teg.TransactionID {
	w.t.Helper()
	r, err := w.eng.Transfer(w.ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT(sum)})
	require.NoError(w.t, err)
	return r.TransactionID
}

func (w *owing) setAside(from, to teg.DID, sum string, term time.Duration) {
	w.t.Helper()
	h, err := w.eng.Hold(w.ctx, teg.HoldParams{From: from, To: to, Amount: teg.AVT(sum), Term: term})
	require.NoError(w.t, err)
	w.hold = h.HoldID
}

// work is a stake of all that Bob has, which has earned something.
func (w *owing) work() {
	w.pay(w.bob, "10")
	r, err := w.eng.Stake(w.ctx, teg.StakeParams{By: w.bob, Amount: teg.AVT("10")})
	require.NoError(w.t, err)
	w.stake = r.StakeID
	w.cycle()
}

func (w *owing) cycle() {
	w.t.Helper()
	_, err := w.eng.RunRewardCycle(w.ctx, teg.CycleParams{By: tegtest.Admin})
	require.NoError(w.t, err)
}

// Of what a compounding stake earns the creditors are paid before it grows, and of what
// is claimed from several it is the rest that compounds.
func TestCreditorsComeBeforeStakes(t *testing.T) {
	t.Parallel()
	w := newOwing(t, storetest.OpenSQLite(t))
	w.pay(w.bob, "60")
	for range 2 {
		_, err := w.eng.Stake(w.ctx, teg.StakeParams{By: w.bob, Amount: teg.AVT("20"), AutoCompound: true})
		require.NoError(t, err)
	}
	_, err := w.eng.Stake(w.ctx, teg.StakeParams{By: w.bob, Amount: teg.AVT("20")})
	require.NoError(t, err)
	w.cycle() // each of them earned 1
	w.owe(w.bob, w.carol, "1.25")
	claim, err := w.eng.ClaimRewards(w.ctx, teg.ClaimParams{By: w.bob, Key: "k"})
	require.NoError(t, err)
	require.Equal(t, "3", claim.Amount.String())
	w.has(w.bob, "0", "1.25")
	b, err := w.eng.Balance(w.ctx, w.bob)
	require.NoError(t, err)
	require.Equal(t, "61.75", b.Staked.String(), "1.75 were left, of 2 that were to be staked")
	again, err := w.eng.ClaimRewards(w.ctx, teg.ClaimParams{By: w.bob, Key: "k"})
	require.NoError(t, err)
	again.Replayed = false
	require.Equal(t, claim, again)

	w.owe(w.bob, w.alice, "100")
	w.cycle()
	w.tick() // stakes what they earned, were it not for the creditors
	stakes, err := w.eng.Stakes(w.ctx, teg.StakesQuery{Agent: w.bob})
	require.NoError(t, err)
	require.Equal(t, "61.75", stakes.Staked.String())
	left := w.debts(w.bob).Left
	require.Equal(t, "97.9125", left.String(), "5 % of 41.75 went to the creditor")
}

// A batch that pays many debtors is done, however many rows it turns out to need.
func TestBatchToManyDebtors(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newOwing(t, open(t))
		var p teg.BatchParams
		for i := range 20 {
			debtor := tegtest.Fund(t, w.eng, fmt.Sprintf("did:example:debtor-%d", i), "0")
			w.owe(debtor, w.carol, "0.5")
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: debtor, Amount: teg.AVT("1")}, teg.BatchTransfer{To: debtor, Amount: teg.AVT("1")})
		}
		p.From = w.alice
		r, err := w.eng.TransferBatch(w.ctx, p)
		require.NoError(t, err)
		require.Equal(t, 40, r.Succeeded)
		w.has(p.Transfers[7].To, "1.5", "0.5")
		w.tick()
		w.has(w.carol, "10", "0")
	})
}

// A creditor that owes something pays its own creditors from what it is paid, and two
// that owe each other come to an end.
func TestDebtsOfCreditors(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newOwing(t, open(t))
		dave := tegtest.Fund(t, w.eng, "did:example:dave", "0")
		w.owe(w.bob, w.carol, "4")
		w.owe(w.carol, dave, "3")
		w.owe(dave, w.carol, "2")
		w.pay(w.bob, "10")
		w.tick()
		w.has(dave, "1", "0")
		w.has(w.carol, "3", "0")
		w.has(w.bob, "6", "0")
	})
}

// What came back to a debtor and is not written yet is its creditors' already: what it
// is said to have is what it can spend.
func TestWhatComesBackIsNotTheDebtors(t *testing.T) {
	t.Parallel()
	w := newOwing(t, storetest.OpenSQLite(t), tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.UnstakingPeriod = time.Minute }))
	w.work()
	w.pay(w.bob, "9.001")
	w.setAside(w.bob, w.alice, "8", time.Minute)
	_, err := w.eng.Unstake(w.ctx, teg.UnstakeParams{By: w.bob, StakeID: w.stake, Amount: teg.AVT("4")})
	require.NoError(t, err)
	w.has(w.bob, "1.5", "8.001")
	w.owe(w.bob, w.carol, "10")
	w.clock.Advance(time.Hour)
	w.has(w.bob, "3.501", "10")
	w.tick() // writes it, and pays
	w.has(w.bob, "3.501", "0")
	w.has(w.carol, "10", "0")
}

// A creditor that left is owed nothing any more: what it would get goes to the treasury.
func TestDebtToOneThatLeft(t *testing.T) {
	t.Parallel()
	w := newOwing(t, storetest.OpenSQLite(t))
	w.owe(w.bob, w.carol, "4")
	_, err := w.eng.DeactivateAgent(w.ctx, teg.StandingParams{Agent: w.carol})
	require.NoError(t, err)
	_, err = w.eng.SuspendAgent(w.ctx, teg.StandingParams{Agent: w.bob, By: tegtest.Admin, Reason: "x"})
	require.NoError(t, err)
	w.pay(w.bob, "10")
	treasury := tegtest.Available(t, w.eng, w.eng.TreasuryDID())
	w.tick()
	w.has(w.bob, "6", "0")
	w.has(w.carol, "0", "0")
	require.Equal(t, "4", minus(t, tegtest.Available(t, w.eng, w.eng.TreasuryDID()), treasury))
}

// However many debts there are, it is the oldest that are paid, and the next of which a
// part is.
func TestManyDebts(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newOwing(t, open(t))
		for range 60 {
			w.owe(w.bob, w.carol, "0.1")
		}
		w.pay(w.bob, "5.53")
		w.tick()
		w.has(w.carol, "5.53", "0")
		debts := w.debts(w.bob).Debts
		for i, d := range debts { // the newest first
			want := "0.1"
			if i == 4 {
				want = "0.07"
			}
			if i > 4 {
				want = "0"
			}
			require.Equal(t, want, d.Left.String(), i)
		}
	})
}

// Who owes is remembered: what is paid to a debtor the second time is committed with
// others, not tried and then tried again alone. When nothing is owed any more that ends.
func TestDebtorsAreRemembered(t *testing.T) {
	t.Parallel()
	st, faults := storetest.OpenSQLite(t), new(faults)
	w := newOwing(t, &brittle{st, faults})
	w.owe(w.bob, w.carol, "5")
	begins := func(sum string) int {
		faults.plan(atBegin, 1, true, nil, nil, nil, nil, nil, nil)
		w.pay(w.bob, sum)
		return faults.asked()
	}
	require.Equal(t, 2, begins("1"))
	require.Equal(t, 1, begins("2"))
	w.has(w.bob, "0", "3")
	w.pay(w.bob, "2")
	w.tick()
	require.Equal(t, 1, begins("1"))
	require.Equal(t, 1, begins("1"))
	w.has(w.bob, "2", "0")
}

// asked is how many calls there were since the plan of six was made.
func (f *faults) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := len(f.errs)
	f.errs = nil
	return 6 - left
}
