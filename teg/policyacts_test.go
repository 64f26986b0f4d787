package teg_test

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// policyActs are the verbs upon policies.
var policyActs = []doing{
	{name: "put a policy", act: func(ctx context.Context, s *scene) (any, error) { return s.eng.PutPolicy(ctx, s.newPolicy()) }},
	{name: "put a policy whose code was used", prepare: (*scene).govern, refusal: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		p := s.newPolicy()
		p.Key += "other"
		return s.eng.PutPolicy(ctx, p)
	}},
	{name: "put a version of a policy", prepare: (*scene).govern, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.PutPolicy(ctx, teg.PutPolicyParams{
			DryRun: s.dry, By: tegtest.Admin, ID: s.policy, Key: "k" + s.carol.String(),
			PolicyEdit: teg.PolicyEdit{Parameters: ref(`{"daily_limit":5}`), Reward: ref(teg.AVT("2"))},
		})
	}},
	{name: "deactivate a policy", prepare: (*scene).govern, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivatePolicy(ctx, teg.DeactivatePolicyParams{DryRun: s.dry, By: tegtest.Admin, ID: s.policy, Key: "k" + s.carol.String()})
	}},
	{name: "deactivate a policy without a key", prepare: (*scene).govern, again: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivatePolicy(ctx, teg.DeactivatePolicyParams{DryRun: s.dry, By: tegtest.Admin, ID: s.policy})
	}},
}

func ref[T any](v T) *T { return &v }

// newPolicy is one that decides nothing about the other scenes.
func (s *scene) newPolicy() teg.PutPolicyParams {
	return teg.PutPolicyParams{
		DryRun: s.dry, By: tegtest.Admin, Code: fmt.Sprintf("scene-%d", s.scenes), Type: teg.PolicyAttestation, Key: "p" + s.carol.String(),
		PolicyEdit: teg.PolicyEdit{Name: ref("of a scene"), Level: ref(teg.PolicyMandatory), Reward: ref(teg.AVT("1"))},
	}
}

func (s *scene) govern() error {
	p := s.newPolicy()
	p.DryRun = false
	r, err := s.eng.PutPolicy(context.Background(), p)
	s.policy = r.ID
	return err
}
