package teg_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A transfer loads one row of an agent. Where another operation of its group makes
// agents, nobody forgets the others by that.
func TestWhereRowsAreIsNotForgotten(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		alice, bob := tegtest.Fund(t, w.eng, "did:example:alice", "10"), tegtest.Fund(t, w.eng, "did:example:bob", "0")
		for _, err := range w.gathered(2, func(i int) (err error) {
			if i == 0 {
				_, err = w.eng.Transfer(limited(t), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
			} else {
				_, err = w.eng.RegisterAgent(limited(t), teg.RegisterParams{Agent: teg.Agent("did:example:carol")})
			}
			return err
		}) {
			require.NoError(t, err)
		}
		_, err := w.eng.Hold(limited(t), teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
	})
}
