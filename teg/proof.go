package teg

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// ProofParams says what is to be proven to be in the log: an event, or the one of a
// transaction.
type ProofParams struct {
	Event       EventID
	Transaction TransactionID
	// By is who asks for the proof of a transaction: only a party to it gets one. With the
	// zero DID it is given to whoever asks. An event alone is given to whoever asks.
	By DID
	// TreeSize is the size of the checkpoint that the caller has, for a proof that leads
	// to its root. Zero: the last one, which comes with the proof.
	TreeSize int64
}

// LogProof proves that an event is in the log. [tlog.CheckRecord] takes it: the path, the
// size and root of the tree, and the index and hash of the leaf. The hash is that of
// Event.Body, as [tlog.RecordHash] makes it: check that as well.
type LogProof struct {
	Event     AuditLogEntry
	LeafIndex int64 // the event's position
	LeafHash  LogHash
	TreeSize  int64
	Path      []LogHash
	// Checkpoint is that of the size, signed; its zero value where none of exactly that
	// size was given out.
	Checkpoint Checkpoint
}

// Proof proves that an event, or that of a transaction, is in the log. What was committed
// just now comes into the tree by it; what is not numbered yet, as a host's transaction
// brought it, is [ErrNotInTree], which passes within a second. What does not exist, or is
// not By's to see, is [ErrNotFound]; what was archived and is no longer here is an
// [*ArchivedError], which wraps that: its body is in the archive, and from [Engine.LogTile]
// any reader of package tlog makes the proof. A log that does not hold what it promised is
// [ErrLogForked]: no proof is given out that would not hold.
func (e *Engine) Proof(ctx context.Context, p ProofParams) (LogProof, error) {
	if err := check(e.ownTransactions(), p.check()); err != nil {
		return LogProof{}, err
	}
	event, err := e.eventOf(ctx, p)
	if err != nil {
		return LogProof{}, err
	}
	last, err := e.covering(ctx, event.Position)
	if err != nil {
		return LogProof{}, err
	}
	if p.TreeSize > 0 && (p.TreeSize <= event.Position || p.TreeSize > last.Size) {
		return LogProof{}, ledger.Invalid("tree_size", "%d to %d, which is the size of the last checkpoint; the event is at %d",
			event.Position+1, last.Size, event.Position)
	}
	return e.prove(ctx, event, last, p.TreeSize)
}

func (p *ProofParams) check() error {
	switch named := p.Event != (EventID{}); {
	case named == (p.Transaction != TransactionID{}):
		return ledger.Invalid("event", "name an event or a transaction")
	case p.TreeSize < 0:
		return ledger.Invalid("tree_size", "must not be negative")
	}
	return nil
}

// prove makes the proof that leads to the last checkpoint or, of a size, to the one of that size
// or its root, and checks it as whoever gets it will.
func (e *Engine) prove(ctx context.Context, event store.Event, last *store.Checkpoint, size int64) (proof LogProof, err error) {
	c := last
	if size > 0 {
		if c, err = e.store.Reader().LastCheckpoint(ctx, e.config.LogOrigin, size); err != nil {
			return LogProof{}, outward(err)
		}
	}
	proof = LogProof{Event: auditLogEntry(event), LeafIndex: event.Position, LeafHash: merkle.Leaf(event.Body), TreeSize: size}
	reader := e.treeReader(ctx)
	var root LogHash
	if c != nil && (size == 0 || size == c.Size) {
		if proof.Checkpoint, err = e.signed(ctx, c); err != nil {
			return LogProof{}, err
		}
		proof.TreeSize, root = c.Size, c.Root
	} else if root, err = tlog.TreeHash(size, reader); err != nil {
		return LogProof{}, outward(e.promised(ctx, last, err))
	}
	if proof.Path, err = tlog.ProveRecord(proof.TreeSize, proof.LeafIndex, reader); err != nil {
		return LogProof{}, outward(e.promised(ctx, last, err))
	}
	if tlog.CheckRecord(proof.Path, proof.TreeSize, root, proof.LeafIndex, proof.LeafHash) != nil {
		return LogProof{}, outward(e.refuted(ctx, event, last))
	}
	return proof, nil
}

// refuted is why an event's proof does not hold: it stands elsewhere now, in a log that took over
// since it was found, or the log forked.
func (e *Engine) refuted(ctx context.Context, event store.Event, last *store.Checkpoint) error {
	now, _, err := e.store.Reader().Follow(ctx, event.Position, 1)
	if err != nil {
		return err
	}
	if len(now) > 0 && now[0].ID == event.ID {
		return e.promised(ctx, last, errFork)
	}
	_, err = e.stillHas(ctx, last)
	return cmp.Or(err, errOtherLog)
}

