package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// entry is what a rule remembers of an event.
type entry struct {
	at          int64 // microseconds since 1970, as the pack's time goes
	position    int64
	peer        did.DID // the other party
	amount      amount.Amount
	transaction ledger.TransactionID
}

func entryOf(e *Event, peer did.DID, now int64) entry {
	return entry{at: now, position: e.Position, peer: peer, amount: e.Amount, transaction: e.Transaction}
}

// trail is the newest entries of an agent, oldest first.
type trail []entry

// add appends an entry and keeps the newest ones.
func (t *trail) add(e entry, most int) {
	*t = append(*t, e)
	if len(*t) > most {
		*t = (*t)[len(*t)-most:]
	}
}

// meet is add where a peer stands in the trail once, at its newest entry.
func (t *trail) meet(e entry, most int) {
	for i := len(*t) - 1; i >= 0; i-- {
		if (*t)[i].peer == e.peer {
			*t = slices.Delete(*t, i, i+1)
			break
		}
	}
	t.add(e, most)
}

// expire drops the entries up to and including a time.
func (t *trail) expire(until int64) {
	n := 0
	for n < len(*t) && (*t)[n].at <= until {
		n++
	}
	*t = (*t)[n:]
}

// transactions lists those of the entries, the newest and at most as many as a
// finding has.
func (t trail) transactions() []ledger.TransactionID {
	var list []ledger.TransactionID
	for i := range t {
		if !t[i].transaction.IsZero() {
			list = append(list, t[i].transaction)
		}
	}
	return newest(list)
}

// newest sorts transactions by their creation and keeps as many as a finding has.
func newest(list []ledger.TransactionID) []ledger.TransactionID {
	slices.SortFunc(list, func(a, b ledger.TransactionID) int { return ledger.ID(a).Compare(ledger.ID(b)) })
	return list[max(0, len(list)-MaxTransactions):]
}

// plus adds amounts; a sum above the largest amount is the largest amount.
func plus(a, b amount.Amount) amount.Amount {
	sum, err := a.Add(b)
	if err != nil {
		return amount.Max
	}
	return sum
}

// part is so many percent of an amount, rounded down, at most the largest amount.
func part(a amount.Amount, percent int) amount.Amount {
	share, err := a.MulDiv(amount.FromUnits(uint64(percent)), amount.FromUnits(100))
	if err != nil {
		return amount.Max
	}
	return share
}
