package teg_test

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// bootstrapActs are verbs upon who comes here.
var bootstrapActs = []doing{
	{name: "register with a bootstrap token", again: teg.ErrAlreadyExists, prepare: (*scene).invite, act: accept},
}

// repeatedBootstraps are those that can be repeated without a key.
var repeatedBootstraps = []doing{
	{name: "issue a bootstrap token", act: func(ctx context.Context, s *scene) (any, error) {
		grant := teg.AVT("3")
		return s.eng.IssueBootstrapToken(ctx, teg.BootstrapTokenParams{DryRun: s.dry, By: tegtest.Admin, TypeHint: "worker", RequestedBy: "ops", Grant: &grant})
	}},
	{name: "strip of roles", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.SetRoles(ctx, teg.RolesParams{DryRun: s.dry, By: tegtest.Admin, Agent: s.alice, Revoked: teg.RolesOf(teg.RoleAuditor, teg.RoleAdmin), Reason: "x"})
	}},
}

// refusedBootstraps are those that are refused.
var refusedBootstraps = []doing{
	{name: "register with a token that nobody issued", refusal: teg.ErrUnknownToken, prepare: func(s *scene) error {
		s.invitation = teg.BootstrapPrefix + "0123456789012345678901234567890123456789012"
		return nil
	}, act: accept},
	{name: "register with a token that was used", refusal: teg.ErrTokenUsed, prepare: func(s *scene) error {
		if err := s.invite(); err != nil {
			return err
		}
		_, err := s.eng.RegisterAgent(context.Background(), teg.RegisterParams{Agent: teg.Agent(s.carol.String() + "-else"), BootstrapToken: s.invitation})
		return err
	}, act: accept},
	{name: "register with a token that has expired", refusal: teg.ErrExpired, prepare: func(s *scene) error {
		err := s.invite()
		s.clock.Advance(time.Hour)
		return err
	}, act: accept},
	{name: "register for more than the treasury has", refusal: teg.ErrInsufficientBalance, prepare: func(s *scene) error {
		return s.inviteFor("99999999")
	}, act: accept},
	{name: "strip nobody of roles", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.SetRoles(ctx, teg.RolesParams{DryRun: s.dry, By: tegtest.Admin, Agent: s.carol, Revoked: teg.RolesOf(teg.RoleAdmin), Reason: "x"})
	}},
	{name: "issue a bootstrap token by one who is suspended", refusal: teg.ErrSuspended, prepare: (*scene).suspend, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.IssueBootstrapToken(ctx, teg.BootstrapTokenParams{DryRun: s.dry, By: s.alice})
	}},
}

// invite has a bootstrap token for Carol.
func (s *scene) invite() error { return s.inviteFor("20") }

func (s *scene) inviteFor(sum string) error {
	grant := teg.AVT(sum)
	t, err := s.eng.IssueBootstrapToken(context.Background(), teg.BootstrapTokenParams{By: tegtest.Admin, TypeHint: "worker", TTL: time.Hour, Grant: &grant})
	s.invitation = t.Token
	return err
}

func accept(ctx context.Context, s *scene) (any, error) {
	return s.eng.RegisterAgent(ctx, teg.RegisterParams{DryRun: s.dry, Agent: s.carol, BootstrapToken: s.invitation})
}
