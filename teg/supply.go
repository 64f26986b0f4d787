package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// IssueParams asks to create value.
type IssueParams struct {
	By        DID // the administrator who acts
	To        DID // an agent, which gets a profile when it has none, or the treasury
	Amount    Amount
	Reason    string // required, at most 500 characters
	Reference string // unique for ever per caller and verb
	Key       string // idempotency key
	DryRun    bool
}

// BurnParams asks to destroy value of the treasury.
type BurnParams struct {
	By     DID // the administrator who acts
	Amount Amount
	Reason string // required, at most 500 characters
	Key    string // idempotency key
	DryRun bool
}

// SupplyReceipt is the answer to an issuance or a burn.
type SupplyReceipt struct {
	TransactionID    TransactionID
	Recipient        DID // who got it, or the treasury that it was taken from
	Amount           Amount
	RecipientBalance Amount // what the recipient could spend right after
	At               time.Time
	Replayed         bool
}

// Issue creates value out of nothing, against the issuance account.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused],
// [ErrAboveMaximum] where a balance or the supply would pass 10^18 AVT,
// [ErrInvalidState] for a deactivated recipient, [ErrAlreadyExists] for a used
// reference, [ErrNotFound] for a system account other than the treasury.
func (e *Engine) Issue(ctx context.Context, p IssueParams) (SupplyReceipt, error) {
	if err := check(named("by", p.By), named("recipient_agent_id", p.To), positive("amount", p.Amount),
		requiredText("reason", p.Reason, MaxReason), validText("reference", p.Reference, MaxReference), checkKey(p.Key)); err != nil {
		return SupplyReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbIssue, p.DryRun)
	if err != nil {
		return SupplyReceipt{}, err
	}
	op.intend(Intent{Receiver: p.To, Amount: p.Amount, Reference: p.Reference})
	op.need.system = true
	op.mark = markKey(p.By, store.VerbIssue, p.Key, p.To.String(), p.Amount.String(), p.Reason, p.Reference)
	if p.Reference != "" {
		op.need.references = []store.Key{referenceKey(p.By, store.VerbIssue, p.Reference)}
	}
	kind, system := e.system.is(p.To)
	decide := func(d *decision) (SupplyReceipt, []ledger.ID, error) {
		if system && kind != ledger.Treasury {
			return SupplyReceipt{}, nil, ledger.Refuse(ErrNotFound, "no agent %s", p.To)
		}
		if err := d.freeReference(store.VerbIssue, p.Reference); err != nil {
			return SupplyReceipt{}, nil, err
		}
		if system {
			return decideTreasuryIssue(d, p)
		}
		return decideIssue(d, p)
	}
	if system {
		op.need.treasury = true
	} else {
		op.need.owners = []DID{p.To}
	}
	return perform(e, op, decide, func(r store.Record) (SupplyReceipt, error) { return e.recallSupply(ctx, r, false) })
}

// administrative begins an operation of an administrator, who may have no
// profile.
func (e *Engine) administrative(ctx context.Context, by DID, verb store.Verb, dryRun bool) (*operation, error) {
	found, err := e.parties(ctx, by)
	if err != nil {
		return nil, err
	}
	return &operation{ctx: ctx, verb: verb, by: by, caller: found[0], request: requestID(ctx), dryRun: dryRun || e.dry}, nil
}

func decideIssue(d *decision, p IssueParams) (SupplyReceipt, []ledger.ID, error) {
	to := d.agent(p.To, ledger.Agent{Origin: ledger.FromRegistry})
	if err := ledger.CanReceive(d.book.Account(to.available), d.now); err != nil {
		return SupplyReceipt{}, nil, err
	}
	notes := ledger.Notes{Reason: p.Reason, Reference: p.Reference}
	tx, err := d.post(ledger.Move(ledger.TypeIssuance, d.book.Collectors().Issuance, to.available, p.Amount, notes))
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	r, subjects, err := issued(d, p, tx, Amount{})
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	if err := d.garnish(); err != nil {
		return SupplyReceipt{}, nil, err
	}
	r.RecipientBalance, err = d.book.Account(to.available).Balance.Amount()
	return r, subjects, err
}

