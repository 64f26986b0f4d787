package server

import (
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type issueRequest api.IssueRequest

func (in *issueRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.filled("reason", in.Reason, teg.MaxReason)
}

func supplyAnswer(r teg.SupplyReceipt) answer {
	return answer{body: api.Supplied{
		TransactionID: r.TransactionID, Status: "completed", RecipientAgentID: r.Recipient, Amount: r.Amount, NewRecipientBalance: r.RecipientBalance, Timestamp: stamp(r.At),
	}, replayed: r.Replayed}
}

func postIssue(c *call, in *issueRequest) (answer, error) {
	r, err := c.engine().Issue(c.ctx, teg.IssueParams{By: c.caller.Agent, To: in.RecipientAgentID, Amount: in.Amount, Reason: in.Reason, Key: c.key})
	return supplyAnswer(r), err
}

type burnRequest api.BurnRequest

func (in *burnRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.filled("reason", in.Reason, teg.MaxReason)
}

// postBurn takes from the treasury; a recipient that is named must be it.
func postBurn(c *call) (func() (answer, error), error) {
	in := new(burnRequest)
	if err := c.read(in); err != nil {
		return nil, err
	}
	if in.RecipientAgentID != nil && *in.RecipientAgentID != c.engine().TreasuryDID() {
		given := in.RecipientAgentID.String()
		c.faults.add("recipient_agent_id", "must be left out, or name the treasury: nobody else's value can be burned", &given)
	}
	return func() (answer, error) {
		r, err := c.engine().Burn(c.ctx, teg.BurnParams{By: c.caller.Agent, Amount: in.Amount, Reason: in.Reason, Key: c.key})
		return supplyAnswer(r), err
	}, nil
}

type adjustRequest api.AdjustRequest

func (in *adjustRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.filled("reason", in.Reason, teg.MaxReason)
	checkID(f, "transaction_id", "transaction", in.TransactionID, teg.ParseTransactionID)
}

func postAdjust(c *call, in *adjustRequest) (answer, error) {
	t, err := c.engine().Adjust(c.ctx, teg.AdjustParams{
		By: c.caller.Agent, From: in.FromAgentID, To: in.ToAgentID, Amount: in.Amount, Reason: in.Reason,
		TransactionID: readID(in.TransactionID, teg.ParseTransactionID), Key: c.key,
	})
	return answer{body: infoOf(t), replayed: t.Replayed}, err
}

type reactivateRequest api.ReactivateRequest

func (in *reactivateRequest) check(f *faults) {
	f.text("reason", &in.Reason, teg.MaxReason)
	f.between("duration_days", in.DurationDays, 1, int64(teg.MaxSuspension/day))
}

// suspendRequest says why, which the agent is told.
type suspendRequest api.SuspendRequest

func (in *suspendRequest) check(f *faults) {
	f.filled("reason", in.Reason, teg.MaxReason)
	f.between("duration_days", in.DurationDays, 1, int64(teg.MaxSuspension/day))
}

func standingAnswer(s teg.Standing) answer {
	return answer{body: api.Standing{
		AgentID: s.Agent, AccountStatus: api.AccountStatus(s.Status.String()), SuspendedUntil: stampOrNull(s.SuspendedUntil), Reason: s.Reason,
	}}
}

const day = 24 * time.Hour

func (in *suspendRequest) params(c *call) teg.StandingParams {
	return teg.StandingParams{Agent: in.AgentID, By: c.caller.Agent, Reason: in.Reason, Duration: time.Duration(orZero(in.DurationDays)) * day}
}

func postSuspend(c *call, in *suspendRequest) (answer, error) {
	s, err := c.engine().SuspendAgent(c.ctx, in.params(c))
	return standingAnswer(s), err
}

func postReactivate(c *call, in *reactivateRequest) (answer, error) {
	s, err := c.engine().ReactivateAgent(c.ctx, (*suspendRequest)(in).params(c))
	return standingAnswer(s), err
}

func getMetrics(c *call) (answer, error) {
	s, err := c.engine().Supply(c.ctx)
	if err != nil {
		return answer{}, err
	}
	disputes, err := c.engine().DisputeCount(c.ctx)
	if err != nil {
		return answer{}, err
	}
	flags, err := c.engine().FlagCount(c.ctx)
	if err != nil {
		return answer{}, err
	}
	attestations, err := c.engine().AttestationCount(c.ctx)
	return answer{body: api.Metrics{
		TotalSupply: s.Total, CirculatingSupply: s.Circulating, TreasuryBalance: s.Treasury, RewardsPool: s.RewardsPool,
		TotalLocked: s.Locked, TotalStaked: s.Staked, TotalFees: s.Fees,
		Counts: api.MetricsCounts{
			Agents: s.Agents, Transactions: s.Transactions, Stakes: s.Stakes, Delegations: s.Delegations, Disputes: disputes, Flags: flags,
			Attestations: attestations,
		},
	}}, err
}

func getTreasury(c *call) (answer, error) {
	t, err := c.engine().Treasury(c.ctx)
	return answer{body: api.Treasury{AgentID: t.ID, Balance: t.Balance, TotalIn: t.TotalIn, TotalOut: t.TotalOut}}, err
}
