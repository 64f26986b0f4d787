package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// ErrUnsound reports a posting that no rule should have produced: it would
// create or destroy value, touch an account twice, or names an account that is
// not loaded. It is a fault of the program, never of the caller, and nothing is
// posted.
var ErrUnsound = errors.New("ledger: unsound posting")

// Book holds the account rows that a group of operations works on and what the
// operations did to them. It is the only place where balances change. A Book is
// not safe for concurrent use.
type Book struct {
	accounts map[AccountID]*Account
	collect  Collectors
	undo     []Account // previous values, in the order of the changes
	posted   []Transaction

	gains []Gain // of rows whose owners owe something
	taken int    // how many of them [Book.Gains] has returned
}

// Mark is a point to which a book can be reverted.
type Mark struct{ undo, posted, gains, taken int }

// NewBook makes a book over loaded rows, among them the collectors. The book
// takes the rows over.
func NewBook(rows []Account, collect Collectors) *Book {
	b := &Book{accounts: make(map[AccountID]*Account, len(rows)), collect: collect}
	for i := range rows {
		b.accounts[rows[i].ID] = &rows[i]
	}
	return b
}

// Open adds a row that the group itself created.
func (b *Book) Open(row Account) { b.accounts[row.ID] = &row }

// Account returns a loaded row, or nil. Callers read it; they change it through
// [Book.Change] or [Book.Post].
func (b *Book) Account(id AccountID) *Account { return b.accounts[id] }

// Change lets the caller alter what is not value: status, debts, counts. The
// change is undone by [Book.Revert] like everything else.
func (b *Book) Change(id AccountID, alter func(*Account)) {
	row := b.accounts[id]
	b.remember(row)
	alter(row)
}

// Mark names the present state.
func (b *Book) Mark() Mark {
	return Mark{undo: len(b.undo), posted: len(b.posted), gains: len(b.gains), taken: b.taken}
}

// Revert takes back everything since the mark.
func (b *Book) Revert(m Mark) {
	for i := len(b.undo) - 1; i >= m.undo; i-- {
		*b.accounts[b.undo[i].ID] = b.undo[i]
	}
	b.undo = b.undo[:m.undo]
	b.posted = b.posted[:m.posted]
	b.gains, b.taken = b.gains[:m.gains], m.taken
}

// Posted returns the transactions that stand, in order.
func (b *Book) Posted() []Transaction { return b.posted }

// Collectors returns the system rows at which this book's writer collects.
func (b *Book) Collectors() Collectors { return b.collect }

// Changed returns every row that differs from what was loaded, each once and
// ordered by id: those of which balance and seq alone moved, and those where
// anything else did, whether or not these moved too.
func (b *Book) Changed() (moved, altered []*Account) {
	seen := make(map[AccountID]bool, len(b.undo))
	moved = make([]*Account, 0, len(b.undo))
	for i := range b.undo {
		before := &b.undo[i]
		if seen[before.ID] {
			continue
		}
		seen[before.ID] = true
		row := b.accounts[before.ID]
		if !row.sameStanding(before) {
			altered = append(altered, row)
		} else if row.Seq != before.Seq {
			moved = append(moved, row)
		}
	}
	byID := func(a, b *Account) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(moved, byID)
	slices.SortFunc(altered, byID)
	return moved, altered
}

// sameStanding reports whether two states of a row agree in everything but
// balance and seq.
func (a *Account) sameStanding(b *Account) bool {
	return a.Status == b.Status && a.SuspendedUntil.Equal(b.SuspendedUntil) && a.Owes == b.Owes &&
		a.OpenHolds == b.OpenHolds && a.Positions == b.Positions && a.NextHoldExpiry.Equal(b.NextHoldExpiry) &&
		a.NextUnbonding.Equal(b.NextUnbonding) && a.Tally == b.Tally
}

// Post carries a posting out. It refuses with [*InsufficientBalanceError] when
// the sender cannot pay, with [ErrAboveMaximum] when a balance would pass the
// largest amount, and with [ErrUnsound] when the posting itself is wrong. A
// refused posting leaves the book as it was.
func (b *Book) Post(id TransactionID, now time.Time, p Posting) (*Transaction, error) {
	if err := b.check(p); err != nil {
		return nil, err
	}
	mark := b.Mark()
	entries := make([]Entry, len(p.Legs))
	for i, leg := range p.Legs {
		entry, err := b.apply(id, leg)
		if err != nil {
			b.Revert(mark)
			return nil, b.explain(err, p)
		}
		entry.Transaction, entry.Leg = id, i
		entries[i] = entry
	}
	if err := errors.Join(b.tally(p.Fee), b.tallyDebits(p.Legs)); err != nil {
		b.Revert(mark)
		return nil, err
	}
	b.posted = append(b.posted, Transaction{
		ID: id, Type: p.Type, Amount: p.Amount, Fee: p.Fee, Notes: p.Notes, At: now, Entries: entries,
		Sender: p.Sender, SenderSeq: b.seq(p.Sender), Receiver: p.Receiver, ReceiverSeq: b.seq(p.Receiver),
	})
	return &b.posted[len(b.posted)-1], nil
}

