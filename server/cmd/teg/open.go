package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/metrics"
	"github.com/agentvault/teg-layer/server/registry"
	"github.com/agentvault/teg-layer/server/webhook"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/ipfs"
)

// createStore opens a database, making the file of SQLite where it is missing.
func createStore(ctx context.Context, db config.Database) (store.Store, error) {
	switch db.Kind {
	case config.Postgres:
		return opened(postgres.Open(ctx, db.URL))
	case config.Memory:
		return opened(sqlite.OpenMemory(ctx))
	default:
		return opened(sqlite.Open(ctx, db.Path))
	}
}

// opened keeps a nil pointer from becoming a store that is not nil.
func opened[S store.Store](st S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// openStore opens a database that is there already.
func openStore(ctx context.Context, db config.Database) (store.Store, error) {
	if db.Kind == config.SQLite {
		if _, err := os.Stat(db.Path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s; make it with: teg migrate up", db.Path)
		}
	}
	return createStore(ctx, db)
}

// books are an engine, the store it works on, and the one it has its evidence from.
type books struct {
	*teg.Engine
	store    store.Store
	evidence *ipfs.Store      // nil: none
	policies *policies        // nil: nobody is asked
	courier  *webhook.Courier // nil: there are no webhooks

	federation *registry.Federation // nil until connect
	published  []*auth.JWKS         // of the registries
	peers      *peers               // nil: nobody is known by its connection

	metrics *metrics.Metrics
	tracing *tracing
}

// openBooks opens the database and starts the engine of a configuration.
func openBooks(ctx context.Context, c *config.Config, logger *slog.Logger) (*books, error) {
	st, err := openStore(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	return startBooks(ctx, st, c, logger)
}

// startBooks takes the store over.
func startBooks(ctx context.Context, st store.Store, c *config.Config, logger *slog.Logger) (*books, error) {
	evidence, err := openEvidence(c)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	b := &books{store: st, evidence: evidence, metrics: metrics.New(metrics.Config{Version: programVersion()})}
	if b.tracing, err = openTracing(ctx, c, logger); err != nil {
		return nil, errors.Join(err, b.closeStorage())
	}
	config := engineConfig(c, b.tracing.logger(logger))
	config.Metrics, config.Tracer = b.metrics, b.tracing.tracer
	if evidence != nil { // or it would be a store that is not nil
		config.Evidence = evidence
	}
	if err := errors.Join(decideBy(c, &config), signBy(c, &config), b.carryBy(c, &config)); err != nil {
		return nil, errors.Join(err, b.closeStorage())
	}
	if b.policies, err = openPolicies(ctx, c); err != nil {
		return nil, errors.Join(err, b.closeStorage())
	}
	if b.policies != nil {
		config.Decider, config.DeciderTimeout = b.policies, c.OPATimeout
	}
	if b.Engine, err = teg.New(ctx, st, config); err != nil {
		return nil, errors.Join(err, b.closeStorage())
	}
	b.metrics.Watch(b.Engine)
	return b, nil
}

// Close commits what was accepted and closes the database.
func (b *books) Close() error { return errors.Join(b.Engine.Close(), b.closeStorage()) }

// closeStorage closes what the engine stands on, and those who look at it.
func (b *books) closeStorage() error {
	err := errors.Join(b.metrics.Close(), b.store.Close(), b.disconnect())
	if b.evidence != nil {
		err = errors.Join(err, b.evidence.Close())
	}
	if b.courier != nil {
		b.courier.Close()
	}
	if b.tracing != nil {
		b.tracing.close()
	}
	return err
}

// engineConfig is the engine's part of the configuration.
func engineConfig(c *config.Config, logger *slog.Logger) teg.Config {
	terms := teg.Terms{
		MinTransfer: c.MinTransfer, OnboardingGrant: c.OnboardingGrant,
		Fees: teg.Fees{
			Fixed: c.TransferFee, Percentage: c.TransferFeePercentage.Rate,
			Split: teg.FeeSplit{Rewards: c.FeeSplit.Rewards, Burn: c.FeeSplit.Burn},
		},
	}
	if c.MaxTransfer != nil {
		terms.MaxTransfer = *c.MaxTransfer
	}
	if c.TransferFeeMax != nil {
		terms.Fees.Max, terms.Fees.HasMax = *c.TransferFeeMax, true
	}
	return teg.Config{
		Terms: &terms, Staking: stakingTerms(c), Reputation: reputationTerms(c), Disputes: disputeTerms(c), RewardInterval: c.StakingRewardInterval,
		Treasury: c.TreasuryDID, IdempotencyTTL: c.IdempotencyTTL, EventRetention: c.EventRetention, ReaderTerm: c.ReaderTerm, BootstrapTTL: c.BootstrapTokenTTL, Logger: logger,
		Proofs: groth16.New(),
	}
}

func stakingTerms(c *config.Config) *teg.StakingTerms {
	return &teg.StakingTerms{
		MinStake: c.MinStake, RewardRate: c.StakingRewardRate, TimeWeighted: c.RewardTimeWeighted, IssueRewards: c.RewardIssuance,
		ValidatorShare: c.DelegationValidatorShare, UnstakingPeriod: c.UnstakingPeriod,
		Slashing: c.SlashingEnabled, SlashDelegated: c.SlashDelegations,
	}
}

// reputationTerms leaves what no setting names as the engine has it.
func reputationTerms(c *config.Config) *teg.ReputationTerms {
	terms := teg.DefaultReputationTerms()
	terms.Signal, terms.SignalPairLimit, terms.Success = c.ReputationSignal, c.SignalPairLimit, c.ReputationSuccess
	terms.FailureProvider, terms.FailureConsumer = c.ReputationFailureProvider, c.ReputationFailureConsumer
	terms.CriticalFlag, terms.Attested, terms.RewardFrom = c.ReputationCriticalFlag, c.ReputationAttested, c.RewardMinReputation
	terms.DisputeLost, terms.DisputeWon = c.ReputationDisputeLost, c.ReputationDisputeWon
	return &terms
}

func disputeTerms(c *config.Config) *teg.DisputeTerms {
	return &teg.DisputeTerms{
		Window: c.DisputeWindow, FilingFee: c.DisputeFilingFee, Bond: c.DisputeBond,
		Open: c.DisputeOpen, Review: c.DisputeReview, Arbitration: c.DisputeArbitration,
	}
}
