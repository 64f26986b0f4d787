package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What an agent is stripped of it lacks at once, in every engine, until it gets it back.
func TestRolesInForce(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		ctx, clock := context.Background(), tegtest.NewClock()
		eng := tegtest.Over(t, stores[0], tegtest.WithClock(clock))
		other := tegtest.Over(t, stores[1], tegtest.WithClock(clock))
		bob := tegtest.Fund(t, eng, "did:example:bob", "1")
		plain, all := teg.RolesOf(teg.RoleAgent), teg.RolesOf(teg.RoleAgent, teg.RoleAuditor, teg.RoleAdmin)
		has := func(want teg.RolesInForce) {
			t.Helper()
			in, err := other.RolesInForce(ctx, bob, all)
			require.NoError(t, err)
			require.Equal(t, want, in)
		}
		strip := func(roles ...teg.Role) {
			t.Helper()
			got, err := eng.SetRoles(ctx, teg.RolesParams{Agent: bob, By: tegtest.Admin, Revoked: teg.RolesOf(roles...), Reason: "x"})
			require.NoError(t, err)
			require.Equal(t, teg.RevokedRoles{Agent: bob, Revoked: teg.RolesOf(roles...), Reason: "x"}, got)
			profile, err := other.Profile(ctx, bob)
			require.NoError(t, err)
			require.Equal(t, teg.RolesOf(roles...), profile.Revoked)
		}
		has(teg.RolesInForce{Roles: all})
		strip(teg.RoleAdmin, teg.RoleSystem)
		left := plain.With(teg.RoleAuditor)
		has(teg.RolesInForce{Roles: left})
		_, err := eng.SuspendAgent(ctx, teg.StandingParams{Agent: bob, By: tegtest.Admin, Reason: "why", Duration: time.Hour})
		require.NoError(t, err)
		why := &teg.SuspendedError{Until: clock.Now().Add(time.Hour), Reason: "why"}
		has(teg.RolesInForce{Roles: plain, Resting: teg.RolesOf(teg.RoleAuditor), Suspended: why})
		clock.Advance(time.Hour)
		has(teg.RolesInForce{Roles: left})
		strip()
		has(teg.RolesInForce{Roles: all})
		nobody, err := eng.RolesInForce(ctx, teg.Agent("did:example:nobody"), all)
		require.NoError(t, err)
		require.Equal(t, teg.RolesInForce{Roles: all}, nobody)

		_, err = eng.TransferToSystem(ctx, teg.SystemTransferParams{From: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		_, err = eng.DeactivateAgent(ctx, teg.StandingParams{Agent: bob})
		require.NoError(t, err)
		has(teg.RolesInForce{Roles: plain})
	})
}

func TestRolesParams(t *testing.T) {
	t.Parallel()
	ctx, eng := context.Background(), tegtest.New(t)
	bob := tegtest.Fund(t, eng, "did:example:bob", "0")
	good := teg.RolesParams{Agent: bob, By: tegtest.Admin, Revoked: teg.RolesOf(teg.RoleAdmin), Reason: "x"}
	for field, spoil := range map[string]func(*teg.RolesParams){
		"by":            func(p *teg.RolesParams) { p.By = teg.DID{} },
		"agent_id":      func(p *teg.RolesParams) { p.Agent = teg.DID{} },
		"reason":        func(p *teg.RolesParams) { p.Reason = " " },
		"revoked_roles": func(p *teg.RolesParams) { p.Revoked = 1 },
	} {
		bad := good
		spoil(&bad)
		_, err := eng.SetRoles(ctx, bad)
		requireField(t, err, field)
	}
	for _, p := range []teg.RolesParams{
		{Agent: bob, By: tegtest.Admin, Reason: "x", Revoked: teg.RolesOf(teg.RoleAgent)},
		{Agent: bob, By: bob, Reason: "x", Revoked: teg.RolesOf(teg.RoleAdmin)},
	} {
		_, err := eng.SetRoles(ctx, p)
		requireField(t, err, "revoked_roles")
	}
	_, err := eng.SetRoles(ctx, teg.RolesParams{Agent: bob, By: bob, Reason: "less is enough", Revoked: teg.RolesOf(teg.RoleAuditor)})
	require.NoError(t, err)
	_, err = eng.SetRoles(ctx, teg.RolesParams{Agent: teg.Agent("did:example:nobody"), By: bob, Reason: "x"})
	require.ErrorIs(t, err, teg.ErrNotFound)
	roles, err := teg.ParseRoles("admin", "auditor")
	require.NoError(t, err)
	require.Equal(t, "auditor,admin", roles.String())
	_, err = teg.ParseRoles("root")
	require.Error(t, err)
}

