package server

import (
	"time"

	"github.com/agentvault/teg-layer/teg"
)

type issueRequest struct {
	Recipient teg.DID    `json:"recipient_agent_id"`
	Amount    teg.Amount `json:"amount"`
	Reason    string     `json:"reason"`
}

func (in *issueRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.filled("reason", in.Reason, teg.MaxReason)
}

type supplyBody struct {
	TransactionID    teg.TransactionID `json:"transaction_id"`
	Status           string            `json:"status"`
	Recipient        teg.DID           `json:"recipient_agent_id"`
	Amount           teg.Amount        `json:"amount"`
	RecipientBalance teg.Amount        `json:"new_recipient_balance"`
	Timestamp        string            `json:"timestamp"`
}

func supplyAnswer(r teg.SupplyReceipt) answer {
	return answer{body: supplyBody{r.TransactionID, "completed", r.Recipient, r.Amount, r.RecipientBalance, stamp(r.At)}, replayed: r.Replayed}
}

func postIssue(c *call, in *issueRequest) (answer, error) {
	r, err := c.engine().Issue(c.ctx, teg.IssueParams{By: c.caller.Agent, To: in.Recipient, Amount: in.Amount, Reason: in.Reason, Key: c.key})
	return supplyAnswer(r), err
}

type burnRequest struct {
	Recipient *teg.DID   `json:"recipient_agent_id"`
	Amount    teg.Amount `json:"amount"`
	Reason    string     `json:"reason"`
}

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
	if in.Recipient != nil && *in.Recipient != c.engine().TreasuryDID() {
		given := in.Recipient.String()
		c.faults.add("recipient_agent_id", "must be left out, or name the treasury: nobody else's value can be burned", &given)
	}
	return func() (answer, error) {
		r, err := c.engine().Burn(c.ctx, teg.BurnParams{By: c.caller.Agent, Amount: in.Amount, Reason: in.Reason, Key: c.key})
		return supplyAnswer(r), err
	}, nil
}

type adjustRequest struct {
	From        teg.DID    `json:"from_agent_id"`
	To          teg.DID    `json:"to_agent_id"`
	Amount      teg.Amount `json:"amount"`
	Reason      string     `json:"reason"`
	Transaction *string    `json:"transaction_id"`
}

func (in *adjustRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.filled("reason", in.Reason, teg.MaxReason)
	checkID(f, "transaction_id", "transaction", in.Transaction, teg.ParseTransactionID)
}

func postAdjust(c *call, in *adjustRequest) (answer, error) {
	t, err := c.engine().Adjust(c.ctx, teg.AdjustParams{
		By: c.caller.Agent, From: in.From, To: in.To, Amount: in.Amount, Reason: in.Reason,
		TransactionID: readID(in.Transaction, teg.ParseTransactionID), Key: c.key,
	})
	return answer{body: infoOf(t), replayed: t.Replayed}, err
}

type standingRequest struct {
	Agent  teg.DID `json:"agent_id"`
	Reason string  `json:"reason"`
	Days   *int64  `json:"duration_days"`
}

func (in *standingRequest) check(f *faults) {
	f.text("reason", &in.Reason, teg.MaxReason)
	f.between("duration_days", in.Days, 1, int64(teg.MaxSuspension/day))
}

// suspendRequest says why, which the agent is told.
type suspendRequest struct{ standingRequest }

func (in *suspendRequest) check(f *faults) {
	f.filled("reason", in.Reason, teg.MaxReason)
	in.standingRequest.check(f)
}

type standingBody struct {
	Agent  teg.DID `json:"agent_id"`
	Status string  `json:"account_status"`
	Until  *string `json:"suspended_until"`
	Reason string  `json:"reason"`
}

func standingAnswer(s teg.Standing) answer {
	return answer{body: standingBody{s.Agent, s.Status.String(), stampOrNull(s.SuspendedUntil), s.Reason}}
}

const day = 24 * time.Hour

func (in *standingRequest) params(c *call) teg.StandingParams {
	return teg.StandingParams{Agent: in.Agent, By: c.caller.Agent, Reason: in.Reason, Duration: time.Duration(orZero(in.Days)) * day}
}

func postSuspend(c *call, in *suspendRequest) (answer, error) {
	s, err := c.engine().SuspendAgent(c.ctx, in.params(c))
	return standingAnswer(s), err
}

func postReactivate(c *call, in *standingRequest) (answer, error) {
	s, err := c.engine().ReactivateAgent(c.ctx, in.params(c))
	return standingAnswer(s), err
}

type metricsBody struct {
	TotalSupply       teg.Amount `json:"total_supply"`
	CirculatingSupply teg.Amount `json:"circulating_supply"`
	TreasuryBalance   teg.Amount `json:"treasury_balance"`
	RewardsPool       teg.Amount `json:"rewards_pool"`
	TotalLocked       teg.Amount `json:"total_locked"`
	TotalStaked       teg.Amount `json:"total_staked"`
	TotalFees         teg.Amount `json:"total_fees"`
	Counts            counts     `json:"counts"`
}

type counts struct {
	Agents       int64 `json:"agents"`
	Transactions int64 `json:"transactions"`
	Stakes       int64 `json:"stakes"`
	Delegations  int64 `json:"delegations"`
	Disputes     int64 `json:"disputes"`
	Flags        int64 `json:"flags"`
	Attestations int64 `json:"attestations"`
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
	return answer{body: metricsBody{
		TotalSupply: s.Total, CirculatingSupply: s.Circulating, TreasuryBalance: s.Treasury, RewardsPool: s.RewardsPool,
		TotalLocked: s.Locked, TotalStaked: s.Staked, TotalFees: s.Fees,
		Counts: counts{
			Agents: s.Agents, Transactions: s.Transactions, Stakes: s.Stakes, Delegations: s.Delegations, Disputes: disputes, Flags: flags,
			Attestations: attestations,
		},
	}}, err
}

type treasuryBody struct {
	Agent    teg.DID    `json:"agent_id"`
	Balance  teg.Amount `json:"balance"`
	TotalIn  teg.Amount `json:"total_in"`
	TotalOut teg.Amount `json:"total_out"`
}

func getTreasury(c *call) (answer, error) {
	t, err := c.engine().Treasury(c.ctx)
	return answer{body: treasuryBody{t.ID, t.Balance, t.TotalIn, t.TotalOut}}, err
}