// check holds the shape: legs that are not zero, one per account, on loaded
// rows, summing to nothing.
func (b *Book) check(p Posting) error {
	var sum amount.Signed
	var err error
	for i, leg := range p.Legs {
		if leg.Amount.IsZero() || b.accounts[leg.Account] == nil {
			return fmt.Errorf("%w: %s leg %d is zero or on an account that is not loaded", ErrUnsound, p.Type, i)
		}
		for _, earlier := range p.Legs[:i] {
			if earlier.Account == leg.Account {
				return fmt.Errorf("%w: %s touches account %d twice", ErrUnsound, p.Type, leg.Account)
			}
		}
		if sum, err = sum.Add(leg.Amount); err != nil {
			return Refuse(ErrAboveMaximum, "the sums of this transaction pass the largest amount").
				By("amount.largest", Sum("amount", p.Amount), Sum("fee", p.Fee), Sum("maximum", amount.Max)).Unless(Do("Move less at a time."))
		}
	}
	if !sum.IsZero() || len(p.Legs) < 2 || !p.Type.Valid() {
		return fmt.Errorf("%w: %s with %d legs sums to %s", ErrUnsound, p.Type, len(p.Legs), sum)
	}
	return nil
}

func (b *Book) apply(id TransactionID, leg Leg) (Entry, error) {
	row := b.accounts[leg.Account]
	after, err := row.Balance.Add(leg.Amount)
	if err != nil {
		return Entry{}, ErrAboveMaximum
	}
	if after.Sign() < 0 && row.Kind != Issuance {
		return Entry{}, ErrInsufficientBalance
	}
	b.remember(row)
	b.noteGain(id, row, leg.Amount)
	row.Balance = after
	row.Seq++
	return Entry{Account: row.ID, Seq: row.Seq, Amount: leg.Amount, BalanceAfter: after}, nil
}

// tally counts the transaction on the row at which the writer collects.
func (b *Book) tally(fee amount.Amount) error {
	row := b.accounts[b.collect.Treasury]
	if row == nil {
		return fmt.Errorf("%w: the treasury row %d is not loaded", ErrUnsound, b.collect.Treasury)
	}
	fees, err := row.Tally.Fees.Add(fee)
	if err != nil {
		return ErrAboveMaximum
	}
	b.remember(row)
	row.Tally.Fees = fees
	row.Tally.Transactions++
	return nil
}

// tallyDebits counts what system accounts lost by a transaction. Rows of one
// account count together, so that value which only changes its row counts as
// nothing.
func (b *Book) tallyDebits(legs []Leg) error {
	for i, leg := range legs {
		row := b.accounts[leg.Account]
		if !row.Kind.System() || b.countedBefore(legs[:i], row.Kind) {
			continue
		}
		var net amount.Signed
		var err error
		for _, other := range legs[i:] {
			if b.accounts[other.Account].Kind == row.Kind && err == nil {
				net, err = net.Add(other.Amount)
			}
		}
		if err == nil && net.Sign() < 0 {
			b.remember(row)
			row.Tally.Debited, err = row.Tally.Debited.Add(net.Abs())
		}
		if err != nil {
			return ErrAboveMaximum
		}
	}
	return nil
}

// countedBefore reports whether one of the legs is on a row of the kind.
func (b *Book) countedBefore(legs []Leg, kind Kind) bool {
	for _, leg := range legs {
		if b.accounts[leg.Account].Kind == kind {
			return true
		}
	}
	return false
}

// explain turns a refused leg into what the caller can act on.
func (b *Book) explain(err error, p Posting) error {
	if errors.Is(err, ErrAboveMaximum) {
		return Refuse(ErrAboveMaximum, "a balance would pass %s AVT, the largest amount there is", amount.Max).
			By("balance.largest", Sum("amount", p.Amount), Sum("maximum", amount.Max)).Unless(Do("Move less at a time."))
	}
	needed, overflow := p.Amount.Add(p.Fee)
	available, negative := b.accounts[p.Sender].Balance.Amount()
	if overflow != nil || negative != nil {
		return ErrInsufficientBalance
	}
	short := &InsufficientBalanceError{Available: available, Needed: needed, Fee: p.Fee}
	if p.Fee.IsZero() { // a smaller amount costs none either
		short.Highest = available
	}
	return short
}

func (b *Book) seq(id AccountID) int64 {
	if row := b.accounts[id]; row != nil {
		return row.Seq
	}
	return 0
}

func (b *Book) remember(row *Account) {
	b.undo = append(b.undo, *row)
}

// Balanced reports [ErrUnsound] unless everything posted so far sums to zero
// and moved the balances by exactly its entries: the group's last check before
// it is written.
func (b *Book) Balanced() error {
	var sum amount.Signed
	moved := make(map[AccountID]Entry, len(b.undo))
	for i := range b.posted {
		for _, entry := range b.posted[i].Entries {
			var err error
			if sum, err = sum.Add(entry.Amount); err != nil {
				return fmt.Errorf("%w: the sum of the group overflows", ErrUnsound)
			}
			moved[entry.Account] = entry
		}
	}
	if !sum.IsZero() {
		return fmt.Errorf("%w: the group would create %s AVT", ErrUnsound, sum)
	}
	for id, last := range moved {
		if row := b.accounts[id]; row.Seq != last.Seq || row.Balance != last.BalanceAfter {
			return fmt.Errorf("%w: account %d differs from its last entry", ErrUnsound, id)
		}
	}
	return nil
}
