package teg

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// heldTerm is how long a row that somebody else was found to hold is taken to
// be held still, unless an operation gets it earlier. When it ends, a whole group
// waits for the row once more, so it is long.
const heldTerm = 5 * time.Second

// heldRows remembers rows that other transactions hold for long. Operations on
// them go to the slow lane at once, instead of making a whole group wait for
// them first. It is a guess that costs little when it is wrong.
type heldRows struct {
	any   atomic.Bool // whether there may be some: looked at before the lock is taken
	mu    sync.Mutex
	until map[ledger.AccountID]time.Time
}

// add notes rows that were not to be had.
func (h *heldRows) add(rows []ledger.AccountID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until == nil {
		h.until = make(map[ledger.AccountID]time.Time)
	}
	for _, id := range rows {
		h.until[id] = time.Now().Add(heldTerm)
	}
	h.any.Store(true)
}

// free forgets rows that were to be had again.
func (h *heldRows) free(rows []ledger.AccountID) {
	if !h.any.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range rows {
		delete(h.until, id)
	}
	h.any.Store(len(h.until) > 0)
}

// holds reports whether one of the operation's rows is held.
func (h *heldRows) holds(op *operation) bool {
	if !h.any.Load() {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for id, until := range h.until {
		if now.After(until) {
			delete(h.until, id)
		}
	}
	h.any.Store(len(h.until) > 0)
	for _, id := range op.rows() {
		if _, held := h.until[id]; held {
			return true
		}
	}
	return false
}

// rows are the account rows that the operation itself names.
func (op *operation) rows() []ledger.AccountID {
	rows := append([]ledger.AccountID{}, op.need.accounts...)
	if op.caller.known() {
		rows = append(rows, op.caller.available)
	}
	for _, p := range op.parties {
		if p.known() {
			rows = append(rows, p.available)
		}
	}
	return rows
}
