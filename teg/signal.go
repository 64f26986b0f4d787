package teg

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// SignalParams asks to praise, or to complain of, who was paid.
type SignalParams struct {
	By            DID           // who paid
	TransactionID TransactionID // a transfer, or the capture of a hold
	Value         int           // 1 or -1

	// Weight is how much is meant by it, in trust: the score counts them all the
	// same. Zero means all, 1.
	Weight Rate
	// Given is when it was said, in trust, where that was elsewhere and before; the
	// score and its history go by now. Zero means now. Old praise is ripe at once: take
	// this from a record that can be believed, and never from who gives the signal.
	Given  time.Time
	DryRun bool
}

// SignalReceipt is what a signal did.
type SignalReceipt struct {
	TransactionID TransactionID
	From, To      DID
	Value         int
	Applied       int // the change of the score: 0 at its bounds, and beyond ReputationTerms.SignalPairLimit
	Score         int // of the one who was paid, after it
	At            time.Time
}

// Signal gives the one signal that belongs to a payment, which changes the score of
// who was paid and is part of its trust.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrNotFound] for a transaction that
// is not the caller's to see, [ErrForbidden] for its receiver, [ErrInvalidState]
// for one that is no transfer between agents, [ErrSignalApplied] where a signal was
// given.
func (e *Engine) Signal(ctx context.Context, p SignalParams) (SignalReceipt, error) {
	if err := check(named("by", p.By), p.check(e.clock.now())); err != nil {
		return SignalReceipt{}, err
	}
	paid, err := e.payment(ctx, p.By, p.TransactionID)
	if err != nil {
		return SignalReceipt{}, err
	}
	op := &operation{
		ctx: ctx, verb: store.VerbSignal, by: p.By, caller: paid.parties[0], request: requestID(ctx), dryRun: p.DryRun,
		parties: paid.parties, need: needs{references: []store.Key{signalKey(p.TransactionID)}},
	}
	op.intend(Intent{Transaction: p.TransactionID, Value: strconv.Itoa(p.Value)})
	if paid.tx != nil {
		op.intents[0].Agent = paid.tx.ReceiverID
	}
	if to := paid.to(); to.known() {
		op.need.reputation.Agents = []ledger.AccountID{to.available}
		if e.TermsInForce().Reputation.SignalPairLimit > 0 && paid.parties[0].known() {
			op.need.countSignals(reputation.Pair{Giver: paid.parties[0].available, Agent: to.available}, e.clock.now())
		}
	}
	return perform(e, op, func(d *decision) (SignalReceipt, []ledger.ID, error) { return decideSignal(d, p, paid) },
		func(store.Record) (SignalReceipt, error) { return SignalReceipt{}, ErrInternal })
}

func (p *SignalParams) check(now time.Time) error {
	switch {
	case p.Value != 1 && p.Value != -1:
		return ledger.Invalid("signal_value", "must be 1 or -1")
	case p.Given.After(now):
		return ledger.Invalid("given", "must not be in the future")
	case !p.Given.IsZero() && p.Given.Year() < 1970:
		return ledger.Invalid("given", "must not be before 1970")
	}
	p.Given = stamp(p.Given)
	if p.Weight.IsZero() {
		p.Weight = amount.Percent(100)
	}
	return nil
}

// signalKey makes the signal of a transaction unique for ever.
func signalKey(id TransactionID) store.Key { return referenceKey(DID{}, store.VerbSignal, id.String()) }

// payment is a transaction as a party looks at it, which never changes.
type payment struct {
	tx      *ledger.Recorded // nil where there is none that the party may see
	parties []party          // the party, and, where there is one, the receiver
}

// payment reads a transaction for a party.
func (e *Engine) payment(ctx context.Context, by DID, id TransactionID) (payment, error) {
	var p payment
	found, err := e.reader().Transactions(ctx, id)
	if err != nil {
		return p, outward(err)
	}
	agents := []DID{by}
	if len(found) == 1 && (found[0].SenderID == by || found[0].ReceiverID == by) {
		p.tx = &found[0]
		agents = append(agents, p.tx.ReceiverID)
	}
	p.parties, err = e.parties(ctx, agents...)
	return p, err
}

// countSignals asks for how many signals of a pair count now.
func (n *needs) countSignals(pair reputation.Pair, now time.Time) {
	n.reputation.Pairs = append(n.reputation.Pairs, pair)
	n.reputation.Since = now.Add(-reputation.SignalPairWindow)
}

// to is who was paid; nobody where there is no transaction.
func (p *payment) to() party {
	if p.tx == nil {
		return party{}
	}
	return p.parties[1]
}

func decideSignal(d *decision, p SignalParams, paid payment) (SignalReceipt, []ledger.ID, error) {
	row, err := d.signalled(p, paid)
	if err != nil {
		return SignalReceipt{}, nil, err
	}
	terms, pair := d.terms.Reputation, reputation.Pair{Giver: d.op.caller.available, Agent: row.ID}
	if terms.SignalPairLimit > 0 && !slices.Contains(d.op.need.reputation.Pairs, pair) { // there is a limit since a moment ago
		var more errMore
		more.countSignals(pair, d.now)
		return SignalReceipt{}, nil, more
	}
	event := d.changeScore(paid.tx.ReceiverID, row.ID, reputation.Event{
		Requested: p.Value * terms.Signal, Reason: reputation.Signalled, Giver: pair.Giver, Weight: p.Weight, Cause: p.TransactionID, At: d.now,
		Void: terms.SignalPairLimit > 0 && d.conduct.Signals(pair) >= terms.SignalPairLimit,
	})
	d.useReference(signalKey(p.TransactionID), ledger.ID(p.TransactionID))
	d.record(act{
		action: "signal", sender: p.By, receiver: paid.tx.ReceiverID, referenceID: p.TransactionID.String(),
		value: strconv.Itoa(p.Value), weight: &p.Weight, given: p.Given,
	})
	return SignalReceipt{
		TransactionID: p.TransactionID, From: p.By, To: paid.tx.ReceiverID, Value: p.Value, Applied: event.Applied, Score: event.Value, At: d.now,
	}, nil, nil
}

// signalled finds the row of the agent whose score a signal changes, or says why
// there can be none.
func (d *decision) signalled(p SignalParams, paid payment) (*ledger.Account, error) {
	switch {
	case paid.tx == nil:
		return nil, ledger.Refuse(ErrNotFound, "no such transaction")
	case paid.tx.SenderID != p.By:
		return nil, ledger.Refuse(ErrForbidden, "only the sender of a payment can give a signal")
	case !paid.tx.Type.Refundable():
		return nil, ledger.Refuse(ErrInvalidState, "a transaction of type %s is no transfer between agents", paid.tx.Type)
	}
	row, err := d.party("receiver_agent_id", paid.tx.ReceiverID, paid.to())
	if err != nil {
		return nil, err
	}
	if d.references[signalKey(p.TransactionID)] {
		return nil, &Refusal{Reason: ErrSignalApplied}
	}
	return row, nil
}
