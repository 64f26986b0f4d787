package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
)

func (r *brittleReader) Policies(ctx context.Context) ([]policy.Policy, error) {
	return read(r, "Policies", func() ([]policy.Policy, error) { return r.sound.Policies(ctx) })
}

func (r *brittleReader) PoliciesAt(ctx context.Context, at time.Time) ([]policy.Policy, error) {
	return read(r, "PoliciesAt", func() ([]policy.Policy, error) { return r.sound.PoliciesAt(ctx, at) })
}

func (r *brittleReader) PolicyVersions(ctx context.Context, q policy.VersionQuery) ([]policy.Policy, error) {
	return read(r, "PolicyVersions", func() ([]policy.Policy, error) { return r.sound.PolicyVersions(ctx, q) })
}

func (r *brittleReader) TermsVersion(ctx context.Context) (int64, error) {
	return read(r, "TermsVersion", func() (int64, error) { return r.sound.TermsVersion(ctx) })
}
