package teg

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

const (
	// heldTerm is how long a row that somebody else was found to hold is taken to
	// be held still, unless an operation gets it earlier. When it ends, a whole
	// group waits for the row once more, so it is long.
	heldTerm = 5 * time.Second
	// heldProbe is how long it takes until a held row is tried again, however many
	// operations want it.
	heldProbe = 25 * time.Millisecond
)

// heldRows remembers rows that other transactions hold for long. Operations on
// them go to the slow lane at once, instead of making a whole group wait for
// them first, and come back when somebody got the row. It is a guess that costs
// little when it is wrong.
type heldRows struct {
	any   atomic.Bool // whether there may be some: looked at before the lock is taken
	mu    sync.Mutex
	marks map[ledger.AccountID]heldMark
}

type heldMark struct {
	until time.Time // then it counts as free again
	probe time.Time // from then on it is tried
}

// add notes rows that were not to be had.
func (h *heldRows) add(rows []ledger.AccountID) {
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.marks == nil {
		h.marks = make(map[ledger.AccountID]heldMark)
	}
	for id, mark := range h.marks {
		if now.After(mark.until) {
			delete(h.marks, id)
		}
	}
	for _, id := range rows {
		h.marks[id] = heldMark{until: now.Add(heldTerm), probe: now.Add(heldProbe)}
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
		delete(h.marks, id)
	}
	h.any.Store(len(h.marks) > 0)
}

// holds reports whether one of the operation's rows is held.
func (h *heldRows) holds(op *operation) bool {
	held, _ := h.look(op, false)
	return held
}

// probe reports whether one of the operation's rows is held and, where that is
// so, whether it is time to try it again: for one operation at a time.
func (h *heldRows) probe(op *operation) (held, now bool) { return h.look(op, true) }

func (h *heldRows) look(op *operation, probing bool) (held, try bool) {
	if !h.any.Load() {
		return false, true
	}
	now, rows := time.Now(), op.rows()
	h.mu.Lock()
	defer h.mu.Unlock()
	try = true
	for _, id := range rows {
		mark, marked := h.marks[id]
		if !marked || now.After(mark.until) {
			continue
		}
		held, try = true, try && !now.Before(mark.probe)
	}
	for _, id := range rows {
		if mark, marked := h.marks[id]; marked && probing && try {
			mark.probe = now.Add(heldProbe)
			h.marks[id] = mark
		}
	}
	return held, try
}

// totalOfStakes stands for the row of all stakes among the accounts that can be
// held.
const totalOfStakes ledger.AccountID = -1

// rows are the account rows that the operation itself names, and the total of
// stakes.
func (op *operation) rows() []ledger.AccountID {
	rows := append([]ledger.AccountID{}, op.need.accounts...)
	if !op.need.staking.Empty() {
		rows = append(rows, totalOfStakes)
	}
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
