package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// AdjustParams asks to correct a mistake with a transaction that names it.
type AdjustParams struct {
	By            DID // the administrator who acts
	From, To      DID // agents, or the treasury
	Amount        Amount
	Reason        string        // required, at most 500 characters
	TransactionID TransactionID // the transaction that is corrected; zero for none
	Key           string        // idempotency key
	DryRun        bool
}

// Adjust moves value between two accounts on an administrator's word, without a
// fee. It never makes a balance negative.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused], [ErrNotFound] for
// an unknown account or transaction, [ErrSelfTransfer], [ErrInvalidState] for a
// deactivated receiver, [*InsufficientBalanceError].
func (e *Engine) Adjust(ctx context.Context, p AdjustParams) (Transaction, error) {
	if err := check(named("by", p.By), named("from_agent_id", p.From), named("to_agent_id", p.To),
		positive("amount", p.Amount), requiredText("reason", p.Reason, MaxReason), checkKey(p.Key)); err != nil {
		return Transaction{}, err
	}
	a := &adjustment{AdjustParams: p}
	found, err := e.parties(ctx, p.From, p.To)
	if err != nil {
		return Transaction{}, err
	}
	a.from, a.to = found[0], found[1]
	if a.exists, err = e.exists(ctx, p.TransactionID); err != nil {
		return Transaction{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbAdjust, p.DryRun)
	if err != nil {
		return Transaction{}, err
	}
	op.intend(Intent{Sender: p.From, Receiver: p.To, Amount: p.Amount, Transaction: p.TransactionID})
	op.parties = []party{a.from, a.to}
	op.mark = markKey(p.By, store.VerbAdjust, p.Key, p.From.String(), p.To.String(), p.Amount.String(), p.Reason, p.TransactionID.String())
	return perform(e, op, a.decide, func(r store.Record) (Transaction, error) {
		tx, err := e.recall(ctx, r)
		if err != nil {
			return Transaction{}, err
		}
		shown := show(tx)
		shown.Replayed = true
		return shown, nil
	})
}

func (e *Engine) exists(ctx context.Context, id TransactionID) (bool, error) {
	if id.IsZero() {
		return true, nil
	}
	found, err := e.reader().Transactions(ctx, id)
	return len(found) == 1, outward(err)
}

// adjustment is a correction under way.
type adjustment struct {
	AdjustParams
	from, to party
	exists   bool // the transaction that is corrected
}

func (a *adjustment) decide(d *decision) (Transaction, []ledger.ID, error) {
	if a.From == a.To {
		return Transaction{}, nil, ErrSelfTransfer
	}
	if !a.exists {
		return Transaction{}, nil, ledger.Refuse(ErrNotFound, "no such transaction")
	}
	posting, err := a.plan(d)
	if err != nil {
		return Transaction{}, nil, err
	}
	tx, err := d.post(posting)
	if err != nil {
		return Transaction{}, nil, err
	}
	d.record(act{action: "adjust", sender: a.From, receiver: a.To, amount: a.Amount, reason: a.Reason,
		referenceID: a.TransactionID.String()})
	return show(ledger.Recorded{Transaction: *tx, SenderID: a.From, ReceiverID: a.To}), d.transactionIDs(), nil
}

// plan is the posting, out of or into the treasury where it is named.
func (a *adjustment) plan(d *decision) (ledger.Posting, error) {
	treasury := d.core.config.Treasury
	p := ledger.Posting{
		Type: ledger.TypeAdjustment, Amount: a.Amount,
		Notes: ledger.Notes{Reason: a.Reason, ReferenceID: a.TransactionID.String()},
	}
	if a.From == treasury {
		legs, err := d.payFromTreasury(a.Amount)
		if err != nil {
			return p, err
		}
		p.Sender, p.Legs = d.treasuryRow(0), legs
	} else {
		from, err := d.party("from_agent_id", a.From, a.from)
		if err != nil {
			return p, err
		}
		p.Sender, p.Legs = from.ID, []ledger.Leg{{Account: from.ID, Amount: amount.Neg(a.Amount)}}
	}
	if a.To == treasury {
		p.Receiver = d.book.Collectors().Treasury
	} else {
		to, err := d.party("to_agent_id", a.To, a.to)
		if err != nil {
			return p, err
		}
		if err := ledger.CanReceive(to, d.now); err != nil {
			return p, err
		}
		p.Receiver = to.ID
	}
	p.Legs = append(p.Legs, ledger.Leg{Account: p.Receiver, Amount: a.Amount.Signed()})
	return p, nil
}
