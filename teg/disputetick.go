package teg

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// tickDisputes is how many disputes one tick brings to the present.
const tickDisputes = 200

// lapseDisputes does what the deadlines of disputes have brought about.
func (e *Engine) lapseDisputes(ctx context.Context, now time.Time) error {
	due, err := e.reader().DueDisputes(ctx, now, tickDisputes)
	if err != nil || len(due) == 0 {
		return outward(err)
	}
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	return e.together(len(due), func(i int) error { return e.lapseDispute(ctx, &due[i]) })
}

// lapseDispute is an act of the system: nobody asked for it.
func (e *Engine) lapseDispute(ctx context.Context, of *Dispute) error {
	w := &disputeWork{id: of.ID, found: true, hold: of.Hold}
	var err error
	if w.disputants, err = e.disputants(ctx, of.Claimant, of.Defendant); err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbAdvanceDispute, request: requestID(ctx)}
	w.needs(op)
	return e.bySystem(op, func(d *decision) error { return d.lapse(of.ID, w.disputants) })
}

// storeEvidence has storage fetch, prove and keep the content of evidence in open
// disputes, outside of any transaction, and then writes down what came of it. What
// storage does not answer for is looked for again, ever more rarely.
func (e *Engine) storeEvidence(ctx context.Context) error {
	if e.config.Evidence == nil {
		return nil
	}
	due, err := e.unstored(ctx)
	if err != nil {
		return err
	}
	return lookAtOnce(len(due), func(i int) error { return e.storePiece(ctx, &due[i]) })
}

// unstored is what evidence of disputes is to be looked for now.
func (e *Engine) unstored(ctx context.Context) ([]dispute.Evidence, error) {
	return nextUnseen(&e.unkept, e.clock.now(),
		func() ([]dispute.Evidence, error) {
			return e.reader().UnstoredEvidence(ctx, dispute.EvidenceQuery{Newest: true, Limit: evidenceNewest})
		},
		func(after ledger.ID) ([]dispute.Evidence, error) {
			return e.reader().UnstoredEvidence(ctx, dispute.EvidenceQuery{After: EvidenceID(after), Limit: evidencePage})
		},
		func(piece *dispute.Evidence) ledger.ID { return ledger.ID(piece.ID) })
}

// storePiece fetches, pins and notes one piece of evidence.
func (e *Engine) storePiece(ctx context.Context, piece *dispute.Evidence) error {
	limited, cancel := context.WithTimeout(ctx, evidencePatience)
	defer cancel()
	found, err := e.config.Evidence.Fetch(limited, piece.Pointer, 0)
	if err == nil {
		err = e.config.Evidence.Pin(limited, piece.Pointer)
	}
	s := dispute.Storage{Evidence: piece.ID, Sound: err == nil, Size: found.Size}
	switch {
	case err == nil:
	case errors.Is(err, ErrInvalidInput): // whoever asks whichever storage: what it points at can be no evidence
		s.Size, s.Problem = 0, cutText(err.Error(), MaxDisputeNotes)
	default:
		if ctx.Err() == nil {
			e.config.Logger.InfoContext(ctx, "evidence could not be kept; it is looked for again", "evidence", piece.ID, "error", err)
		}
		e.unkept.failed(ledger.ID(piece.ID), e.clock.now())
		return nil
	}
	if err := e.recordStorage(ctx, piece, s); err != nil {
		e.unkept.failed(ledger.ID(piece.ID), e.clock.now())
		return err
	}
	e.unkept.found(ledger.ID(piece.ID))
	return nil
}

// recordStorage writes down what became of the content of evidence, once.
func (e *Engine) recordStorage(ctx context.Context, piece *dispute.Evidence, s dispute.Storage) error {
	key := referenceKey(DID{}, store.VerbStoreEvidence, piece.ID.String())
	w := &disputeWork{id: piece.Dispute}
	if err := e.findDispute(ctx, w); err != nil {
		return err
	}
	op := &operation{ctx: ctx, verb: store.VerbStoreEvidence, request: requestID(ctx)}
	w.needs(op)
	op.need.references = []store.Key{key}
	return e.bySystem(op, func(d *decision) error {
		of, found := d.disputes.Dispute(piece.Dispute)
		if !found || d.references[key] {
			return nil // another server was faster
		}
		d.useReference(key, ledger.ID(piece.ID))
		s.At = d.now
		d.disputes.Store(s)
		a := disputeAct(store.VerbStoreEvidence, &of)
		a.evidence, a.value = piece.ID, soundness(s.Sound)
		d.record(a)
		return nil
	})
}

// soundness is how events say whether the content of evidence is what its pointer
// names.
func soundness(sound bool) string {
	if sound {
		return "sound"
	}
	return "unsound"
}

// cutText is at most so many characters of a text from outside, without what a database
// could refuse.
func cutText(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit])
	}
	return text
}
