package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// TransferParams asks for a payment from one agent to another.
type TransferParams struct {
	From      DID    // the payer, and the caller
	To        DID    // another registered agent
	Amount    Amount // the receiver gets it whole; the fee comes on top
	Message   string // private words to the receiver, at most 256 characters
	Reference string // unique for ever per caller and verb, at most 128 characters; searchable
	Key       string // idempotency key, 1 to 255 visible ASCII characters
	DryRun    bool   // answer what the real call would, and change nothing
}

// TransferReceipt is the answer to a payment: of a transfer, a system transfer
// or a refund.
type TransferReceipt struct {
	TransactionID TransactionID
	Type          TransactionType
	From, To      DID
	Amount        Amount
	Fee           Amount
	SenderBalance Amount // what the payer could spend right after
	ReferenceID   string // of a refund: the original
	Message       string // or, of a system transfer, the purpose
	At            time.Time
	Replayed      bool // this is the first answer to the same request under the same key
}

// Transfer pays amount from one agent to another; the payer pays the fee of the
// terms in force on top.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound] for
// an agent that is not registered, [ErrSelfTransfer], [ErrBelowMinimum],
// [ErrAboveMaximum], [ErrInvalidState] for a deactivated receiver,
// [ErrAlreadyExists] for a used reference, [*InsufficientBalanceError].
func (e *Engine) Transfer(ctx context.Context, p TransferParams) (TransferReceipt, error) {
	if err := p.check(""); err != nil {
		return TransferReceipt{}, err
	}
	found, err := e.parties(ctx, p.From, p.To)
	if err != nil {
		return TransferReceipt{}, err
	}
	t := &transfer{TransferParams: p, from: found[0], to: found[1]}
	op := t.operation(ctx)
	return perform(e, op, t.decide, func(r store.Record) (TransferReceipt, error) {
		return e.recallTransfer(ctx, r)
	})
}

// check refuses what is wrong with the request itself. Fields are named with
// the prefix, such as "transfers[3].".
func (p *TransferParams) check(prefix string) error {
	return check(
		named(prefix+"sender_agent_id", p.From),
		named(prefix+"receiver_agent_id", p.To),
		positive(prefix+"amount", p.Amount),
		validText(prefix+"message", p.Message, MaxMessage),
		validText(prefix+"reference", p.Reference, MaxReference),
		checkKey(p.Key),
	)
}

// transfer is one payment under way.
type transfer struct {
	TransferParams
	from, to party
}

func (t *transfer) operation(ctx context.Context) *operation {
	op := &operation{
		ctx: ctx, verb: store.VerbTransfer, by: t.From, caller: t.from, request: requestID(ctx), dryRun: t.DryRun,
		parties: []party{t.from, t.to},
		intents: []Intent{{Sender: t.From, Receiver: t.To, Amount: t.Amount, Reference: t.Reference}},
		mark:    markKey(t.From, store.VerbTransfer, t.Key, t.To.String(), t.Amount.String(), t.Message, t.Reference),
	}
	if t.Reference != "" {
		op.need.references = []store.Key{referenceKey(t.From, store.VerbTransfer, t.Reference)}
	}
	return op
}

func (t *transfer) decide(d *decision) (TransferReceipt, []ledger.ID, error) {
	from, err := d.party("sender_agent_id", t.From, t.from)
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	to := from
	if t.To != t.From {
		if to, err = d.party("receiver_agent_id", t.To, t.to); err != nil {
			return TransferReceipt{}, nil, err
		}
	}
	plan, err := ledger.PlanTransfer(ledger.TransferRule{
		Terms: d.terms.Ledger, Now: d.now, From: from, To: to, Collectors: d.book.Collectors(), Amount: t.Amount,
		Notes: ledger.Notes{Message: t.Message, Reference: t.Reference},
	})
	if err != nil {
		return TransferReceipt{}, nil, err
	}
	if err := d.freeReference(store.VerbTransfer, t.Reference); err != nil {
		return TransferReceipt{}, nil, err
	}
	tx, err := d.post(plan)
	if err != nil {
		return TransferReceipt{}, nil, d.terms.Ledger.Offer(err)
	}
	d.takeReference(store.VerbTransfer, t.Reference, ledger.ID(tx.ID))
	d.record(act{action: "transfer", sender: t.From, receiver: t.To, amount: tx.Amount, fee: tx.Fee, reference: t.Reference})
	return TransferReceipt{
		TransactionID: tx.ID, Type: tx.Type, From: t.From, To: t.To, Amount: tx.Amount, Fee: tx.Fee,
		SenderBalance: balanceAfter(tx, from.ID), Message: t.Message, At: tx.At,
	}, []ledger.ID{ledger.ID(tx.ID)}, nil
}

// recallTransfer rebuilds the receipt of an earlier payment from its rows.
func (e *Engine) recallTransfer(ctx context.Context, r store.Record) (TransferReceipt, error) {
	tx, err := e.recall(ctx, r)
	if err != nil {
		return TransferReceipt{}, err
	}
	message := tx.Notes.Message
	if tx.Type == ledger.TypeSystemTransfer {
		message = tx.Notes.Reason
	}
	return TransferReceipt{
		TransactionID: tx.ID, Type: tx.Type, From: tx.SenderID, To: tx.ReceiverID, Amount: tx.Amount, Fee: tx.Fee,
		SenderBalance: balanceAfter(&tx.Transaction, tx.Sender), ReferenceID: tx.Notes.ReferenceID,
		Message: message, At: tx.At, Replayed: true,
	}, nil
}

// recall reads the first transaction of an earlier operation.
func (e *Engine) recall(ctx context.Context, r store.Record) (ledger.Recorded, error) {
	if len(r.Subjects) == 0 {
		return ledger.Recorded{}, ErrInternal
	}
	found, err := e.reader().Transactions(ctx, TransactionID(r.Subjects[0]))
	if err != nil {
		return ledger.Recorded{}, outward(err)
	}
	if len(found) == 0 {
		return ledger.Recorded{}, ErrInternal
	}
	return found[0], nil
}
