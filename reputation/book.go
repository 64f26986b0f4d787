package reputation

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
)

// Book is what a group of operations loaded of conduct, and what they changed so
// far. What an operation did can be taken back.
type Book struct {
	scores  map[ledger.AccountID]*entry
	pairs   map[Pair]int
	reports []Report // loaded and made
	loaded  int      // of them
	events  []Event
	undo    []func()
}

type entry struct{ before, now Score }

// NewBook begins with what was loaded.
func NewBook(rows Rows) *Book {
	b := &Book{scores: make(map[ledger.AccountID]*entry, len(rows.Scores)), pairs: rows.Pairs, reports: rows.Reports, loaded: len(rows.Reports)}
	for _, s := range rows.Scores {
		b.scores[s.Agent] = &entry{s, s}
	}
	if b.pairs == nil {
		b.pairs = map[Pair]int{}
	}
	return b
}

// Signals is how many signals one agent has given another within the window.
func (b *Book) Signals(p Pair) int { return b.pairs[p] }

// Score is the score of an agent as it is now, 0 for one that was not loaded.
func (b *Book) Score(agent ledger.AccountID) int {
	if of := b.scores[agent]; of != nil {
		return of.now.Value
	}
	return 0
}

// Add changes the score of an agent, which must be loaded, by an event, and returns
// the event with its place.
func (b *Book) Add(agent ledger.AccountID, e Event) Event {
	of := b.scores[agent]
	before, pair := of.now, Pair{e.Giver, agent}
	of.now.Add(&e)
	b.events = append(b.events, e)
	signal := e.Reason == Signalled
	if signal {
		b.pairs[pair]++
	}
	b.undo = append(b.undo, func() {
		of.now = before
		b.events = b.events[:len(b.events)-1]
		if signal {
			b.pairs[pair]--
		}
	})
	return e
}

// ReportsOf are those of an AVTP transaction between two agents, as far as they are
// known: the loaded ones and those that were made since.
func (b *Book) ReportsOf(scope ledger.ID) (list []Report) {
	for _, r := range b.reports {
		if r.Scope == scope {
			list = append(list, r)
		}
	}
	return list
}

// ReportBy is the one report of that name, or nil.
func (b *Book) ReportBy(own ledger.ID) *Report {
	for i := range b.reports {
		if b.reports[i].Own == own {
			return &b.reports[i]
		}
	}
	return nil
}

// Report takes a report in.
func (b *Book) Report(r Report) {
	b.reports = append(b.reports, r)
	b.undo = append(b.undo, func() { b.reports = b.reports[:len(b.reports)-1] })
}

// Mark is a point to which the book can be taken back.
func (b *Book) Mark() int { return len(b.undo) }

// Revert takes back what was done since the mark.
func (b *Book) Revert(mark int) {
	for i := len(b.undo) - 1; i >= mark; i-- {
		b.undo[i]()
	}
	b.undo = b.undo[:mark]
}

// Changed is what is to be written, in the order of its keys. New agents begin with
// a score of 0.
func (b *Book) Changed(newAgents int) Changes {
	c := Changes{Events: b.events, Reports: b.reports[b.loaded:]}
	moved := map[int]int64{0: int64(newAgents)}
	for _, e := range b.scores {
		if e.now == e.before {
			continue
		}
		c.Scores = append(c.Scores, e.now)
		moved[e.before.Value]--
		moved[e.now.Value]++
	}
	slices.SortFunc(c.Scores, func(a, b Score) int { return cmp.Compare(a.Agent, b.Agent) })
	c.Moved = moves(moved)
	return c
}

// moves lists by how much buckets change, in the order of the scores.
func moves(moved map[int]int64) (list []Bucket) {
	for value, agents := range moved {
		if agents != 0 {
			list = append(list, Bucket{value, agents})
		}
	}
	slices.SortFunc(list, func(a, b Bucket) int { return cmp.Compare(a.Value, b.Value) })
	return list
}
