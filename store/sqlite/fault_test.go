package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	require.NoError(t, os.WriteFile(garbage, []byte("this is no database, whatever its name says, and long enough to show it: "+string(body)), 0o600))
	good := filepath.Join(dir, "good.db")
	s, err := Open(t.Context(), good)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	for path, sentence := range map[string]string{
		"": "OpenMemory", ":memory:": "OpenMemory", "file:x?mode=memory": "OpenMemory",
		dir:                                "is a directory",
		filepath.Join(dir, "no", "db"):     "its directory must exist",
		garbage:                            "is not a SQLite database",
		"file:" + good + "?mode=ro":        "is read-only",
		"file:" + good + "?_synchronous=7": "",
	} {
		_, err := Open(t.Context(), path)
		require.ErrorContains(t, err, sentence, path)
		if sentence != "" {
			require.ErrorIs(t, err, store.ErrUnavailable, path)
		}
	}
}

func TestOpenTakesAnyFileName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "what? 100% #1 & ö.db")
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, s.Close())
	require.FileExists(t, path)
}

func TestOpenOfAFileThatIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "teg.db")
	other := foreign(t, path, "PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE mine (x); BEGIN EXCLUSIVE; INSERT INTO mine VALUES (1)")
	_, err := Open(t.Context(), "file:"+path+"?_busy_timeout=50")
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "is locked by another process")
	require.NoError(t, other.Close())
}

// foreign is a connection such as another process has.
func foreign(t testing.TB, path, statements string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec(statements)
	require.NoError(t, err)
	return db
}

func TestAnotherProcessHoldsTheWriteLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "teg.db")
	s, err := Open(t.Context(), "file:"+path+"?_busy_timeout=50")
	require.NoError(t, err)
	defer s.Close()
	prepare(t, s)
	other := foreign(t, path, "BEGIN IMMEDIATE")
	defer other.Close()
	w, err := s.Writer(t.Context())
	require.NoError(t, err)

	_, _, err = w.Begin(t.Context(), store.Need{}, store.LockBriefly)
	require.ErrorIs(t, err, store.ErrLocked)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _, err = w.Begin(ctx, store.Need{}, store.LockPatiently)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Greater(t, time.Since(began), 100*time.Millisecond, "it waits until the context ends")

	time.AfterFunc(100*time.Millisecond, func() { _, _ = other.Exec("ROLLBACK") })
	tx, _, err := w.Begin(t.Context(), store.Need{}, store.LockPatiently)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
}

func TestBeginWaitsForTheOtherWriterAsItsContextAllows(t *testing.T) {
	s := opened(t)
	tx, _ := begun(t, s, store.Need{})
	w, err := s.Writer(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, _, err = w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NotNil(t, loaded(t, s, store.Need{}))
}

func TestDiskFullHeals(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	limit := func(pages string) {
		held, err := s.write.DB.Conn(t.Context())
		require.NoError(t, err)
		defer held.Close()
		_, err = held.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages)
		require.NoError(t, err)
	}
	big := everything(&rows[0], &rows[1])
	big.Events[0].Body = make([]byte, 1<<20)
	limit("60")
	tx, _ := begun(t, s, store.Need{})
	require.ErrorIs(t, tx.Commit(t.Context(), big), store.ErrUnavailable)
	require.Equal(t, "0/0/0", text(t, s, "SELECT (SELECT count(*) FROM teg_transactions) || '/' || (SELECT count(*) FROM events) || '/' || size FROM log_head"))
	limit("100000")
	tx, _ = begun(t, s, store.Need{})
	require.NoError(t, tx.Commit(t.Context(), big))
}

func TestVanishedRowsFailTheGroup(t *testing.T) {
	s := opened(t)
	for _, c := range []*store.Changes{
		{Moved: []*ledger.Account{{ID: 999}}},
		{Holds: []ledger.Hold{{ID: ledger.HoldID(newID()), State: ledger.HoldVoided}}},
		{Profiles: []store.ProfileChange{{Agent: treasury}}},
	} {
		tx, _ := begun(t, s, store.Need{})
		require.ErrorContains(t, tx.Commit(t.Context(), c), "is not there to be changed")
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	tx, _ := begun(t, s, store.Need{})
	require.NoError(t, tx.Commit(t.Context(), everything(&rows[0], &rows[1])))
	const fifteen = "x'8000000000000000000000000000FF'"
	for _, statement := range []string{
		"UPDATE accounts SET balance = " + fifteen,
		"UPDATE accounts SET owes = " + fifteen,
		"UPDATE accounts SET status = 0",
		"UPDATE holds SET captured = x'80C097CE7BC90715B34B9F0FFFFFFFFF' WHERE purpose IS NOT NULL",
		"UPDATE holds SET fee = " + fifteen,
		"INSERT INTO entries VALUES (randomblob(16), 0, 1, 1, " + zero + ", " + zero + ")",
		"INSERT INTO entries VALUES (randomblob(15), 0, 1, 1, x'80000000000000000000000000000001', " + zero + ")",
		"INSERT INTO journal_0 VALUES (randomblob(15), randomblob(16), 1, 1, 1, x'', NULL, 1)",
	} {
		require.ErrorContains(t, changed(s, statement), "constraint failed", statement)
	}
}

func changed(s *Store, statement string) error {
	_, err := s.write.DB.Exec(statement)
	return err
}

func TestCheck(t *testing.T) {
	require.NoError(t, opened(t).Check(t.Context()))
	for _, parameter := range []string{"_synchronous=NORMAL", "_journal_mode=DELETE"} {
		s, err := Open(t.Context(), "file:"+filepath.Join(t.TempDir(), "teg.db")+"?"+parameter)
		require.NoError(t, err)
		require.ErrorIs(t, s.Check(t.Context()), store.ErrUnsafe)
		require.NoError(t, s.Close())
	}
}

func TestACorruptedFileIsUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "teg.db")
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	prepare(t, s)
	rows := agents(t, s, 200)
	require.NoError(t, s.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 4096; i < len(content); i++ { // all but the schema's first page
		content[i] = 0xA5
	}
	require.NoError(t, os.WriteFile(path, content, 0o600))

	s, err = Open(t.Context(), path)
	if err == nil {
		defer s.Close()
		_, err = s.Reader().AccountsOf(t.Context(), rows[0].Owner)
		require.ErrorIs(t, err, store.ErrUnavailable)
		var w store.Writer
		w, err = s.Writer(t.Context())
		require.NoError(t, err)
		_, _, err = w.Begin(t.Context(), store.Need{Accounts: []ledger.AccountID{1}}, store.LockBriefly)
	}
	require.ErrorIs(t, err, store.ErrUnavailable)
}
