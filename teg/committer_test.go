package teg_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Who hears of an earlier act under a key is told that it is done, so that the answer waits
// for a COMMIT though nothing is to be written: one that fails is not taken for an answer.
func TestReplaysAreDurable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.OpenSQLite(t))
	s := w.scene(nil)
	pay := func() (teg.TransferReceipt, error) {
		return w.eng.Transfer(limited(t), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Key: "k"})
	}
	_, err := pay()
	require.NoError(t, err)
	w.faults.plan(atCommit, 1, false, store.ErrUnavailable)
	_, err = pay()
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.Equal(t, 1, w.faults.clear())
	again, err := pay()
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, "101", tegtest.Available(t, w.eng, s.bob))
}

// A group in whose books a balance moved beside what was posted is a fault of the program,
// and is not written.
func TestUnbalancedGroupsAreNotWritten(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, tegtest.New(t).FinishUnbalanced(), ledger.ErrUnsound)
}

// striped is a store whose writers collect at a stripe of the test's choice.
type striped struct {
	store.Store
	stripe uint8
}

func (s *striped) Writer(ctx context.Context) (store.Writer, error) {
	w, err := s.Store.Writer(ctx)
	return &stripedWriter{w, s.stripe}, err
}

type stripedWriter struct {
	store.Writer
	stripe uint8
}

func (w *stripedWriter) Stripe() uint8 { return w.stripe }

// What was collected at any stripe can be spent to the last unit.
func TestTreasuryOfEveryStripe(t *testing.T) {
	t.Parallel()
	for _, stripe := range []uint8{1, ledger.Stripes / 2, ledger.Stripes - 1} {
		eng := tegtest.Over(t, &striped{storetest.OpenSQLite(t), stripe})
		agents := tegtest.FundMany(t, eng, 2, "10")
		for range 3 {
			_, err := eng.Transfer(t.Context(), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
			require.NoError(t, err)
		}
		_, err := eng.Burn(t.Context(), teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("0.003"), Reason: "all of it"})
		require.NoError(t, err)
		require.Equal(t, "0", tegtest.Available(t, eng, eng.TreasuryDID()))
	}
}

// Of a large group nothing is kept once it is answered, though only small ones follow: a batch
// takes half a megabyte.
func TestAnsweredOperationsAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.OpenSQLite(t))
	alice, bob := tegtest.Fund(t, w.eng, "did:example:alice", "100"), tegtest.Fund(t, w.eng, "did:example:bob", "0")
	pay := func(ctx context.Context) error {
		_, err := w.eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
		return err
	}
	const many = 20
	var kept atomic.Int32
	for _, err := range w.gathered(many, func(int) error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		type of [64]byte // so large that it has a place of its own
		kept.Add(1)
		known := new(of)
		runtime.AddCleanup(known, func(int) { kept.Add(-1) }, 0)
		return pay(context.WithValue(ctx, of{}, known))
	}) {
		require.NoError(t, err)
	}
	require.NoError(t, pay(limited(t)))
	require.Eventually(t, func() bool {
		runtime.GC()
		return kept.Load() == 0
	}, patience, time.Millisecond)
	tegtest.Verify(t, w.eng)
}
