package ledger_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

func TestFee(t *testing.T) {
	fixed := ledger.Fees{Fixed: avt("0.001")}
	percent := ledger.Fees{Fixed: avt("0.001"), Percentage: amount.Fraction("0.005"), Max: avt("2"), HasMax: true}
	for _, c := range []struct {
		fees     ledger.Fees
		sum, fee string
	}{
		{ledger.Fees{}, "100", "0"},
		{fixed, "0.01", "0.001"},
		{fixed, "999999999999999999", "0.001"},
		{percent, "0.1", "0.001"},                                 // clamped from below
		{percent, "10", "0.05"},                                   // in between
		{percent, "1000000", "2"},                                 // clamped from above
		{percent, "0.333333333333333333", "0.001666666666666666"}, // rounded down
		{ledger.Fees{Percentage: amount.Percent(100)}, "7", "7"},  // unlimited without a maximum
	} {
		require.Equal(t, c.fee, c.fees.Of(avt(c.sum)).String(), "%+v of %s", c.fees, c.sum)
	}
	most, limited := fixed.Ceiling()
	require.True(t, limited)
	require.Equal(t, "0.001", most.String())
	_, limited = ledger.Fees{Percentage: amount.Percent(1)}.Ceiling()
	require.False(t, limited)
}

func TestTermsCheck(t *testing.T) {
	require.NoError(t, ledger.Terms{}.Check())
	require.ErrorIs(t, ledger.Terms{MinTransfer: avt("2"), MaxTransfer: avt("1")}.Check(), ledger.ErrInvalidInput)
	require.ErrorIs(t, ledger.Terms{Fees: ledger.Fees{Fixed: avt("2"), Max: avt("1"), HasMax: true}}.Check(), ledger.ErrInvalidInput)
	split := ledger.Split{Rewards: amount.Fraction("0.6"), Burn: amount.Fraction("0.5")}
	require.ErrorIs(t, ledger.Terms{Fees: ledger.Fees{Split: split}}.Check(), ledger.ErrInvalidInput)
}

// The parts of a fee sum to the fee, each at most what its rate gives, and what
// rounding leaves goes to the treasury.
func TestFeePartsSumToTheFee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rewardsPPM := rapid.Uint32Range(0, 1_000_000).Draw(t, "rewards")
		burnPPM := rapid.Uint32Range(0, 1_000_000-rewardsPPM).Draw(t, "burn")
		split := ledger.Split{}
		var err error
		split.Rewards, err = amount.FromPPM(rewardsPPM)
		require.NoError(t, err)
		split.Burn, err = amount.FromPPM(burnPPM)
		require.NoError(t, err)
		fee := amount.FromUnits(rapid.Uint64Range(1, 1<<60).Draw(t, "fee"))
		book := newBook("1000")
		posting, err := ledger.PlanTransfer(ledger.TransferRule{
			Terms: ledger.Terms{Fees: ledger.Fees{Fixed: fee, Split: split}}, Now: noon, From: book.Account(alice), To: book.Account(bob),
			Collectors: book.Collectors(), Amount: avt("1"),
		})
		require.NoError(t, err)
		_, err = book.Post(ledger.TransactionID{1}, noon, posting)
		require.NoError(t, err)
		total := new(big.Int)
		for _, id := range []ledger.AccountID{treasury, rewards, issuance} {
			total.Add(total, book.Account(id).Balance.Big())
		}
		total.Add(total, new(big.Int).Mul(big.NewInt(1000), new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)))
		require.Zero(t, total.Cmp(fee.Big()), "the parts of %s sum to %s units", fee, total)
		require.Equal(t, split.Rewards.Of(fee), book.Account(rewards).Balance.Abs())
	})
}

func TestTransferRules(t *testing.T) {
	terms := ledger.Terms{Fees: ledger.Fees{Fixed: avt("0.001")}, MinTransfer: avt("0.01"), MaxTransfer: avt("50")}
	plan := func(from, to ledger.AccountID, sum string, status ledger.Status) error {
		book := newBook("100")
		book.Change(bob, func(a *ledger.Account) { a.Status = status })
		_, err := ledger.PlanTransfer(ledger.TransferRule{Terms: terms, Now: noon, From: book.Account(from), To: book.Account(to),
			Collectors: book.Collectors(), Amount: avt(sum)})
		return err
	}
	require.NoError(t, plan(alice, bob, "0.01", ledger.Active))
	require.NoError(t, plan(alice, bob, "50", ledger.Suspended), "the suspended can be paid")
	require.ErrorIs(t, plan(alice, alice, "1", ledger.Active), ledger.ErrSelfTransfer)
	require.ErrorIs(t, plan(alice, bob, "0.009999999999999999", ledger.Active), ledger.ErrBelowMinimum)
	require.ErrorIs(t, plan(alice, bob, "50.000000000000000001", ledger.Active), ledger.ErrAboveMaximum)
	require.ErrorIs(t, plan(alice, bob, "1", ledger.Deactivated), ledger.ErrInvalidState)
}

