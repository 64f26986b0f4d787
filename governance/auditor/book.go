package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger"
)

// Book is the flags that a group of operations loaded, and what they changed so far.
// What an operation did can be taken back.
type Book struct {
	flags map[FlagID]*loadedFlag
	made  Changes // without Changed
	undo  []func()
}

type loadedFlag struct{ before, now Flag }

// NewBook begins with what was loaded.
func NewBook(loaded []Flag) *Book {
	b := &Book{flags: make(map[FlagID]*loadedFlag, len(loaded))}
	for _, f := range loaded {
		b.flags[f.ID] = &loadedFlag{f, f}
	}
	return b
}

// Flag returns a loaded flag as it is now, and whether there is one.
func (b *Book) Flag(id FlagID) (Flag, bool) {
	of := b.flags[id]
	if of == nil {
		return Flag{}, false
	}
	return of.now, true
}

// Raise takes a new flag in.
func (b *Book) Raise(f Flag) {
	b.made.Raised = append(b.made.Raised, f)
	b.made.Steps = append(b.made.Steps, f.Raising())
	b.undo = append(b.undo, func() {
		b.made.Raised = b.made.Raised[:len(b.made.Raised)-1]
		b.made.Steps = b.made.Steps[:len(b.made.Steps)-1]
	})
}

// Change replaces a loaded flag by what it became in a step.
func (b *Book) Change(f Flag, step Step) {
	of := b.flags[f.ID]
	before := of.now
	of.now = f
	b.made.Steps = append(b.made.Steps, step)
	b.undo = append(b.undo, func() {
		of.now = before
		b.made.Steps = b.made.Steps[:len(b.made.Steps)-1]
	})
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

// Changed is what is to be written, in the order of the flags' ids.
func (b *Book) Changed() Changes {
	c := b.made
	for _, of := range b.flags {
		if of.now.Steps != of.before.Steps {
			c.Changed = append(c.Changed, of.now)
		}
	}
	slices.SortFunc(c.Changed, func(x, y Flag) int { return ledger.ID(x.ID).Compare(ledger.ID(y.ID)) })
	return c
}
