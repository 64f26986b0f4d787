package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	policies       = keep(&bunstore.Policies)
	policyVersions = keep(&bunstore.PolicyVersions)

	termsVersion = one("SELECT terms_version FROM log_head")
)

// loadTermsVersion reads what stays as it is until this transaction ends: it holds the
// file's write lock.
func loadTermsVersion(ctx context.Context, e executor, _ *store.Need, rows *store.Rows) error {
	return e.query(ctx, termsVersion, nil, func(r *row) { rows.TermsVersion = r.int() })
}

// writePolicies writes what became of policies, where it was decided by the terms in
// force: else the places among the changes are others' already.
func writePolicies(ctx context.Context, e executor, c *store.Changes) error {
	if len(c.Policies.Versions) == 0 {
		return nil
	}
	var rows store.Rows
	if err := loadTermsVersion(ctx, e, nil, &rows); err != nil {
		return err
	}
	if rows.TermsVersion != c.TermsVersion {
		return store.ErrTermsChanged
	}
	for _, step := range []func() error{
		func() error { return policies.insertAll(ctx, e, c.Policies.Created) },
		func() error { return policies.changeAll(ctx, e, c.Policies.Changed) },
		func() error { return policyVersions.insertAll(ctx, e, c.Policies.Versions) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
