package teg

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// BatchParams asks for several payments from one agent in one commit.
type BatchParams struct {
	From      DID // the payer of all, and the caller
	Transfers []BatchTransfer
	Atomic    bool   // all or none; otherwise each for itself
	Key       string // idempotency key of the whole
	DryRun    bool
}

// BatchTransfer is one element of a batch.
type BatchTransfer struct {
	To        DID
	Amount    Amount
	Message   string
	Reference string
	Key       string // of this element; by default the batch's key with "#" and the index
}

// BatchReceipt has one result per element, in order.
type BatchReceipt struct {
	Results           []BatchResult
	Succeeded, Failed int
	Replayed          bool
}

// BatchResult is a receipt, or why the element was refused.
type BatchResult struct {
	Receipt TransferReceipt
	Err     error
}

// TransferBatch carries up to 1,000 payments out in one commit. Unless the
// batch is atomic, each element succeeds or is refused for itself, and the error
// is nil; the element's error is in its result. Of an atomic batch, either all
// elements succeed or the error is a [*BatchError] that names the first one
// refused, and nothing has happened.
//
// An element that is invalid in itself, or a key given twice, makes the whole
// request invalid. The other errors are those of [Engine.Transfer].
func (e *Engine) TransferBatch(ctx context.Context, p BatchParams) (BatchReceipt, error) {
	if err := p.check(); err != nil {
		return BatchReceipt{}, err
	}
	p.DryRun = p.DryRun || e.dry
	b, err := e.newBatch(ctx, p)
	if err != nil {
		return BatchReceipt{}, err
	}
	decide := func(d *decision) (BatchReceipt, []ledger.ID, error) { return b.decide(d) }
	receipt, err := perform(e, b.operation(ctx), decide, func(store.Record) (BatchReceipt, error) { return e.recallBatch(ctx, p) })
	if err != nil {
		return BatchReceipt{}, err
	}
	return e.completeBatch(ctx, b, receipt), nil
}

func (p *BatchParams) check() error {
	if n := len(p.Transfers); n == 0 || n > MaxBatch {
		return ledger.Invalid("transfers", "from 1 to %d transfers", MaxBatch)
	}
	if err := check(named("sender_agent_id", p.From), checkKey(p.Key)); err != nil {
		return err
	}
	keys := map[string]bool{}
	for i := range p.Transfers {
		t, prefix := p.transfer(i), fmt.Sprintf("transfers[%d].", i)
		own := t
		own.Key = p.Transfers[i].Key // the one made of the batch's key may be longer than a caller's
		if err := own.check(prefix); err != nil {
			return inElement(prefix, err)
		}
		if t.Key != "" && keys[t.Key] {
			return ledger.Invalid(prefix+"idempotency_key", "this key is given twice")
		}
		keys[t.Key] = true
	}
	return nil
}

// inElement names the element's own key field instead of the header.
func inElement(prefix string, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Field == "Idempotency-Key" {
		return &Refusal{Reason: refusal.Reason, Field: prefix + "idempotency_key", Message: refusal.Message}
	}
	return err
}

// transfer is the element as a payment for itself, with its key.
func (p *BatchParams) transfer(i int) TransferParams {
	t := p.Transfers[i]
	if t.Key == "" && p.Key != "" {
		t.Key = p.derivedKey(i)
	}
	return TransferParams{From: p.From, To: t.To, Amount: t.Amount, Message: t.Message, Reference: t.Reference, Key: t.Key}
}

// derivedKey is the key of an element that has none of its own.
func (p *BatchParams) derivedKey(i int) string { return p.Key + "#" + strconv.Itoa(i) }

// batch is several payments under way.
type batch struct {
	BatchParams
	from     party
	elements []*operation
	work     []*transfer
}

func (e *Engine) newBatch(ctx context.Context, p BatchParams) (*batch, error) {
	ids := make([]DID, 0, len(p.Transfers)+1)
	ids = append(ids, p.From)
	for i := range p.Transfers {
		ids = append(ids, p.Transfers[i].To)
	}
	found, err := e.parties(ctx, ids...)
	if err != nil {
		return nil, err
	}
	b := &batch{BatchParams: p, from: found[0]}
	for i := range p.Transfers {
		t := &transfer{TransferParams: p.transfer(i), from: b.from, to: found[i+1]}
		b.work = append(b.work, t)
		b.elements = append(b.elements, t.operation(ctx))
	}
	return b, nil
}

