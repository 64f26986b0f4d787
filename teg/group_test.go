package teg_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// gathered lets the operations pile up while one commit is held back, so that
// they make one group, and runs them all. The first is a registration.
func (w *world) gathered(n int, act func(i int) error) []error {
	w.t.Helper()
	inside, open := w.faults.gate(atBegin)
	defer open()
	var running sync.WaitGroup
	running.Go(func() {
		_, err := w.eng.RegisterAgent(limited(w.t), teg.RegisterParams{Agent: teg.Agent(fmt.Sprintf("did:example:first-%d", w.scenes))})
		require.NoError(w.t, err)
	})
	<-inside
	told := make([]error, n)
	for i := range n {
		running.Go(func() { told[i] = act(i) })
	}
	require.Eventually(w.t, func() bool { return w.eng.Stats().Waiting == int64(n) }, patience, time.Millisecond)
	open()
	running.Wait()
	return told
}

// A group fails in stages. Whatever the stages are, each of its operations,
// which have no keys, happens at most once, and its caller is told the truth.
func TestAGroupFailsInStages(t *testing.T) {
	t.Parallel()
	stages := map[string][]error{
		"one conflict":                          {nil, store.ErrConflict},
		"conflicts":                             {nil, store.ErrConflict, store.ErrConflict, store.ErrConflict},
		"a strange error divides it":            {nil, errStrange},
		"and the halves":                        {nil, errStrange, errStrange, errStrange},
		"a half is committed, and nobody knows": {nil, errStrange, errKept},
		"a half is lost, and nobody knows":      {nil, errStrange, errLost},
		"a half finds the database gone":        {nil, errStrange, store.ErrUnavailable},
		"both halves are unknown":               {nil, store.ErrConflict, errStrange, errKept, errKept},
		"an operation alone is unknown":         {nil, errStrange, errStrange, errKept, errKept, errLost},
		"the whole is committed":                {nil, errKept},
		"the whole is committed at last":        {nil, store.ErrConflict, errKept},
		"the whole is lost":                     {nil, errLost},
	}
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		for name, faults := range stages {
			t.Run(name, func(t *testing.T) { w.failsInStages(t, faults) })
			w.scenes++
		}
	})
}

func (w *world) failsInStages(t *testing.T, stages []error) {
	const size = 8
	var payers []teg.DID
	for i := range size {
		payers = append(payers, tegtest.Fund(t, w.eng, fmt.Sprintf("did:example:payer-%d-%d", w.scenes, i), "10"))
	}
	bob := tegtest.Fund(t, w.eng, fmt.Sprintf("did:example:bob-%d", w.scenes), "0")
	w.faults.plan(atCommit, 1, false, stages...)
	told := w.gathered(size, func(i int) error {
		_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1")})
		return err
	})
	w.faults.clear()
	for i, err := range told {
		left := tegtest.Available(t, w.eng, payers[i])
		switch {
		case err == nil:
			require.Equal(t, "8.999", left, i)
		case errors.Is(err, teg.ErrOutcomeUnknown):
			require.Contains(t, []string{"10", "8.999"}, left, i)
		default:
			require.NotEmpty(t, teg.CodeOf(err))
			require.Equal(t, "10", left, "%d: %v", i, err)
		}
	}
}

// A decision that panics fails for itself: the process goes on, and so do the
// operations beside it.
func TestPanicInADecision(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var armed atomic.Int32
		ids := func(c *teg.Config) {
			c.NewID = func() [16]byte {
				if armed.Add(-1) == 0 {
					panic("no more ids")
				}
				return uuid.Must(uuid.NewV7())
			}
		}
		w := newWorld(t, open(t), ids)
		const size = 6
		payers := tegtest.FundMany(t, w.eng, size, "10")
		bob := tegtest.Fund(t, w.eng, "did:example:bob", "0")
		for _, call := range []int32{3, 4, 5} { // ids of transactions and of events
			before := tegtest.Available(t, w.eng, bob)
			failed := 0
			armed.Store(call + 2) // the registration before them takes some
			for _, err := range w.gathered(size, func(i int) error {
				_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1"), Key: fmt.Sprint(call)})
				return err
			}) {
				if err != nil {
					require.ErrorIs(t, err, teg.ErrInternal)
					require.ErrorContains(t, err, "no more ids")
					failed++
				}
			}
			require.Equal(t, 1, failed)
			w.scenes++
			require.NotEqual(t, before, tegtest.Available(t, w.eng, bob))
			for i := range payers { // the same keys again do what was left
				_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1"), Key: fmt.Sprint(call)})
				require.NoError(t, err)
			}
		}
		require.Equal(t, fmt.Sprint(3*size), tegtest.Available(t, w.eng, bob))

		tx, host := hostOf(t, w.store, nil)
		armed.Store(1)
		_, err := w.eng.Using(host).Transfer(limited(t), teg.TransferParams{From: payers[0], To: bob, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInternal)
		_, err = w.eng.Using(host).Transfer(limited(t), teg.TransferParams{From: payers[0], To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		require.NoError(t, w.eng.Tick(limited(t)))
	})
}
