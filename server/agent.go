package server

import (
	"encoding/json"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

type profileBody struct {
	Agent      teg.DID         `json:"agent_id"`
	Status     string          `json:"account_status"`
	Balance    teg.Amount      `json:"balance"`
	Locked     teg.Amount      `json:"locked_balance"`
	Staked     teg.Amount      `json:"staked_balance"`
	Reputation int             `json:"reputation_score"`
	Tier       string          `json:"reputation_tier"`
	CreatedAt  string          `json:"created_at"`
	Metadata   json.RawMessage `json:"metadata"`
}

func profileOf(p teg.Profile) profileBody {
	metadata := p.Metadata
	if len(metadata) == 0 {
		metadata = json.RawMessage("{}")
	}
	return profileBody{
		Agent: p.ID, Status: p.Status.String(), Balance: p.Balance.Available, Locked: p.Balance.Locked, Staked: p.Balance.Staked,
		Reputation: p.Reputation, Tier: p.Tier, CreatedAt: stamp(p.CreatedAt), Metadata: metadata,
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

type deactivateRequest struct{}

// postDeactivate reads the profile first: an error after the act would say that
// nothing had happened.
func postDeactivate(c *call, _ *deactivateRequest) (answer, error) {
	p, err := c.engine().Profile(c.ctx, c.caller.Agent)
	if err != nil {
		return answer{}, err
	}
	done, err := c.engine().DeactivateAgent(c.ctx, teg.StandingParams{Agent: c.caller.Agent})
	p.Status, p.Balance = done.Status, teg.Balance{Agent: done.Agent} // with nothing left, or it is refused
	return answer{body: profileOf(p)}, err
}
