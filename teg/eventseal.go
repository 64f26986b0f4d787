package teg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// EventSeal is by what an event is known again at its position, by who goes on behind it:
// eight hex digits that tell nothing of it. See [EventFilter.Behind].
func EventSeal(id EventID) string {
	sum := sha256.Sum256(id[:])
	return hex.EncodeToString(sum[:4])
}

// knownBefore is where somebody begins to read. It refuses a position before which another
// event stands than the one that was seen there.
func (e *Engine) knownBefore(ctx context.Context, from, tail int64, seal string) (bookmark, error) {
	at := bookmark{next: from}
	if seal == "" || from <= tail { // what is no more here was archived long ago
		return at, nil
	}
	if err := at.look(ctx, e.reader()); err != nil {
		return at, beyondLog(err)
	}
	if EventSeal(at.last) != seal {
		return at, beyondLog(store.ErrBeyondLog)
	}
	return at, nil
}

func (f *EventFilter) checkSeal(from int64) error {
	if f.Behind != "" && from <= 0 {
		return ledger.Invalid("from", "must be the position behind the event that was seen")
	}
	return nil
}

// Seal is the [EventSeal] of the event at a position, whether or not it was for the stream;
// empty where that is not at hand, as it is of what happened lately.
func (s *EventStream) Seal(position int64) string {
	if s.tail == nil {
		return ""
	}
	return s.tail.seal(position)
}

func (t *tail) seal(position int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if position < t.from || position >= t.head() {
		return ""
	}
	return EventSeal(t.kept[position-t.from].ID)
}
