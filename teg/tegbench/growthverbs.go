package tegbench

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Verbs whose cost is measured, in the order in which they are shown. A transfer is one
// of many at once; the auditor's cost is that of an event; all others are done by a lone
// caller. Those "anew" are what the first caller after a start waits for.
const (
	VerbTransfer        = "transfer"
	VerbAudit           = "audit"
	VerbBalance         = "balance"
	VerbHistory         = "history"      // the first page of the agent who has most
	VerbHistoryDeep     = "history_deep" // its last
	VerbRankings        = "rankings"
	VerbRankingsDeep    = "rankings_deep" // from the middle
	VerbRankingsByTrust = "rankings_by_trust"
	VerbTrust           = "trust"
	VerbTrustAnew       = "trust_anew" // all signals read and weighed
	VerbCycle           = "cycle"
)

// cycleTimes is how often cycles are run in a round.
const cycleTimes = 5

// cycleRate is so small that the treasury can pay for any number of cycles.
var cycleRate = teg.Fraction("0.000001")

// act is something that is done over and over. The time in the middle counts.
type act struct {
	verb  string
	times int
	do    func(context.Context) error
}

// alone is what a lone caller does at a size.
func (g Growth) alone(ctx context.Context, subject *Subject) ([]act, error) {
	engine, agents := subject.API(), subject.agents
	busiest := teg.TransactionsQuery{Agent: agents[0]}
	page, err := engine.Transactions(ctx, busiest)
	if err != nil {
		return nil, err
	}
	last := busiest
	last.Offset = max(page.Total-teg.DefaultLimit, 0)
	anybody := func() teg.DID { return agents[rand.IntN(len(agents))] }
	rank := func(q teg.RankingsQuery) func(context.Context) error {
		return func(ctx context.Context) error { _, err := engine.Rankings(ctx, q); return err }
	}
	history := func(q teg.TransactionsQuery) func(context.Context) error {
		return func(ctx context.Context) error { _, err := engine.Transactions(ctx, q); return err }
	}
	return []act{
		{VerbBalance, g.Reads, func(ctx context.Context) error { _, err := engine.Balance(ctx, anybody()); return err }},
		{VerbHistory, g.Reads, history(busiest)},
		{VerbHistoryDeep, g.Reads, history(last)},
		{VerbRankings, g.Reads, rank(teg.RankingsQuery{})},
		{VerbRankingsDeep, g.Reads, rank(teg.RankingsQuery{Offset: int64(len(agents) / 2)})},
		{VerbRankingsByTrust, g.Reads, rank(teg.RankingsQuery{ByTrust: true})},
		{VerbTrust, g.Reads, func(ctx context.Context) error {
			_, err := engine.Trust(ctx, teg.TrustQuery{Agent: anybody()})
			return err
		}},
		{VerbCycle, cycleTimes, func(ctx context.Context) error {
			_, err := engine.RunRewardCycle(ctx, teg.CycleParams{By: admin, Rate: cycleRate})
			return err
		}},
	}, nil
}

// median does the act and returns the time in the middle.
func (a act) median(ctx context.Context) (time.Duration, error) {
	took := make([]time.Duration, a.times)
	for i := range took {
		began := time.Now()
		if err := a.do(ctx); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	return middle(took, cmp.Compare), nil
}

// costs are one round: what each verb took once.
type costs map[string]time.Duration

// measure is one round at a size, the transfers before the auditor who reads of them.
func (g Growth) measure(ctx context.Context, subject *Subject, load Load) (costs, Result, error) {
	took := costs{}
	result, err := subject.Run(ctx, load)
	if err != nil {
		return nil, result, err
	}
	took[VerbTransfer] = time.Duration(float64(time.Second) / result.Rate)
	if took[VerbAudit], err = auditCost(ctx, subject); err != nil {
		return nil, result, err
	}
	if took[VerbTrustAnew], err = trustAnew(ctx, subject); err != nil {
		return nil, result, err
	}
	acts, err := g.alone(ctx, subject)
	for _, a := range acts {
		if took[a.verb], err = a.median(ctx); err != nil {
			break
		}
	}
	return took, result, err
}

// auditCost is what the auditor takes for each event that was written since it read.
func auditCost(ctx context.Context, subject *Subject) (time.Duration, error) {
	began := time.Now()
	progress, err := subject.API().Audit(ctx)
	return time.Since(began) / time.Duration(max(progress.Events, 1)), err
}

// trustAnew is what the first question after a start takes, asked of an engine of its own.
func trustAnew(ctx context.Context, subject *Subject) (took time.Duration, err error) {
	engine, err := teg.New(ctx, subject.Store, teg.Config{})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = engine.Trust(ctx, teg.TrustQuery{Agent: subject.agents[0]})
	took = time.Since(began)
	return took, cmp.Or(err, engine.Close())
}

// verbs are all that are measured, in order.
var verbs = []string{
	VerbTransfer, VerbAudit, VerbBalance, VerbHistory, VerbHistoryDeep, VerbRankings, VerbRankingsDeep,
	VerbRankingsByTrust, VerbTrust, VerbTrustAnew, VerbCycle,
}
