package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type claimRequest struct {
	Stake *string `json:"stake_id"`
}

func (in *claimRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", in.Stake, teg.ParseStakeID)
}

type claimBody struct {
	Amount         teg.Amount          `json:"claimed_amount"`
	TransactionID  *teg.TransactionID  `json:"transaction_id"` // the first
	TransactionIDs []teg.TransactionID `json:"transaction_ids"`
	ClaimedAt      string              `json:"claimed_at"`
}

func postClaim(c *call, in *claimRequest) (answer, error) {
	r, err := c.engine().ClaimRewards(c.ctx, teg.ClaimParams{By: c.caller.Agent, StakeID: readID(in.Stake, teg.ParseStakeID), Key: c.key})
	body := claimBody{Amount: r.Amount, TransactionIDs: orEmpty(r.TransactionIDs), ClaimedAt: stamp(r.At)}
	if len(r.TransactionIDs) > 0 {
		body.TransactionID = &r.TransactionIDs[0]
	}
	return answer{body: body, replayed: r.Replayed}, err
}

type cycleRequest struct {
	Rate *teg.Rate `json:"reward_percentage"`
}

func (in *cycleRequest) check(f *faults) { f.part("reward_percentage", in.Rate) }

type cycleBody struct {
	ID          teg.CycleID `json:"cycle_id"`
	Rate        string      `json:"reward_percentage"`
	Stakers     int64       `json:"stakers_rewarded"`
	Distributed teg.Amount  `json:"total_distributed"`
	Timestamp   string      `json:"timestamp"`
}

func postRewardCycle(c *call, in *cycleRequest) (answer, error) {
	r, err := c.engine().RunRewardCycle(c.ctx, teg.CycleParams{By: c.caller.Agent, Rate: orZero(in.Rate), Key: c.key})
	return answer{body: cycleBody{r.ID, r.Rate.PercentString(), r.Stakers, r.Distributed, stamp(r.End)}, replayed: r.Replayed}, err
}
