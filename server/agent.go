package server

import (
	"encoding/json"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

func profileOf(p teg.Profile) api.Profile {
	metadata := p.Metadata
	if len(metadata) == 0 {
		metadata = json.RawMessage("{}")
	}
	return api.Profile{
		AgentID: p.ID, AccountStatus: api.AccountStatus(p.Status.String()), Balance: p.Balance.Available, LockedBalance: p.Balance.Locked,
		StakedBalance: p.Balance.Staked, ReputationScore: p.Reputation, ReputationTier: api.Tier(p.Tier), CreatedAt: stamp(p.CreatedAt), Metadata: metadata,
	}
}

func getProfile(c *call) (answer, error) {
	p, err := c.engine().Profile(c.ctx, c.caller.Agent)
	return answer{body: profileOf(p)}, err
}

// agentID is the agent that the path names. What is no DID names nobody.
func (c *call) agentID() (teg.DID, error) {
	id, err := teg.ParseDID(c.vars["agent_id"])
	if err != nil {
		return teg.DID{}, ledger.Refuse(teg.ErrNotFound, "no agent %s is registered", c.vars["agent_id"])
	}
	return id, nil
}

// postDeactivate reads the profile first: an error after the act would say that
// nothing had happened.
func postDeactivate(c *call, _ *api.DeactivateRequest) (answer, error) {
	p, err := c.engine().Profile(c.ctx, c.caller.Agent)
	if err != nil {
		return answer{}, err
	}
	done, err := c.engine().DeactivateAgent(c.ctx, teg.StandingParams{Agent: c.caller.Agent})
	p.Status, p.Balance = done.Status, teg.Balance{Agent: done.Agent} // with nothing left, or it is refused
	return answer{body: profileOf(p)}, err
}
