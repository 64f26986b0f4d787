package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type slashRequest api.SlashRequest

func (in *slashRequest) check(f *faults) {
	f.part("percentage", &in.Percentage)
	f.filled("evidence_id", in.EvidenceID, teg.MaxReference)
	f.filled("reason", in.Reason, teg.MaxReason)
}

func postSlash(c *call, in *slashRequest) (answer, error) {
	r, err := c.engine().Slash(c.ctx, teg.SlashParams{
		By: c.caller.Agent, Validator: in.ValidatorAgentID, Percentage: in.Percentage, Delegations: in.DelegationsPercentage,
		Evidence: in.EvidenceID, Reason: in.Reason, Key: c.key,
	})
	return answer{body: api.Slashed{SlashedSelf: r.Self, SlashedDelegated: r.Delegated, TransactionIDs: orEmpty(r.TransactionIDs)}, replayed: r.Replayed}, err
}

// getValidator shows an agent as those who think of delegating to it see it.
func getValidator(c *call) (answer, error) {
	id, err := c.agentID()
	if err != nil {
		return answer{}, err
	}
	v, err := c.engine().Validator(c.ctx, id)
	body := api.Validator{
		AgentID: v.ID, AccountStatus: api.AccountStatus(v.Status.String()), Weight: v.Weight, SelfStaked: v.Self, TotalDelegated: v.Delegated,
		Delegators: v.Delegators, MeanSharePercentage: v.Commission.PercentString(), Slashes: make([]api.ValidatorSlash, len(v.Slashes)),
	}
	for i, s := range v.Slashes {
		body.Slashes[i] = api.ValidatorSlash{
			EvidenceID: s.Evidence, Reason: s.Reason, Percentage: s.SelfRate.PercentString(), DelegationsPercentage: s.DelegationsRate.PercentString(),
			SlashedSelf: s.Self, SlashedDelegated: s.Delegated, Timestamp: stamp(s.At),
		}
	}
	return answer{body: body}, err
}

// getSlashes lists what slashes of validators took of what an agent had
// delegated, newest first, once for each delegation.
func getSlashes(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().DelegatorSlashes(c.ctx, teg.DelegatorSlashesQuery{
			Delegator: agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.SlashesPage{
			Slashes: make([]api.DelegatorSlash, len(found.Slashes)), Page: p.info(found.Total, false, found.NextCursor),
		}
		for i, s := range found.Slashes {
			body.Slashes[i] = api.DelegatorSlash{
				SlashID: s.ID, ValidatorAgentID: s.Validator, DelegationID: s.DelegationID, TransactionID: s.TransactionID, EvidenceID: s.Evidence,
				Reason: s.Reason, DelegationsPercentage: s.DelegationsRate.PercentString(), SlashedDelegated: s.Delegated, Timestamp: stamp(s.At),
			}
		}
		return answer{body: body}, nil
	}, nil
}
