package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// SystemTransferParams asks for a payment from an agent to the treasury.
type SystemTransferParams struct {
	From    DID    // the payer, and the caller
	Amount  Amount // no fee, no minimum
	Purpose string // at most 256 characters
	Key     string // idempotency key
	DryRun  bool
}

// TransferToSystem pays amount from an agent to the treasury, without a fee.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound],
// [*InsufficientBalanceError].
func (e *Engine) TransferToSystem(ctx context.Context, p SystemTransferParams) (TransferReceipt, error) {
	if err := check(named("sender_agent_id", p.From), positive("amount", p.Amount),
		validText("purpose", p.Purpose, MaxPurpose), checkKey(p.Key)); err != nil {
		return TransferReceipt{}, err
	}
	found, err := e.parties(ctx, p.From)
	if err != nil {
		return TransferReceipt{}, err
	}
	op := &operation{
		ctx: ctx, verb: store.VerbTransferToSystem, by: p.From, caller: found[0], request: requestID(ctx), dryRun: p.DryRun,
		intents: []Intent{{Sender: p.From, Receiver: e.config.Treasury, Amount: p.Amount}},
		mark:    markKey(p.From, store.VerbTransferToSystem, p.Key, "treasury", p.Amount.String(), p.Purpose),
	}
	decide := func(d *decision) (TransferReceipt, []ledger.ID, error) { return decideSystemTransfer(d, p) }
	return perform(e, op, decide, func(r store.Record) (TransferReceipt, error) { return e.recallTransfer(ctx, r) })
}

func decideSystemTransfer(d *decision, p SystemTransferParams) (TransferReceipt, []ledger.ID, error) {
	from, err := d.party("sender_agent_id", p.From, d.op.caller)
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	notes := ledger.Notes{Reason: p.Purpose}
	tx, err := d.post(ledger.Move(ledger.TypeSystemTransfer, from.ID, d.book.Collectors().Treasury, p.Amount, notes))
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	treasury := d.core.config.Treasury
	d.record(act{action: "transfer_to_system", sender: p.From, receiver: treasury, amount: p.Amount, reason: p.Purpose})
	return TransferReceipt{
		TransactionID: tx.ID, Type: tx.Type, From: p.From, To: treasury, Amount: p.Amount,
		SenderBalance: balanceAfter(tx, from.ID), Message: p.Purpose, At: tx.At,
	}, d.transactionIDs(), nil
}
