package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// RefundParams asks to give a payment back, in whole or in part.
type RefundParams struct {
	By            DID           // the receiver of the original, and the caller
	TransactionID TransactionID // a transfer, or the capture of a hold
	Amount        Amount        // zero: all that has not been refunded yet
	Message       string        // at most 256 characters
	Key           string        // idempotency key
	DryRun        bool
}

// Refund pays back what the caller received by a transaction, without a fee; in
// sum never more than the original.
//
// Errors: [ErrInvalidInput] (field "amount": more than is left), [ErrSuspended],
// [ErrKeyReused], [ErrNotFound] for a transaction that is not the caller's to
// see, [ErrForbidden] for its sender, [ErrInvalidState] for one that has been
// refunded in full or cannot be, [*InsufficientBalanceError].
func (e *Engine) Refund(ctx context.Context, p RefundParams) (TransferReceipt, error) {
	if err := check(named("by", p.By), validText("message", p.Message, MaxMessage), checkKey(p.Key)); err != nil {
		return TransferReceipt{}, err
	}
	r, err := e.newRefund(ctx, p)
	if err != nil {
		return TransferReceipt{}, err
	}
	op := &operation{
		ctx: ctx, verb: store.VerbRefund, by: p.By, caller: r.by, request: requestID(ctx), dryRun: p.DryRun,
		parties: []party{r.by, r.to}, need: needs{refunded: []TransactionID{p.TransactionID}},
		mark: markKey(p.By, store.VerbRefund, p.Key, p.TransactionID.String(), p.Amount.String(), p.Message),
	}
	op.intend(r.intent())
	return perform(e, op, r.decide, func(rec store.Record) (TransferReceipt, error) { return e.recallTransfer(ctx, rec) })
}

// refund is a payment back under way.
type refund struct {
	RefundParams
	original *ledger.Recorded // nil when there is none that the caller may see
	by, to   party
}

// newRefund reads the original, which never changes.
func (e *Engine) newRefund(ctx context.Context, p RefundParams) (*refund, error) {
	r := &refund{RefundParams: p}
	originals, err := e.reader().Transactions(ctx, p.TransactionID)
	if err != nil {
		return nil, outward(err)
	}
	parties := []DID{p.By}
	if len(originals) == 1 && (originals[0].ReceiverID == p.By || originals[0].SenderID == p.By) {
		r.original = &originals[0]
		parties = append(parties, r.original.SenderID)
	}
	found, err := e.parties(ctx, parties...)
	if err != nil {
		return nil, err
	}
	r.by = found[0]
	if r.original != nil {
		r.to = found[1]
	}
	return r, nil
}

func (r *refund) intent() Intent {
	intent := Intent{Sender: r.By, Amount: r.Amount, All: r.Amount.IsZero(), Transaction: r.TransactionID}
	if r.original == nil {
		return intent
	}
	if intent.Receiver = r.original.SenderID; intent.All {
		intent.Amount = r.original.Amount
	}
	return intent
}

func (r *refund) decide(d *decision) (TransferReceipt, []ledger.ID, error) {
	sum, err := r.rule(d)
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	id := r.TransactionID
	notes := ledger.Notes{Message: r.Message, ReferenceID: id.String()}
	tx, err := d.post(ledger.Move(ledger.TypeRefund, r.by.available, r.to.available, sum, notes))
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	before := d.refunded[id]
	after, err := before.Add(sum)
	if err != nil {
		return TransferReceipt{}, nil, ErrAboveMaximum
	}
	d.refunded[id] = after
	d.undo = append(d.undo, func() { d.refunded[id] = before })
	d.record(act{action: "refund", sender: r.By, receiver: r.original.SenderID, amount: sum, referenceID: id.String()})
	return TransferReceipt{
		TransactionID: tx.ID, Type: tx.Type, From: r.By, To: r.original.SenderID, Amount: sum, ReferenceID: id.String(),
		SenderBalance: balanceAfter(tx, r.by.available), Message: r.Message, At: tx.At,
	}, d.transactionIDs(), nil
}

// rule decides whether the refund is the caller's to give, and how much it is.
func (r *refund) rule(d *decision) (Amount, error) {
	switch {
	case r.original == nil:
		return Amount{}, ledger.Refuse(ErrNotFound, "no such transaction")
	case r.original.ReceiverID != r.By:
		return Amount{}, ledger.Refuse(ErrForbidden, "only the receiver of a transaction can refund it")
	case !r.original.Type.Refundable():
		return Amount{}, ledger.Refuse(ErrInvalidState, "a transaction of type %s cannot be refunded", r.original.Type)
	}
	to, err := d.party("sender_agent_id", r.original.SenderID, r.to)
	if err != nil {
		return Amount{}, err
	}
	if err := ledger.CanReceive(to, d.now); err != nil {
		return Amount{}, err
	}
	return ledger.CanRefund(r.original.Transaction, d.refunded[r.TransactionID], r.Amount)
}
