package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// getTrust tells why an agent is trusted as far as it is: the signals that did most
// to make it so, the strongest first. To those who were not part of it, who gave a
// signal and when is null, and what the agent said of others is left out.
func getTrust(c *call) (func() (answer, error), error) {
	limit := int(c.query.number("limit", 1, teg.MaxLimit, teg.DefaultLimit))
	return func() (answer, error) {
		id, err := c.agentID()
		if err != nil {
			return answer{}, err
		}
		oversees, err := c.may(auditors.roles)
		if err != nil {
			return answer{}, err
		}
		found, err := c.engine().Trust(c.ctx, teg.TrustQuery{Agent: id, Public: !oversees, Viewer: c.caller.Agent, Limit: limit})
		if err != nil {
			return answer{}, err
		}
		body := api.TrustExplained{
			AgentID: id, TrustScore: found.Score, AsOf: stampOrNull(found.At), Contributions: make([]api.TrustContribution, len(found.Why)), Limit: limit,
		}
		for i, w := range found.Why {
			body.Contributions[i] = api.TrustContribution{
				SenderAgentID: known(w.From), ReceiverAgentID: known(w.To), Weight: w.Weight, Effect: w.Effect, Timestamp: stampOrNull(w.Given),
			}
		}
		return answer{body: body}, nil
	}, nil
}
