package console

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/server/client"
)

// policyTypes are what policies can be about.
var policyTypes = []client.PolicyType{
	client.PolicyTypeAttestation, client.PolicyTypeEconomic, client.PolicyTypeAuditor, client.PolicyTypeDispute,
}

// policiesPage is all policies, and what is in force by them and the settings.
type policiesPage struct {
	Filter *filter
	Types  []client.PolicyType
	List   []client.Policy
	Pager  pager
	Terms  []fact
	Since  *time.Time // the last change of a policy; nil before the first one
	Admin  bool
}

func policies(v *visit) (any, error) {
	f := v.filter("policy_type", "active_only")
	page := policiesPage{Filter: f, Types: policyTypes, Admin: v.who.may(admins)}
	found, err := v.api.ListPolicies(v.r.Context(), client.ListPoliciesQuery{
		PolicyType: client.PolicyType(f.Given["policy_type"]), ActiveOnly: f.Given["active_only"] != "", Limit: listed, Cursor: f.Cursor,
	})
	if err != nil {
		return nil, err
	}
	page.List, page.Pager = found.Policies, f.pager(found.Page)
	terms, err := v.api.GetTerms(v.r.Context(), client.GetTermsQuery{})
	if err != nil {
		return nil, err
	}
	page.Since, page.Terms = terms.Since, append(facts(terms.Economic), facts(terms.Dispute)...)
	return page, nil
}

// parameters are those of a policy, by their names, as JSON.
func parameters(text json.RawMessage) map[string]string {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	named := map[string]string{}
	for name, value := range object {
		var compact bytes.Buffer
		_ = json.Compact(&compact, value) // which is JSON
		named[name] = compact.String()
	}
	return named
}

// parameterNames are those of either of two, in order.
func parameterNames(a, b map[string]string) []string {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, b)
	return slices.Sorted(maps.Keys(both))
}