// eventOf finds an event. One of a host's transaction may wait to be numbered.
func (e *Engine) eventOf(ctx context.Context, p ProofParams) (store.Event, error) {
	seek := seeking{engine: e, id: p.Event}
	if p.Event == (EventID{}) {
		tx, err := e.Transaction(ctx, p.By, p.Transaction)
		if err != nil {
			return store.Event{}, err
		}
		seek.transaction, seek.at = tx.ID, tx.At
	}
	event, err := seek.find(ctx)
	if err != nil || event != nil {
		return deref(event), outward(err)
	}
	numbered, waiting, err := e.store.Reader().LogSize(ctx)
	if err != nil {
		return store.Event{}, outward(err)
	}
	if waiting == 0 && p.Event != (EventID{}) {
		return store.Event{}, outward(seek.gone(ctx, ledger.Refuse(ErrNotFound, "no such event among %d", numbered)))
	}
	if err := e.store.Maintain(ctx, store.Maintenance{Now: e.clock.now()}); err != nil { // numbers what waits
		return store.Event{}, outward(err)
	}
	if event, err = seek.find(ctx); err != nil || event != nil {
		return deref(event), outward(err)
	}
	if p.Event != (EventID{}) {
		return store.Event{}, outward(seek.gone(ctx, ledger.Refuse(ErrNotFound, "no such event")))
	}
	return store.Event{}, outward(seek.gone(ctx, ErrNotInTree))
}

func deref(event *store.Event) store.Event {
	if event == nil {
		return store.Event{}
	}
	return *event
}

// seeking looks for an event that no index finds, since every transfer would have to
// write it. Ids rise with the time, and the tiles tell from which event on there are
// greater ones: those before are not looked at, and it is mostly the next few.
type seeking struct {
	engine      *Engine
	id          EventID
	transaction TransactionID // or that of this transaction,
	at          time.Time     // which was made then, as its event was
	place       int64         // before which it does not stand
}

// The range that is looked through at first, and at most by one question.
const (
	seekFirst = 2 * merkle.Width
	seekMost  = 1 << 18
)

// find looks from where the event should be to the end of the log, and then, which only
// other clocks or another source of ids make necessary, from the beginning; nil where
// there is none.
func (s *seeking) find(ctx context.Context) (*store.Event, error) {
	id := s.id
	if id == (EventID{}) {
		id = EventID(s.transaction) // made just before the event's
	}
	reader := s.engine.store.Reader()
	tile, err := reader.TileOf(ctx, id)
	if err != nil {
		return nil, err
	}
	tail, err := reader.LogTail(ctx)
	if err != nil {
		return nil, err
	}
	size, _, err := reader.LogSize(ctx)
	if err != nil {
		return nil, err
	}
	s.place = tile * merkle.Width
	from := max(0, s.place-merkle.Width) // and one before: an act may have named its event first
	found, err := s.within(ctx, max(tail, from), size)
	if found != nil || err != nil {
		return found, err
	}
	return s.within(ctx, tail, from)
}

// gone is why an event is not found: it stands before the tail of the log, or else.
func (s *seeking) gone(ctx context.Context, otherwise error) error {
	tail, err := s.engine.store.Reader().LogTail(ctx)
	switch {
	case err != nil:
		return err
	case s.place < tail:
		return &store.ForgottenError{Tail: tail}
	}
	return otherwise
}

// within looks through a range, in growing steps.
func (s *seeking) within(ctx context.Context, from, to int64) (*store.Event, error) {
	for step := int64(seekFirst); from < to; step = min(2*step, seekMost) {
		end := min(from+step, to)
		events, err := s.engine.store.Reader().FindEvents(ctx, store.EventSearch{From: from, To: end, ID: s.id, At: s.at})
		if err != nil {
			return nil, err
		}
		for i := range events {
			if s.is(&events[i]) {
				return &events[i], nil
			}
		}
		from = end
	}
	return nil, nil
}

// is reports whether an event is the one.
func (s *seeking) is(event *store.Event) bool {
	if s.id != (EventID{}) {
		return true
	}
	name := s.transaction.String()
	var body eventBody
	return bytes.Contains(event.Body, []byte(name)) && json.Unmarshal(event.Body, &body) == nil && slices.Contains(body.Transactions, name)
}
