package teg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestEventsAreForgottenOnceTheyAreArchivedAndOld(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		o := newOld(t, st)
		require.NotEmpty(t, trustText(t, o.eng, o.bob), "it remembers signals from now on")
		witnessed := &witness{t: t}
		witnessed.read(o.eng)
		require.Zero(t, o.forget(), "nothing was archived")
		identity, err := o.eng.LogIdentity(ctx)
		require.NoError(t, err)
		segments := o.archiveAll()
		require.Len(t, segments, 3)
		require.Equal(t, "log-000000000256-000000000512.ndjson", segments[1].File)
		require.Equal(t, witnessed.root(512), segments[1].Root)
		require.Empty(t, o.archiveAll(), "it is done")
		require.EqualValues(t, 512, o.forget(), "the third segment is young")
		later, err := o.eng.LogIdentity(ctx)
		require.NoError(t, err)
		require.Equal(t, identity, later, "by which caches know the economy")
		report := tegtest.Verify(t, o.eng)
		require.EqualValues(t, 512, report.Archived)
		require.EqualValues(t, witnessed.size-512, report.Events)
		files, err := o.check()
		require.NoError(t, err)
		require.Len(t, files, 3)
		after := tegtest.Over(t, st, keptFor(o.clock))
		require.Equal(t, trustText(t, o.eng, o.bob), trustText(t, after, o.bob), "signals are kept")

		var gone *teg.ArchivedError
		for _, err := range o.eng.EventsFrom(ctx, 511) {
			require.ErrorAs(t, err, &gone)
			require.ErrorIs(t, err, teg.ErrNotFound)
			require.EqualValues(t, 512, gone.Tail)
		}
		for entry, err := range o.eng.EventsFrom(ctx, 512) {
			require.NoError(t, err)
			require.Equal(t, witnessed.events[entry.Position], entry)
		}
		page, err := o.eng.AuditLog(ctx, teg.AuditLogQuery{Limit: 1000, Total: true})
		require.NoError(t, err)
		require.EqualValues(t, 512, page.Tail)
		require.Len(t, page.Entries, int(witnessed.size-512))
		require.EqualValues(t, witnessed.size-512, page.Total)
		o.proofs(witnessed)
	})
}

// trustText is an agent's trust.
func trustText(t *testing.T, eng *teg.Engine, of teg.DID) string {
	trust, err := eng.Trust(context.Background(), teg.TrustQuery{Agent: of})
	require.NoError(t, err)
	require.NotNil(t, trust.Score)
	return fmt.Sprint(*trust.Score)
}

// proofs asks for what is gone, and for what is left of the tree.
func (o *old) proofs(w *witness) {
	ctx, t := context.Background(), o.t
	var gone *teg.ArchivedError
	_, err := o.eng.Proof(ctx, teg.ProofParams{Transaction: o.praised[0]})
	require.ErrorAs(t, err, &gone)
	_, err = o.eng.Proof(ctx, teg.ProofParams{Event: w.events[100].ID})
	require.ErrorAs(t, err, &gone)
	_, err = o.eng.LogLeaves(ctx, 1, 256)
	require.ErrorAs(t, err, &gone)
	proof, err := o.eng.Proof(ctx, teg.ProofParams{Transaction: o.praised[1]})
	require.NoError(t, err)
	require.NoError(t, tlog.CheckRecord(proof.Path, proof.TreeSize, w.root(proof.TreeSize), proof.LeafIndex, proof.LeafHash))
	for index := range int64(2) {
		tile, err := o.eng.LogTile(ctx, 0, index, 256)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(o.archive.files[fmt.Sprintf("log-%012d-%012d.ndjson", index*256, index*256+256)], w.events[index*256].Body))
		hash := merkle.Leaf(w.events[index*256].Body)
		require.Equal(t, hash[:], tile[:32], "the archive's events are the tree's")
	}
	path, size, err := o.eng.Consistency(ctx, 100, 0)
	require.NoError(t, err)
	require.NoError(t, tlog.CheckTree(path, size, w.root(size), 100, w.root(100)))
}

