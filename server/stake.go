package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type stakeRequest api.StakeRequest

func (in *stakeRequest) check(f *faults) { f.sum("amount", &in.Amount) }

func postStake(c *call, in *stakeRequest) (answer, error) {
	r, err := c.engine().Stake(c.ctx, teg.StakeParams{
		By: c.caller.Agent, Amount: in.Amount, AutoCompound: orZero(in.AutoCompound), Key: c.key,
	})
	return answer{body: api.Staked{StakeID: r.StakeID, AgentID: r.Agent, Amount: r.Amount, StakedAt: stamp(r.StakedAt), Status: "active"}, replayed: r.Replayed}, err
}

type unstakeRequest api.UnstakeRequest

func (in *unstakeRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", &in.StakeID, teg.ParseStakeID)
	f.sum("amount", in.Amount)
}

func postUnstake(c *call, in *unstakeRequest) (answer, error) {
	r, err := c.engine().Unstake(c.ctx, teg.UnstakeParams{
		By: c.caller.Agent, StakeID: readID(&in.StakeID, teg.ParseStakeID), Amount: orZero(in.Amount), Key: c.key,
	})
	available := r.AvailableAt
	if available.IsZero() {
		available = r.At
	}
	return answer{body: api.Unstaked{
		StakeID: r.StakeID, AmountUnstaked: r.Amount, TotalReturned: r.Returned, RemainingAmount: r.Remaining, UnstakedAt: stamp(r.At),
		IsActive: r.Active, AvailableAt: stamp(available),
	}, replayed: r.Replayed}, err
}

func stakeOf(s teg.Stake) api.Stake {
	return api.Stake{
		StakeID: s.ID, Amount: s.Amount, DelegatedAmount: s.Delegated, StakedAt: stamp(s.StakedAt), UnstakedAt: stampOrNull(s.UnstakedAt),
		IsActive: s.Active(), RewardsEarned: s.Earned, RewardsPending: s.Due, LastRewardClaim: stampOrNull(s.ClaimedAt),
	}
}

// getStakes lists an agent's, newest first. The sums are over all of them,
// whichever page and selection was asked for.
func getStakes(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	active, p := c.query.flag("active_only"), c.query.page()
	return func() (answer, error) {
		found, err := c.engine().Stakes(c.ctx, teg.StakesQuery{
			Agent: agent, ActiveOnly: active, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.StakesPage{
			AgentID: agent, Stakes: make([]api.Stake, 0, len(found.Stakes)), TotalStaked: found.Staked, TotalRewards: found.Earned,
			Page: p.info(found.Total, false, found.NextCursor),
		}
		for _, s := range found.Stakes {
			body.Stakes = append(body.Stakes, stakeOf(s))
		}
		return answer{body: body}, nil
	}, nil
}
