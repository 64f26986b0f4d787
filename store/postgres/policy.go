package postgres

import (
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	policies       = keep(&bunstore.Policies)
	policyVersions = keep(&bunstore.PolicyVersions)
)

// policyCalls write what became of policies.
func policyCalls(c *store.Changes) (calls []call) {
	calls = policies.insertCall(calls, c.Policies.Created)
	calls = policies.changeCall(calls, c.Policies.Changed)
	return policyVersions.insertCall(calls, c.Policies.Versions)
}
