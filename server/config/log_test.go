package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/agentvault/teg-layer/server/config"
)

func TestLogSettings(t *testing.T) {
	c, err := load("LOG_SIGNING_KEY="+config.DevelopmentLogKey, "LOG_ORIGIN=teg.example/log", "LOG_CHECKPOINT_INTERVAL=1m")
	require.NoError(t, err)
	require.Equal(t, config.DevelopmentLogKey, string(c.LogSigningKey.Reveal()))
	require.Equal(t, time.Minute, c.LogCheckpointInterval)
	signer, err := note.NewSigner(config.DevelopmentLogKey)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(config.DevelopmentLogVerifier)
	require.NoError(t, err)
	require.Equal(t, signer.KeyHash(), verifier.KeyHash(), "the one is that of the other")
	for setting, problem := range map[string]string{
		"LOG_SIGNING_KEY=PRIVATE+KEY+hunter2":              "teg log keygen",
		"LOG_SIGNING_KEY=" + config.DevelopmentLogVerifier: "teg log keygen",
		"LOG_ORIGIN=two\nlines":                            "one line",
		"LOG_CHECKPOINT_INTERVAL=10ms":                     "from 1s to 24h",
	} {
		_, err := load(setting)
		require.ErrorContains(t, err, problem)
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err = load("ENVIRONMENT=production", "LOG_SIGNING_KEY="+config.DevelopmentLogKey)
	require.ErrorContains(t, err, "LOG_SIGNING_KEY")
	require.ErrorContains(t, err, "published")
	require.NotContains(t, err.Error(), config.DevelopmentLogKey)
}
