package teg_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
