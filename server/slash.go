package server

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

type slashRequest struct {
	Validator   teg.DID   `json:"validator_agent_id"`
	Percentage  teg.Rate  `json:"percentage"`
	Delegations *teg.Rate `json:"delegations_percentage"`
	Evidence    string    `json:"evidence_id"`
	Reason      string    `json:"reason"`
}

func (in *slashRequest) check(f *faults) {
	f.part("percentage", &in.Percentage)
	f.filled("evidence_id", in.Evidence, teg.MaxReference)
	f.filled("reason", in.Reason, teg.MaxReason)
}

type slashedBody struct {
	Self           teg.Amount          `json:"slashed_self"`
	Delegated      teg.Amount          `json:"slashed_delegated"`
	TransactionIDs []teg.TransactionID `json:"transaction_ids"`
}

func postSlash(c *call, in *slashRequest) (answer, error) {
	r, err := c.engine().Slash(c.ctx, teg.SlashParams{
		By: c.caller.Agent, Validator: in.Validator, Percentage: in.Percentage, Delegations: in.Delegations,
		Evidence: in.Evidence, Reason: in.Reason, Key: c.key,
	})
	return answer{body: slashedBody{r.Self, r.Delegated, orEmpty(r.TransactionIDs)}, replayed: r.Replayed}, err
}

type validatorBody struct {
	Agent      teg.DID     `json:"agent_id"`
	Status     string      `json:"account_status"`
	Weight     teg.Amount  `json:"weight"`
	Self       teg.Amount  `json:"self_staked"`
	Delegated  teg.Amount  `json:"total_delegated"`
	Delegators int64       `json:"delegators"`
	Commission string      `json:"mean_share_percentage"`
	Slashes    []slashBody `json:"slashes"`
}

type slashBody struct {
	Evidence              string     `json:"evidence_id"`
	Reason                string     `json:"reason"`
	Percentage            string     `json:"percentage"`
	DelegationsPercentage string     `json:"delegations_percentage"`
	Self                  teg.Amount `json:"slashed_self"`
	Delegated             teg.Amount `json:"slashed_delegated"`
	Timestamp             string     `json:"timestamp"`
}

// getValidator shows an agent as those who think of delegating to it see it.
func getValidator(c *call) (answer, error) {
	id, err := teg.ParseDID(c.vars["agent_id"])
	if err != nil { // what is no DID names nobody
		return answer{}, ledger.Refuse(teg.ErrNotFound, "no agent %s is registered", c.vars["agent_id"])
	}
	v, err := c.engine().Validator(c.ctx, id)
	body := validatorBody{
		Agent: v.ID, Status: v.Status.String(), Weight: v.Weight, Self: v.Self, Delegated: v.Delegated, Delegators: v.Delegators,
		Commission: v.Commission.PercentString(), Slashes: make([]slashBody, len(v.Slashes)),
	}
	for i, s := range v.Slashes {
		body.Slashes[i] = slashBody{
			s.Evidence, s.Reason, s.SelfRate.PercentString(), s.DelegationsRate.PercentString(), s.Self, s.Delegated, stamp(s.At),
		}
	}
	return answer{body: body}, err
}
