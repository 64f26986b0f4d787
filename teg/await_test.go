package teg_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// queuing is a store whose writers wait for their turn while the gate is shut.
type queuing struct {
	store.Store
	shut    atomic.Bool
	waiting chan struct{} // hears of each wait
	open    chan struct{}
	passed  chan struct{} // hears of each turn that was given up
}

func newQueuing(t *testing.T) *queuing {
	return &queuing{Store: storetest.OpenSQLite(t), waiting: make(chan struct{}), open: make(chan struct{}), passed: make(chan struct{}, 100)}
}

func (s *queuing) Writer(ctx context.Context) (store.Writer, error) {
	w, err := s.Store.Writer(ctx)
	return &queuingWriter{w, s}, err
}

type queuingWriter struct {
	store.Writer
	of *queuing
}

func (w *queuingWriter) Await(context.Context) {
	if w.of.shut.CompareAndSwap(true, false) {
		w.of.waiting <- struct{}{}
		<-w.of.open
	}
}

func (w *queuingWriter) Pass(context.Context) { w.of.passed <- struct{}{} }

// What comes in while a group waits for its turn is a part of it.
func TestGroupsAreClosedWhenTheirTurnHasCome(t *testing.T) {
	t.Parallel()
	const payments = 10
	s := newQueuing(t)
	eng := tegtest.Over(t, s)
	agents := tegtest.FundMany(t, eng, 2, "100")
	before := eng.Stats()
	s.shut.Store(true)
	var paying sync.WaitGroup
	told := make([]error, payments)
	for i := range payments {
		paying.Go(func() {
			_, told[i] = eng.Transfer(limited(t), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: fmt.Sprint(i)})
		})
	}
	<-s.waiting
	require.Eventually(t, func() bool { return eng.Stats().Waiting == payments }, patience, time.Millisecond)
	close(s.open)
	paying.Wait()
	for _, err := range told {
		require.NoError(t, err)
	}
	after := eng.Stats()
	require.EqualValues(t, payments, after.Operations-before.Operations)
	require.EqualValues(t, 1, after.Groups-before.Groups)
	require.Empty(t, s.passed)
}

// Who gives up while its group waits for the turn has changed nothing, and knows it. A
// turn for which nobody is left is given up.
func TestWithdrawnWhileTheTurnIsAwaited(t *testing.T) {
	t.Parallel()
	s := newQueuing(t)
	eng := tegtest.Over(t, s)
	agents := tegtest.FundMany(t, eng, 2, "100")
	pay := func(ctx context.Context) error {
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "k"})
		return err
	}
	s.shut.Store(true)
	ctx, giveUp := context.WithCancel(limited(t))
	told := make(chan error, 1)
	go func() { told <- pay(ctx) }()
	<-s.waiting
	giveUp()
	err := <-told
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, teg.ErrOutcomeUnknown)
	close(s.open)
	<-s.passed
	require.NoError(t, pay(limited(t)))
	require.Equal(t, "101", tegtest.Available(t, eng, agents[1]))
}
