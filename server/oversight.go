package server

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// getAgents lists all agents, the last that came first.
func getAgents(c *call) (func() (answer, error), error) {
	q := teg.AgentsQuery{Containing: c.query.filter("search", 255)}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Agents(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.AgentsPage{Agents: make([]api.ListedAgent, len(found.Agents)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i, a := range found.Agents {
			body.Agents[i] = api.ListedAgent{
				AgentID: a.ID, AccountStatus: api.AccountStatus(a.Status.String()), Balance: a.Available,
				ReputationScore: a.Reputation, ReputationTier: api.Tier(a.Tier), CreatedAt: stamp(a.CreatedAt),
			}
		}
		return answer{body: body}, nil
	}, nil
}

func getAgent(c *call) (answer, error) {
	id, err := c.agentID()
	if err != nil {
		return answer{}, err
	}
	p, err := c.engine().Profile(c.ctx, id)
	return answer{body: profileOf(p)}, err
}

// getAllTransactions lists those of the whole economy, newest first.
func getAllTransactions(c *call) (func() (answer, error), error) {
	q := teg.PostedQuery{Reference: c.query.filter("reference", teg.MaxReference), AtLeast: c.query.sum("min_amount")}
	q.From, q.To = c.query.span()
	q.Types = c.query.transactionTypes()
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Posted(c.ctx, q)
		return transactionsAnswer(p, found), valued(err, "cursor", p.cursor)
	}, nil
}

// transactionTypes are those that transaction_type names; nil for all.
func (q *query) transactionTypes() []teg.TransactionType {
	if kind := q.text("transaction_type"); q.given("transaction_type") {
		parsed, err := teg.ParseTransactionType(kind)
		if err != nil {
			q.fault("transaction_type", "must be a type of transaction")
		}
		return []teg.TransactionType{parsed}
	}
	return nil
}

// sum returns an amount, zero where none is given.
func (q *query) sum(name string) teg.Amount {
	text := q.text(name)
	if !q.given(name) {
		return teg.Amount{}
	}
	sum, err := amount.Parse(text)
	if err != nil {
		q.fault(name, "must be an amount of AVT")
	}
	return sum
}

// direction tells whether an account grew, and by how much it changed.
func direction(change amount.Signed) (string, teg.Amount) {
	if change.Sign() < 0 {
		return "out", change.Abs()
	}
	return "in", change.Abs()
}

// getLegs tells what a transaction did to every account.
func getLegs(c *call) (answer, error) {
	id, err := teg.ParseTransactionID(c.vars["transaction_id"])
	if err != nil {
		return answer{}, err
	}
	legs, err := c.engine().Legs(c.ctx, id)
	body := api.Legs{TransactionID: id, Legs: make([]api.Leg, len(legs))}
	for i, leg := range legs {
		way, change := direction(leg.Amount)
		body.Legs[i] = api.Leg{
			AgentID: leg.Owner, Account: api.LegAccount(leg.Kind.String()), Seq: leg.Seq, Direction: api.LegDirection(way), Amount: change, BalanceAfter: leg.BalanceAfter.String(),
		}
	}
	return answer{body: body}, err
}

// getEntries lists what happened to a balance, newest first.
func getEntries(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	q := teg.EntriesQuery{Agent: agent}
	q.From, q.To = c.query.span()
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Entries(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.EntriesPage{AgentID: agent, Entries: make([]api.Entry, len(found.Entries)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i, e := range found.Entries {
			way, change := direction(e.Gain)
			body.Entries[i] = api.Entry{Seq: e.Seq, Direction: api.EntryDirection(way), Amount: change, BalanceAfter: e.BalanceAfter, Transaction: infoOf(e.Transaction)}
		}
		return answer{body: body}, nil
	}, nil
}

// intervals are the spans that activity is told by.
var intervals = map[string]time.Duration{"hour": teg.Hourly, "day": teg.Daily}

// getActivity tells what happened over time.
func getActivity(c *call) (func() (answer, error), error) {
	name := c.query.text("interval")
	if !c.query.given("interval") {
		name = "hour"
	}
	width, known := intervals[name]
	if !known {
		c.query.fault("interval", "must be hour or day")
	}
	q := teg.ActivityQuery{Width: width}
	q.From, q.To = c.query.span()
	return func() (answer, error) {
		found, err := c.engine().Activity(c.ctx, q)
		body := api.Activity{Interval: api.ActivityInterval(name), Points: make([]api.ActivityPoint, len(found))}
		for i, a := range found {
			body.Points[i] = api.ActivityPoint{
				Start: stamp(a.Start), Transactions: a.Transactions, Payments: a.Payments, Volume: a.Volume, Fees: a.Fees, Payers: a.Payers,
			}
		}
		return answer{body: body}, err
	}, nil
}

func getDistribution(c *call) (answer, error) {
	found, err := c.engine().ScoreDistribution(c.ctx)
	body := api.ReputationDistribution{Ranges: make([]api.ReputationRange, len(found))}
	for i, r := range found {
		body.Ranges[i] = api.ReputationRange{FromScore: r.Low, ToScore: r.High, Agents: r.Agents}
	}
	return answer{body: body}, err
}

// getValidators lists those who earn, the most weight first.
func getValidators(c *call) (func() (answer, error), error) {
	limit := int(c.query.number("limit", 1, teg.MaxLimit, teg.DefaultLimit))
	return func() (answer, error) {
		found, err := c.engine().Validators(c.ctx, limit)
		body := api.Validators{Validators: make([]api.ListedValidator, len(found.Validators)), Total: found.Total}
		for i, v := range found.Validators {
			body.Validators[i] = api.ListedValidator{
				AgentID: v.ID, AccountStatus: api.AccountStatus(v.Status.String()), Weight: v.Weight, SelfStaked: v.Self, TotalDelegated: v.Delegated,
				MeanSharePercentage: v.Commission.PercentString(),
			}
		}
		return answer{body: body}, err
	}, nil
}

// getRewardCycles lists those that are closed, newest first. They are numbered, so that an
// offset is a place, and how many there are is the newest one's number.
func getRewardCycles(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().RewardCycles(c.ctx, teg.RewardCyclesQuery{Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.RewardCyclesPage{Cycles: make([]api.RewardCycle, len(found.Cycles)), Page: p.info(found.Total, false, found.NextCursor)}
		for i, cycle := range found.Cycles {
			body.Cycles[i] = api.RewardCycle{
				CycleID: cycle.ID, Number: cycle.Number, StartedAt: stamp(cycle.Start), EndedAt: stamp(cycle.End), RewardPercentage: cycle.Rate.PercentString(),
				StakersRewarded: cycle.Stakers, TotalDistributed: cycle.Distributed, FromFees: cycle.Collected, FromTreasury: cycle.FromTreasury, Issued: cycle.Issued,
			}
		}
		return answer{body: body}, nil
	}, nil
}
