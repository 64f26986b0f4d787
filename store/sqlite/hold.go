package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

const holdColumns = "id, payer, locked, receiver, amount, fee, fee_fixed, fee_percentage, fee_max, fee_rewards, fee_burn, " +
	"captured, state, void_by, purpose, created_at, expires_at, closed_at"

var (
	holdsByID   = lookupBy("SELECT " + holdColumns + " FROM holds WHERE id IN (%s)")
	activeHolds = lookupBy("SELECT " + holdColumns + " FROM holds WHERE payer IN (%s) AND state = 1")

	insertHolds = insertInto("holds", "id", "payer", "locked", "receiver", "amount", "fee", "fee_fixed", "fee_percentage",
		"fee_max", "fee_rewards", "fee_burn", "captured", "state", "void_by", "purpose", "created_at", "expires_at", "closed_at")
	changeHold = one("UPDATE holds SET captured = ?, state = ?, expires_at = ?, closed_at = ? WHERE id = ?")
)

// loadHolds reads the holds asked for by id and by payer, each once, in the
// order of their ids.
func loadHolds(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	visit := func(r *row) { rows.Holds = append(rows.Holds, readHold(r)) }
	byID := func(a *arguments, i int) { a.bytes(need.Holds[i][:]) }
	if err := find(ctx, e, holdsByID, len(need.Holds), byID, visit); err != nil {
		return err
	}
	byPayer := func(a *arguments, i int) { a.int(int64(need.ActiveHoldsOf[i])) }
	if err := find(ctx, e, activeHolds, len(need.ActiveHoldsOf), byPayer, visit); err != nil {
		return err
	}
	slices.SortFunc(rows.Holds, func(a, b ledger.Hold) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	rows.Holds = slices.CompactFunc(rows.Holds, func(a, b ledger.Hold) bool { return a.ID == b.ID })
	return nil
}

func readHold(r *row) ledger.Hold {
	h := ledger.Hold{
		ID: ledger.HoldID(r.id()), Payer: r.account(), Locked: r.account(), Receiver: r.account(),
		Amount: r.amount(), Fee: r.amount(),
	}
	h.Fees.Fixed, h.Fees.Percentage = r.amount(), r.rate()
	h.Fees.Max, h.Fees.HasMax = r.optionalAmount()
	h.Fees.Split = ledger.Split{Rewards: r.rate(), Burn: r.rate()}
	h.Captured, h.State, h.VoidBy, h.Purpose = r.amount(), ledger.HoldState(r.int()), ledger.Voider(r.int()), r.text()
	h.CreatedAt, h.ExpiresAt, h.ClosedAt = r.time(), r.time(), r.time()
	return h
}

// writeHolds makes new holds and changes those that were loaded.
func writeHolds(ctx context.Context, e executor, c *store.Changes) error {
	err := insert(ctx, e, insertHolds, len(c.NewHolds), func(a *arguments, i int) { bindHold(a, &c.NewHolds[i]) })
	if err != nil {
		return err
	}
	for i := range c.Holds {
		h := &c.Holds[i]
		changed, err := run(ctx, e, changeHold, func(a *arguments) {
			a.amount(h.Captured)
			a.int(int64(h.State))
			a.time(h.ExpiresAt)
			a.time(h.ClosedAt)
			a.bytes(h.ID[:])
		})
		if err != nil {
			return err
		}
		if changed != 1 {
			return fmt.Errorf("sqlite: %s is not there to be changed", h.ID)
		}
	}
	return nil
}

func bindHold(a *arguments, h *ledger.Hold) {
	a.bytes(h.ID[:])
	a.int(int64(h.Payer))
	a.int(int64(h.Locked))
	a.int(int64(h.Receiver))
	a.amount(h.Amount)
	a.amount(h.Fee)
	bindFees(a, &h.Fees)
	a.amount(h.Captured)
	a.int(int64(h.State))
	a.int(int64(h.VoidBy))
	a.optional(h.Purpose)
	a.time(h.CreatedAt)
	a.time(h.ExpiresAt)
	a.time(h.ClosedAt)
}

func bindFees(a *arguments, f *ledger.Fees) {
	a.amount(f.Fixed)
	a.int(ppm(f.Percentage))
	if f.HasMax {
		a.amount(f.Max)
	} else {
		a.add(nil)
	}
	a.int(ppm(f.Split.Rewards))
	a.int(ppm(f.Split.Burn))
}

func ppm(r amount.Rate) int64 { return int64(r.PPM()) }
