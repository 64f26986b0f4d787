package server

import "github.com/agentvault/teg-layer/teg"

// subject is whose things a list shows: the caller's own, or with agent_id those of another,
// which auditors and admins see.
func (c *call) subject() (teg.DID, error) {
	agent := c.query.agent("agent_id")
	if agent.IsZero() || agent == c.caller.Agent {
		return c.caller.Agent, nil
	}
	sees, err := c.may(auditors.roles)
	if err == nil && !sees {
		err = errRole
	}
	return agent, err
}
