package teg

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// UpdateFlagsParams asks to move several flags on in their review.
type UpdateFlagsParams struct {
	By      DID
	FlagIDs []FlagID // 1 to [MaxBatch], each once
	Status  FlagStatus
	Notes   string // as [UpdateFlagParams] has them
	Key     string // idempotency key of the whole
	DryRun  bool
}

// FlagsReceipt has one result for each flag, in order.
type FlagsReceipt struct {
	Results  []FlagResult
	Updated  int // without an error
	Replayed bool
}

// FlagResult is what became of one flag of several.
type FlagResult struct {
	FlagID FlagID
	Err    error // why it was refused; nil when it was updated
}

// UpdateFlags moves up to 1,000 flags on in one commit, each for itself: what is
// refused of one leaves the others as they are, and is in its result.
//
// Errors: [ErrInvalidInput], also for a flag that is named twice, [ErrSuspended],
// [ErrKeyReused].
func (e *Engine) UpdateFlags(ctx context.Context, p UpdateFlagsParams) (FlagsReceipt, error) {
	if err := p.check(); err != nil {
		return FlagsReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbUpdateFlags, p.DryRun)
	if err != nil {
		return FlagsReceipt{}, err
	}
	work, ids := make([]*flagWork, len(p.FlagIDs)), make([]string, len(p.FlagIDs))
	for i, id := range p.FlagIDs {
		work[i], ids[i] = newReview(p.By, id, p.Status, p.Notes, p.mark(i)), id.String()
	}
	if err := e.findFlagged(ctx, work...); err != nil {
		return FlagsReceipt{}, err
	}
	for _, w := range work {
		op.intents = append(op.intents, Intent{Verb: w.verb, Flag: w.id, Value: p.Status.String(), Batch: true})
		w.require(op)
		if w.mark.set {
			op.need.keys = append(op.need.keys, w.mark.key)
		}
	}
	op.weight = len(work)
	op.mark = markKey(p.By, store.VerbUpdateFlags, p.Key, strings.Join(ids, " "), p.Status.String(), p.Notes)
	decide := func(d *decision) (FlagsReceipt, []ledger.ID, error) { return d.updateFlags(work) }
	return perform(e, op, decide, func(store.Record) (FlagsReceipt, error) { return e.recallFlags(ctx, p) })
}

func (p *UpdateFlagsParams) check() error {
	if n := len(p.FlagIDs); n < 1 || n > MaxBatch {
		return ledger.Invalid("flag_ids", "from 1 to %d flags", MaxBatch)
	}
	if len(distinctBy(slices.Clone(p.FlagIDs), compareIDs[FlagID])) < len(p.FlagIDs) {
		return ledger.Invalid("flag_ids", "one of them is given twice")
	}
	return check(checkKey(p.Key), named("by", p.By), checkReview(p.Status, p.Notes))
}

// mark is the place in the journal of one flag of several.
func (p *UpdateFlagsParams) mark(i int) keyMark {
	if p.Key == "" {
		return keyMark{}
	}
	return markKey(p.By, store.VerbUpdateFlags, p.Key+"#"+strconv.Itoa(i), p.FlagIDs[i].String(), p.Status.String(), p.Notes)
}

// updateFlags applies the acts in order, each with its own place in the journal.
func (d *decision) updateFlags(work []*flagWork) (FlagsReceipt, []ledger.ID, error) {
	receipt := FlagsReceipt{Results: make([]FlagResult, len(work))}
	for i, w := range work {
		each := &operation{
			ctx: d.op.ctx, verb: w.verb, by: w.by, caller: d.op.caller, request: d.op.request, mark: w.mark, weight: 1,
			decide: func(d *decision) ([]ledger.ID, error) {
				_, subjects, err := w.decide(d)
				return subjects, err
			},
		}
		receipt.Results[i] = FlagResult{FlagID: w.id, Err: anew(each.refused(d.apply(each)))}
	}
	receipt.count()
	return receipt, nil, nil
}

func (r *FlagsReceipt) count() {
	r.Updated = 0
	for i := range r.Results {
		if r.Results[i].Err == nil {
			r.Updated++
		}
	}
}

// recallFlags rebuilds the answer to an earlier request from the places of its flags
// in the journal. The one refusal that has none there is that of an agent's own flag.
func (e *Engine) recallFlags(ctx context.Context, p UpdateFlagsParams) (FlagsReceipt, error) {
	keys := make([]store.Key, len(p.FlagIDs))
	for i := range keys {
		keys[i] = p.mark(i).key
	}
	records, err := e.reader().Records(ctx, keys...)
	if err != nil {
		return FlagsReceipt{}, outward(err)
	}
	byKey := make(map[store.Key]*store.Record, len(records))
	for i := range records {
		byKey[records[i].Key] = &records[i]
	}
	receipt := FlagsReceipt{Results: make([]FlagResult, len(keys)), Replayed: true}
	for i, id := range p.FlagIDs {
		receipt.Results[i].FlagID = id
		switch r := byKey[keys[i]]; {
		case r == nil:
			receipt.Results[i].Err = ownFlag()
		case r.Refused():
			receipt.Results[i].Err = decodeRefusal(r.Refusal)
		}
	}
	receipt.count()
	return receipt, nil
}
