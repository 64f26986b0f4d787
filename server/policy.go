package server

import (
	"encoding/json"
	"net/http"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type policyRequest api.PolicyRequest

func (in *policyRequest) edit() teg.PolicyEdit {
	return teg.PolicyEdit{
		Name: &in.PolicyName, Description: in.Description, Parameters: rawText(in.Parameters), Reward: in.RewardAmount, Circuit: in.CircuitIdentifier,
		Level: &in.EnforcementLevel,
	}
}

func (in *policyRequest) check(f *faults) {
	shown := map[string]*string{"policy_code": &in.PolicyCode, "policy_name": &in.PolicyName, "description": in.Description, "circuit_identifier": in.CircuitIdentifier}
	for _, fault := range teg.PolicyFaults(in.PolicyCode, in.PolicyType, in.edit()) {
		f.add(fault.Field, fault.Error(), shown[fault.Field])
	}
}

// rawText is free-form JSON that was given, or nil.
func rawText(raw json.RawMessage) *string {
	if len(raw) == 0 {
		return nil
	}
	text := string(raw)
	return &text
}

// policyOf is a policy in one of its versions.
func policyOf(p *teg.Policy) api.Policy {
	return api.Policy{
		PolicyID: p.ID, PolicyCode: p.Code, PolicyName: p.Name, PolicyType: p.Type, Description: p.Description, Parameters: json.RawMessage(p.Parameters),
		RewardAmount: p.Reward, CircuitIdentifier: orNull(p.Circuit), EnforcementLevel: p.Level, IsActive: p.Active, Version: p.Version, UpdatedBy: p.By,
		CreatedAt: stamp(p.CreatedAt), UpdatedAt: stamp(p.UpdatedAt),
	}
}

// policyAnswer is what an act left of a policy.
func policyAnswer(status int, r *teg.PolicyReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, body: policyOf(&r.Policy), replayed: r.Replayed}, nil
}

func postPolicy(c *call, in *policyRequest) (answer, error) {
	r, err := c.engine().PutPolicy(c.ctx, teg.PutPolicyParams{By: c.caller.Agent, Code: in.PolicyCode, Type: in.PolicyType, PolicyEdit: in.edit(), Key: c.key})
	return policyAnswer(http.StatusCreated, &r, err)
}

// putPolicy makes the next version. Code and type never change; sent along they must be
// what they are.
func putPolicy(c *call, in *api.PolicyChangeRequest) (answer, error) {
	p := teg.PutPolicyParams{
		By: c.caller.Agent, ID: c.policyID(), Key: c.key,
		PolicyEdit: teg.PolicyEdit{
			Name: in.PolicyName, Description: in.Description, Parameters: rawText(in.Parameters), Reward: in.RewardAmount, Circuit: in.CircuitIdentifier,
			Level: in.EnforcementLevel, Active: in.IsActive,
		},
	}
	if p.ID.IsZero() {
		return answer{}, teg.ErrNotFound // a zero id would ask for a new one
	}
	if in.PolicyCode != nil {
		p.Code = *in.PolicyCode
	}
	if in.PolicyType != nil {
		p.Type = *in.PolicyType
	}
	r, err := c.engine().PutPolicy(c.ctx, p)
	return policyAnswer(http.StatusOK, &r, err)
}

func deletePolicy(c *call) (answer, error) {
	r, err := c.engine().DeactivatePolicy(c.ctx, teg.DeactivatePolicyParams{By: c.caller.Agent, ID: c.policyID(), Key: c.key})
	return policyAnswer(http.StatusOK, &r, err)
}

// policyID is the policy that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) policyID() teg.PolicyID {
	id, _ := teg.ParsePolicyID(c.vars["policy_id"])
	return id
}

// getPolicy shows a policy with all its versions, the first one first.
func getPolicy(c *call) (answer, error) {
	p, err := c.engine().Policy(c.ctx, c.policyID())
	if err != nil {
		return answer{}, err
	}
	body := api.PolicyInFull{Policy: policyOf(&p.Policy), Versions: make([]api.Policy, len(p.Versions))}
	for i := range p.Versions {
		body.Versions[i] = policyOf(&p.Versions[i])
	}
	return answer{body: body}, nil
}

func getPolicies(c *call) (func() (answer, error), error) {
	return listPolicies(c, oneOf(&c.query, "policy_type", teg.ParsePolicyType), func(found []teg.Policy, page api.Page) any {
		body := api.PoliciesPage{Policies: make([]api.Policy, len(found)), Page: page}
		for i := range found {
			body.Policies[i] = policyOf(&found[i])
		}
		return body
	}), nil
}

// listPolicies answers a page of policies of a type, or of all, in a form of its own.
func listPolicies(c *call, of teg.PolicyType, form func([]teg.Policy, api.Page) any) func() (answer, error) {
	q := teg.PoliciesQuery{Viewer: c.caller.Agent, Type: of, ActiveOnly: c.query.flag("active_only")}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Policies(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		return answer{body: form(found.Policies, p.info(found.Total, false, found.NextCursor))}, nil
	}
}

func getAttestationPolicies(c *call) (func() (answer, error), error) {
	return listPolicies(c, teg.PolicyAttestation, func(found []teg.Policy, page api.Page) any {
		body := api.AttestationPoliciesPage{Policies: make([]api.AttestationPolicy, len(found)), Page: page}
		for i := range found {
			p := &found[i]
			body.Policies[i] = api.AttestationPolicy{
				PolicyID: p.ID, PolicyCode: p.Code, PolicyName: p.Name, PolicyType: p.Type, RewardAmount: p.Reward,
				CircuitIdentifier: orNull(p.Circuit), Parameters: json.RawMessage(p.Parameters), IsActive: p.Active,
			}
		}
		return body
	}), nil
}

// getTerms answers the terms in force, now or at an instant.
func getTerms(c *call) (func() (answer, error), error) {
	at := c.query.instant("at")
	return func() (answer, error) {
		var terms teg.TermsInForce
		var err error
		if at.IsZero() {
			terms, err = c.engine().LatestTerms(c.ctx)
		} else {
			terms, err = c.engine().TermsAt(c.ctx, at)
		}
		return answer{body: api.Terms{
			Version: terms.Version, Since: stampOrNull(terms.Since),
			Economic: json.RawMessage(terms.Values(teg.PolicyEconomic)), Dispute: json.RawMessage(terms.Values(teg.PolicyDispute)),
		}}, err
	}, nil
}
