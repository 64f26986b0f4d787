package teg

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// HoldsQuery selects the holds of one agent, newest first.
type HoldsQuery struct {
	Agent  DID    // payer or receiver
	Limit  int    // 1 to 1,000; zero means 100
	Offset int64  // not together with Cursor
	Cursor string // the page after the one that gave it
	Total  bool   // count all, also where a cursor is given
}

// HoldsPage is a page of holds.
type HoldsPage struct {
	Holds      []HoldReceipt
	Total      int64 // -1 where it was not counted
	NextCursor string
}

// GetHold returns a hold as it stands now; [ErrNotFound] unless by is a party
// to it.
func (e *Engine) GetHold(ctx context.Context, by DID, id HoldID) (HoldReceipt, error) {
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{IDs: []HoldID{id}, Limit: 1})
	if err != nil {
		return HoldReceipt{}, outward(err)
	}
	if len(holds) == 0 || by != holds[0].PayerID && by != holds[0].ReceiverID {
		return HoldReceipt{}, ledger.Refuse(ErrNotFound, "no such hold")
	}
	receipts, err := e.holdReceipts(ctx, holds)
	if err != nil {
		return HoldReceipt{}, err
	}
	return receipts[0], nil
}

// Holds returns the holds that an agent pays for or may be paid from.
func (e *Engine) Holds(ctx context.Context, q HoldsQuery) (HoldsPage, error) {
	bound := newCursorScope("holds", q.Agent.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(bound)
	if err != nil {
		return HoldsPage{}, err
	}
	found, err := e.parties(ctx, q.Agent)
	if err != nil {
		return HoldsPage{}, err
	}
	if !found[0].known() {
		return HoldsPage{}, unregistered(q.Agent)
	}
	query := ledger.HoldQuery{Party: found[0].available, Before: HoldID(at.id), Offset: q.Offset, Limit: page.limit + 1}
	holds, err := e.reader().Holds(ctx, query)
	if err != nil {
		return HoldsPage{}, outward(err)
	}
	result := HoldsPage{Total: -1}
	holds, more := cut(&page, holds)
	if more {
		result.NextCursor = bound.cursor(place{id: ledger.ID(holds[len(holds)-1].ID)})
	}
	if page.counts() {
		if result.Total, err = e.reader().CountHolds(ctx, ledger.HoldQuery{Party: found[0].available}); err != nil {
			return HoldsPage{}, outward(err)
		}
	}
	result.Holds, err = e.holdReceipts(ctx, holds)
	return result, err
}

// holdReceipts shows holds in the state in force, with their transactions.
func (e *Engine) holdReceipts(ctx context.Context, holds []ledger.RecordedHold) ([]HoldReceipt, error) {
	names := make([]string, len(holds))
	for i := range holds {
		names[i] = holds[i].ID.String()
	}
	transactions, err := e.reader().Referring(ctx, names...)
	if err != nil {
		return nil, outward(err)
	}
	ids := make(map[string][]TransactionID, len(holds))
	for _, tx := range transactions {
		ids[tx.Notes.ReferenceID] = append(ids[tx.Notes.ReferenceID], tx.ID)
	}
	now := e.clock.now()
	receipts := make([]HoldReceipt, len(holds))
	for i, h := range holds {
		h.State = h.StateAt(now)
		receipts[i] = holdReceipt(h.Hold, h.PayerID, h.ReceiverID, ids[names[i]])
	}
	return receipts, nil
}

// recallHold rebuilds the answer to an earlier act upon a hold from what of the
// hold never changes and the transactions that there were by then.
func (e *Engine) recallHold(ctx context.Context, r store.Record) (HoldReceipt, error) {
	_, transactions := subjects(&r)
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{IDs: []HoldID{holdOf(&r)}, Limit: 1})
	if err != nil {
		return HoldReceipt{}, outward(err)
	}
	if len(holds) != 1 {
		return HoldReceipt{}, ErrInternal
	}
	h := holds[0]
	switch r.Verb {
	case store.VerbHold:
		h.State, h.Captured = HoldActive, Amount{}
	case store.VerbCapture:
		h.State = HoldCaptured
	case store.VerbVoid:
		h.State = HoldVoided
	}
	receipt := holdReceipt(h.Hold, h.PayerID, h.ReceiverID, transactions)
	receipt.Replayed = true
	return receipt, nil
}

func holdReceipt(h ledger.Hold, from, to DID, ids []TransactionID) HoldReceipt {
	return HoldReceipt{
		HoldID: h.ID, From: from, To: to, Amount: h.Amount, Fee: h.Fee, Captured: h.Captured, State: h.State,
		VoidBy: h.VoidBy, Purpose: h.Purpose, CreatedAt: h.CreatedAt, ExpiresAt: h.ExpiresAt, TransactionIDs: ids,
	}
}

func sortHolds(holds []*ledger.Hold) {
	slices.SortFunc(holds, func(a, b *ledger.Hold) int { return ledger.ID(a.ID).Compare(ledger.ID(b.ID)) })
}
