package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
)

// overviewPage is what somebody looks at first. What a role does not see is nil.
type overviewPage struct {
	Health  *client.Health
	Balance *client.Balance
	Recent  []client.Transaction
	Metrics *client.Metrics
	Supply  []part // where the supply lies
	Course  []client.ActivityPoint
	Adding  bool // the course is still being added up, and the page asks for it
	Flags   *client.Page
	Queue   *disputeCount
}

// part is a piece of a picture that shows a whole.
type part struct {
	Name, Kind string
	Amount     amount.Amount
	Share      float64 // of the whole, from 0 to 1
	At         float64 // where it begins
}

// Percent is the share for people.
func (p part) Percent() float64 { return p.Share * 100 }

func overview(v *visit) (any, error) {
	var page overviewPage
	var err error
	if page.Health, err = health(v); err != nil {
		return nil, err
	}
	if page.Balance, page.Recent, err = purse(v); err != nil {
		return nil, err
	}
	if v.may(auth.Auditor, auth.Admin) {
		if page.Metrics, err = v.api.GetMetrics(v.r.Context()); err != nil {
			return nil, err
		}
		page.Supply = supply(page.Metrics)
		if page.Course, page.Adding, err = course(v); err != nil {
			return nil, err
		}
		open, err := v.api.ListFlags(v.r.Context(), client.ListFlagsQuery{Limit: 1, Status: client.FlagStatusNew})
		if err != nil {
			return nil, err
		}
		page.Flags = &open.Page
	}
	if v.may(auth.Arbitrator, auth.Admin) {
		queue, err := undecided(v)
		if err != nil {
			return nil, err
		}
		page.Queue = queue
	}
	return page, nil
}

// courseTime is how long the page is held back for what happened hour by hour. A server that has
// just begun adds it up from all transactions of two days, and whoever looks then sees the rest
// at once: the page asks again, and waits for as long as a request may take.
const courseTime = 50 * time.Millisecond

// courseEnds is when nobody asks any more: as long as a request may take.
const courseEnds = time.Minute

// course is what happened hour by hour, or adding: it takes longer than the page can wait. What
// was begun goes on then, so that it is there for who asks next.
func course(v *visit) (points []client.ActivityPoint, adding bool, err error) {
	patience := time.NewTimer(courseTime)
	defer patience.Stop()
	if v.r.URL.Query().Has("course") {
		patience.Stop()
	}
	select {
	case a := <-v.activity():
		if a.err != nil {
			return nil, false, a.err
		}
		return a.Points, false, nil
	case <-patience.C:
		return nil, true, nil
	case <-v.r.Context().Done():
		return nil, false, v.r.Context().Err()
	}
}

// activity is an answer of the API, or why there is none.
type activity struct {
	*client.Activity
	err error
}

// activity asks for what happened, also when the visitor has gone.
func (v *visit) activity() <-chan activity {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), courseEnds)
	came := make(chan activity, 1)
	go func() {
		defer cancel()
		defer func() {
			if fault := recover(); fault != nil {
				came <- activity{err: fmt.Errorf("console: the activity could not be read: %v", fault)}
			}
		}()
		found, err := v.api.GetActivity(ctx, client.GetActivityQuery{})
		came <- activity{found, err}
	}()
	return came
}

// disputeCount counts those that nobody has decided.
type disputeCount struct{ Open, Awaiting int64 }

func undecided(v *visit) (*disputeCount, error) {
	q := new(disputeCount)
	for _, status := range openDisputes {
		found, err := v.api.ListDisputes(v.r.Context(), client.ListDisputesQuery{Limit: 1, Status: status})
		if err != nil {
			return nil, err
		}
		if found.Total == nil {
			continue
		}
		if q.Open += *found.Total; status == client.DisputeStatusAwaitingArbitration {
			q.Awaiting = *found.Total
		}
	}
	return q, nil
}

// health is that of the server, also where it is not well.
func health(v *visit) (*client.Health, error) {
	told, err := v.api.GetHealth(v.r.Context())
	if told != nil {
		return told, nil
	}
	return nil, err
}

// purse is what the visitor has, and what it did last; nothing where it has no profile.
func purse(v *visit) (*client.Balance, []client.Transaction, error) {
	has, err := v.api.GetBalance(v.r.Context())
	if errors.Is(err, client.ErrEntityNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	last, err := v.api.ListTransactions(v.r.Context(), client.ListTransactionsQuery{Limit: 8})
	if err != nil {
		return nil, nil, err
	}
	return has, last.Transactions, nil
}

// supply is where all value lies. What is left to agents is what nothing else has.
func supply(m *client.Metrics) []part {
	parts := []part{
		{Name: "Agents, to spend", Kind: "a", Amount: m.CirculatingSupply}, {Name: "Staked", Kind: "b", Amount: m.TotalStaked},
		{Name: "Set aside", Kind: "c", Amount: m.TotalLocked}, {Name: "Treasury", Kind: "d", Amount: m.TreasuryBalance},
		{Name: "Rewards pool", Kind: "e", Amount: m.RewardsPool},
	}
	for _, taken := range []amount.Amount{m.TotalStaked, m.TotalLocked} {
		if left, err := parts[0].Amount.Sub(taken); err == nil { // sums of other moments may not fit
			parts[0].Amount = left
		}
	}
	at := 0.0
	for i := range parts {
		parts[i].Share, parts[i].At = share(parts[i].Amount, m.TotalSupply), at
		at += parts[i].Share
	}
	return parts
}
