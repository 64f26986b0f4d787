package teg_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Payments to a debtor, new debts, and two servers that pay creditors race: each sum is
// set aside and paid once, and never more than is owed.
func TestDebtsRace(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		w := newOwing(t, stores[0])
		engines := [2]*teg.Engine{w.eng, tegtest.Over(t, stores[1], tegtest.WithClock(w.clock))}
		w.owe(w.bob, w.carol, "3")
		together(60, func(i int) {
			eng := engines[i%2]
			switch i / 2 % 3 {
			case 0:
				_, err := eng.Transfer(ctx, teg.TransferParams{From: w.alice, To: w.bob, Amount: teg.AVT("1")})
				require.NoError(t, err)
			case 1:
				require.NoError(t, eng.Tick(ctx))
			case 2:
				require.NoError(t, eng.Owe(ctx, w.bob, w.carol, teg.AVT("0.7"), ledger.ID{9, byte(i)}, ""))
			}
		})
		w.tick()
		w.tick()
		debts := w.debts(w.bob)
		carol, err := w.eng.Balance(ctx, w.carol)
		require.NoError(t, err)
		require.Equal(t, "17", plus(t, debts.Left, carol.Available).String(), "all that was owed is owed or paid")
		bob, err := w.eng.Balance(ctx, w.bob)
		require.NoError(t, err)
		require.Equal(t, "20", plus(t, bob.Available, carol.Available).String(), "all that came in is his or hers")
		require.True(t, bob.Locked.IsZero())
	})
}

// Debts are paid once, whoever of many asks for it at the same time.
func TestTicksRace(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx := context.Background()
		w := newOwing(t, stores[0])
		engines := [2]*teg.Engine{w.eng, tegtest.Over(t, stores[1], tegtest.WithClock(w.clock))}
		var debtors []teg.DID
		for i := range 6 {
			debtor := tegtest.Fund(t, w.eng, fmt.Sprintf("did:example:debtor-%d", i), "0")
			for range 4 {
				w.owe(debtor, w.carol, "0.5")
			}
			w.pay(debtor, "1.75")
			debtors = append(debtors, debtor)
		}
		together(12, func(i int) { require.NoError(t, engines[i%2].Tick(ctx)) })
		w.has(w.carol, "10.5", "0")
		for _, debtor := range debtors {
			require.Equal(t, "0.25", w.debts(debtor).Left.String())
		}
	})
}

// A transaction of the host credits a debtor, and is committed or not; what it set
// aside is paid when it is.
func TestHostPaysDebtor(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		w := newOwing(t, st)
		w.owe(w.bob, w.carol, "3")
		for _, commit := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			inside := w.eng.Using(host)
			_, err := inside.Transfer(ctx, teg.TransferParams{From: w.alice, To: w.bob, Amount: teg.AVT("2")})
			require.NoError(t, err)
			require.NoError(t, inside.Owe(ctx, w.alice, w.bob, teg.AVT("5"), ledger.ID{5}, ""))
			issued, err := inside.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: w.alice, Amount: teg.AVT("1"), Reason: "x"})
			require.NoError(t, err)
			require.Equal(t, "97.999", issued.RecipientBalance.String())
			b, err := inside.Balance(ctx, w.bob)
			require.NoError(t, err)
			require.Equal(t, "2", b.Locked.String())
			if !commit {
				require.NoError(t, tx.Rollback())
				w.has(w.bob, "0", "0")
				continue
			}
			require.NoError(t, tx.Commit())
		}
		w.has(w.bob, "0", "2")
		w.has(w.alice, "97.999", "1")
		w.tick()
		w.tick() // what Alice's debt brought to Bob
		w.has(w.bob, "0", "0")
		w.has(w.carol, "3", "0")
		require.True(t, w.debts(w.bob).Left.IsZero())
	})
}