// The state table of holds, over all pairs.
func TestHoldStates(t *testing.T) {
	const a, f, c, v, e = ledger.HoldActive, ledger.HoldFrozen, ledger.HoldCaptured, ledger.HoldVoided, ledger.HoldExpired
	allowed := map[[2]ledger.HoldState]bool{
		{a, f}: true, {a, c}: true, {a, v}: true, {a, e}: true, {f, a}: true, {f, c}: true, {f, v}: true,
	}
	for from := ledger.HoldState(0); from <= e+1; from++ {
		for to := ledger.HoldState(0); to <= e+1; to++ {
			require.Equal(t, allowed[[2]ledger.HoldState{from, to}], from.CanBecome(to), "%s to %s", from, to)
		}
	}
}

func TestHoldClose(t *testing.T) {
	open := ledger.Hold{State: ledger.HoldActive, ExpiresAt: noon.Add(time.Minute)}
	for _, c := range []struct {
		state ledger.HoldState
		at    time.Time
		next  ledger.HoldState
		want  error
	}{
		{ledger.HoldActive, noon, ledger.HoldCaptured, nil},
		{ledger.HoldActive, noon.Add(time.Minute - 1), ledger.HoldVoided, nil},
		{ledger.HoldActive, noon.Add(time.Minute), ledger.HoldCaptured, ledger.ErrExpired},
		{ledger.HoldActive, noon.Add(time.Hour), ledger.HoldVoided, ledger.ErrExpired},
		{ledger.HoldActive, noon.Add(time.Hour), ledger.HoldExpired, nil},
		{ledger.HoldFrozen, noon, ledger.HoldCaptured, ledger.ErrInvalidState},
		{ledger.HoldFrozen, noon.Add(time.Hour), ledger.HoldExpired, ledger.ErrInvalidState},
		{ledger.HoldCaptured, noon, ledger.HoldVoided, ledger.ErrInvalidState},
		{ledger.HoldVoided, noon, ledger.HoldCaptured, ledger.ErrInvalidState},
		{ledger.HoldExpired, noon, ledger.HoldCaptured, ledger.ErrExpired},
	} {
		h := open
		h.State = c.state
		err := h.Close(c.next, c.at)
		if c.want != nil {
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.state, h.State)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.next, h.State)
		require.Equal(t, c.at, h.ClosedAt)
	}
}

// What a dispute froze it gives back with the frozen time added, whichever server's clock
// was ahead, or ends; and nothing is given back that was not frozen.
func TestHoldFreezeAndThaw(t *testing.T) {
	for _, state := range []ledger.HoldState{ledger.HoldFrozen, ledger.HoldCaptured, ledger.HoldVoided, ledger.HoldExpired} {
		require.ErrorIs(t, (&ledger.Hold{State: state}).Freeze(noon), ledger.ErrInvalidState)
	}
	for next := ledger.HoldState(0); next <= ledger.HoldExpired+1; next++ {
		for frozen, added := range map[time.Duration]time.Duration{time.Hour: time.Hour, -time.Second: 0} {
			h := ledger.Hold{State: ledger.HoldActive, ExpiresAt: noon.Add(time.Minute)}
			require.NoError(t, h.Freeze(noon))
			if next == ledger.HoldFrozen || next == ledger.HoldExpired || !next.Valid() {
				require.ErrorIs(t, h.Thaw(next, noon, noon.Add(frozen)), ledger.ErrInvalidState)
				continue
			}
			require.NoError(t, h.Thaw(next, noon, noon.Add(frozen)))
			require.ErrorIs(t, h.Thaw(next, noon, noon), ledger.ErrInvalidState, "once")
			require.Equal(t, next, h.State)
			if next == ledger.HoldActive {
				require.Equal(t, noon.Add(time.Minute+added), h.ExpiresAt)
				require.Zero(t, h.ClosedAt)
			} else {
				require.Equal(t, noon.Add(frozen), h.ClosedAt)
			}
		}
	}
	late := ledger.Hold{State: ledger.HoldActive, ExpiresAt: noon}
	require.ErrorIs(t, late.Freeze(noon), ledger.ErrInvalidState, "it has expired")
}

func TestSuspensionEndsByItself(t *testing.T) {
	a := ledger.Account{Status: ledger.Suspended, SuspendedUntil: noon}
	require.Equal(t, ledger.Suspended, a.StatusAt(noon.Add(-1)))
	require.Equal(t, ledger.Active, a.StatusAt(noon))
	a.SuspendedUntil = time.Time{}
	require.Equal(t, ledger.Suspended, a.StatusAt(noon.Add(1000*time.Hour)))
}

func TestIDs(t *testing.T) {
	id := ledger.TransactionID{1, 2, 255}
	parsed, err := ledger.ParseTransactionID(id.String())
	require.NoError(t, err)
	require.Equal(t, id, parsed)
	for _, text := range []string{"", "tx_", "tx_00000000000000000000000000000000", "hold_" + id.String()[3:], id.String() + "0",
		"tx_0102FF00000000000000000000000000", "tx_0102zz00000000000000000000000000"} {
		_, err := ledger.ParseTransactionID(text)
		require.ErrorIs(t, err, ledger.ErrNotFound, text)
	}
	require.Empty(t, ledger.HoldID{}.String())
}

func TestTransactionTypesRoundTrip(t *testing.T) {
	for kind := ledger.TypeTransfer; kind.Valid(); kind++ {
		parsed, err := ledger.ParseTransactionType(kind.String())
		require.NoError(t, err)
		require.Equal(t, kind, parsed)
	}
	_, err := ledger.ParseTransactionType("invalid")
	require.ErrorIs(t, err, ledger.ErrInvalidInput)
}
