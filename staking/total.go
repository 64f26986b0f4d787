package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Scales of what is rounded. A price is what one unit (or one unit for one
// microsecond) earns, times priceScale; an index is what one share earns, times
// priceScale and shareScale; a position's weight is its shares in millionths.
var (
	shareScale  = tenTo(45)
	priceScale  = tenTo(54)
	millionths  = whole(1_000_000)
	earnedScale = priceScale.times(shareScale).times(millionths)
)

// Total is the one row that a reward cycle touches: all earning value, and what
// a unit of it has earned so far.
type Total struct {
	Cycle       int64         // the number of the open cycle, from 1
	Start       time.Time     // when that began
	At          time.Time     // up to when Seconds is counted; staking's time never goes back behind it
	Tokens      amount.Amount // in all earning pools
	Unbonding   amount.Amount // in all others
	Weighted    bool          // whether time counts in the open cycle
	Seconds     Number        // where it does, unit-microseconds in all earning pools since Start
	Price       Number        // what a unit that earned in every closed cycle has earned
	Distributed amount.Amount
	Paid        amount.Amount
	Stakers     int64 // agents with an active stake
	Stakes      int64 // active ones
	Delegations int64 // active ones
}

// Cycle is a closed cycle. It is never changed.
type Cycle struct {
	Number      int64
	ID          CycleID
	Start, End  time.Time
	Weighted    bool // by the time that value lay, not by what lay at the end
	Rate        amount.Rate
	Pool        amount.Amount // what was distributed
	Collected   amount.Amount // of it, from what fees had brought into the rewards pool
	FromReserve amount.Amount // of it, from the treasury
	Issued      amount.Amount // of it, created
	Stakers     int64
	Price       Number // per unit, or per unit and microsecond where Weighted
	PriceSum    Number // Total.Price after it
}

// advance brings the total to a time and returns it: now, or a later time that
// another server has written.
func (t *Total) advance(now time.Time) time.Time {
	if now.After(t.At) {
		if t.Weighted {
			t.Seconds = t.Seconds.plus(units(t.Tokens).times(micros(t.At, now)))
		}
		t.At = now
	}
	return t.At
}

// idle reports whether nothing earns, or has earned in the open cycle.
func (t *Total) idle() bool { return t.Tokens.IsZero() && t.Seconds.IsZero() }

// Due is what a cycle at a rate would distribute now: rate × all earning value.
// Where time counts and none has passed, nobody can earn and it is zero.
func (t *Total) Due(now time.Time, rate amount.Rate) amount.Amount {
	ahead := *t
	ahead.advance(now)
	if t.Weighted && ahead.Seconds.IsZero() {
		return amount.Amount{}
	}
	return rate.Of(t.Tokens)
}

// Close ends the open cycle: what is to be distributed becomes a price for a
// unit, and nothing else is touched. c carries the id, the rate, and the sums of
// which the pool is made; weighted says whether time counts in the next one.
func (t *Total) Close(now time.Time, c Cycle, weighted bool) (Cycle, error) {
	distributed, err := t.Distributed.Add(c.Pool)
	if err != nil {
		return Cycle{}, ledger.Refuse(ledger.ErrAboveMaximum, "all rewards ever would pass %s AVT", amount.Max)
	}
	end := t.advance(now)
	earning, length := units(t.Tokens), whole(1)
	if t.Weighted {
		earning, length = t.Seconds, micros(t.Start, end)
	}
	c.Number, c.Start, c.End, c.Stakers, c.Weighted = t.Cycle, t.Start, end, t.Stakers, t.Weighted
	if !earning.IsZero() {
		c.Price = units(c.Pool).times(priceScale).over(earning)
	}
	t.Price = t.Price.plus(c.Price.times(length))
	c.PriceSum = t.Price
	t.Distributed, t.Cycle, t.Start, t.Seconds, t.Weighted = distributed, t.Cycle+1, end, Number{}, weighted
	return c, nil
}

// micros is the time between two instants, in microseconds.
func micros(from, to time.Time) Number { return whole(to.Sub(from).Microseconds()) }
