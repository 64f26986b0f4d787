package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type delegateRequest struct {
	Stake     string      `json:"stake_id"`
	Validator teg.DID     `json:"validator_agent_id"`
	Amount    *teg.Amount `json:"amount"`
	Share     *teg.Rate   `json:"reward_share_percentage"`
}

func (in *delegateRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", &in.Stake, teg.ParseStakeID)
	f.sum("amount", in.Amount)
}

type undelegateRequest struct {
	Delegation string `json:"delegation_id"`
}

func (in *undelegateRequest) check(f *faults) {
	checkID(f, "delegation_id", "delegation", &in.Delegation, teg.ParseDelegationID)
}

type delegationBody struct {
	ID        teg.DelegationID `json:"delegation_id"`
	Delegator teg.DID          `json:"delegator_agent_id"`
	Validator teg.DID          `json:"validator_agent_id"`
	Stake     teg.StakeID      `json:"stake_id"`
	Amount    teg.Amount       `json:"delegated_amount"`
	Start     string           `json:"delegation_start"`
	End       *string          `json:"delegation_end"`
	Active    bool             `json:"is_active"`
	Share     string           `json:"reward_share_percentage"`
}

func delegationOf(d teg.Delegation) delegationBody {
	return delegationBody{
		ID: d.ID, Delegator: d.Delegator, Validator: d.Validator, Stake: d.StakeID, Amount: d.Amount,
		Start: stamp(d.Started), End: stampOrNull(d.Ended), Active: d.Active(), Share: d.Share.PercentString(),
	}
}

func postDelegate(c *call, in *delegateRequest) (answer, error) {
	d, err := c.engine().Delegate(c.ctx, teg.DelegateParams{
		By: c.caller.Agent, StakeID: readID(&in.Stake, teg.ParseStakeID), Validator: in.Validator, Amount: orZero(in.Amount),
		Share: in.Share, Key: c.key,
	})
	return answer{body: delegationOf(d), replayed: d.Replayed}, valued(err, "validator_agent_id", in.Validator.String())
}

func postUndelegate(c *call, in *undelegateRequest) (answer, error) {
	d, err := c.engine().Undelegate(c.ctx, teg.UndelegateParams{
		By: c.caller.Agent, DelegationID: readID(&in.Delegation, teg.ParseDelegationID), Key: c.key,
	})
	return answer{body: delegationOf(d), replayed: d.Replayed}, err
}

type delegationsBody struct {
	Delegations []delegationBody `json:"delegations"`
	Delegated   teg.Amount       `json:"total_delegated"`
	pageInfo
}

// getDelegations lists what the caller delegated or, in the role of a validator,
// what was delegated to it. The sum is over all that are active, whichever page
// was asked for.
func getDelegations(c *call) (func() (answer, error), error) {
	q := teg.DelegationsQuery{Delegator: c.caller.Agent}
	switch role := c.query.text("role"); {
	case !c.query.given("role") || role == "delegator":
	case role == "validator":
		q.Delegator, q.Validator = teg.DID{}, c.caller.Agent
	default:
		c.query.fault("role", "must be delegator or validator")
	}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Delegations(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := delegationsBody{
			Delegations: make([]delegationBody, 0, len(found.Delegations)), Delegated: found.Delegated,
			pageInfo: p.info(found.Total, false, found.NextCursor),
		}
		for _, d := range found.Delegations {
			body.Delegations = append(body.Delegations, delegationOf(d))
		}
		return answer{body: body}, nil
	}, nil
}
