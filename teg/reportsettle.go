package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// outcomeReport is a report under way.
type outcomeReport struct {
	OutcomeParams
	payment *ledger.Recorded // nil where none is named, or none that may be seen
	parties []party
	earlier *reputation.Report // the same, reported before
}

func (o *outcomeReport) decide(d *decision) (OutcomeReceipt, []ledger.ID, error) {
	o.earlier = nil
	initiator, err := d.party("initiating_agent_did", o.Initiator, o.parties[0])
	if err != nil {
		return OutcomeReceipt{}, nil, err
	}
	responder, err := d.party("responding_agent_did", o.Responder, o.parties[1])
	if err != nil {
		return OutcomeReceipt{}, nil, err
	}
	report := o.report(d, initiator.ID, responder.ID)
	if earlier := d.conduct.ReportBy(report.Own); earlier != nil {
		if !earlier.Same(&report) {
			return OutcomeReceipt{}, nil, &Refusal{Reason: ErrAlreadyExists, Field: "avtp_transaction_id", Message: "you have reported something else of it"}
		}
		o.earlier = earlier
		return OutcomeReceipt{}, nil, nil
	}
	return o.settle(d, report)
}

func (o *outcomeReport) report(d *decision, initiator, responder ledger.AccountID) reputation.Report {
	return reputation.Report{
		ID: ReportID(d.core.newID()), Scope: o.scope(), Own: o.own(), Reporter: o.By, AVTP: o.AVTP, Initiator: initiator, Responder: responder,
		Service: o.Service, Price: o.Price, SLA: o.SLA, Transfer: o.TransactionID, Outcome: o.Outcome, Final: o.Final, At: d.now,
	}
}

// settle takes a new report in, and changes the scores where it makes a difference.
func (o *outcomeReport) settle(d *decision, report reputation.Report) (OutcomeReceipt, []ledger.ID, error) {
	before := d.conduct.ReportsOf(report.Scope)
	_, was := reputation.Settle(o.Initiator, before)
	if o.Final && reputation.Settled(before) && was != o.Outcome {
		return OutcomeReceipt{}, nil, &Refusal{Reason: ErrAlreadyExists, Field: "avtp_transaction_id", Message: "the platform has said how it ended"}
	}
	if err := o.spendPayment(d, before, &report); err != nil {
		return OutcomeReceipt{}, nil, err
	}
	status, now := reputation.Settle(o.Initiator, append(before, report))
	report.Status = status
	receipt := OutcomeReceipt{ID: report.ID, Status: status, At: d.now}
	settled := ""
	if now != was {
		settled = settledName(now)
		change := d.terms.Reputation.Changes(before, now)
		report.InitiatorSeq, report.InitiatorChange = o.change(d, &receipt, o.Initiator, report.Initiator, report.ID, change.Initiator, now)
		report.ResponderSeq, report.ResponderChange = o.change(d, &receipt, o.Responder, report.Responder, report.ID, change.Responder, now)
	}
	d.conduct.Report(report)
	d.record(act{
		action: "report_outcome", sender: o.Initiator, receiver: o.Responder, reference: o.AVTP, referenceID: report.ID.String(),
		reason: o.Outcome.String(), status: status.String(), outcome: settled, final: o.Final,
		price: o.Price, service: o.Service, sla: o.SLA, payment: o.TransactionID,
	})
	return receipt, nil, nil
}

func settledName(o ServiceOutcome) string {
	if !o.Valid() {
		return ""
	}
	return o.String()
}

// spendPayment lets a report name the initiator's payment to the responder. What the
// initiator or the platform names is spent, whatever was said before: it counts for
// one AVTP transaction, in whatever order its reports come.
func (o *outcomeReport) spendPayment(d *decision, before []reputation.Report, report *reputation.Report) error {
	if o.TransactionID.IsZero() {
		return nil
	}
	tx := o.payment
	switch {
	case tx == nil:
		return &Refusal{Reason: ErrNotFound, Field: "transaction_id", Message: "no such transaction"}
	case !tx.Type.Refundable(), tx.SenderID != o.Initiator, tx.ReceiverID != o.Responder:
		return &Refusal{Reason: ErrInvalidState, Field: "transaction_id", Message: "it is no payment of the initiator to the responder"}
	case !report.Spends(o.Initiator):
		return nil
	}
	for i := range before {
		if before[i].Transfer == o.TransactionID && before[i].Spends(o.Initiator) {
			return nil // it was named for this one
		}
	}
	if d.references[paymentKey(o.TransactionID)] {
		return &Refusal{Reason: ErrAlreadyExists, Field: "transaction_id", Message: "it was named for another AVTP transaction"}
	}
	d.useReference(paymentKey(o.TransactionID), report.Scope)
	return nil
}

// change changes one score, where there is something to change.
func (o *outcomeReport) change(d *decision, receipt *OutcomeReceipt, agent DID, row ledger.AccountID, cause ReportID, points int, now ServiceOutcome) (seq int64, applied int) {
	if points == 0 {
		return 0, 0
	}
	event := d.changeScore(agent, row, reputation.Event{Requested: points, Reason: now.Reason(), Related: ledger.ID(cause), At: d.now})
	receipt.Changes = append(receipt.Changes, ScoreChange{Agent: agent, Change: event.Applied, Score: event.Value})
	return event.Seq, event.Applied
}

// recallReport answers what a report did when it was new.
func (e *Engine) recallReport(ctx context.Context, r *reputation.Report) (OutcomeReceipt, error) {
	receipt := OutcomeReceipt{ID: r.ID, Status: r.Status, At: r.At, Replayed: true}
	for _, of := range []struct {
		agent ledger.AccountID
		seq   int64
	}{{r.Initiator, r.InitiatorSeq}, {r.Responder, r.ResponderSeq}} {
		if of.seq == 0 {
			continue
		}
		events, _, err := e.reader().ScoreEvents(ctx, reputation.EventQuery{Agent: of.agent, Below: of.seq + 1, Limit: 1})
		if err != nil {
			return OutcomeReceipt{}, outward(err)
		}
		if len(events) == 0 || events[0].Seq != of.seq {
			return OutcomeReceipt{}, ErrInternal
		}
		receipt.Changes = append(receipt.Changes, ScoreChange{Agent: events[0].AgentID, Change: events[0].Applied, Score: events[0].Value})
	}
	return receipt, nil
}
