package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Of a gain as much is set aside as there is, and as is owed and not set aside yet,
// whichever is less.
func TestPlanGarnish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) uint64 { return rapid.Uint64Range(0, 20).Draw(t, name) }
		before, gained, aside := number("before"), number("gained"), number("aside")
		owes := aside + number("more")
		row := &ledger.Account{ID: 1, Kind: ledger.Available, Balance: amount.FromUnits(before + gained).Signed(), Owes: amount.FromUnits(owes)}
		garnished := &ledger.Account{ID: 2, Kind: ledger.Garnished, Balance: amount.FromUnits(aside).Signed()}
		g := ledger.Gain{Account: 1, Before: amount.FromUnits(before).Signed(), By: ledger.TransactionID{7}}
		posting, due := ledger.PlanGarnish(g, row, garnished)
		want := min(gained, owes-aside)
		require.Equal(t, want > 0, due)
		if due {
			require.Equal(t, ledger.Move(ledger.TypeGarnish, 1, 2, amount.FromUnits(want), ledger.Notes{ReferenceID: g.By.String()}), posting)
		}
	})
}

// A row that was paid from since it was credited gained the less by it, or nothing.
func TestGains(t *testing.T) {
	owing := ledger.Account{ID: 2, Kind: ledger.Available, Owes: amount.MustParse("9")}
	b := ledger.NewBook([]ledger.Account{
		{ID: 1, Kind: ledger.Available, Balance: amount.MustParse("50").Signed()}, owing, {ID: 3, Kind: ledger.Treasury},
	}, ledger.Collectors{Treasury: 3})
	post := func(id byte, from, to ledger.AccountID, sum string) {
		_, err := b.Post(ledger.TransactionID{id}, time.Time{}, ledger.Move(ledger.TypeTransfer, from, to, amount.MustParse(sum), ledger.Notes{}))
		require.NoError(t, err)
	}
	require.Empty(t, b.Gains())
	post(1, 1, 2, "5")
	mark := b.Mark()
	post(2, 1, 2, "1")
	post(3, 2, 1, "4")
	want := []ledger.Gain{{Account: 2, By: ledger.TransactionID{2}}}
	require.Equal(t, want, b.Gains())
	require.Empty(t, b.Gains(), "each is told once")
	b.Revert(mark)
	require.Equal(t, []ledger.Gain{{Account: 2, By: ledger.TransactionID{1}}}, b.Gains(), "what was taken back is forgotten, and that it was told")
	post(4, 1, 2, "1")
	require.Equal(t, []ledger.Gain{{Account: 2, Before: amount.MustParse("5").Signed(), By: ledger.TransactionID{4}}}, b.Gains())
	_, err := b.Post(ledger.TransactionID{5}, time.Time{}, ledger.Move(ledger.TypeTransfer, 2, 1, amount.MustParse("99"), ledger.Notes{}))
	require.ErrorIs(t, err, ledger.ErrInsufficientBalance)
	require.Empty(t, b.Gains())
}

func TestDebtBook(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	debt := func(id byte, debtor ledger.AccountID) ledger.Debt {
		return ledger.Debt{ID: ledger.DebtID{id}, Debtor: debtor, Creditor: 9, Amount: amount.MustParse("5"), CreatedAt: now}
	}
	first, second, other, made := debt(1, 1), debt(2, 1), debt(3, 2), debt(4, 1)
	b := ledger.NewDebtBook([]ledger.Debt{second, other, first})
	b.Make(made)
	require.Equal(t, []ledger.Debt{first, second}, b.Oldest(1), "between these and a new one there may be others")
	require.NoError(t, b.Pay(first.ID, amount.MustParse("2"), now))
	mark := b.Mark()
	require.NoError(t, b.Pay(first.ID, amount.MustParse("3"), now))
	require.Equal(t, []ledger.Debt{second}, b.Oldest(1))
	b.Make(debt(5, 1))
	b.Revert(mark)
	first.Collected = amount.MustParse("2")
	require.Equal(t, "3", first.Left().String())
	require.Equal(t, []ledger.Debt{first, second}, b.Oldest(1))
	require.Equal(t, ledger.DebtChanges{Made: []ledger.Debt{made}, Paid: []ledger.Debt{first}}, b.Changed())

	garnished := &ledger.Account{ID: 8, Kind: ledger.Garnished, Balance: amount.MustParse("4").Signed()}
	posting, due := ledger.PlanDebtPayment(&first, garnished, 9)
	require.True(t, due)
	require.Equal(t, ledger.Move(ledger.TypeDisputeCompensation, 8, 9, amount.MustParse("3"), ledger.Notes{ReferenceID: first.ID.String()}), posting)
	posting, due = ledger.PlanDebtPayment(&second, garnished, 9)
	require.True(t, due)
	require.Equal(t, "4", posting.Amount.String())
	_, due = ledger.PlanDebtPayment(&second, &ledger.Account{ID: 8}, 9)
	require.False(t, due)
	id, err := ledger.ParseDebtID(first.ID.String())
	require.NoError(t, err)
	require.Equal(t, first.ID, id)
}
