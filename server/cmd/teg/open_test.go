package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// The engine gets the terms of staking that are configured: the default ones
// without a word, and each setting in its place.
func TestStakingIsConfigured(t *testing.T) {
	configured := func(environ ...string) teg.Config {
		c, err := config.Load(config.Sources{Environ: environ, WithoutTokens: true})
		require.NoError(t, err)
		return engineConfig(c, nil)
	}
	plain := configured()
	require.Equal(t, teg.DefaultStakingTerms(), *plain.Staking)
	require.Zero(t, plain.RewardInterval)

	changed := configured("MIN_STAKE_AMOUNT=2", "STAKING_REWARD_RATE=0.01", "STAKING_REWARD_INTERVAL=1d", "REWARD_TIME_WEIGHTED=true",
		"REWARD_ISSUANCE=false", "DELEGATION_VALIDATOR_SHARE=0.2", "UNSTAKING_PERIOD=7d", "SLASHING_ENABLED=true", "SLASH_DELEGATIONS=false")
	require.Equal(t, teg.StakingTerms{
		MinStake: teg.AVT("2"), RewardRate: teg.Percent(1), TimeWeighted: true, ValidatorShare: teg.Percent(20),
		UnstakingPeriod: 7 * 24 * time.Hour, Slashing: true,
	}, *changed.Staking)
	require.Equal(t, 24*time.Hour, changed.RewardInterval)
}
