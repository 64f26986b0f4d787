package sqlite

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

func memory(t testing.TB) *Store {
	t.Helper()
	s, err := OpenMemory(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.SetUp(t.Context(), map[ledger.Kind]did.DID{ledger.Treasury: treasury}))
	return s
}

// Four writers, a host and four readers at once: nobody fails, and every reader
// sees all of a group or none of it.
func TestMemoryReadersAndWritersAtOnce(t *testing.T) {
	s := memory(t)
	agents(t, s, 8)
	var groups atomic.Int64
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for n := range 4 {
		writers.Go(func() { writeGroups(t, s, n, &groups) })
		readers.Go(func() { readWhile(t, s, stop) })
	}
	writers.Go(func() {
		for range 5 {
			tx, err := s.DB().DB.BeginTx(context.Background(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := inHost(Tx(tx), &store.Changes{Events: twoEvents()}); err != nil {
				t.Error(err)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			groups.Add(1)
		}
	})
	writers.Wait()
	close(stop)
	readers.Wait()
	var size int64
	require.NoError(t, s.read.DB.QueryRow("SELECT size FROM log_head").Scan(&size))
	require.Equal(t, 2*groups.Load(), size)
}

var idMutex sync.Mutex

// twoEvents are what every group of these tests writes.
func twoEvents() []store.Event {
	idMutex.Lock()
	defer idMutex.Unlock()
	events := make([]store.Event, 2)
	for i := range events {
		events[i] = store.Event{ID: store.EventID(newID()), Action: "issue", Actor: treasury, At: instant, Body: body}
	}
	return events
}

func writeGroups(t *testing.T, s *Store, n int, groups *atomic.Int64) {
	w, err := s.Writer(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	id := ledger.AccountID(33 + 2*n)
	for range 25 {
		tx, rows, err := w.Begin(context.Background(), store.Need{Accounts: []ledger.AccountID{id}}, store.LockBriefly)
		if err != nil {
			t.Error(err)
			return
		}
		row := &rows.Accounts[0]
		row.Seq++
		if err := tx.Commit(context.Background(), &store.Changes{Moved: []*ledger.Account{row}, Events: twoEvents()}); err != nil {
			t.Error(err)
			return
		}
		groups.Add(1)
	}
}

func readWhile(t *testing.T, s *Store, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		var size, events int64
		err := s.read.DB.QueryRow("SELECT (SELECT size FROM log_head), (SELECT count(*) FROM events)").Scan(&size, &events)
		if err != nil || size != events || size%2 != 0 {
			t.Errorf("size %d, events %d: %v", size, events, err)
			return
		}
	}
}

func TestMemoryIsReadWhileATransactionIsOpen(t *testing.T) {
	s := memory(t)
	require.NoError(t, s.Check(t.Context()), "it promises nothing, so nothing is unsafe")
	tx, err := s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, inHost(Tx(tx), &store.Changes{Events: twoEvents()}))
	require.Equal(t, "0", text(t, s, "SELECT size FROM log_head"))
	require.NoError(t, tx.Commit())
	require.Equal(t, "2", text(t, s, "SELECT size FROM log_head"))
}

func TestMemoryIsPrivateAndGoneAfterwards(t *testing.T) {
	a, b := memory(t), memory(t)
	agents(t, a, 1)
	require.Equal(t, "0", text(t, b, "SELECT count(*) FROM agent_teg_profiles"))
	dir := a.at.temporary
	require.DirExists(t, dir)
	require.NoError(t, a.Close())
	require.NoDirExists(t, dir)
}

// openedWithLog moves the log into the file from so many pages on.
func openedWithLog(t *testing.T, pages int) *Store {
	t.Helper()
	at := location{file: filepath.Join(t.TempDir(), "teg.db"), log: pages}
	s, err := open(t.Context(), at)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	prepare(t, s)
	return s
}

// However late the checkpointer gets its turn, the log begins again, and again.
func TestCheckpointsKeepTheLogBounded(t *testing.T) {
	const size, most = 200 << 10, 4 << 30 // of an event, and of all: only a checkpointer that does nothing lets so much be written
	s := openedWithLog(t, 200)
	begun, salt := 0, saltOf(t, s)
	for written := 0; begun < 3; written += size {
		require.Less(t, written, most, "the log began again %d times", begun)
		events := twoEvents()
		events[0].Body = make([]byte, size)
		commitEvents(t, s, events)
		if now := saltOf(t, s); now != salt && now != [8]byte{} {
			begun, salt = begun+1, now
		}
	}
}

func commitEvents(t *testing.T, s *Store, events []store.Event) {
	t.Helper()
	tx, _ := begun(t, s, store.Need{})
	require.NoError(t, tx.Commit(t.Context(), &store.Changes{Events: events}))
}

// saltOf is what the header of the log has a new one of whenever the log begins
// again: see the file format of SQLite. It is none while the log is empty, as it was cut off.
func saltOf(t *testing.T, s *Store) (salt [8]byte) {
	t.Helper()
	log, err := os.Open(s.at.file + "-wal")
	require.NoError(t, err)
	defer log.Close()
	if _, err = log.ReadAt(salt[:], 16); !errors.Is(err, io.EOF) {
		require.NoError(t, err)
	}
	return salt
}

func TestALongReaderDelaysTheCheckpointAndNotTheWriters(t *testing.T) {
	s := openedWithLog(t, 1<<20)
	s.checks.quit() // and does not look at the log while a reader comes, who would be seen as an older one
	<-s.checks.done
	c := &checkpointer{write: s.write.DB, db: s.checks.db, limit: 40}
	grow := func() int {
		t.Helper()
		before, err := c.checkpoint(t.Context(), "NOOP")
		require.NoError(t, err)
		for {
			tx, _ := begun(t, s, store.Need{})
			require.NoError(t, tx.Commit(t.Context(), &store.Changes{Events: twoEvents()}))
			log, err := c.checkpoint(t.Context(), "NOOP")
			require.NoError(t, err)
			if log.pages < before.pages || log.pages >= before.pages+c.limit {
				return log.pages
			}
		}
	}
	// step reports whether the writers were made to wait.
	step := func() bool {
		t.Helper()
		before := s.write.DB.Stats().WaitCount
		tx, _ := begun(t, s, store.Need{})
		ended := make(chan struct{})
		go func() { defer close(ended); c.step(t.Context()) }()
		require.Eventually(t, func() bool {
			select {
			case <-ended:
				return true
			default:
				return s.write.DB.Stats().WaitCount > before
			}
		}, 2*time.Minute, time.Millisecond)
		require.NoError(t, tx.Rollback(t.Context()))
		<-ended
		return s.write.DB.Stats().WaitCount > before
	}
	reading, err := s.read.DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var n int
	require.NoError(t, reading.QueryRow("SELECT size FROM log_head").Scan(&n))
	grow()
	for range 3 {
		require.False(t, step(), "the reader keeps most of the log from being copied")
	}
	require.NoError(t, reading.QueryRow("SELECT size FROM log_head").Scan(&n))
	require.Zero(t, n, "it keeps its view")
	require.NoError(t, reading.Rollback())

	latest, err := s.read.DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	grow()
	require.NoError(t, latest.QueryRow("SELECT size FROM log_head").Scan(&n))
	require.True(t, step(), "all is copied, and only now the reader shows")
	require.False(t, step(), "nobody waits for it a second time")
	require.NoError(t, latest.Rollback())
	require.Less(t, grow(), c.stuck, "all was copied: the next writer begins the log again")
	long := grow()
	require.True(t, step(), "a log that began again is looked at as the first was")
	require.Zero(t, c.stuck)
	require.Less(t, grow(), long)
}

func TestCloseLeaksNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	path := filepath.Join(t.TempDir(), "teg.db")
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	prepare(t, s)
	agents(t, s, 3)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "a second one does nothing")
	goleak.VerifyNone(t, before)
	require.NoFileExists(t, path+"-wal", "the log is in the file")
	w, err := s.Writer(t.Context())
	require.NoError(t, err)
	_, _, err = w.Begin(t.Context(), store.Need{}, store.LockBriefly)
	require.ErrorIs(t, err, store.ErrUnavailable)

	s, err = Open(t.Context(), path)
	require.NoError(t, err)
	require.Equal(t, "3", text(t, s, "SELECT count(*) FROM agent_teg_profiles"))
	require.NoError(t, s.Close())
}
