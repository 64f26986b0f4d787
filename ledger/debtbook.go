package ledger

import (
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// DebtBook is the debts that a group of operations loaded or made, and what they did
// to them. What an operation did can be taken back.
type DebtBook struct {
	debts map[DebtID]*keptDebt
	undo  []func()
}

type keptDebt struct {
	Debt
	made    bool // by this group
	changed bool
}

// NewDebtBook begins with what was loaded.
func NewDebtBook(loaded []Debt) *DebtBook {
	b := &DebtBook{}
	if len(loaded) > 0 {
		b.debts = make(map[DebtID]*keptDebt, len(loaded))
	}
	for i := range loaded {
		b.debts[loaded[i].ID] = &keptDebt{Debt: loaded[i]}
	}
	return b
}

// Make takes a new debt in.
func (b *DebtBook) Make(d Debt) {
	if b.debts == nil {
		b.debts = map[DebtID]*keptDebt{}
	}
	b.debts[d.ID] = &keptDebt{Debt: d, made: true}
	b.undo = append(b.undo, func() { delete(b.debts, d.ID) })
}

// Oldest are the loaded debts of a debtor that are open, the oldest first. Those that
// the group made are left out: between them and the loaded ones there may be others.
func (b *DebtBook) Oldest(debtor AccountID) (open []Debt) {
	for _, d := range b.debts {
		if d.Debtor == debtor && d.Open() && !d.made {
			open = append(open, d.Debt)
		}
	}
	slices.SortFunc(open, func(x, y Debt) int { return ID(x.ID).Compare(ID(y.ID)) })
	return open
}

// Pay notes that a part of a debt was paid, which is no more than was left of it.
func (b *DebtBook) Pay(id DebtID, sum amount.Amount, now time.Time) error {
	d := b.debts[id]
	before := *d
	collected, err := d.Collected.Add(sum)
	if err != nil {
		return ErrAboveMaximum
	}
	d.Collected, d.changed = collected, true
	if d.Left().IsZero() {
		d.ClosedAt = now
	}
	b.undo = append(b.undo, func() { *d = before })
	return nil
}

// Mark is a point to which the book can be taken back.
func (b *DebtBook) Mark() int { return len(b.undo) }

// Revert takes back what was done since the mark.
func (b *DebtBook) Revert(mark int) {
	for i := len(b.undo) - 1; i >= mark; i-- {
		b.undo[i]()
	}
	b.undo = b.undo[:mark]
}

// Changed is what is to be written, in the order of the debts' ids.
func (b *DebtBook) Changed() (c DebtChanges) {
	for _, d := range b.debts {
		switch {
		case d.made:
			c.Made = append(c.Made, d.Debt)
		case d.changed:
			c.Paid = append(c.Paid, d.Debt)
		}
	}
	byID := func(x, y Debt) int { return ID(x.ID).Compare(ID(y.ID)) }
	slices.SortFunc(c.Made, byID)
	slices.SortFunc(c.Paid, byID)
	return c
}

// DebtChanges is what a group of operations did to debts. They are changed under the
// lock of the debtor's available row.
type DebtChanges struct {
	Made []Debt // new ones
	Paid []Debt // loaded ones, as they are now
}

// Empty reports whether there is nothing to write.
func (c *DebtChanges) Empty() bool { return len(c.Made)+len(c.Paid) == 0 }
