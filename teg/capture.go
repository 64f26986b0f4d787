package teg

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// CaptureParams asks to pay from a hold.
type CaptureParams struct {
	By     DID // the payer of the hold, and the caller
	HoldID HoldID
	Amount Amount // zero: all of it; the rest is released
	Key    string // idempotency key
	DryRun bool
}

// VoidParams asks to give a hold back to its payer.
type VoidParams struct {
	By     DID // the receiver or, where the hold says either, the payer
	HoldID HoldID
	Key    string // idempotency key
	DryRun bool
}

// Capture pays the receiver of a hold. The hold is given back to its payer and
// the captured sum paid with the fee that the terms of the hold give for it, in
// one commit, so that whatever is not captured is free again.
//
// Errors: [ErrInvalidInput] (field "amount": more than the hold),
// [ErrSuspended], [ErrKeyReused], [ErrNotFound] for a hold that is not the
// caller's to see, [ErrForbidden] for its receiver, [ErrExpired],
// [ErrInvalidState].
func (e *Engine) Capture(ctx context.Context, p CaptureParams) (HoldReceipt, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return HoldReceipt{}, err
	}
	h, err := e.newHoldAct(ctx, p.By, p.HoldID)
	if err != nil {
		return HoldReceipt{}, err
	}
	op := h.operation(ctx, store.VerbCapture, p.DryRun, markKey(p.By, store.VerbCapture, p.Key, p.HoldID.String(), p.Amount.String()))
	op.intents[0].Amount, op.intents[0].All = p.Amount, p.Amount.IsZero()
	if p.Amount.IsZero() {
		op.intents[0].Amount = h.sum
	}
	decide := func(d *decision) (HoldReceipt, []ledger.ID, error) { return h.capture(d, p.Amount) }
	return perform(e, op, decide, func(r store.Record) (HoldReceipt, error) { return e.recallHold(ctx, r) })
}

// Void gives a hold back to its payer.
//
// Errors: [ErrSuspended], [ErrKeyReused], [ErrNotFound] for a hold that is not
// the caller's to see, [ErrForbidden] for the payer of a hold that only its
// receiver may void, [ErrExpired], [ErrInvalidState].
func (e *Engine) Void(ctx context.Context, p VoidParams) (HoldReceipt, error) {
	if err := check(named("by", p.By), checkKey(p.Key)); err != nil {
		return HoldReceipt{}, err
	}
	h, err := e.newHoldAct(ctx, p.By, p.HoldID)
	if err != nil {
		return HoldReceipt{}, err
	}
	op := h.operation(ctx, store.VerbVoid, p.DryRun, markKey(p.By, store.VerbVoid, p.Key, p.HoldID.String()))
	op.intents[0].Amount = h.sum
	return perform(e, op, h.void, func(r store.Record) (HoldReceipt, error) { return e.recallHold(ctx, r) })
}

// holdAct is an act upon a hold: who acts, and what of the hold never changes.
type holdAct struct {
	by              DID
	caller          party
	id              HoldID
	found           bool // the hold exists and the caller is party to it
	payer, receiver DID
	sum             Amount // of the hold
	payerParty      party
	receiverParty   party
	before          []TransactionID // of the hold so far
}

// newHoldAct reads the hold without a lock, for the rows that it involves.
func (e *Engine) newHoldAct(ctx context.Context, by DID, id HoldID) (*holdAct, error) {
	h := &holdAct{by: by, id: id}
	callers, err := e.parties(ctx, by)
	if err != nil {
		return nil, err
	}
	h.caller = callers[0]
	holds, err := e.reader().Holds(ctx, ledger.HoldQuery{IDs: []HoldID{id}, Limit: 1})
	if err != nil {
		return nil, outward(err)
	}
	if len(holds) == 0 || by != holds[0].PayerID && by != holds[0].ReceiverID {
		return h, nil
	}
	h.found, h.payer, h.receiver, h.sum = true, holds[0].PayerID, holds[0].ReceiverID, holds[0].Amount
	h.payerParty = party{available: holds[0].Payer, locked: holds[0].Locked}
	h.receiverParty = party{available: holds[0].Receiver}
	earlier, err := e.reader().Referring(ctx, id.String())
	if err != nil {
		return nil, outward(err)
	}
	for _, tx := range earlier {
		h.before = append(h.before, tx.ID)
	}
	return h, nil
}

func (h *holdAct) operation(ctx context.Context, verb store.Verb, dryRun bool, mark keyMark) *operation {
	op := &operation{
		ctx: ctx, verb: verb, by: h.by, caller: h.caller, request: requestID(ctx), dryRun: dryRun, mark: mark,
		parties: []party{h.payerParty, h.receiverParty}, intents: []Intent{{Hold: h.id}},
	}
	if h.found {
		op.intents[0].Sender, op.intents[0].Receiver = h.payer, h.receiver
		op.need.holds = []HoldID{h.id}
		op.need.accounts = []ledger.AccountID{h.payerParty.locked}
		op.need.system = true // the hold has terms of its own
	}
	return op
}

func (h *holdAct) load(d *decision) (ledger.Hold, error) {
	hold := d.holds[h.id]
	if !h.found || hold == nil {
		return ledger.Hold{}, ledger.Refuse(ErrNotFound, "no such hold")
	}
	return *hold, nil
}

func (h *holdAct) capture(d *decision, sum Amount) (HoldReceipt, []ledger.ID, error) {
	hold, err := h.load(d)
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	if h.by != h.payer {
		return HoldReceipt{}, nil, ledger.Refuse(ErrForbidden, "only the payer can capture a hold")
	}
	captured, postings, err := ledger.PlanCapture(hold, sum, d.book.Collectors())
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	if err := hold.Close(HoldCaptured, d.now); err != nil {
		return HoldReceipt{}, nil, err
	}
	to, err := d.party("receiver_agent_id", h.receiver, h.receiverParty)
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	if err := ledger.CanReceive(to, d.now); err != nil {
		return HoldReceipt{}, nil, err
	}
	hold.Captured = captured
	return h.carryOut(d, hold, "capture", captured, postings[1].Fee, postings...)
}

func (h *holdAct) void(d *decision) (HoldReceipt, []ledger.ID, error) {
	hold, err := h.load(d)
	if err != nil {
		return HoldReceipt{}, nil, err
	}
	if h.by == h.payer && h.by != h.receiver && hold.VoidBy == VoidByReceiver {
		return HoldReceipt{}, nil, ledger.Refuse(ErrForbidden, "only the receiver can void this hold")
	}
	if err := hold.Close(HoldVoided, d.now); err != nil {
		return HoldReceipt{}, nil, err
	}
	return h.carryOut(d, hold, "void", hold.Amount, hold.Fee, ledger.PlanRelease(hold))
}

func (h *holdAct) carryOut(d *decision, hold ledger.Hold, action string, sum, fee Amount, postings ...ledger.Posting) (HoldReceipt, []ledger.ID, error) {
	for _, p := range postings {
		if _, err := d.postAs(p); err != nil {
			return HoldReceipt{}, nil, err
		}
	}
	d.closeHold(hold)
	d.record(act{action: action, sender: h.payer, receiver: h.receiver, amount: sum, fee: fee, hold: hold.ID})
	all := append(slices.Clone(h.before), d.posted...)
	subjects := []ledger.ID{ledger.ID(hold.ID)}
	for _, id := range all {
		subjects = append(subjects, ledger.ID(id))
	}
	return holdReceipt(hold, h.payer, h.receiver, all), subjects, nil
}
