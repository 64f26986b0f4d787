package teg_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// deposed is a database from which a standby takes over while its log's tree grows: before
// the tree is written, or between two pages of the log.
type deposed struct {
	failingOver
	by           store.Store
	betweenPages bool
}

func (d *deposed) Reader() store.Reader { return &deposedReader{d.now().Reader(), d} }

func (d *deposed) GrowTree(ctx context.Context, g store.TreeGrowth) error {
	if !d.betweenPages {
		d.standby.Store(&d.by)
	}
	return d.now().GrowTree(ctx, g)
}

type deposedReader struct {
	store.Reader
	of *deposed
}

func (r *deposedReader) Leaves(ctx context.Context, from int64, limit int) ([]store.Leaf, error) {
	leaves, err := r.of.now().Reader().Leaves(ctx, from, limit)
	if r.of.betweenPages {
		r.of.standby.Store(&r.of.by)
	}
	return leaves, err
}

// A standby that had not got the end of the log takes over while its tree grows, and has
// other events at the same positions. Nothing of the old log's tree gets into its own, and
// no checkpoint is made of it.
func TestTreeOfALogThatTookOver(t *testing.T) {
	for name, c := range map[string]struct {
		events       int
		betweenPages bool
	}{
		"checkpoint": {events: 3}, "tiles": {events: 300}, "pages": {events: 2200, betweenPages: true},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				primary, standby := open(t), open(t)
				old := tegtest.Over(t, primary)
				alice, bob := tegtest.Fund(t, old, "did:example:alice", "1000"), tegtest.Fund(t, old, "did:example:bob", "1000")
				_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
				require.NoError(t, err)
				promoted := tegtest.Over(t, standby)
				payOften(t, old, c.events, alice, bob)
				payOften(t, promoted, c.events+5, bob, alice)

				growing := tegtest.Over(t, &deposed{failingOver{Store: primary}, standby, c.betweenPages})
				require.NoError(t, growing.GrowTree(limited(t)))
				require.NoError(t, growing.GrowTree(limited(t)), "on the one that took over")
				made, err := growing.Checkpoint(limited(t))
				require.NoError(t, err)
				size, _, err := standby.Reader().LogSize(limited(t))
				require.NoError(t, err)
				require.Equal(t, size, made.Size)
				tegtest.Verify(t, promoted)
			})
		})
	}
}

// superseded is a database from which a standby takes over once a step of the tree has read its
// last tile.
type superseded struct {
	failingOver
	by   store.Store
	asks int // for the last tile: first whether a step is due, then by the step
}

func (o *superseded) Reader() store.Reader { return &supersededReader{o.now().Reader(), o} }

type supersededReader struct {
	store.Reader
	of *superseded
}

func (r *supersededReader) LastTile(ctx context.Context) (store.Tile, error) {
	tile, err := r.of.now().Reader().LastTile(ctx)
	if r.of.by != nil {
		if r.of.asks++; r.of.asks == 2 {
			r.of.standby.Store(&r.of.by)
		}
	}
	return tile, err
}

func (r *supersededReader) Leaves(ctx context.Context, from int64, limit int) ([]store.Leaf, error) {
	return r.of.now().Reader().Leaves(ctx, from, limit)
}

// A standby whose log ends before the last tile of the other one takes over after that tile
// was read: that is no broken promise, and nobody is alarmed.
func TestTreeOfAShorterLogThatTookOver(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		primary, standby := open(t), open(t)
		old := tegtest.Over(t, primary)
		alice, bob := tegtest.Fund(t, old, "did:example:alice", "1000"), tegtest.Fund(t, old, "did:example:bob", "1000")
		_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
		require.NoError(t, err)

		var lines bytes.Buffer
		o := &superseded{failingOver: failingOver{Store: primary}}
		growing := tegtest.Over(t, o, func(c *teg.Config) { c.Logger = slog.New(slog.NewTextHandler(&lines, nil)) })
		payOften(t, old, 300, alice, bob)
		require.NoError(t, growing.GrowTree(limited(t)))
		payOften(t, old, 300, alice, bob) // so that it has to grow on
		o.by = standby
		require.NoError(t, growing.GrowTree(limited(t)))
		made, err := growing.Checkpoint(limited(t))
		require.NoError(t, err)
		size, _, err := standby.Reader().LogSize(limited(t))
		require.NoError(t, err)
		require.Equal(t, size, made.Size)
		require.NotContains(t, lines.String(), "promised")
	})
}

// payOften makes so many events.
func payOften(t *testing.T, eng *teg.Engine, events int, from, to teg.DID) {
	t.Helper()
	for ; events > 0; events -= 100 {
		p := teg.BatchParams{From: from}
		for range min(events, 100) {
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: to, Amount: teg.AVT("0.01")})
		}
		_, err := eng.TransferBatch(limited(t), p)
		require.NoError(t, err)
	}
}

// A log of which an event is missing does not grow its tree on, and says so.
func TestTreeOfATornLog(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		eng, err := teg.New(limited(t), st, teg.Config{})
		require.NoError(t, err)
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "1000"), tegtest.Fund(t, eng, "did:example:bob", "1000")
		payOften(t, eng, 2200, alice, bob)
		storetest.Damage(t, st, `DELETE FROM events WHERE position = 100`)
		require.ErrorIs(t, eng.GrowTree(limited(t)), teg.ErrInternal)
		_, err = eng.Checkpoint(limited(t))
		require.ErrorIs(t, err, teg.ErrInternal)
		tile, err := st.Reader().LastTile(limited(t))
		require.NoError(t, err)
		require.EqualValues(t, -1, tile.Index)
		require.NoError(t, eng.Close())
	})
}

// Who reads to the end of a log that has become shorter is told, and does not look for it for
// ever.
func TestEndOfALogThatBecameShorter(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		primary, standby := open(t), open(t)
		old := tegtest.Over(t, primary)
		alice, bob := tegtest.Fund(t, old, "did:example:alice", "1000"), tegtest.Fund(t, old, "did:example:bob", "1000")
		_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
		require.NoError(t, err)
		payOften(t, old, 50, alice, bob)
		f := &failingOver{Store: primary}
		reads := tegtest.Over(t, f)
		for _, filter := range []teg.EventFilter{{ToEnd: true}, {ToEnd: true, Actions: []string{"transfer"}}} {
			f.standby.Store(nil)
			stream, err := reads.EventStream(limited(t), 0, filter)
			require.NoError(t, err)
			f.standby.Store(&standby)
			for err == nil {
				_, err = stream.Next(limited(t), 0)
			}
			require.ErrorIs(t, err, teg.ErrInvalidState)
			stream.Close()
		}
	})
}
