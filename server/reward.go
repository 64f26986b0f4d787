package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type claimRequest api.ClaimRequest

func (in *claimRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", in.StakeID, teg.ParseStakeID)
}

func postClaim(c *call, in *claimRequest) (answer, error) {
	r, err := c.engine().ClaimRewards(c.ctx, teg.ClaimParams{By: c.caller.Agent, StakeID: readID(in.StakeID, teg.ParseStakeID), Key: c.key})
	body := api.Claim{ClaimedAmount: r.Amount, TransactionIDs: orEmpty(r.TransactionIDs), ClaimedAt: stamp(r.At)}
	if len(r.TransactionIDs) > 0 {
		body.TransactionID = &r.TransactionIDs[0]
	}
	return answer{body: body, replayed: r.Replayed}, err
}

type cycleRequest api.CycleRequest

func (in *cycleRequest) check(f *faults) { f.part("reward_percentage", in.RewardPercentage) }

func postRewardCycle(c *call, in *cycleRequest) (answer, error) {
	r, err := c.engine().RunRewardCycle(c.ctx, teg.CycleParams{By: c.caller.Agent, Rate: orZero(in.RewardPercentage), Key: c.key})
	return answer{body: api.Cycle{
		CycleID: r.ID, RewardPercentage: r.Rate.PercentString(), StakersRewarded: r.Stakers, TotalDistributed: r.Distributed, Timestamp: stamp(r.End),
	}, replayed: r.Replayed}, err
}
