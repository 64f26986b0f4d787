package teg_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestSmoke(t *testing.T) {
	eng := tegtest.New(t)
	alice := tegtest.Fund(t, eng, "did:example:alice", "1000")
	bob := tegtest.Fund(t, eng, "did:example:bob", "0")
	r, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50"), Message: "hi", Key: "k"})
	require.NoError(t, err)
	require.Equal(t, "949.999", r.SenderBalance.String())
	r2, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50"), Message: "hi", Key: "k"})
	require.NoError(t, err)
	require.True(t, r2.Replayed)
	r2.Replayed = false
	require.Equal(t, r, r2)
}
