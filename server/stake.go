package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type stakeRequest struct {
	Amount       teg.Amount `json:"amount"`
	AutoCompound *bool      `json:"auto_compound"`
}

func (in *stakeRequest) check(f *faults) { f.sum("amount", &in.Amount) }

type stakedBody struct {
	ID       teg.StakeID `json:"stake_id"`
	Agent    teg.DID     `json:"agent_id"`
	Amount   teg.Amount  `json:"amount"`
	StakedAt string      `json:"staked_at"`
	Status   string      `json:"status"`
}

func postStake(c *call, in *stakeRequest) (answer, error) {
	r, err := c.engine().Stake(c.ctx, teg.StakeParams{
		By: c.caller.Agent, Amount: in.Amount, AutoCompound: orZero(in.AutoCompound), Key: c.key,
	})
	return answer{body: stakedBody{r.StakeID, r.Agent, r.Amount, stamp(r.StakedAt), "active"}, replayed: r.Replayed}, err
}

type unstakeRequest struct {
	Stake  string      `json:"stake_id"`
	Amount *teg.Amount `json:"amount"`
}

func (in *unstakeRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", &in.Stake, teg.ParseStakeID)
	f.sum("amount", in.Amount)
}

type unstakedBody struct {
	ID          teg.StakeID `json:"stake_id"`
	Amount      teg.Amount  `json:"amount_unstaked"`
	Returned    teg.Amount  `json:"total_returned"`
	Remaining   teg.Amount  `json:"remaining_amount"`
	UnstakedAt  string      `json:"unstaked_at"`
	Active      bool        `json:"is_active"`
	AvailableAt string      `json:"available_at"` // that of unstaking where nothing has to wait
}

func postUnstake(c *call, in *unstakeRequest) (answer, error) {
	r, err := c.engine().Unstake(c.ctx, teg.UnstakeParams{
		By: c.caller.Agent, StakeID: readID(&in.Stake, teg.ParseStakeID), Amount: orZero(in.Amount), Key: c.key,
	})
	available := r.AvailableAt
	if available.IsZero() {
		available = r.At
	}
	return answer{body: unstakedBody{
		r.StakeID, r.Amount, r.Returned, r.Remaining, stamp(r.At), r.Active, stamp(available),
	}, replayed: r.Replayed}, err
}

type stakeBody struct {
	ID         teg.StakeID `json:"stake_id"`
	Amount     teg.Amount  `json:"amount"`
	Delegated  teg.Amount  `json:"delegated_amount"`
	StakedAt   string      `json:"staked_at"`
	UnstakedAt *string     `json:"unstaked_at"`
	Active     bool        `json:"is_active"`
	Earned     teg.Amount  `json:"rewards_earned"`
	Pending    teg.Amount  `json:"rewards_pending"`
	LastClaim  *string     `json:"last_reward_claim"`
}

func stakeOf(s teg.Stake) stakeBody {
	return stakeBody{
		ID: s.ID, Amount: s.Amount, Delegated: s.Delegated, StakedAt: stamp(s.StakedAt), UnstakedAt: stampOrNull(s.UnstakedAt),
		Active: s.Active(), Earned: s.Earned, Pending: s.Due, LastClaim: stampOrNull(s.ClaimedAt),
	}
}

type stakesBody struct {
	Agent   teg.DID     `json:"agent_id"`
	Stakes  []stakeBody `json:"stakes"`
	Staked  teg.Amount  `json:"total_staked"`
	Rewards teg.Amount  `json:"total_rewards"`
	pageInfo
}

// getStakes lists the caller's own, newest first. The sums are over all of them,
// whichever page and selection was asked for.
func getStakes(c *call) (func() (answer, error), error) {
	active, p := c.query.flag("active_only"), c.query.page()
	return func() (answer, error) {
		found, err := c.engine().Stakes(c.ctx, teg.StakesQuery{
			Agent: c.caller.Agent, ActiveOnly: active, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := stakesBody{
			Agent: c.caller.Agent, Stakes: make([]stakeBody, 0, len(found.Stakes)), Staked: found.Staked, Rewards: found.Earned,
			pageInfo: p.info(found.Total, false, found.NextCursor),
		}
		for _, s := range found.Stakes {
			body.Stakes = append(body.Stakes, stakeOf(s))
		}
		return answer{body: body}, nil
	}, nil
}
