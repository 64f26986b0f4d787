package teg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// shelf is an archive in memory.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
	crash error // of a process that ends when a file is kept
}

func (s *shelf) Write(_ context.Context, name string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, there := s.files[name]; there && !bytes.Equal(old, content.Bytes()) {
		return fs.ErrExist
	}
	if s.files == nil {
		s.files = map[string][]byte{}
	}
	s.files[name] = content.Bytes()
	return s.crash
}

func (s *shelf) Open(_ context.Context, name string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, there := s.files[name]
	if !there {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// old is an economy with a log of some tiles, of which two are a year old by its clock.
type old struct {
	t          *testing.T
	eng        *teg.Engine
	clock      *tegtest.Clock
	archive    *shelf
	alice, bob teg.DID
	praised    []teg.TransactionID
}

const year = 365 * 24 * time.Hour

// keptFor is how events are kept.
func keptFor(clock *tegtest.Clock) func(*teg.Config) {
	return func(c *teg.Config) { c.Clock, c.EventRetention = clock.Now, 200*24*time.Hour }
}

func newOld(t *testing.T, st store.Store) *old {
	clock := tegtest.NewClock()
	o := &old{t: t, clock: clock, archive: &shelf{}, eng: tegtest.Over(t, st, keptFor(clock))}
	o.live()
	return o
}

// newForgotten is one whose first tiles are gone. It is for tests that damage it: nobody
// verifies it in the end.
func newForgotten(t *testing.T, st store.Store) *old {
	clock := tegtest.NewClock()
	config := teg.Config{}
	keptFor(clock)(&config)
	eng, err := teg.New(context.Background(), st, config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	o := &old{t: t, clock: clock, archive: &shelf{}, eng: eng}
	o.live()
	o.archiveAll()
	require.EqualValues(t, 512, o.forget())
	return o
}

// live lets a year pass.
func (o *old) live() {
	o.alice, o.bob = tegtest.Fund(o.t, o.eng, "did:example:alice", "1000"), tegtest.Fund(o.t, o.eng, "did:example:bob", "1000")
	o.praise()
	o.pay(600)
	o.clock.Advance(year)
	o.praise()
	o.pay(300)
	require.NoError(o.t, o.eng.Tick(context.Background()))
}

// praise pays, and says that it was well done.
func (o *old) praise() {
	o.t.Helper()
	paid, err := o.eng.Transfer(context.Background(), teg.TransferParams{From: o.alice, To: o.bob, Amount: teg.AVT("1")})
	require.NoError(o.t, err)
	_, err = o.eng.Signal(context.Background(), teg.SignalParams{By: o.alice, TransactionID: paid.TransactionID, Value: 1})
	require.NoError(o.t, err)
	o.praised = append(o.praised, paid.TransactionID)
}

func (o *old) pay(times int) {
	o.t.Helper()
	p := teg.BatchParams{From: o.alice}
	for range times {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: o.bob, Amount: teg.AVT("0.01")})
	}
	r, err := o.eng.TransferBatch(context.Background(), p)
	require.NoError(o.t, err)
	require.Zero(o.t, r.Failed)
}

func (o *old) archiveAll() []teg.LogSegment {
	o.t.Helper()
	done, err := o.eng.ArchiveEvents(context.Background(), teg.ArchiveEventsParams{To: o.archive, Events: merkle.Width})
	require.NoError(o.t, err)
	return done
}

// forget ticks until nothing more is due.
func (o *old) forget() int64 {
	o.t.Helper()
	for range 3 {
		o.clock.Advance(2 * time.Minute)
		require.NoError(o.t, o.eng.Tick(context.Background()))
	}
	status, err := o.eng.LogStatus(context.Background())
	require.NoError(o.t, err)
	return status.Tail
}

func (o *old) check() (files []string, err error) {
	err = o.eng.CheckArchive(context.Background(), o.archive, func(s teg.LogSegment) { files = append(files, s.File) })
	return files, err
}

func eachOld(t *testing.T, test func(t *testing.T, o *old)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(t, newOld(t, open(t))) })
}

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

func TestAnArchiveThatIsNotTheLogsIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		o := newOld(t, open(t))
		require.NoError(t, o.eng.Tick(context.Background()))
		crashed := errors.New("the process ended")
		o.archive.crash = crashed
		_, err := o.eng.ArchiveEvents(context.Background(), teg.ArchiveEventsParams{To: o.archive, Events: 256})
		require.ErrorIs(t, err, crashed)
		require.Len(t, o.archive.files, 1, "the file is there, and nobody knows of it")
		require.Zero(t, o.forget())
		o.archive.crash = nil
		require.Len(t, o.archiveAll(), 3, "it is written again, and is the same")

		const second = "log-000000000256-000000000512.ndjson"
		sound := o.archive.files[second]
		for what, damage := range map[string]func() []byte{
			"a digit is another":   func() []byte { return bytes.Replace(sound, []byte(`"0.01"`), []byte(`"0.02"`), 1) },
			"a line is missing":    func() []byte { return sound[bytes.IndexByte(sound, '\n')+1:] },
			"there is a line more": func() []byte { return append(slices.Clone(sound), "{}\n"...) },
			"it was cut off":       func() []byte { return sound[:len(sound)-1] },
			"it is empty":          func() []byte { return nil },
		} {
			o.archive.files[second] = damage()
			files, err := o.check()
			require.ErrorIs(t, err, teg.ErrBadArchive, what)
			require.ErrorContains(t, err, second, what)
			require.Len(t, files, 1, what)
		}
		delete(o.archive.files, second)
		_, err = o.check()
		require.ErrorIs(t, err, teg.ErrBadArchive, "it is gone")
		o.archive.files[second] = sound
		_, err = o.check()
		require.NoError(t, err)
	})
}

// Each kind of damage is made good again before the next.
func TestVerifyFindsWhatWasDoneToAnArchivedLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newForgotten(t, st)
		storetest.Damage(t, st, `CREATE TABLE spare AS SELECT * FROM kept_events`)
		for _, c := range []struct{ damage, found, repair string }{
			{`UPDATE kept_events SET body = (SELECT body FROM events ORDER BY position LIMIT 1)`, "is kept otherwise than it was archived", `DELETE FROM kept_events`},
			{`DELETE FROM kept_events`, "are other events before 512", `INSERT INTO kept_events SELECT * FROM spare`},
			{`UPDATE log_tail SET position = 513`, "where no segment ends", `UPDATE log_tail SET position = 512`},
			{`UPDATE log_segments SET root = sha256 WHERE upto = 512`, "was archived with the root",
				`UPDATE log_segments SET root = (SELECT root FROM spare_segments WHERE upto = 512) WHERE upto = 512`},
			{`UPDATE log_segments SET told = replace(told, '"posted":', '"posted":1')`, "transactions of", `UPDATE log_segments SET told = replace(told, '"posted":1', '"posted":')`},
			{`UPDATE log_segments SET told = 'x'`, "", `UPDATE log_segments SET told = (SELECT told FROM spare_segments WHERE upto = log_segments.upto)`},
			{`DELETE FROM log_tiles WHERE level = 0 AND idx = 1`, "is missing, and its events are archived", ``},
		} {
			if c.found == "are other events before 512" {
				storetest.Damage(t, st, `CREATE TABLE spare_segments AS SELECT * FROM log_segments`)
			}
			storetest.Damage(t, st, c.damage)
			_, err := o.eng.Verify(context.Background())
			if c.found == "" {
				require.ErrorIs(t, err, teg.ErrInternal)
			} else {
				require.ErrorIs(t, err, teg.ErrBroken, c.damage)
				require.ErrorContains(t, err, c.found, c.damage)
			}
			if c.repair != "" {
				storetest.Damage(t, st, c.repair)
			}
		}
	})
}

// What is forgotten is still proven by an export that was taken in elsewhere.
func TestAnArchivedLogMoves(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newOld(t, st)
		o.archiveAll()
		require.EqualValues(t, 512, o.forget())
		for other, place := range map[string]func(testing.TB) store.Store{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
			var content bytes.Buffer
			made, err := teg.Export(context.Background(), st, &content)
			require.NoError(t, err)
			to := place(t)
			_, taken, err := teg.Import(context.Background(), to, &content, teg.Config{Clock: o.clock.Now})
			require.NoError(t, err, other)
			require.NoError(t, made.Compare(taken))
			moved := &old{t: t, eng: tegtest.Over(t, to, keptFor(o.clock)), archive: o.archive, clock: o.clock}
			files, err := moved.check()
			require.NoError(t, err)
			require.Len(t, files, 3)
			require.EqualValues(t, 512, tegtest.Verify(t, moved.eng).Archived)
		}
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
