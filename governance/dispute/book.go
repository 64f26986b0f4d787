package dispute

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Book is the disputes that a group of operations loaded, and what they changed so
// far. What an operation did can be taken back.
type Book struct {
	disputes map[ID]*entry
	made     Changes // without Changed
	undo     []func()
}

type entry struct {
	before, now Dispute
	fresh       bool // made by this group
}

// NewBook begins with what was loaded.
func NewBook(loaded []Dispute) *Book {
	b := &Book{disputes: make(map[ID]*entry, len(loaded))}
	for i := range loaded {
		d := &loaded[i]
		b.disputes[d.ID] = &entry{before: *d, now: *d}
	}
	return b
}

// Dispute returns a loaded dispute as it is now, and whether there is one.
func (b *Book) Dispute(id ID) (Dispute, bool) {
	of := b.disputes[id]
	if of == nil {
		return Dispute{}, false
	}
	return of.now, true
}

// OpenAbout returns the open dispute about a cause, as far as it was asked for.
func (b *Book) OpenAbout(cause ledger.ID) (Dispute, bool) {
	return b.open(func(d *Dispute) bool { return d.Cause.ID == cause })
}

// OpenOf returns an open dispute that an agent is party to, as far as it was asked
// for.
func (b *Book) OpenOf(agent did.DID) (Dispute, bool) {
	return b.open(func(d *Dispute) bool { return d.Party(agent) })
}

// open finds the oldest open one, so that the answer does not depend on the order of
// a map.
func (b *Book) open(which func(*Dispute) bool) (found Dispute, ok bool) {
	for _, of := range b.disputes {
		if !of.now.Status.Open() || !which(&of.now) {
			continue
		}
		if !ok || ledger.ID(of.now.ID).Compare(ledger.ID(found.ID)) < 0 {
			found, ok = of.now, true
		}
	}
	return found, ok
}

// File takes a new dispute in.
func (b *Book) File(d Dispute, step Step) {
	b.disputes[d.ID] = &entry{now: d, fresh: true}
	b.made.Filed = append(b.made.Filed, d)
	b.made.Steps = append(b.made.Steps, step)
	b.undo = append(b.undo, func() {
		delete(b.disputes, d.ID)
		b.made.Filed = b.made.Filed[:len(b.made.Filed)-1]
		b.made.Steps = b.made.Steps[:len(b.made.Steps)-1]
	})
}

// Change replaces a dispute by what it became, with the steps that this took, none
// where its state is the same.
func (b *Book) Change(d Dispute, steps ...Step) {
	of := b.disputes[d.ID]
	before := of.now
	of.now = d
	b.made.Steps = append(b.made.Steps, steps...)
	b.undo = append(b.undo, func() {
		of.now = before
		b.made.Steps = b.made.Steps[:len(b.made.Steps)-len(steps)]
	})
}

// Add replaces a dispute by what it became by a piece of evidence.
func (b *Book) Add(d Dispute, e Evidence) {
	b.Change(d)
	b.made.Evidence = append(b.made.Evidence, e)
	b.undo = append(b.undo, func() { b.made.Evidence = b.made.Evidence[:len(b.made.Evidence)-1] })
}

// Store takes in what became of the content of evidence.
func (b *Book) Store(s Storage) {
	b.made.Storage = append(b.made.Storage, s)
	b.undo = append(b.undo, func() { b.made.Storage = b.made.Storage[:len(b.made.Storage)-1] })
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

// Changed is what is to be written: new disputes as they are now, and the loaded ones
// that differ, in the order of their ids.
func (b *Book) Changed() Changes {
	c := b.made
	c.Filed = slices.Clone(c.Filed)
	for i := range c.Filed {
		c.Filed[i] = b.disputes[c.Filed[i].ID].now
	}
	for _, of := range b.disputes {
		if !of.fresh && of.now != of.before {
			c.Changed = append(c.Changed, of.now)
		}
	}
	slices.SortFunc(c.Changed, func(x, y Dispute) int { return ledger.ID(x.ID).Compare(ledger.ID(y.ID)) })
	return c
}
