package auditor

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// mark is what a rule remembers of an event of which it only counts how many there were.
// What is remembered holds no pointers, so that the collector of garbage has nothing to
// look for in it, however much there is.
type mark struct {
	at       int64 // microseconds since 1970, as the pack's time goes
	position int64
}

func markOf(e *Event, now int64) mark { return mark{now, e.Position} }

func (m mark) when() int64 { return m.at }
func (m mark) of() int64   { return m.position }

// entry is what a rule remembers of an event that it compares with others.
type entry struct {
	mark
	amount amount.Amount
	peer   party // the other party
}

func entryOf(e *Event, peer party, now int64) entry { return entry{markOf(e, now), e.Amount, peer} }

// remembered is what a trail can be of.
type remembered interface {
	when() int64
	of() int64
}

// trail is the newest that is remembered of an agent, oldest first.
type trail[E remembered] []E

// add appends one and keeps the newest.
func (t *trail[E]) add(e E, most int) { *t = push(*t, e, most) }

// expire drops what is from up to and including a time.
func (t *trail[E]) expire(until int64) {
	n := 0
	for n < len(*t) && (*t)[n].when() <= until {
		n++
	}
	*t = drop(*t, n)
}

// positions lists those of the trail, the newest and at most as many as a finding has.
func (t trail[E]) positions() []int64 {
	list := make([]int64, len(t))
	for i := range t {
		list[i] = t[i].of()
	}
	return newest(list)
}

// push appends to a list of at most so many, of which the first goes where it is full. It
// leaves less room to spare than append: most lists are full, or grow slowly.
func push[E any](list []E, e E, most int) []E {
	if len(list) >= most {
		list = drop(list, len(list)-most+1)
	}
	if len(list) == cap(list) {
		list = append(make([]E, 0, min(most, len(list)+max(4, len(list)/4))), list...)
	}
	return append(list, e)
}

// drop takes the first n from a list, and gives their room back where that is most of it.
func drop[E any](list []E, n int) []E {
	if n == 0 {
		return list
	}
	if left := list[n:]; cap(list) > 16 && len(left) < cap(list)/4 {
		return append(make([]E, 0, len(left)), left...)
	}
	return slices.Delete(list, 0, n)
}

// newest sorts positions, and keeps as many as a finding has.
func newest(list []int64) []int64 {
	slices.Sort(list)
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