func TestReadersKeepTheLogFromBeingForgotten(t *testing.T) {
	t.Parallel()
	eachOld(t, func(t *testing.T, o *old) {
		ctx := context.Background()
		o.archiveAll()
		read := int64(0)
		enough := errors.New("enough")
		follow := func(name string, late bool, upTo int64) error {
			return o.eng.Follow(ctx, teg.FollowParams{Name: name, Batch: 64, Late: late}, func(_ context.Context, events []teg.AuditLogEntry) error {
				if read = events[len(events)-1].Position + 1; read >= upTo {
					return enough
				}
				return nil
			})
		}
		require.ErrorIs(t, follow("slow", false, 320), enough)
		require.EqualValues(t, 256, o.forget(), "the reader has not read on from there")
		require.ErrorIs(t, follow("slow", false, 600), enough)
		require.EqualValues(t, 512, o.forget())

		var gone *teg.ArchivedError
		require.ErrorAs(t, follow("new", false, 600), &gone, "it is told")
		require.ErrorIs(t, follow("late", true, 600), enough)
		require.EqualValues(t, 640, read, "it began at 512")
		readers, err := o.eng.LogReaders(ctx)
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(readers, func(r teg.LogReaderStats) bool { return r.Name == "new" && r.Position == 0 && r.Behind > 0 }))
	})
}

func TestTheAuditorGoesOnFromWhatIsLeft(t *testing.T) {
	t.Parallel()
	eachOld(t, func(t *testing.T, o *old) {
		ctx := context.Background()
		o.archiveAll()
		require.EqualValues(t, 512, o.forget(), "no auditor has ever read")
		progress, err := o.eng.Audit(ctx)
		require.NoError(t, err)
		require.Equal(t, progress.Position-512, progress.Events)
		require.Greater(t, progress.Events, int64(300))
		on := true
		_, err = o.eng.SetRules(ctx, teg.SetRulesParams{By: tegtest.Admin, Changes: []teg.RuleChange{{Code: auditor.HighVelocity, Shadow: &on}}})
		require.NoError(t, err)
		trial, err := o.eng.TryRules(ctx, teg.TryRulesParams{})
		require.NoError(t, err)
		require.False(t, trial.Complete, "a part of the log is gone")
		trial, err = o.eng.TryRules(ctx, teg.TryRulesParams{From: o.clock.Now().Add(-time.Hour)})
		require.NoError(t, err)
		require.True(t, trial.Complete, "all that rules look back to is there")
	})
}

// Servers that pay, archive and forget at once.
func TestServersArchiveAndForgetAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newOld(t, st)
		engines := []*teg.Engine{o.eng, tegtest.Over(t, st, keptFor(o.clock))}
		for range 3 {
			o.pay(400)
			o.clock.Advance(year)
			var all sync.WaitGroup
			faults := make([]error, 3*len(engines))
			for i, eng := range engines {
				all.Go(func() {
					_, faults[3*i] = eng.ArchiveEvents(context.Background(), teg.ArchiveEventsParams{To: o.archive, Events: 256})
				})
				all.Go(func() { faults[3*i+1] = eng.Tick(context.Background()) })
				all.Go(func() { _, faults[3*i+2] = eng.Verify(context.Background()) })
			}
			o.pay(10)
			all.Wait()
			require.NoError(t, errors.Join(faults...))
		}
		o.archiveAll()
		o.clock.Advance(year)
		require.NotZero(t, o.forget())
		status, err := o.eng.LogStatus(context.Background())
		require.NoError(t, err)
		require.Equal(t, status.Archived, status.Tail, "all that is archived is forgotten")
		require.Equal(t, status.Tail, tegtest.Verify(t, o.eng).Archived)
		_, err = o.check()
		require.NoError(t, err)
	})
}
