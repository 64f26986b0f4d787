package teg_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// welcoming is an engine whose treasury has something to give, and pays a grant.
func welcoming(t *testing.T, st store.Store, grant string) (*teg.Engine, *tegtest.Clock) {
	t.Helper()
	clock, terms := tegtest.NewClock(), teg.DefaultTerms()
	terms.OnboardingGrant = teg.AVT(grant)
	eng := tegtest.Over(t, st, tegtest.WithClock(clock), tegtest.WithTerms(terms))
	_, err := eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: eng.TreasuryDID(), Amount: teg.AVT("100"), Reason: "reserve"})
	require.NoError(t, err)
	return eng, clock
}

func invitation(t *testing.T, eng *teg.Engine, p teg.BootstrapTokenParams) teg.IssuedBootstrapToken {
	t.Helper()
	p.By = tegtest.Admin
	issued, err := eng.IssueBootstrapToken(context.Background(), p)
	require.NoError(t, err)
	return issued
}

// A token tells its hint and its end, registers one agent with the grant that is in
// force, and nothing after that.
func TestBootstrapToken(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, clock := welcoming(t, st, "2")
		issued := invitation(t, eng, teg.BootstrapTokenParams{TypeHint: "worker", RequestedBy: "ops 💬"})
		require.Regexp(t, `^tegboot_[0-9A-Za-z_-]{43}$`, issued.Token)
		require.Equal(t, clock.Now().Add(72*time.Hour), issued.ExpiresAt.UTC())
		require.NotEqual(t, issued.Token, invitation(t, eng, teg.BootstrapTokenParams{}).Token)

		status, err := eng.BootstrapToken(ctx, issued.Token)
		require.NoError(t, err)
		require.Equal(t, teg.BootstrapTokenStatus{Valid: true, TypeHint: "worker", ExpiresAt: issued.ExpiresAt}, status)
		for _, other := range []string{"", "x", issued.Token + "x", strings.ToUpper(issued.Token), issued.Token[:len(issued.Token)-1] + "-", teg.BootstrapPrefix + strings.Repeat("A", 43)} {
			status, err := eng.BootstrapToken(ctx, other)
			require.NoError(t, err)
			require.Zero(t, status, other)
		}

		alice := teg.Agent("did:example:alice")
		made, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: alice, BootstrapToken: issued.Token, Metadata: json.RawMessage(`{"a":1}`)})
		require.NoError(t, err)
		profile, err := eng.Profile(ctx, alice)
		require.NoError(t, err)
		require.Equal(t, profile, made, "the receipt is the profile")
		require.Equal(t, teg.FromBootstrap, profile.Origin)
		require.Equal(t, "2", profile.Balance.Available.String())

		status, err = eng.BootstrapToken(ctx, issued.Token)
		require.NoError(t, err)
		require.Zero(t, status, "it has been used")
		_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:bob"), BootstrapToken: issued.Token})
		require.ErrorIs(t, err, teg.ErrTokenUsed)
		require.Equal(t, "BIZ_TOKEN_USED", teg.CodeOf(err))
		_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: alice, BootstrapToken: issued.Token})
		require.ErrorIs(t, err, teg.ErrAlreadyExists, "who asks again is told that it is registered")
	})
}

// What is refused leaves the token as it was.
func TestBootstrapTokenIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx := context.Background()
		eng, clock := welcoming(t, open(t), "0")
		much := teg.AVT("100.000000000000000001")
		dear, short := invitation(t, eng, teg.BootstrapTokenParams{Grant: &much}), invitation(t, eng, teg.BootstrapTokenParams{TTL: time.Minute})
		alice, bob := teg.Agent("did:example:alice"), teg.Agent("did:example:bob")
		register := func(agent teg.DID, token string) error {
			_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: agent, BootstrapToken: token})
			return err
		}
		require.ErrorIs(t, register(alice, dear.Token), teg.ErrInsufficientBalance)
		require.ErrorIs(t, register(eng.TreasuryDID(), dear.Token), teg.ErrAlreadyExists)
		require.ErrorIs(t, register(alice, teg.BootstrapPrefix+strings.Repeat("A", 43)), teg.ErrUnknownToken)
		require.ErrorIs(t, register(alice, "x"), teg.ErrUnknownToken)
		require.Equal(t, "AUTH_INVALID_TOKEN", teg.CodeOf(register(alice, "x")))
		_, err := eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: eng.TreasuryDID(), Amount: teg.AVT("1"), Reason: "reserve"})
		require.NoError(t, err)
		require.NoError(t, register(alice, dear.Token), "it was not used up, and there is enough now")
		require.Equal(t, "100.000000000000000001", tegtest.Available(t, eng, alice))

		clock.Advance(time.Minute - time.Microsecond)
		status, err := eng.BootstrapToken(ctx, short.Token)
		require.NoError(t, err)
		require.True(t, status.Valid)
		clock.Advance(time.Microsecond)
		status, err = eng.BootstrapToken(ctx, short.Token)
		require.NoError(t, err)
		require.Zero(t, status)
		require.ErrorIs(t, register(bob, short.Token), teg.ErrExpired)
		require.ErrorIs(t, register(bob, dear.Token), teg.ErrTokenUsed, "for ever, however long it could have been used")
		clock.Advance(73 * time.Hour)
		require.ErrorIs(t, register(bob, dear.Token), teg.ErrTokenUsed)
	})
}

