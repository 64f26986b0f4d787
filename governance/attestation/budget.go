package attestation

import (
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Budget is what the rewards of a policy have come to: those that were paid, and those
// that are owed.
type Budget struct {
	Policy policy.ID
	Day    int64         // days since 1970, in UTC, that Today is about
	Today  amount.Amount // of rewards that were charged on that day
	Total  amount.Amount // ever
}

// Limits are what the rewards of a policy may come to; nil: as much as they want.
type Limits struct{ PerDay, Total *amount.Amount }

const secondsPerDay = int64(24 * time.Hour / time.Second)

// DayOf is the day of a moment: days since 1970, in UTC.
func DayOf(at time.Time) int64 {
	return at.Unix() / secondsPerDay
}

// beginning is when a day begins.
func beginning(day int64) time.Time { return time.Unix(day*secondsPerDay, 0).UTC() }

// charge takes a reward from the budget, or reports that there is too little left.
func (b Budget) charge(reward amount.Amount, limits Limits, at time.Time) (Budget, bool) {
	if day := DayOf(at); day != b.Day {
		b.Day, b.Today = day, amount.Amount{}
	}
	var faults [2]error
	b.Today, faults[0] = b.Today.Add(reward)
	b.Total, faults[1] = b.Total.Add(reward)
	if faults != [2]error{} || passes(b.Today, limits.PerDay) || passes(b.Total, limits.Total) {
		return b, false
	}
	return b, true
}

func passes(sum amount.Amount, limit *amount.Amount) bool { return limit != nil && limit.Less(sum) }

// release gives back what was charged at a moment.
func (b Budget) release(reward amount.Amount, charged time.Time) Budget {
	if DayOf(charged) == b.Day {
		b.Today = less(b.Today, reward)
	}
	b.Total = less(b.Total, reward)
	return b
}

func less(sum, part amount.Amount) amount.Amount {
	rest, err := sum.Sub(part)
	if err != nil { // what was never charged is not released
		return amount.Amount{}
	}
	return rest
}
