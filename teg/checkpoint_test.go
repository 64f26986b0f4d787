package teg_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// kept is the text of a checkpoint of a log that has so many events.
func (o *witness) kept(size int64) string {
	root := o.root(size)
	return fmt.Sprintf("example.com/log\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
}

// A checkpoint is held against the log whoever grows its tree, and nothing is signed for
// it.
func TestHoldsACheckpointAheadOfTheTree(t *testing.T) {
	t.Parallel()
	sign, _ := logKey(t, "example.com/log")
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		require.NoError(t, c.eng.Tick(c.ctx)) // and it is this engine's turn from now on
		before, err := c.eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		c.many(agents[0], agents[1], 600)
		c.clock.Advance(time.Minute)
		outside := &witness{t: t}
		outside.read(c.eng)
		other := tegtest.Over(t, c.store, tegtest.WithClock(c.clock), sign)
		held, err := other.HoldsCheckpoint(c.ctx, outside.kept(600))
		require.NoError(t, err)
		require.EqualValues(t, 600, held.Size)
		after, err := c.eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}, sign)
}

// What somebody made up is refused, whatever it says, and alarms nobody.
func TestHoldsNoCheckpointThatWasMadeUp(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		log := &strings.Builder{}
		c := newConduct(t, open(t), func(c *teg.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		tegtest.FundMany(t, c.eng, 2, "100")
		for _, size := range []int64{2, 300, 1 << 40, 1 << 62, math.MaxInt64} {
			_, err := c.eng.HoldsCheckpoint(c.ctx, fmt.Sprintf("a\n%d\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", size))
			require.ErrorIs(t, err, teg.ErrLogForked, size)
		}
		require.NotContains(t, log.String(), "level=ERROR")
	})
}

// Who asks for a proof while the tree is busy waits for no longer than who asks while it
// is far behind, and no longer than they want.
func TestProofsDoNotQueueUp(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		_, err := c.eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		p := teg.ProofParams{Transaction: c.pay(agents[0], agents[1])}
		letGo := c.eng.HoldTree(time.Millisecond)
		_, err = c.eng.Proof(c.ctx, p)
		require.ErrorIs(t, err, teg.ErrNotInTree)
		letGo()
		letGo = c.eng.HoldTree(time.Hour)
		gone, leave := context.WithCancel(c.ctx)
		asked := make(chan error, 1)
		go func() {
			_, err := c.eng.Proof(gone, p)
			asked <- err
		}()
		leave()
		require.Error(t, <-asked)
		require.Error(t, c.eng.GrowTree(gone))
		letGo()
		_, err = c.eng.Proof(c.ctx, p)
		require.NoError(t, err)
	})
}
