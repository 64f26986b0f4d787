package teg

import (
	"context"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// OutcomeParams says how a service ended that agents did for each other over AVTP.
type OutcomeParams struct {
	By            DID    // who reports: one of the two, or the platform
	Final         bool   // the platform says so: it is decided, also where By is one of the two
	AVTP          string // AVTP's id of the transaction, at most 128 characters
	Initiator     DID
	Responder     DID
	Outcome       ServiceOutcome
	Service       string        // at most 256 characters
	SLA           string        // that was referred to, at most 128 characters
	Price         Amount        // zero: not told
	TransactionID TransactionID // the initiator's payment to the responder; zero: none is named
	DryRun        bool
}

// ScoreChange is what became of one agent's score.
type ScoreChange struct {
	Agent  DID
	Change int // what was applied
	Score  int // after it
}

// OutcomeReceipt is what a report did.
type OutcomeReceipt struct {
	ID       ReportID
	Status   ReportStatus
	Changes  []ScoreChange
	At       time.Time
	Replayed bool // the same was reported before
}

// ReportOutcome takes a report of an AVTP transaction in. What the platform says is
// final. What a party says takes effect when the other says the same, or when it is
// the initiator, who names its payment to the responder for it; until then it is
// kept. A payment that the initiator or the platform named counts for that AVTP
// transaction and no other; that the responder names one has no effect. Parties that
// contradict each other make the transaction disputed, and what it changed is taken
// back. The same report again answers the first result.
//
// Errors: [ErrInvalidInput], [ErrForbidden] for who is neither of the two,
// [ErrSuspended], [ErrNotFound] for an agent or a payment, [ErrInvalidState] for a
// payment that is not from the initiator to the responder, [ErrAlreadyExists] where
// the reporter said something else before, where the payment was named for another
// AVTP transaction, or where the platform has decided otherwise.
func (e *Engine) ReportOutcome(ctx context.Context, p OutcomeParams) (OutcomeReceipt, error) {
	if err := p.check(); err != nil {
		return OutcomeReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbReportOutcome, p.DryRun)
	if err != nil {
		return OutcomeReceipt{}, err
	}
	o := &outcomeReport{OutcomeParams: p}
	if o.payment, err = e.namedPayment(ctx, p); err != nil {
		return OutcomeReceipt{}, err
	}
	if op.parties, err = e.parties(ctx, p.Initiator, p.Responder); err != nil {
		return OutcomeReceipt{}, err
	}
	op.intend(Intent{Sender: p.Initiator, Receiver: p.Responder, Amount: p.Price, Transaction: p.TransactionID, Name: p.AVTP, Value: p.Outcome.String()})
	o.parties = op.parties
	op.need.reputation.Scopes, op.need.reputation.Own = []ledger.ID{p.scope()}, []ledger.ID{p.own()}
	for _, agent := range op.parties {
		if agent.known() {
			op.need.reputation.Agents = append(op.need.reputation.Agents, agent.available)
		}
	}
	if !p.TransactionID.IsZero() {
		op.need.references = []store.Key{paymentKey(p.TransactionID)}
	}
	receipt, err := perform(e, op, o.decide, func(store.Record) (OutcomeReceipt, error) { return OutcomeReceipt{}, ErrInternal })
	if err != nil || o.earlier == nil {
		return receipt, err
	}
	return e.recallReport(ctx, o.earlier)
}

func (p *OutcomeParams) check() error {
	err := check(
		named("by", p.By), named("initiating_agent_did", p.Initiator), named("responding_agent_did", p.Responder),
		requiredText("avtp_transaction_id", p.AVTP, MaxReference), validText("service_identifier", p.Service, MaxMessage),
		validText("sla_identifier_referenced", p.SLA, MaxReference),
	)
	switch {
	case err != nil:
		return err
	case !p.Outcome.Valid():
		return ledger.Invalid("outcome_status", "must be SUCCESS, FAILURE_PROVIDER, FAILURE_CONSUMER or DISPUTED")
	case p.Initiator == p.Responder:
		return ledger.Invalid("responding_agent_did", "must be another than the initiator")
	case !p.mayReport():
		return ledger.Refuse(ErrForbidden, "only the two agents and the platform can report an outcome")
	}
	return nil
}

func (p *OutcomeParams) mayReport() bool {
	return p.Final || p.By == p.Initiator || p.By == p.Responder
}

// scope names the AVTP transaction of these two agents: who takes its id for others
// stands in nobody's way.
func (p *OutcomeParams) scope() ledger.ID {
	sum := digest("avtp", p.Initiator.String(), p.Responder.String(), p.AVTP)
	return ledger.ID(sum[:16])
}

// own names the one report of this reporter. What somebody says for the platform is
// another than what it says as a party. Whoever reports the same AVTP transaction
// holds the same rows, so that no two reports meet at this name unseen.
func (p *OutcomeParams) own() ledger.ID {
	scope := p.scope()
	sum := digest("avtp report", p.By.String(), strconv.FormatBool(p.Final), string(scope[:]))
	return ledger.ID(sum[:16])
}

// paymentKey lets a payment count for one AVTP transaction, for ever.
func paymentKey(id TransactionID) store.Key {
	return referenceKey(DID{}, store.VerbReportOutcome, id.String())
}

// namedPayment reads the payment that a report names, as far as the reporter may
// see it.
func (e *Engine) namedPayment(ctx context.Context, p OutcomeParams) (*ledger.Recorded, error) {
	if p.TransactionID.IsZero() {
		return nil, nil
	}
	found, err := e.reader().Transactions(ctx, p.TransactionID)
	if err != nil || len(found) == 0 {
		return nil, outward(err)
	}
	if tx := &found[0]; p.Final || tx.SenderID == p.By || tx.ReceiverID == p.By {
		return tx, nil
	}
	return nil, nil
}
