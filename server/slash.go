package server

import (
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
	id, err := c.agentID()
	if err != nil {
		return answer{}, err
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

// delegatorSlashBody is a slash as one sees it whose delegation it hit: what all
// who look at the validator see, without the validator's own part.
type delegatorSlashBody struct {
	ID                    teg.SlashID       `json:"slash_id"`
	Validator             teg.DID           `json:"validator_agent_id"`
	Delegation            teg.DelegationID  `json:"delegation_id"`
	Transaction           teg.TransactionID `json:"transaction_id"`
	Evidence              string            `json:"evidence_id"`
	Reason                string            `json:"reason"`
	DelegationsPercentage string            `json:"delegations_percentage"`
	Delegated             teg.Amount        `json:"slashed_delegated"`
	Timestamp             string            `json:"timestamp"`
}

type delegatorSlashesBody struct {
	Slashes []delegatorSlashBody `json:"slashes"`
	pageInfo
}

// getSlashes lists what slashes of validators took of what the caller had
// delegated, newest first, once for each delegation.
func getSlashes(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().DelegatorSlashes(c.ctx, teg.DelegatorSlashesQuery{
			Delegator: c.caller.Agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := delegatorSlashesBody{
			Slashes: make([]delegatorSlashBody, len(found.Slashes)), pageInfo: p.info(found.Total, false, found.NextCursor),
		}
		for i, s := range found.Slashes {
			body.Slashes[i] = delegatorSlashBody{
				s.ID, s.Validator, s.DelegationID, s.TransactionID, s.Evidence, s.Reason, s.DelegationsRate.PercentString(), s.Delegated, stamp(s.At),
			}
		}
		return answer{body: body}, nil
	}, nil
}
