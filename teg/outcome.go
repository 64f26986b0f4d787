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

// subjects are the hold, of a verb upon holds, and the transactions that a
// record names.
func subjects(r *store.Record) (hold HoldID, transactions []TransactionID) {
	ids := r.Subjects
	switch r.Verb {
	case store.VerbHold, store.VerbCapture, store.VerbVoid:
		if len(ids) > 0 {
			hold, ids = HoldID(ids[0]), ids[1:]
		}
	}
	for _, id := range ids {
		transactions = append(transactions, TransactionID(id))
	}
	return hold, transactions
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
