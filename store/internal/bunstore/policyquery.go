package bunstore

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
)

// Policies implements [store.PolicyReader].
func (r *Reader) Policies(ctx context.Context) ([]policy.Policy, error) {
	return list(ctx, r, &Policies, `id > ? ORDER BY id`, r.dialect.ID(policy.ID{}))
}

// PoliciesAt implements [store.PolicyReader]. Times may go back from change to change,
// where servers' clocks differ; changes never do.
func (r *Reader) PoliciesAt(ctx context.Context, at time.Time) ([]policy.Policy, error) {
	return list(ctx, r, &PolicyVersions, `change IN (SELECT (SELECT max(change) FROM teg_policy_versions AS v
		WHERE v.policy = p.id AND v.change <= (SELECT max(change) FROM teg_policy_versions WHERE at < ?)) FROM teg_policies AS p WHERE p.id > ?)
		ORDER BY policy`, r.dialect.After(at), r.dialect.ID(policy.ID{}))
}

// PolicyVersions implements [store.PolicyReader].
func (r *Reader) PolicyVersions(ctx context.Context, q policy.VersionQuery) ([]policy.Policy, error) {
	if q.Policy.IsZero() {
		return list(ctx, r, &PolicyVersions, `change > ? ORDER BY change LIMIT ?`, q.After, q.Limit)
	}
	return list(ctx, r, &PolicyVersions, `policy = ? AND change > ? ORDER BY change LIMIT ?`, r.dialect.ID(q.Policy), q.After, q.Limit)
}

// TermsVersion implements [store.PolicyReader].
func (r *Reader) TermsVersion(ctx context.Context) (version int64, err error) {
	err = r.scan(ctx, &version, `SELECT terms_version FROM log_head`)
	return version, err
}