// operation is the batch as one operation that needs what its elements need.
func (b *batch) operation(ctx context.Context) *operation {
	op := &operation{
		ctx: ctx, verb: store.VerbTransferBatch, by: b.From, caller: b.from, request: requestID(ctx),
		dryRun: b.DryRun, weight: len(b.elements),
	}
	fields := make([]string, 0, 4*len(b.work)+1)
	fields = append(fields, strconv.FormatBool(b.Atomic))
	for i, element := range b.elements {
		t := b.work[i]
		op.parties = append(op.parties, t.to)
		op.need.references = append(op.need.references, element.need.references...)
		if element.mark.set {
			op.need.keys = append(op.need.keys, element.mark.key)
		}
		if b.Key != "" && b.Transfers[i].Key != "" {
			op.need.keys = append(op.need.keys, scopedKey(b.From, store.VerbTransfer, b.derivedKey(i)))
		}
		op.intents = append(op.intents, element.intents[0])
		op.intents[i].Verb, op.intents[i].Batch = element.verb, true
		fields = append(fields, t.To.String(), t.Amount.String(), t.Message, t.Reference, b.Transfers[i].Key)
	}
	if op.each = !b.Atomic; b.Key != "" && !b.DryRun {
		op.deniedKey = b.deniedKey
	}
	op.mark = markKey(b.From, store.VerbTransferBatch, b.Key, fields...)
	return op
}

// decide applies the elements in order, each with its own place in the journal.
func (b *batch) decide(d *decision) (BatchReceipt, []ledger.ID, error) {
	receipt := BatchReceipt{Results: make([]BatchResult, len(b.elements))}
	if err := d.needDue(append(d.op.parties[:len(d.op.parties):len(d.op.parties)], b.from)...); err != nil {
		return BatchReceipt{}, nil, err
	}
	if err := d.needGarnished(); err != nil {
		return BatchReceipt{}, nil, err
	}
	for i, element := range b.elements {
		result := &receipt.Results[i]
		element.record = nil
		if result.Err = d.op.denial(i); result.Err != nil {
			b.keepDenial(d, i)
			continue
		}
		element.decide = func(each *decision) ([]ledger.ID, error) {
			r, subjects, err := b.work[i].decide(each)
			result.Receipt = r
			return subjects, err
		}
		result.Err = d.apply(element)
		var more errMore
		if errors.As(result.Err, &more) {
			return BatchReceipt{}, nil, more
		}
		if b.Atomic && element.refused(result.Err) != nil {
			return BatchReceipt{}, nil, &BatchError{Index: i, Err: anew(element.refused(result.Err))}
		}
		b.keep(d, i)
	}
	return receipt, nil, nil
}

// deniedKey names, in the journal, that a policy denied an element. It is no key that a
// caller could send: under the element's own key nothing was decided.
func (p *BatchParams) deniedKey(i int) store.Key {
	return scopedKey(p.From, store.VerbTransferBatch, "denied\x00"+p.derivedKey(i))
}

// keepDenial writes that an element was denied, so that the batch's key has the same
// answer again whatever becomes of the element's own key meanwhile.
func (b *batch) keepDenial(d *decision, i int) {
	if d.op.deniedKey == nil {
		return
	}
	record := store.Record{
		Key: b.deniedKey(i), Fingerprint: b.elements[i].mark.fingerprint, Caller: b.from.available,
		Verb: store.VerbTransfer, Items: 1, Refusal: encodeDenial(d.op.denial(i)), At: d.now,
	}
	d.changes.Records = append(d.changes.Records, record)
}

