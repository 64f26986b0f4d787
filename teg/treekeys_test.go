package teg_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A key that comes later signs what is there beside the keys before it, and a log with a
// new name begins to sign anew.
func TestLogKeysChange(t *testing.T) {
	t.Parallel()
	sign, verify := logKey(t, "example.com/log")
	signNext, verifyNext := logKey(t, "example.com/log")
	named := func(c *teg.Config) { c.LogOrigin = "example.com/log" }
	onEach(t, func(c *conduct) {
		t := c.t
		tegtest.FundMany(t, c.eng, 2, "100")
		unsigned, err := c.eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		require.Empty(t, unsigned.Note)
		open := func(options ...func(*teg.Config)) teg.Checkpoint {
			made, err := tegtest.Over(t, c.store, append(options, tegtest.WithClock(c.clock))...).Checkpoint(c.ctx)
			require.NoError(t, err)
			_, err = c.eng.HoldsCheckpoint(c.ctx, made.Note)
			require.NoError(t, err)
			return made
		}
		first := open(named, sign)
		require.Equal(t, unsigned.Root, first.Root)
		_, err = note.Open([]byte(first.Note), note.VerifierList(verify))
		require.NoError(t, err)

		c.clock.Advance(time.Minute)
		tegtest.FundMany(t, c.eng, 3, "100")
		eng := tegtest.Over(t, c.store, sign, tegtest.WithClock(c.clock))
		require.NoError(t, eng.Tick(c.ctx))
		second, err := eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		require.Greater(t, second.Size, first.Size)
		both := open(signNext)
		require.Equal(t, second.Size, both.Size)
		opened, err := note.Open([]byte(both.Note), note.VerifierList(verify))
		require.NoError(t, err)
		require.Len(t, opened.UnverifiedSigs, 1)
		_, err = note.Open([]byte(both.Note), note.VerifierList(verifyNext))
		require.NoError(t, err)
		require.Equal(t, "example.com/log/2", open(signNext, func(c *teg.Config) { c.LogOrigin = "example.com/log/2" }).Origin)
	}, named)
}

func TestLogConfig(t *testing.T) {
	t.Parallel()
	_, err := teg.NewLogSigner("PRIVATE+KEY+secret")
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	require.NotContains(t, err.Error(), "secret")
	eng := tegtest.New(t)
	for _, change := range []func(*teg.Config){
		func(c *teg.Config) { c.LogOrigin = "two\nlines" }, func(c *teg.Config) { c.LogOrigin = string(make([]byte, 300)) },
		func(c *teg.Config) { c.LogOrigin = "\xff" }, func(c *teg.Config) { c.CheckpointInterval = -1 },
	} {
		var config teg.Config
		change(&config)
		_, err := teg.New(t.Context(), nil, config)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
	}
	for _, text := range []string{"", "a\n1\n", "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "a\n1\nx\n", "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"} {
		_, err := eng.HoldsCheckpoint(t.Context(), text)
		require.ErrorIs(t, err, teg.ErrInvalidInput, "%q", text)
	}
}