// What a registration with a token may not say, and what a token may not.
func TestBootstrapTokenParams(t *testing.T) {
	t.Parallel()
	ctx, eng := context.Background(), tegtest.New(t)
	alice := teg.Agent("did:example:alice")
	for field, p := range map[string]teg.RegisterParams{
		"origin": {Agent: alice, BootstrapToken: "x", Origin: teg.FromSelf},
		"grant":  {Agent: alice, BootstrapToken: "x", Grant: teg.AVT("1")},
	} {
		_, err := eng.RegisterAgent(ctx, p)
		requireField(t, err, field)
	}
	for field, p := range map[string]teg.BootstrapTokenParams{
		"by":               {},
		"agent_type_hint":  {By: tegtest.Admin, TypeHint: strings.Repeat("é", 65)},
		"requested_by":     {By: tegtest.Admin, RequestedBy: "\x00"},
		"expires_in_hours": {By: tegtest.Admin, TTL: time.Second},
	} {
		_, err := eng.IssueBootstrapToken(ctx, p)
		requireField(t, err, field)
	}
	_, err := eng.IssueBootstrapToken(ctx, teg.BootstrapTokenParams{By: tegtest.Admin, TTL: teg.MaxBootstrapTTL + 1})
	requireField(t, err, "expires_in_hours")
	_, err = teg.New(ctx, nil, teg.Config{BootstrapTTL: time.Second})
	requireField(t, err, "BootstrapTTL")
}

func requireField(t *testing.T, err error, field string) {
	t.Helper()
	var refusal *teg.Refusal
	require.ErrorAs(t, err, &refusal)
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	require.Equal(t, field, refusal.Field)
}

// A policy changes the grant from the moment of its decision on; a token that says its
// own is not asked.
func TestOnboardingGrantIsATerm(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	st := storetest.OpenSQLite(t)
	eng, _ := welcoming(t, st, "0")
	none := teg.Amount{}
	before, own := invitation(t, eng, teg.BootstrapTokenParams{}), invitation(t, eng, teg.BootstrapTokenParams{Grant: &none})
	name, parameters, level := "welcome", `{"onboarding_grant":"7.5"}`, teg.PolicyMandatory
	_, err := eng.PutPolicy(ctx, teg.PutPolicyParams{By: tegtest.Admin, Code: "welcome", Type: teg.PolicyEconomic,
		PolicyEdit: teg.PolicyEdit{Name: &name, Parameters: &parameters, Level: &level}})
	require.NoError(t, err)
	for token, want := range map[string]string{before.Token: "7.5", own.Token: "0"} {
		p, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:by" + want), BootstrapToken: token})
		require.NoError(t, err)
		require.Equal(t, want, p.Balance.Available.String())
	}
}

// The token is nowhere: not in the database, not in the log, not in what is remembered.
func TestBootstrapTokenIsKeptNowhere(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, _ := welcoming(t, st, "1")
		used, unused := invitation(t, eng, teg.BootstrapTokenParams{}), invitation(t, eng, teg.BootstrapTokenParams{})
		_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:alice"), BootstrapToken: used.Token})
		require.NoError(t, err)
		_, err = eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:bob"), BootstrapToken: used.Token})
		require.NotContains(t, fmt.Sprint(err), used.Token)
		all := everyRow(t, st)
		for _, issued := range []teg.IssuedBootstrapToken{used, unused} {
			require.NotContains(t, all, strings.TrimPrefix(issued.Token, teg.BootstrapPrefix))
		}
		log, err := eng.AuditLog(ctx, teg.AuditLogQuery{Action: "register_agent"})
		require.NoError(t, err)
		require.Contains(t, log.Entries[0].IDs, used.ID.String(), "the event tells with which")
	})
}

// A token that nobody used is forgotten a while after it expired, by a tick; one that was
// used never is.
func TestBootstrapTokensAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx := context.Background()
		eng, clock := welcoming(t, open(t), "0")
		unused, used := invitation(t, eng, teg.BootstrapTokenParams{TTL: time.Hour}), invitation(t, eng, teg.BootstrapTokenParams{TTL: time.Hour})
		later := invitation(t, eng, teg.BootstrapTokenParams{TTL: 2 * time.Hour})
		register := func(token string) error {
			_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:alice"), BootstrapToken: token})
			return err
		}
		require.NoError(t, register(used.Token))
		another := func(token string) error {
			_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:bob"), BootstrapToken: token})
			return err
		}
		clock.Advance(time.Hour + teg.BootstrapRetention - time.Microsecond)
		require.NoError(t, eng.Tick(ctx))
		require.ErrorIs(t, another(unused.Token), teg.ErrExpired)
		clock.Advance(time.Microsecond)
		require.NoError(t, eng.Tick(ctx))
		require.ErrorIs(t, another(unused.Token), teg.ErrUnknownToken)
		require.ErrorIs(t, another(later.Token), teg.ErrExpired)
		require.ErrorIs(t, another(used.Token), teg.ErrTokenUsed)
	})
}

