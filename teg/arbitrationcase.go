package teg

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
)

// heldCase is a case in the arbitrator's hands.
type heldCase struct {
	opened   bool
	evidence int64   // how many pieces were handed over
	ruling   *Ruling // the first that was given
	over     bool    // the dispute does not take the ruling
	faults   int
	next     time.Time // when it is looked at again
}

// arbitrate does what is next for one case.
func (e *Engine) arbitrate(ctx context.Context, arbitrator Arbitrator, of *Dispute, held *heldCase) error {
	if held.ruling == nil {
		if err := e.speak(ctx, arbitrator, of, held); err != nil || held.ruling == nil {
			return err
		}
	}
	return e.carryOut(ctx, of, held)
}

// speak hands over what is new, and asks for the ruling, also where the arbitrator does
// not take some evidence: it may have ruled without it.
func (e *Engine) speak(ctx context.Context, arbitrator Arbitrator, of *Dispute, held *heldCase) error {
	limited, cancel := context.WithTimeout(ctx, arbitratorPatience)
	defer cancel()
	refused := e.handOver(limited, arbitrator, of, held)
	if refused != nil && (!held.opened || errors.Is(refused, ErrUnavailable)) {
		return refused
	}
	if err := e.ask(limited, arbitrator, of, held); err != nil {
		return cmp.Or(refused, err)
	}
	if held.ruling != nil {
		return nil
	}
	return refused
}

// handOver opens the case, and submits what evidence there is more.
func (e *Engine) handOver(ctx context.Context, arbitrator Arbitrator, of *Dispute, held *heldCase) error {
	if !held.opened {
		opened, err := e.caseOf(ctx, of)
		if err != nil {
			return err
		}
		if err := arbitrator.Open(ctx, opened); err != nil {
			return err
		}
		held.opened = true
	}
	if of.Claims+of.Defences <= held.evidence {
		return nil
	}
	evidence, err := e.reader().DisputeEvidence(ctx, of.ID)
	if err != nil {
		return outward(err)
	}
	for _, piece := range evidence {
		if piece.Seq <= held.evidence {
			continue
		}
		err := arbitrator.Submit(ctx, CaseEvidence{
			Dispute: of.ID, Seq: piece.Seq, By: piece.By, Pointer: piece.Pointer, Description: piece.Description, At: piece.At,
		})
		if err != nil {
			return forgotten(held, err)
		}
		held.evidence = piece.Seq
	}
	return nil
}

// forgotten has a case handed over again that the arbitrator does not know.
func forgotten(held *heldCase, err error) error {
	if errors.Is(err, ErrNotFound) {
		held.opened, held.evidence = false, 0
	}
	return err
}

// ask asks for the ruling. The first that makes sense counts.
func (e *Engine) ask(ctx context.Context, arbitrator Arbitrator, of *Dispute, held *heldCase) error {
	ruling, ruled, err := arbitrator.Ruling(ctx, of.ID)
	if errors.Is(err, ErrNotFound) && held.opened {
		_ = forgotten(held, err)
		return e.handOver(ctx, arbitrator, of, held)
	}
	if err != nil || !ruled {
		return err
	}
	if err := ruling.Check(); err != nil {
		return err
	}
	if ruling.Penalty != nil && of.Value.Less(*ruling.Penalty) {
		return ledger.Invalid("token_penalty", "an arbitrator awards at most the value in dispute, %s AVT", of.Value)
	}
	if of.Hold.IsZero() {
		ruling.Hold = "" // there is none to capture or void
	}
	held.ruling = &ruling
	return nil
}

// carryOut resolves the dispute. Where that is refused for good, it has ended in
// another way, and the ruling is too late.
func (e *Engine) carryOut(ctx context.Context, of *Dispute, held *heldCase) error {
	hold, err := dispute.ParseHoldRuling(held.ruling.Hold)
	if err != nil {
		return err
	}
	p := ResolveDisputeParams{By: e.config.ArbitratorDID, DisputeID: of.ID, Resolution: held.ruling.Resolution, Notes: held.ruling.Notes, Hold: hold}
	if held.ruling.Penalty != nil {
		p.Penalty = *held.ruling.Penalty
	}
	_, err = e.ResolveDispute(ctx, p)
	if err != nil && encodeRefusal(err) != nil {
		held.over = true
		e.config.Logger.WarnContext(ctx, "a ruling came too late", "dispute", of.ID.String(), "ruling", held.ruling.Resolution.String(), "error", err)
		return nil
	}
	held.over = err == nil
	return err
}

// caseOf is what an arbitrator is told of a dispute.
func (e *Engine) caseOf(ctx context.Context, of *Dispute) (Case, error) {
	payer, err := e.payerIn(ctx, of)
	return Case{
		Dispute: of.ID, Claimant: of.Claimant, Defendant: of.Defendant, CauseKind: of.Cause.Kind.String(), CauseID: causeID(of), Payer: payer,
		Reason: of.Reason, Category: of.Category, Description: of.Description, Response: of.Response, Value: of.Value,
		FiledAt: of.FiledAt, Deadline: of.Deadline,
	}, err
}

func causeID(of *Dispute) string {
	switch of.Cause.Kind {
	case dispute.CauseHold:
		return HoldID(of.Cause.ID).String()
	case dispute.CauseTransfer:
		return TransactionID(of.Cause.ID).String()
	}
	return of.Cause.AVTP
}

// payerIn is who paid, or set aside, what a dispute is about; nobody where it is about
// an AVTP transaction.
func (e *Engine) payerIn(ctx context.Context, of *Dispute) (DID, error) {
	switch of.Cause.Kind {
	case dispute.CauseHold:
		found, err := e.reader().Holds(ctx, ledger.HoldQuery{IDs: []HoldID{HoldID(of.Cause.ID)}, Limit: 1})
		if err != nil || len(found) == 0 { // a hold is never deleted
			return DID{}, cmp.Or(outward(err), error(ErrInternal))
		}
		return found[0].PayerID, nil
	case dispute.CauseTransfer:
		found, err := e.reader().Transactions(ctx, TransactionID(of.Cause.ID))
		if err != nil || len(found) == 0 {
			return DID{}, cmp.Or(outward(err), error(ErrInternal))
		}
		return found[0].SenderID, nil
	}
	return DID{}, nil
}