// decideTreasuryIssue gathers the treasury on its first row, so that the balance
// after the entry there is the treasury's.
func decideTreasuryIssue(d *decision, p IssueParams) (SupplyReceipt, []ledger.ID, error) {
	legs, after, err := d.gatherTreasury(p.Amount.Signed())
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	issuance := d.book.Collectors().Issuance
	posting := ledger.Posting{
		Type: ledger.TypeIssuance, Sender: issuance, Receiver: d.treasuryRow(0), Amount: p.Amount,
		Legs:  append([]ledger.Leg{{Account: issuance, Amount: p.Amount.Signed().Neg()}}, legs...),
		Notes: ledger.Notes{Reason: p.Reason, Reference: p.Reference},
	}
	tx, err := d.postAs(posting)
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	return issued(d, p, tx, after)
}

func issued(d *decision, p IssueParams, tx *ledger.Transaction, after Amount) (SupplyReceipt, []ledger.ID, error) {
	d.takeReference(store.VerbIssue, p.Reference, ledger.ID(tx.ID))
	d.record(act{action: "issue", receiver: p.To, amount: p.Amount, reason: p.Reason, reference: p.Reference})
	return SupplyReceipt{TransactionID: tx.ID, Recipient: p.To, Amount: p.Amount, RecipientBalance: after, At: tx.At},
		d.transactionIDs(), nil
}

// Burn destroys value of the treasury.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrKeyReused],
// [*InsufficientBalanceError] where the treasury has less.
func (e *Engine) Burn(ctx context.Context, p BurnParams) (SupplyReceipt, error) {
	if err := check(named("by", p.By), positive("amount", p.Amount),
		requiredText("reason", p.Reason, MaxReason), checkKey(p.Key)); err != nil {
		return SupplyReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbBurn, p.DryRun)
	if err != nil {
		return SupplyReceipt{}, err
	}
	op.intend(Intent{Sender: e.config.Treasury, Amount: p.Amount})
	op.mark = markKey(p.By, store.VerbBurn, p.Key, p.Amount.String(), p.Reason)
	op.need.system, op.need.treasury = true, true
	decide := func(d *decision) (SupplyReceipt, []ledger.ID, error) { return decideBurn(d, p) }
	return perform(e, op, decide, func(r store.Record) (SupplyReceipt, error) { return e.recallSupply(ctx, r, true) })
}

func decideBurn(d *decision, p BurnParams) (SupplyReceipt, []ledger.ID, error) {
	legs, after, err := d.gatherTreasury(amount.Neg(p.Amount))
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	issuance := d.book.Collectors().Issuance
	tx, err := d.postAs(ledger.Posting{
		Type: ledger.TypeBurn, Sender: d.treasuryRow(0), Receiver: issuance, Amount: p.Amount,
		Legs:  append(legs, ledger.Leg{Account: issuance, Amount: p.Amount.Signed()}),
		Notes: ledger.Notes{Reason: p.Reason},
	})
	if err != nil {
		return SupplyReceipt{}, nil, err
	}
	treasury := d.core.config.Treasury
	d.record(act{action: "burn", sender: treasury, amount: p.Amount, reason: p.Reason})
	return SupplyReceipt{TransactionID: tx.ID, Recipient: treasury, Amount: p.Amount, RecipientBalance: after, At: tx.At},
		d.transactionIDs(), nil
}

// recallSupply rebuilds the receipt of an earlier issuance or burn.
func (e *Engine) recallSupply(ctx context.Context, r store.Record, burn bool) (SupplyReceipt, error) {
	tx, err := e.recall(ctx, r)
	if err != nil {
		return SupplyReceipt{}, err
	}
	recipient, row, seq := tx.ReceiverID, tx.Receiver, tx.ReceiverSeq
	if burn {
		recipient, row, seq = tx.SenderID, tx.Sender, tx.SenderSeq
	}
	after, err := e.balanceAtSeq(ctx, &tx.Transaction, row, seq)
	if err == nil && !e.IsSystem(recipient) {
		after, err = e.afterGarnish(ctx, &tx.Transaction, after)
	}
	if err != nil {
		return SupplyReceipt{}, err
	}
	return SupplyReceipt{
		TransactionID: tx.ID, Recipient: recipient, Amount: tx.Amount, RecipientBalance: after, At: tx.At, Replayed: true,
	}, nil
}
