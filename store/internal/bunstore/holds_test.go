package bunstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
)

// hold is the n-th, between two agents of the crowd.
func (c *crowd) hold(n, payer, receiver int) ledger.Hold {
	return ledger.Hold{
		ID: ledger.HoldID(number(n)), Payer: c.rows[2*payer].ID, Locked: c.rows[2*payer+1].ID, Receiver: c.rows[2*receiver].ID,
		Amount: amount.MustParse("5"), Fee: amount.MustParse("0.5"), State: ledger.HoldActive, VoidBy: ledger.VoidByEither,
		Fees: ledger.Fees{
			Fixed: amount.MustParse("0.5"), Percentage: amount.Fraction("0.01"),
			Split: ledger.Split{Rewards: amount.Fraction("0.2"), Burn: amount.Fraction("0.000001")},
		},
		CreatedAt: start, ExpiresAt: start.Add(time.Duration(100-n) * time.Hour),
	}
}

func TestHoldsOfAPartyPageAcrossBothSides(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c := newCrowd(t, open(t), 3)
		all := []ledger.Hold{c.hold(1, 0, 1), c.hold(2, 1, 0), c.hold(3, 2, 1), c.hold(4, 0, 2), c.hold(5, 2, 0), c.hold(6, 0, 1)}
		c.write(t, &store.Changes{NewHolds: all})
		find := func(q ledger.HoldQuery) (numbers []int) {
			t.Helper()
			q.Party = c.rows[0].ID
			found, err := c.reader.Holds(background(), q)
			require.NoError(t, err)
			for _, h := range found {
				numbers = append(numbers, int(h.ID[3]))
				require.Equal(t, all[h.ID[3]-1], h.Hold)
			}
			total, err := c.reader.CountHolds(background(), q)
			require.NoError(t, err)
			require.EqualValues(t, 5, total, "without its page")
			return numbers
		}
		require.Equal(t, []int{6, 5, 4, 2, 1}, find(ledger.HoldQuery{Limit: 100}))
		require.Equal(t, []int{6, 5}, find(ledger.HoldQuery{Limit: 2}))
		require.Equal(t, []int{4, 2}, find(ledger.HoldQuery{Limit: 2, Offset: 2}))
		require.Equal(t, []int{1}, find(ledger.HoldQuery{Limit: 2, Offset: 4}))
		require.Equal(t, []int{4, 2}, find(ledger.HoldQuery{Limit: 2, Before: ledger.HoldID(number(5))}))
		require.Equal(t, []int{6, 5, 4}, find(ledger.HoldQuery{Limit: 3, OldFirst: true}), "the last ones expire first")
		require.Equal(t, []int{2, 1}, find(ledger.HoldQuery{Limit: 3, Offset: 3, OldFirst: true}))
	})
}

func TestTotalsAddWhatIsLocked(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c := newCrowd(t, open(t), 2)
		totals, err := c.reader.Totals(background(), start)
		require.NoError(t, err)
		require.Equal(t, ledger.Totals{Agents: 2}, totals)
		frozen := c.hold(99, 1, 0)
		frozen.State = ledger.HoldFrozen
		c.write(t, &store.Changes{NewHolds: []ledger.Hold{c.hold(1, 0, 1), c.hold(98, 0, 1), frozen}})
		totals, err = c.reader.Totals(background(), start.Add(2*time.Hour))
		require.NoError(t, err)
		require.Equal(t, ledger.Totals{Agents: 2, Locked: amount.MustParse("11")}, totals, "one active, one frozen, one expired")
	})
}

func TestAuditOfHolds(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c := newCrowd(t, open(t), 2)
		kept, back := c.hold(1, 0, 1), c.hold(2, 0, 1)
		changes := &store.Changes{NewHolds: []ledger.Hold{kept, back}}
		for i, step := range []struct {
			hold     ledger.Hold
			kind     ledger.TransactionType
			from, to ledger.AccountID
		}{
			{kept, ledger.TypeHold, kept.Payer, kept.Locked}, {back, ledger.TypeHold, back.Payer, back.Locked},
			{back, ledger.TypeHoldRelease, back.Locked, back.Payer},
		} {
			posted := transaction(ledger.TransactionID(number(i+1)), step.from, step.to, int64(i+1), start)
			posted.Type, posted.Notes.ReferenceID = step.kind, step.hold.ID.String()
			changes.Transactions = append(changes.Transactions, posted)
		}
		c.write(t, changes)
		page, err := c.reader.AuditHolds(background(), ledger.HoldID{}, 10)
		require.NoError(t, err)
		require.Equal(t, []store.AuditedHold{{Hold: kept, SetAside: amount.MustParse("1").Signed()}, {Hold: back, Releases: 1}}, page)
		page, err = c.reader.AuditHolds(background(), kept.ID, 10)
		require.NoError(t, err)
		require.Len(t, page, 1)
		numbered, waiting, err := c.reader.LogSize(background())
		require.NoError(t, err)
		require.Zero(t, numbered+waiting)
	})
}