// Each way of breaking the rows of who came here, and who lacks what, is found.
func TestVerifyFindsBrokenOnboarding(t *testing.T) {
	t.Parallel()
	const bob = ` WHERE did = 'did:example:bob'`
	for name, broken := range map[string]struct{ invariant, damage string }{
		"who issued a token":          {"log", `UPDATE bootstrap_tokens SET issued_by = 'did:example:eve' WHERE used_at IS NULL`},
		"for whom it was":             {"log", `UPDATE bootstrap_tokens SET type_hint = 'x' WHERE used_at IS NOT NULL`},
		"who asked for it":            {"log", `UPDATE bootstrap_tokens SET requested_by = 'x' WHERE used_at IS NULL`},
		"its hash":                    {"log", `UPDATE bootstrap_tokens SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE used_at IS NULL`},
		"until when it could be used": {"log", `UPDATE bootstrap_tokens SET expires_at = (SELECT max(expires_at) FROM bootstrap_tokens)`},
		"what its agent gets":         {"log", `UPDATE bootstrap_tokens SET own_grant = NOT own_grant`},
		"a token":                     {"log", `DELETE FROM bootstrap_tokens WHERE used_at IS NULL`},
		"a token that was used":       {"log", `DELETE FROM bootstrap_tokens WHERE used_at IS NOT NULL`},
		"that it was used":            {"log", `UPDATE bootstrap_tokens SET used_by = '', used_at = NULL`},
		"who used it":                 {"bootstrap tokens", `UPDATE bootstrap_tokens SET used_by = 'did:example:alice' WHERE used_at IS NOT NULL`},
		"when it was used":            {"bootstrap tokens", `UPDATE bootstrap_tokens SET used_at = expires_at WHERE used_at IS NOT NULL`},
		"how its agent came":          {"bootstrap tokens", `UPDATE agent_teg_profiles SET origin = 2` + bob},
		"what an agent lacks":         {"roles", `UPDATE agent_teg_profiles SET revoked_roles = 4` + bob},
		"that it lacks anything":      {"roles", `UPDATE agent_teg_profiles SET revoked_roles = 0` + bob},
		"what nobody took":            {"roles", `UPDATE agent_teg_profiles SET revoked_roles = 16 WHERE did = 'did:example:alice'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.OpenSQLite(t) // what was read is compared, by no database
			eng := boardedBooks(t, st)
			tegtest.Verify(t, eng)
			storetest.Damage(t, st, broken.damage)
			report, err := eng.Verify(context.Background())
			require.ErrorIs(t, err, teg.ErrBroken)
			require.Contains(t, invariants(report), broken.invariant, "%v", report.Findings)
		})
	}
}

// boardedBooks is an engine over books in which Bob came by a token, and lacks two
// roles, and others have been given theirs back.
func boardedBooks(t *testing.T, st store.Store) *teg.Engine {
	ctx, clock := context.Background(), tegtest.NewClock()
	eng, err := teg.New(ctx, st, teg.Config{Clock: clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "0"), teg.Agent("did:example:bob")
	invitation(t, eng, teg.BootstrapTokenParams{TypeHint: "a", RequestedBy: "b"})
	used := invitation(t, eng, teg.BootstrapTokenParams{TTL: time.Hour})
	clock.Advance(time.Minute)
	require.NoError(t, eng.Tick(ctx))
	_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: bob, BootstrapToken: used.Token})
	require.NoError(t, err)
	for agent, roles := range map[teg.DID][]teg.Roles{alice: {teg.RolesOf(teg.RoleAdmin), 0}, bob: {teg.RolesOf(teg.RoleSystem), teg.RolesOf(teg.RoleAdmin, teg.RoleAuditor)}} {
		for _, revoked := range roles {
			_, err = eng.SetRoles(ctx, teg.RolesParams{Agent: agent, By: tegtest.Admin, Revoked: revoked, Reason: "x"})
			require.NoError(t, err)
		}
	}
	return eng
}
