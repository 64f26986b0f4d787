// Package tegtest gives tests an engine to work with.
//
//	func TestPayment(t *testing.T) {
//		eng := tegtest.New(t)
//		alice := tegtest.Fund(t, eng, "did:example:alice", "100")
//		…
//	}
//
// The engine runs on a migrated database in memory, its clock stands still until
// the test moves it, and when the test ends its books are proven: a test that
// loses or invents a unit fails, whatever else it looks at.
package tegtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

// Admin is who acts where a test needs an administrator. It has no profile.
var Admin = teg.Agent("did:example:admin")

// New makes an engine over a database in memory, with the default terms and
// [NewClock]. When the test ends it proves the books and closes everything.
func New(t testing.TB, options ...func(*teg.Config)) *teg.Engine {
	t.Helper()
	st, err := sqlite.OpenMemory(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return Over(t, st, options...)
}

// Over makes an engine over a migrated store, which stays the caller's. When the
// test ends it proves the books and closes the engine.
func Over(t testing.TB, st store.Store, options ...func(*teg.Config)) *teg.Engine {
	t.Helper()
	config := teg.Config{Clock: NewClock().Now}
	for _, option := range options {
		option(&config)
	}
	eng, err := teg.New(context.Background(), st, config)
	require.NoError(t, err)
	t.Cleanup(func() {
		Verify(t, eng)
		require.NoError(t, eng.Close())
	})
	return eng
}

// WithClock lets the test move the engine's time.
func WithClock(clock *Clock) func(*teg.Config) {
	return func(config *teg.Config) { config.Clock = clock.Now }
}

// WithTerms sets the economic parameters.
func WithTerms(terms teg.Terms) func(*teg.Config) {
	return func(config *teg.Config) { config.Terms = &terms }
}

// WithStaking sets the economic parameters of staking, beginning with the default
// ones.
func WithStaking(change func(*teg.StakingTerms)) func(*teg.Config) {
	return func(config *teg.Config) {
		terms := teg.DefaultStakingTerms()
		change(&terms)
		config.Staking = &terms
	}
}

// WithDisputes sets the parameters of disputes, beginning with the default ones.
func WithDisputes(change func(*teg.DisputeTerms)) func(*teg.Config) {
	return func(config *teg.Config) {
		terms := teg.DefaultDisputeTerms()
		change(&terms)
		config.Disputes = &terms
	}
}

// WithRewardInterval runs a reward cycle for each interval that passes.
func WithRewardInterval(interval time.Duration) func(*teg.Config) {
	return func(config *teg.Config) { config.RewardInterval = interval }
}

// Verify proves the engine's books, or fails the test with what is wrong.
func Verify(t testing.TB, eng *teg.Engine) teg.Report {
	t.Helper()
	report, err := eng.Verify(context.Background())
	require.NoError(t, err)
	return report
}

// Fund registers an agent and issues an amount in AVT to it; "0" issues
// nothing.
func Fund(t testing.TB, eng *teg.Engine, id, sum string) teg.DID {
	t.Helper()
	agent := teg.Agent(id)
	require.NoError(t, fund(eng, agent, teg.AVT(sum)))
	return agent
}

// FundMany registers agents did:example:0 … and issues the same amount to each.
func FundMany(t testing.TB, eng *teg.Engine, count int, sum string) []teg.DID {
	t.Helper()
	agents := make([]teg.DID, count)
	faults := make([]error, count)
	var wait sync.WaitGroup
	for i := range agents {
		agents[i] = teg.Agent(fmt.Sprintf("did:example:%d", i))
		wait.Go(func() { faults[i] = fund(eng, agents[i], teg.AVT(sum)) })
		if i%256 == 255 {
			wait.Wait()
		}
	}
	wait.Wait()
	require.NoError(t, errors.Join(faults...))
	return agents
}

func fund(eng *teg.Engine, agent teg.DID, sum teg.Amount) error {
	ctx := context.Background()
	if sum.IsZero() {
		_, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: agent})
		return err
	}
	_, err := eng.Issue(ctx, teg.IssueParams{By: Admin, To: agent, Amount: sum, Reason: "funds for a test"})
	return err
}

// Available returns what an agent can spend, in AVT.
func Available(t testing.TB, eng *teg.Engine, agent teg.DID) string {
	t.Helper()
	balance, err := eng.Balance(context.Background(), agent)
	require.NoError(t, err)
	return balance.Available.String()
}
