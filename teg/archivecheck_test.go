package teg_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Where the database lost what it knew of a file whose events are gone, the other files are
// no proof of the log.
func TestAnArchiveThatNobodyKnowsOfIsNoProof(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newForgotten(t, st)
		_, err := o.eng.Verify(context.Background())
		require.NoError(t, err)
		storetest.Damage(t, st, `DELETE FROM log_segments WHERE upto >= 512`)
		files, err := o.check()
		require.ErrorIs(t, err, teg.ErrBadArchive)
		require.ErrorContains(t, err, "256 of 512")
		require.Len(t, files, 1)
		_, err = o.eng.Verify(context.Background())
		require.ErrorIs(t, err, teg.ErrBroken)
	})
}

// overtaken is an archive that others write first.
type overtaken struct {
	*shelf
	by func()
}

func (a *overtaken) Write(ctx context.Context, name string, write func(io.Writer) error) error {
	if by := a.by; by != nil {
		a.by = nil
		by()
	}
	return a.shelf.Write(ctx, name, write)
}

// Events that another process archives while this one does, and that are forgotten at once,
// are no fault: this one goes on behind them.
func TestArchivingGoesOnBehindWhatOthersArchived(t *testing.T) {
	t.Parallel()
	eachOld(t, func(t *testing.T, o *old) {
		second := &overtaken{shelf: &shelf{}, by: func() {
			o.archiveAll()
			require.NotZero(t, o.forget())
		}}
		done, err := o.eng.ArchiveEvents(context.Background(), teg.ArchiveEventsParams{To: second, Events: 256})
		require.NoError(t, err)
		require.Empty(t, done)
		_, err = o.check()
		require.NoError(t, err)
		tegtest.Verify(t, o.eng)
	})
}
