package teg_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/merkle"
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

// superseded is a database from which a standby takes over once somebody has read its last
// tile, its last checkpoint, or roots of tiles, so many times.
type superseded struct {
	failingOver
	by                        store.Store // nil: not yet
	tiles, checkpoints, roots int         // how many times; zero: not then
	deaf                      bool        // the first look at a checkpoint fails on the standby
}

func (o *superseded) Reader() store.Reader { return &supersededReader{Reader: o.now().Reader(), of: o} }

// count takes over when one of the reads is the last of its kind.
func (o *superseded) count(left *int) {
	if o.by == nil || *left == 0 {
		return
	}
	if *left--; *left == 0 {
		o.standby.Store(&o.by)
	}
}

type supersededReader struct {
	store.Reader
	of *superseded
}

func (r *supersededReader) LastTile(ctx context.Context) (store.Tile, error) {
	defer r.of.count(&r.of.tiles)
	return r.of.now().Reader().LastTile(ctx)
}

func (r *supersededReader) LastCheckpoint(ctx context.Context, origin string, size int64) (*store.Checkpoint, error) {
	if r.of.deaf && r.of.standby.Load() != nil {
		r.of.deaf = false
		return nil, store.ErrUnavailable
	}
	defer r.of.count(&r.of.checkpoints)
	return r.of.now().Reader().LastCheckpoint(ctx, origin, size)
}

func (r *supersededReader) Leaves(ctx context.Context, from int64, limit int) ([]store.Leaf, error) {
	return r.of.now().Reader().Leaves(ctx, from, limit)
}

func (r *supersededReader) TileRoots(ctx context.Context, level int, from int64, limit int) ([]merkle.Hash, error) {
	defer r.of.count(&r.of.roots)
	return r.of.now().Reader().TileRoots(ctx, level, from, limit)
}

// A standby whose log ends before the last tile, or the last checkpoint, of the other one, or goes
// another way before it, takes over after that was read: that is no fork, and is not told as one.
func TestTreeOfAShorterLogThatTookOver(t *testing.T) {
	grow := func(eng *teg.Engine) error { return eng.GrowTree(limited(t)) }
	consistency := func(eng *teg.Engine) error {
		_, _, err := eng.Consistency(limited(t), 1, 0)
		return err
	}
	proof := func(eng *teg.Engine) error {
		log, err := eng.AuditLog(limited(t), teg.AuditLogQuery{Limit: 1})
		require.NoError(t, err)
		_, err = eng.Proof(limited(t), teg.ProofParams{Event: log.Entries[0].ID})
		return err
	}
	for name, c := range map[string]struct {
		before, after, instead    int // events of the log, those beyond its last checkpoint, and those of the standby
		tiles, checkpoints, roots int // after so many reads of them it takes over
		deaf                      bool
		read                      func(*teg.Engine) error
		again                     error
	}{
		"tile":          {before: 300, after: 300, roots: 1, read: grow},
		"roots":         {before: 1300, after: 300, tiles: 2, read: grow}, // the first asks whether a step is due
		"checkpoint":    {before: 300, after: 3, checkpoints: 2, read: grow},
		"consistency":   {before: 300, checkpoints: 1, again: teg.ErrUnavailable, read: consistency},
		"a second look": {before: 300, checkpoints: 1, deaf: true, again: teg.ErrUnavailable, read: consistency},
		"another's":     {before: 300, instead: 400, checkpoints: 1, again: teg.ErrUnavailable, read: consistency},
		"proof":         {before: 300, checkpoints: 1, again: teg.ErrUnavailable, read: proof},
		"another event": {before: 300, instead: 400, checkpoints: 1, again: teg.ErrUnavailable, read: proof},
		"hashes": {before: 300, checkpoints: 1, again: teg.ErrUnavailable, read: func(eng *teg.Engine) error {
			_, err := eng.LogTile(limited(t), 0, 1, 7)
			return err
		}},
		"leaves": {before: 300, checkpoints: 1, again: teg.ErrUnavailable, read: func(eng *teg.Engine) error {
			_, err := eng.LogLeaves(limited(t), 1, 7)
			return err
		}},
		"some leaves": {before: 300, instead: 255, checkpoints: 1, again: teg.ErrUnavailable, read: func(eng *teg.Engine) error {
			_, err := eng.LogLeaves(limited(t), 1, 7)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				primary, standby := open(t), open(t)
				clock := tegtest.NewClock()
				old := tegtest.Over(t, primary, tegtest.WithClock(clock))
				alice, bob := tegtest.Fund(t, old, "did:example:alice", "1000"), tegtest.Fund(t, old, "did:example:bob", "1000")
				_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
				require.NoError(t, err)
				promoted := tegtest.Over(t, standby, tegtest.WithClock(clock))
				payOften(t, promoted, c.instead, bob, alice)
				if c.instead > c.before {
					require.NoError(t, promoted.GrowTree(limited(t)))
				}

				var lines bytes.Buffer
				o := &superseded{failingOver: failingOver{Store: primary}, tiles: c.tiles, checkpoints: c.checkpoints, roots: c.roots, deaf: c.deaf}
				growing := tegtest.Over(t, o, tegtest.WithClock(clock), func(c *teg.Config) { c.Logger = slog.New(slog.NewTextHandler(&lines, nil)) })
				payOften(t, old, c.before, alice, bob)
				require.NoError(t, growing.GrowTree(limited(t)))
				payOften(t, old, c.after, alice, bob) // so that it has to grow on
				clock.Advance(time.Minute)
				o.by = standby
				err = c.read(growing)
				require.NotErrorIs(t, err, teg.ErrLogForked)
				require.ErrorIs(t, err, c.again)
				require.NotNil(t, o.standby.Load(), "it took over")
				require.Equal(t, c.checkpoints > 0 && !c.deaf, strings.Contains(lines.String(), "in the log no longer"), "who got that checkpoint is told")
				require.NoError(t, growing.GrowTree(limited(t)))
				made, err := growing.Checkpoint(limited(t))
				require.NoError(t, err)
				size, _, err := standby.Reader().LogSize(limited(t))
				require.NoError(t, err)
				require.Equal(t, size, made.Size)
				require.NotContains(t, lines.String(), "level=ERROR")
			})
		})
	}
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