// keep writes what an element got earlier, under a key of its own, into the
// batch's place as well: the batch may be remembered for longer.
func (b *batch) keep(d *decision, i int) {
	element := b.elements[i]
	if b.Key == "" || element.record == nil || b.Transfers[i].Key == "" {
		return
	}
	record := *element.record
	record.Key, record.At = scopedKey(b.From, store.VerbTransfer, b.derivedKey(i)), d.now
	if d.records[record.Key] == nil {
		d.records[record.Key] = &record
		d.undo = append(d.undo, func() { delete(d.records, record.Key) })
		d.changes.Records = append(d.changes.Records, record)
	}
}

// refused is why the element was refused, now or when it was first sent.
func (op *operation) refused(err error) error {
	if err == nil && op.record != nil && op.record.Refused() {
		return decodeRefusal(op.record.Refusal)
	}
	return err
}

// completeBatch fills in what elements got that were sent before, and counts.
func (e *Engine) completeBatch(ctx context.Context, b *batch, receipt BatchReceipt) BatchReceipt {
	if receipt.Replayed {
		return receipt
	}
	for i, element := range b.elements {
		result := &receipt.Results[i]
		result.Err = element.refused(result.Err)
		if element.record != nil && result.Err == nil {
			var err error
			if result.Receipt, err = e.recallTransfer(ctx, *element.record); err != nil {
				result.Err = unread(err) // the others are committed, and their receipts count
			}
		}
	}
	receipt.count()
	return receipt
}

// unread is what the element of a committed batch gets whose first answer could
// not be read just now: it has a key, which tells.
func unread(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return ErrOutcomeUnknown
	}
	return err
}

func (r *BatchReceipt) count() {
	r.Succeeded, r.Failed = 0, 0
	for i := range r.Results {
		if r.Results[i].Err == nil {
			r.Succeeded++
		} else {
			r.Failed++
		}
	}
}

// recallBatch rebuilds the answer to an earlier batch from its elements' own
// places in the journal.
func (e *Engine) recallBatch(ctx context.Context, p BatchParams) (BatchReceipt, error) {
	byKey, err := e.elementRecords(ctx, p)
	if err != nil {
		return BatchReceipt{}, err
	}
	receipt := BatchReceipt{Results: make([]BatchResult, len(p.Transfers)), Replayed: true}
	for i := range p.Transfers {
		t := &transfer{TransferParams: p.transfer(i)}
		mark := t.operation(ctx).mark
		r := byKey[mark.key]
		if kept, ok := byKey[scopedKey(p.From, store.VerbTransfer, p.derivedKey(i))]; ok && kept.Fingerprint == mark.fingerprint {
			r = kept
		}
		if denied, ok := byKey[p.deniedKey(i)]; ok { // its own key may have been used since
			r = denied
		}
		result := &receipt.Results[i]
		switch {
		case r.Key == store.Key{} && p.Transfers[i].Key == "": // a fault of the engine's own kept it from being decided
			result.Err = ErrInternal
		case r.Fingerprint != mark.fingerprint:
			result.Err = ErrKeyReused // its own key had been used for another request, which may be forgotten by now
		case r.Refused():
			result.Err = decodeRefusal(r.Refusal)
		default:
			if result.Receipt, err = e.recallTransfer(ctx, r); err != nil {
				return BatchReceipt{}, err
			}
		}
	}
	receipt.count()
	return receipt, nil
}

// elementRecords reads the journal for the elements of a batch, under their own
// keys and those made of the batch's, and for those that were denied.
func (e *Engine) elementRecords(ctx context.Context, p BatchParams) (map[store.Key]store.Record, error) {
	keys := make([]store.Key, 0, 3*len(p.Transfers))
	for i := range p.Transfers {
		keys = append(keys, scopedKey(p.From, store.VerbTransfer, p.derivedKey(i)), p.deniedKey(i))
		if own := p.Transfers[i].Key; own != "" {
			keys = append(keys, scopedKey(p.From, store.VerbTransfer, own))
		}
	}
	records, err := e.reader().Records(ctx, keys...)
	if err != nil {
		return nil, outward(err)
	}
	byKey := make(map[store.Key]store.Record, len(records))
	for _, r := range records {
		byKey[r.Key] = r
	}
	return byKey, nil
}
