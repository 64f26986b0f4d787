package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// inHost carries changes out in a host's transaction.
func inHost(h store.Host, c *store.Changes) error {
	tx, _, err := h.Begin(context.Background(), needOf(c), store.LockBriefly)
	if err != nil {
		return err
	}
	return tx.Commit(context.Background(), c)
}

func TestHostCommitsBothOrNeither(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	require.NoError(t, changed(s, "CREATE TABLE orders (id TEXT)"))
	order := func(commit bool) error {
		return s.DB().RunInTx(t.Context(), nil, func(_ context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO orders VALUES ('o')"); err != nil {
				return err
			}
			a, b := rows[0], rows[1]
			if err := inHost(Tx(tx), everything(&a, &b)); err != nil || commit {
				return err
			}
			return errors.New("changed my mind")
		})
	}
	both := "SELECT (SELECT count(*) FROM orders) || '/' || (SELECT count(*) FROM teg_transactions) || '/' || (SELECT size FROM log_head)"
	require.ErrorContains(t, order(false), "changed my mind")
	require.Equal(t, "0/0/0", text(t, s, both))
	require.NoError(t, order(true))
	require.Equal(t, "1/1/1", text(t, s, both))
	require.False(t, s.guests.present())
}

func TestHostReadsWhatItWrote(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	tx, err := s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	h := Tx(tx)
	require.EqualValues(t, ledger.HostStripes, h.Stripe())
	c := everything(&rows[0], &rows[1])
	require.NoError(t, inHost(h, c))
	_, got, err := h.Begin(t.Context(), store.Need{
		Accounts: []ledger.AccountID{rows[0].ID}, Holds: []ledger.HoldID{c.NewHolds[0].ID}, Keys: []store.Key{c.Records[1].Key},
	}, store.LockPatiently)
	require.NoError(t, err)
	require.Equal(t, rows[:1], got.Accounts)
	require.Equal(t, c.NewHolds[:1], got.Holds)
	require.Equal(t, c.Records[1:], got.Records)
	require.Equal(t, "0", text(t, s, "SELECT count(*) FROM holds"), "others do not see it")
	require.NoError(t, h.Close())
	require.NoError(t, tx.Commit())
	require.Equal(t, "2", text(t, s, "SELECT count(*) FROM holds"))
	require.ErrorIs(t, inHost(h, c), store.ErrNotJoinable, "it has ended")
}

func TestHostOnAHandleOfItsOwn(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	own, err := sql.Open("sqlite", "file:"+s.at.file+"?_txlock=immediate&_busy_timeout=1000")
	require.NoError(t, err)
	defer own.Close()
	tx, err := own.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, inHost(Tx(tx), everything(&rows[0], &rows[1])))
	require.NoError(t, tx.Commit())
	require.Equal(t, "1", text(t, s, "SELECT count(*) FROM teg_transactions"))

	stranger, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "other.db"))
	require.NoError(t, err)
	defer stranger.Close()
	tx, err = stranger.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	require.ErrorIs(t, inHost(Tx(tx), &store.Changes{}), store.ErrNotJoinable)
}

func TestHostThatReadTooEarlyConflicts(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	own, err := sql.Open("sqlite", s.at.file)
	require.NoError(t, err)
	defer own.Close()
	tx, err := own.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	var n int
	require.NoError(t, tx.QueryRow("SELECT count(*) FROM accounts").Scan(&n))
	mine, _ := begun(t, s, store.Need{})
	require.NoError(t, mine.Commit(t.Context(), everything(&rows[0], &rows[1])))
	require.ErrorIs(t, inHost(Tx(tx), &store.Changes{}), store.ErrConflict)
}

func TestHostKeepsItsOwnRowsWhenAnOperationFails(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	c := everything(&rows[0], &rows[1])
	c.Private = append(c.Private, c.Private[0]) // fails after most was written
	require.NoError(t, changed(s, "CREATE TABLE orders (id TEXT)"))
	require.NoError(t, s.DB().RunInTx(t.Context(), nil, func(_ context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO orders VALUES ('o')")
		require.NoError(t, err)
		h := Tx(tx)
		require.ErrorIs(t, inHost(h, c), store.ErrConflict)
		c.Private = c.Private[:2]
		return inHost(h, c)
	}))
	require.Equal(t, "1", text(t, s, "SELECT count(*) FROM teg_transactions"))
	require.Equal(t, "1", text(t, s, "SELECT count(*) FROM orders"))
}

func TestHostTransactionThatTheDatabaseEnded(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	require.NoError(t, changed(s, "PRAGMA max_page_count = 60"))
	tx, err := s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	h := Tx(tx)
	c := everything(&rows[0], &rows[1])
	c.Events[0].Body = make([]byte, 1<<20)
	require.ErrorIs(t, inHost(h, c), store.ErrUnavailable)
	require.ErrorIs(t, inHost(h, &store.Changes{}), store.ErrNotJoinable)
	_ = tx.Rollback()
	require.NoError(t, changed(s, "PRAGMA max_page_count = 100000"))
	tx, err = s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, inHost(Tx(tx), c))
	require.NoError(t, tx.Commit())
}

func TestEngineOutsideAnOpenHostTransactionIsTold(t *testing.T) {
	s := opened(t)
	s.waitMax = 50 * time.Millisecond
	tx, err := s.DB().DB.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	w, err := s.Writer(t.Context())
	require.NoError(t, err)
	_, _, err = w.Begin(context.Background(), store.Need{}, store.LockPatiently)
	require.ErrorIs(t, err, store.ErrLocked)
	require.ErrorContains(t, err, "Using")
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Millisecond)
	defer cancel()
	_, _, err = w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, tx.Rollback())
	require.NotNil(t, loaded(t, s, store.Need{}))
}
