package teg_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A caller whose time is up is answered at once, whatever the database does; its
// key tells later what came of it.
func TestCallerGivesUp(t *testing.T) {
	for _, at := range []string{atBegin, atCommit} {
		t.Run(at, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				w := newWorld(t, open(t))
				s := w.scene(nil)
				inside, release := w.faults.gate(at)
				defer release()
				ctx, cancel := context.WithCancel(context.Background())
				told, behind := make(chan error, 1), make(chan error, 1)
				pay := func(ctx context.Context, key string) error {
					_, err := w.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Key: key})
					return err
				}
				go func() { told <- pay(ctx, "taken") }()
				<-inside
				go func() { behind <- pay(ctx, "waiting") }()
				require.Eventually(t, func() bool { return w.eng.Stats().Waiting == 1 }, patience, time.Millisecond)
				cancel()
				require.ErrorIs(t, <-told, teg.ErrOutcomeUnknown)
				err := <-behind
				require.ErrorIs(t, err, teg.ErrUnavailable)
				require.ErrorIs(t, err, context.Canceled)
				release()
				require.NoError(t, pay(limited(t), "taken"))
				require.Equal(t, "98.999", tegtest.Available(t, w.eng, s.alice), "it happened once")
				_, err = w.eng.Operation(limited(t), s.alice, "waiting")
				require.ErrorIs(t, err, teg.ErrNotFound, "it was withdrawn")
			})
		})
	}
}

// A caller who gives up before a committer took its operation has done nothing;
// later it is told that the outcome is unknown, and the key tells.
func TestCancelledCallers(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		agents := tegtest.FundMany(t, eng, 2, "1000")
		var happened atomic.Int64
		together(200, func(i int) {
			limited, cancel := context.WithTimeout(ctx, time.Duration(i%7)*200*time.Microsecond)
			defer cancel()
			key := fmt.Sprint("key-", i)
			_, err := eng.Transfer(limited, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: key})
			switch {
			case err == nil:
				happened.Add(1)
			case teg.CodeOf(err) == "SYS_OUTCOME_UNKNOWN":
				_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: key})
				require.NoError(t, err)
				happened.Add(1)
			default:
				require.ErrorIs(t, err, teg.ErrUnavailable)
				_, err := eng.Operation(ctx, agents[0], key)
				require.ErrorIs(t, err, teg.ErrNotFound)
			}
		})
		require.Equal(t, fmt.Sprint(1000+happened.Load()), tegtest.Available(t, eng, agents[1]))
	})
}
