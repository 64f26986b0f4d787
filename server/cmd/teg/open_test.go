package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// configured is what the engine gets from an environment.
func configured(t *testing.T, environ ...string) teg.Config {
	c, err := config.Load(config.Sources{Environ: environ, WithoutTokens: true})
	require.NoError(t, err)
	return engineConfig(c, nil)
}

// The engine gets the terms of staking that are configured: the default ones
// without a word, and each setting in its place.
func TestStakingIsConfigured(t *testing.T) {
	plain := configured(t)
	require.Equal(t, teg.DefaultStakingTerms(), *plain.Staking)
	require.Zero(t, plain.RewardInterval)
	require.Equal(t, 15*time.Second, plain.ReaderTerm)
	require.Equal(t, time.Minute, configured(t, "READER_TERM=1m").ReaderTerm)

	changed := configured(t, "MIN_STAKE_AMOUNT=2", "STAKING_REWARD_RATE=0.01", "STAKING_REWARD_INTERVAL=1d", "REWARD_TIME_WEIGHTED=true",
		"REWARD_ISSUANCE=false", "DELEGATION_VALIDATOR_SHARE=0.2", "UNSTAKING_PERIOD=7d", "SLASHING_ENABLED=true", "SLASH_DELEGATIONS=false")
	require.Equal(t, teg.StakingTerms{
		MinStake: teg.AVT("2"), RewardRate: teg.Percent(1), TimeWeighted: true, ValidatorShare: teg.Percent(20),
		UnstakingPeriod: 7 * 24 * time.Hour, Slashing: true,
	}, *changed.Staking)
	require.Equal(t, 24*time.Hour, changed.RewardInterval)
}

// So it is with disputes.
func TestDisputesAreConfigured(t *testing.T) {
	require.Equal(t, teg.DefaultDisputeTerms(), *configured(t).Disputes)
	changed := configured(t, "DISPUTE_WINDOW=240h", "DISPUTE_FILING_FEE=1.5", "DISPUTE_BOND=10", "DISPUTE_OPEN_PERIOD=1h", "DISPUTE_REVIEW_PERIOD=2h",
		"DISPUTE_ARBITRATION_PERIOD=3h")
	require.Equal(t, teg.DisputeTerms{
		Window: 240 * time.Hour, FilingFee: teg.AVT("1.5"), Bond: teg.AVT("10"), Open: time.Hour, Review: 2 * time.Hour, Arbitration: 3 * time.Hour,
	}, *changed.Disputes)
}

// So it is with what conduct is worth.
func TestReputationIsConfigured(t *testing.T) {
	require.Equal(t, teg.DefaultReputationTerms(), *configured(t).Reputation)
	changed := configured(t, "REPUTATION_SIGNAL=2", "REPUTATION_AVTP_SUCCESS=3", "REPUTATION_AVTP_FAILURE_PROVIDER=-8",
		"REPUTATION_AVTP_FAILURE_CONSUMER=-4", "REPUTATION_CRITICAL_FLAG=-70", "REPUTATION_DISPUTE_LOST=-30", "REPUTATION_DISPUTE_WON=6", "SIGNAL_PAIR_LIMIT=5", "REPUTATION_ATTESTATION=4", "REWARD_MIN_REPUTATION=-7")
	least := -7
	require.Equal(t, teg.ReputationTerms{Signal: 2, Success: 3, FailureProvider: -8, FailureConsumer: -4, CriticalFlag: -70, DisputeLost: -30, DisputeWon: 6, SignalPairLimit: 5, Attested: 4, RewardFrom: &least}, *changed.Reputation)
	for _, terms := range []teg.Config{configured(t, "REPUTATION_SIGNAL=1000", "REPUTATION_AVTP_SUCCESS=1000",
		"REPUTATION_AVTP_FAILURE_PROVIDER=-1000", "REPUTATION_AVTP_FAILURE_CONSUMER=-1000", "REPUTATION_CRITICAL_FLAG=-1000",
		"REPUTATION_ATTESTATION=1000", "REWARD_MIN_REPUTATION=1000"),
		configured(t, "REPUTATION_AVTP_SUCCESS=0", "REPUTATION_AVTP_FAILURE_PROVIDER=0", "REPUTATION_AVTP_FAILURE_CONSUMER=0", "REPUTATION_CRITICAL_FLAG=0"),
	} {
		require.NoError(t, terms.Reputation.Check(), "what the configuration lets pass the engine takes")
	}
}
