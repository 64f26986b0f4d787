package teg_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A replay comes before the caller's state, but not before its suspension.
func TestDeactivatedCallerGetsItsFirstAnswer(t *testing.T) {
	t.Parallel()
	terms := teg.DefaultTerms()
	terms.Fees = teg.Fees{}
	ctx, eng := context.Background(), tegtest.New(t, tegtest.WithTerms(terms))
	agents := tegtest.FundMany(t, eng, 2, "100")
	p := teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("100"), Key: "all"}
	_, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	_, err = eng.DeactivateAgent(ctx, teg.StandingParams{Agent: agents[0]})
	require.NoError(t, err)
	again, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	p.Key = "more"
	_, err = eng.Transfer(ctx, p)
	require.ErrorIs(t, err, teg.ErrInvalidState)
}
