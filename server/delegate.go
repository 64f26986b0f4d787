package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type delegateRequest api.DelegateRequest

func (in *delegateRequest) check(f *faults) {
	checkID(f, "stake_id", "stake", &in.StakeID, teg.ParseStakeID)
	f.sum("amount", in.Amount)
}

type undelegateRequest api.UndelegateRequest

func (in *undelegateRequest) check(f *faults) {
	checkID(f, "delegation_id", "delegation", &in.DelegationID, teg.ParseDelegationID)
}

func delegationOf(d teg.Delegation) api.Delegation {
	return api.Delegation{
		DelegationID: d.ID, DelegatorAgentID: d.Delegator, ValidatorAgentID: d.Validator, StakeID: d.StakeID, DelegatedAmount: d.Amount,
		DelegationStart: stamp(d.Started), DelegationEnd: stampOrNull(d.Ended), IsActive: d.Active(), RewardSharePercentage: d.Share.PercentString(),
	}
}

func postDelegate(c *call, in *delegateRequest) (answer, error) {
	d, err := c.engine().Delegate(c.ctx, teg.DelegateParams{
		By: c.caller.Agent, StakeID: readID(&in.StakeID, teg.ParseStakeID), Validator: in.ValidatorAgentID, Amount: orZero(in.Amount),
		Share: in.RewardSharePercentage, Key: c.key,
	})
	return answer{body: delegationOf(d), replayed: d.Replayed}, valued(err, "validator_agent_id", in.ValidatorAgentID.String())
}

func postUndelegate(c *call, in *undelegateRequest) (answer, error) {
	d, err := c.engine().Undelegate(c.ctx, teg.UndelegateParams{
		By: c.caller.Agent, DelegationID: readID(&in.DelegationID, teg.ParseDelegationID), Key: c.key,
	})
	return answer{body: delegationOf(d), replayed: d.Replayed}, err
}

// getDelegations lists what an agent delegated or, in the role of a validator,
// what was delegated to it. The sum is over all that are active, whichever page
// was asked for.
func getDelegations(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	q := teg.DelegationsQuery{Delegator: agent}
	switch role := c.query.text("role"); {
	case !c.query.given("role") || role == "delegator":
	case role == "validator":
		q.Delegator, q.Validator = teg.DID{}, agent
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
		body := api.DelegationsPage{
			Delegations: make([]api.Delegation, 0, len(found.Delegations)), TotalDelegated: found.Delegated,
			Page: p.info(found.Total, false, found.NextCursor),
		}
		for _, d := range found.Delegations {
			body.Delegations = append(body.Delegations, delegationOf(d))
		}
		return answer{body: body}, nil
	}, nil
}
