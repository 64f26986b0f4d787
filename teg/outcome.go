package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Outcome is what became of an operation under a key.
type Outcome struct {
	Verb           Verb
	Err            error // why it was refused; nil when it was completed
	TransactionIDs []TransactionID
}

// Operation tells what became of a key of the caller's: one outcome for each
// verb under which it was used. [ErrNotFound] when the key is unknown, so that
// nothing under it has happened, or will without being sent again.
func (e *Engine) Operation(ctx context.Context, by DID, key string) ([]Outcome, error) {
	if key == "" {
		return nil, ledger.Invalid("key", "is required")
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var keys []store.Key
	for verb := store.Verb(1); verb.Valid(); verb++ {
		keys = append(keys, scopedKey(by, verb, key))
	}
	records, err := e.reader().Records(ctx, keys...)
	if err != nil {
		return nil, outward(err)
	}
	var outcomes []Outcome
	for _, r := range records {
		outcome, err := e.outcome(ctx, by, key, r)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome)
	}
	if len(outcomes) == 0 {
		return nil, ledger.Refuse(ErrNotFound, "no operation under this key is remembered")
	}
	return outcomes, nil
}

func (e *Engine) outcome(ctx context.Context, by DID, key string, r store.Record) (Outcome, error) {
	o := Outcome{Verb: r.Verb}
	if r.Refused() {
		o.Err = decodeRefusal(r.Refusal)
		return o, nil
	}
	if r.Verb == store.VerbTransferBatch {
		return e.batchOutcome(ctx, by, key, r)
	}
	_, o.TransactionIDs = subjects(&r)
	return o, nil
}

// heads says how many subjects of a record stand before its transactions: what
// the verb was about, and figures that no immutable row tells.
var heads = map[store.Verb]int{
	store.VerbHold: 1, store.VerbCapture: 1, store.VerbVoid: 1,
	store.VerbStake: 1, store.VerbUnstake: 3, store.VerbDelegate: 1, store.VerbUndelegate: 1,
	store.VerbRunRewardCycle: 1, store.VerbSlash: 1,
	store.VerbRaiseFlag: 2, store.VerbUpdateFlag: 2, store.VerbEscalateFlag: 2, store.VerbSetRules: 1,
	store.VerbPutPolicy: 2, store.VerbDeactivatePolicy: 2,
	store.VerbAttest: 1, store.VerbReviewAttestation: 2,
	store.VerbRaiseDispute: 2,
}

// subjects are what a record's verb was about, zero for a verb that is about its
// transactions alone, and these.
func subjects(r *store.Record) (about ledger.ID, transactions []TransactionID) {
	ids := r.Subjects
	if head := heads[r.Verb]; head > 0 && len(ids) >= head {
		about, ids = ids[0], ids[head:]
	}
	for _, id := range ids {
		transactions = append(transactions, TransactionID(id))
	}
	return about, transactions
}

// holdOf is the hold that a record's verb was about, or zero.
func holdOf(r *store.Record) HoldID {
	switch r.Verb {
	case store.VerbHold, store.VerbCapture, store.VerbVoid:
		about, _ := subjects(r)
		return HoldID(about)
	}
	return HoldID{}
}

// batchOutcome gathers the transactions of the elements that had no key of
// their own.
func (e *Engine) batchOutcome(ctx context.Context, by DID, key string, r store.Record) (Outcome, error) {
	p := BatchParams{From: by, Key: key, Transfers: make([]BatchTransfer, r.Items)}
	keys := make([]store.Key, r.Items)
	order := make(map[store.Key]int, r.Items)
	for i := range keys {
		keys[i] = scopedKey(by, store.VerbTransfer, p.transfer(i).Key)
		order[keys[i]] = i
	}
	records, err := e.reader().Records(ctx, keys...)
	if err != nil {
		return Outcome{}, outward(err)
	}
	ids := make([]TransactionID, r.Items)
	for _, each := range records {
		if !each.Refused() && len(each.Subjects) > 0 {
			ids[order[each.Key]] = TransactionID(each.Subjects[0])
		}
	}
	o := Outcome{Verb: r.Verb}
	for _, id := range ids {
		if !id.IsZero() {
			o.TransactionIDs = append(o.TransactionIDs, id)
		}
	}
	return o, nil
}
