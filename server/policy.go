package server

import (
	"encoding/json"
	"net/http"

	"github.com/agentvault/teg-layer/teg"
)

type policyRequest struct {
	Code        string          `json:"policy_code"`
	Name        string          `json:"policy_name"`
	Type        teg.PolicyType  `json:"policy_type"`
	Description *string         `json:"description"`
	Parameters  json.RawMessage `json:"parameters,omitempty"`
	Reward      *teg.Amount     `json:"reward_amount"`
	Circuit     *string         `json:"circuit_identifier"`
	Level       teg.PolicyLevel `json:"enforcement_level"`
}

func (in *policyRequest) edit() teg.PolicyEdit {
	return teg.PolicyEdit{
		Name: &in.Name, Description: in.Description, Parameters: rawText(in.Parameters), Reward: in.Reward, Circuit: in.Circuit, Level: &in.Level,
	}
}

func (in *policyRequest) check(f *faults) {
	shown := map[string]*string{"policy_code": &in.Code, "policy_name": &in.Name, "description": in.Description, "circuit_identifier": in.Circuit}
	for _, fault := range teg.PolicyFaults(in.Code, in.Type, in.edit()) {
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

// policyChangeRequest says what of a policy is to be different. Code and type never
// change; sent along they must be what they are.
type policyChangeRequest struct {
	Code        *string          `json:"policy_code"`
	Name        *string          `json:"policy_name"`
	Type        *teg.PolicyType  `json:"policy_type"`
	Description *string          `json:"description"`
	Parameters  json.RawMessage  `json:"parameters,omitempty"`
	Reward      *teg.Amount      `json:"reward_amount"`
	Circuit     *string          `json:"circuit_identifier"`
	Level       *teg.PolicyLevel `json:"enforcement_level"`
	Active      *bool            `json:"is_active"`
}

// policyBody is a policy in one of its versions.
type policyBody struct {
	ID          teg.PolicyID    `json:"policy_id"`
	Code        string          `json:"policy_code"`
	Name        string          `json:"policy_name"`
	Type        teg.PolicyType  `json:"policy_type"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
	Reward      teg.Amount      `json:"reward_amount"`
	Circuit     *string         `json:"circuit_identifier"`
	Level       teg.PolicyLevel `json:"enforcement_level"`
	Active      bool            `json:"is_active"`
	Version     int64           `json:"version"`
	By          teg.DID         `json:"updated_by"`
	CreatedAt   string          `json:"created_at"`
	UpdatedAt   string          `json:"updated_at"`
}

func policyOf(p *teg.Policy) policyBody {
	return policyBody{
		p.ID, p.Code, p.Name, p.Type, p.Description, json.RawMessage(p.Parameters), p.Reward, orNull(p.Circuit), p.Level, p.Active, p.Version, p.By,
		stamp(p.CreatedAt), stamp(p.UpdatedAt),
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
	r, err := c.engine().PutPolicy(c.ctx, teg.PutPolicyParams{By: c.caller.Agent, Code: in.Code, Type: in.Type, PolicyEdit: in.edit(), Key: c.key})
	return policyAnswer(http.StatusCreated, &r, err)
}

func putPolicy(c *call, in *policyChangeRequest) (answer, error) {
	p := teg.PutPolicyParams{
		By: c.caller.Agent, ID: c.policyID(), Key: c.key,
		PolicyEdit: teg.PolicyEdit{
			Name: in.Name, Description: in.Description, Parameters: rawText(in.Parameters), Reward: in.Reward, Circuit: in.Circuit, Level: in.Level,
			Active: in.Active,
		},
	}
	if p.ID.IsZero() {
		return answer{}, teg.ErrNotFound // a zero id would ask for a new one
	}
	if in.Code != nil {
		p.Code = *in.Code
	}
	if in.Type != nil {
		p.Type = *in.Type
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

type onePolicyBody struct {
	policyBody
	Versions []policyBody `json:"versions"`
}

// getPolicy shows a policy with all its versions, the first one first.
func getPolicy(c *call) (answer, error) {
	p, err := c.engine().Policy(c.ctx, c.policyID())
	if err != nil {
		return answer{}, err
	}
	body := onePolicyBody{policyOf(&p.Policy), make([]policyBody, len(p.Versions))}
	for i := range p.Versions {
		body.Versions[i] = policyOf(&p.Versions[i])
	}
	return answer{body: body}, nil
}

type policiesBody[T any] struct {
	Policies []T `json:"policies"`
	pageInfo
}

func getPolicies(c *call) (func() (answer, error), error) {
	return listPolicies(c, oneOf(&c.query, "policy_type", teg.ParsePolicyType), policyOf), nil
}

// listPolicies answers a page of policies of a type, or of all, in a form of its own.
func listPolicies[T any](c *call, of teg.PolicyType, form func(*teg.Policy) T) func() (answer, error) {
	q := teg.PoliciesQuery{Viewer: c.caller.Agent, Type: of, ActiveOnly: c.query.flag("active_only")}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Policies(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := policiesBody[T]{make([]T, len(found.Policies)), p.info(found.Total, false, found.NextCursor)}
		for i := range found.Policies {
			body.Policies[i] = form(&found.Policies[i])
		}
		return answer{body: body}, nil
	}
}

// attestationPolicyBody is a policy as those see it who submit attestations.
type attestationPolicyBody struct {
	ID         teg.PolicyID    `json:"policy_id"`
	Code       string          `json:"policy_code"`
	Name       string          `json:"policy_name"`
	Type       teg.PolicyType  `json:"policy_type"`
	Reward     teg.Amount      `json:"reward_amount"`
	Circuit    *string         `json:"circuit_identifier"`
	Parameters json.RawMessage `json:"parameters"`
	Active     bool            `json:"is_active"`
}

func getAttestationPolicies(c *call) (func() (answer, error), error) {
	return listPolicies(c, teg.PolicyAttestation, func(p *teg.Policy) attestationPolicyBody {
		return attestationPolicyBody{p.ID, p.Code, p.Name, p.Type, p.Reward, orNull(p.Circuit), json.RawMessage(p.Parameters), p.Active}
	}), nil
}

// termsBody is what was in force at an instant, by the names under which policies set it.
type termsBody struct {
	Version  int64           `json:"version"`
	Since    *string         `json:"since"`
	Economic json.RawMessage `json:"economic"`
	Dispute  json.RawMessage `json:"dispute"`
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
		return answer{body: termsBody{
			terms.Version, stampOrNull(terms.Since), json.RawMessage(terms.Values(teg.PolicyEconomic)), json.RawMessage(terms.Values(teg.PolicyDispute)),
		}}, err
	}, nil
}
