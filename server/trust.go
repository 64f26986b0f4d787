package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type trustBody struct {
	Agent         teg.DID             `json:"agent_id"`
	Score         *float64            `json:"trust_score"`
	At            *string             `json:"as_of"`
	Contributions []trustContribution `json:"contributions"`
	Limit         int                 `json:"limit"`
}

type trustContribution struct {
	Sender    *string `json:"sender_agent_id"`
	Receiver  *string `json:"receiver_agent_id"`
	Weight    float64 `json:"weight"`
	Effect    float64 `json:"effect"`
	Timestamp *string `json:"timestamp"`
}

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
		body := trustBody{
			Agent: id, Score: found.Score, At: stampOrNull(found.At), Contributions: make([]trustContribution, len(found.Why)), Limit: limit,
		}
		for i, w := range found.Why {
			body.Contributions[i] = trustContribution{didOrNull(w.From), didOrNull(w.To), w.Weight, w.Effect, stampOrNull(w.Given)}
		}
		return answer{body: body}, nil
	}, nil
}
