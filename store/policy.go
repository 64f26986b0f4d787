package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
)

// PolicyReader tells which policies there are, and were.
type PolicyReader interface {
	// Policies returns all policies as they are, of one view, ordered by id.
	Policies(ctx context.Context) ([]policy.Policy, error)
	// PoliciesAt returns all policies as they were at an instant: after the last
	// change that bears no later time, and all before it.
	PoliciesAt(ctx context.Context, at time.Time) ([]policy.Policy, error)
	// PolicyVersions returns versions of one policy, or of all, ordered by change.
	PolicyVersions(ctx context.Context, q policy.VersionQuery) ([]policy.Policy, error)
	// TermsVersion returns how many changes of policies have been committed, which is
	// the version of the terms in force.
	TermsVersion(ctx context.Context) (int64, error)
}