// One token, many who want it, two servers: one gets it, and the rest hear so.
func TestOneBootstrapTokenByMany(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		const callers = 100
		ctx := context.Background()
		first, clock := welcoming(t, stores[0], "3")
		engines := [2]*teg.Engine{first, tegtest.Over(t, stores[1], tegtest.WithClock(clock), tegtest.WithTerms(first.Terms()))}
		issued := invitation(t, first, teg.BootstrapTokenParams{})
		agent := func(i int) teg.DID { return teg.Agent(fmt.Sprintf("did:example:%d", i/2)) } // each by both
		faults := make([]error, callers)
		together(callers, func(i int) {
			_, faults[i] = engines[i%2].RegisterAgent(ctx, teg.RegisterParams{Agent: agent(i), BootstrapToken: issued.Token})
		})
		won := teg.DID{}
		for i, err := range faults {
			if err == nil {
				require.Zero(t, won, "one of them")
				won = agent(i)
			}
		}
		require.NotZero(t, won)
		for i, err := range faults {
			switch {
			case err == nil:
			case agent(i) == won:
				require.ErrorIs(t, err, teg.ErrAlreadyExists)
			default:
				require.ErrorIs(t, err, teg.ErrTokenUsed)
				known, err := first.Registered(ctx, agent(i))
				require.NoError(t, err)
				require.False(t, known)
			}
		}
		treasury, err := first.Treasury(ctx)
		require.NoError(t, err)
		require.Equal(t, "97", treasury.Balance.String(), "the grant was paid once")
	})
}

// Many with a token each, two servers, and a treasury that has enough for some: these get
// their grants, and the tokens of the others are good when there is more.
func TestManyTokensAndAShortTreasury(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		const callers, enough = 12, 3 // 100 in all, 30 each
		ctx := context.Background()
		first, clock := welcoming(t, stores[0], "30")
		engines := [2]*teg.Engine{first, tegtest.Over(t, stores[1], tegtest.WithClock(clock), tegtest.WithTerms(first.Terms()))}
		tokens := make([]string, callers)
		for i := range tokens {
			tokens[i] = invitation(t, first, teg.BootstrapTokenParams{}).Token
		}
		faults := make([]error, callers)
		register := func(i int) {
			_, faults[i] = engines[i%2].RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent(fmt.Sprintf("did:example:%d", i)), BootstrapToken: tokens[i]})
		}
		together(callers, register)
		made := 0
		for i, err := range faults {
			status, failed := engines[(i+1)%2].BootstrapToken(ctx, tokens[i])
			require.NoError(t, failed)
			require.Equal(t, err != nil, status.Valid)
			if err == nil {
				made++
				continue
			}
			require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		}
		require.Equal(t, enough, made)
		_, err := first.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: first.TreasuryDID(), Amount: teg.AVT("260"), Reason: "reserve"})
		require.NoError(t, err)
		together(callers, register)
		for _, err := range faults {
			if err != nil {
				require.ErrorIs(t, err, teg.ErrAlreadyExists)
				made++
			}
		}
		require.Equal(t, 2*enough, made, "those of before, and nobody else")
		treasury, err := first.Treasury(ctx)
		require.NoError(t, err)
		require.Equal(t, "0", treasury.Balance.String())
	})
}

// In a host's transaction a token is used up when the host commits, and not before.
func TestBootstrapTokenInAHostsTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, _ := welcoming(t, st, "1")
		issued := invitation(t, eng, teg.BootstrapTokenParams{})
		for _, commit := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			inside := eng.Using(host)
			second, err := inside.IssueBootstrapToken(ctx, teg.BootstrapTokenParams{By: tegtest.Admin})
			require.NoError(t, err)
			for agent, token := range map[string]string{"did:example:alice": issued.Token, "did:example:bob": second.Token} {
				_, err = inside.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent(agent), BootstrapToken: token})
				require.NoError(t, err)
			}
			_, err = inside.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:carol"), BootstrapToken: second.Token})
			require.ErrorIs(t, err, teg.ErrTokenUsed)
			if commit {
				require.NoError(t, tx.Commit())
			} else {
				require.NoError(t, tx.Rollback())
			}
			status, err := eng.BootstrapToken(ctx, issued.Token)
			require.NoError(t, err)
			require.Equal(t, !commit, status.Valid)
		}
		require.NoError(t, eng.Tick(ctx)) // numbers the host's events
	})
}
