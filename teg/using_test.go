package teg_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// hostOf begins a transaction of the host on the store's own database.
func hostOf(t *testing.T, st store.Store, options *sql.TxOptions) (*sql.Tx, teg.Host) {
	t.Helper()
	switch st := st.(type) {
	case *postgres.Store:
		tx, err := st.DB().DB.BeginTx(context.Background(), options)
		require.NoError(t, err)
		return tx, postgres.Tx(tx)
	case *sqlite.Store:
		tx, err := st.DB().DB.BeginTx(context.Background(), options)
		require.NoError(t, err)
		return tx, sqlite.Tx(tx)
	}
	require.Fail(t, "unknown store")
	return nil, nil
}

// The host's rows and the payment are committed together, or neither.
func TestUsingHostTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng := tegtest.Over(t, st)
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		tx, _ := hostOf(t, st, nil)
		_, err := tx.ExecContext(ctx, `CREATE TABLE orders (id INTEGER PRIMARY KEY, paid_by TEXT NOT NULL)`)
		require.NoError(t, err)
		require.NoError(t, tx.Commit())

		for _, commit := range []bool{false, true} {
			tx, host := hostOf(t, st, nil)
			_, err := tx.ExecContext(ctx, `INSERT INTO orders (id, paid_by) VALUES (1, 'alice')`)
			require.NoError(t, err)
			inside := eng.Using(host)
			r, err := inside.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10"), Key: "order-1", Message: "order 1"})
			require.NoError(t, err)
			require.Equal(t, "89.999", r.SenderBalance.String())
			again, err := inside.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10"), Key: "order-1", Message: "order 1"})
			require.NoError(t, err)
			require.True(t, again.Replayed, "the operation sees what was done before it in the same transaction")
			_, err = inside.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1000")})
			require.ErrorIs(t, err, teg.ErrInsufficientBalance, "a refusal leaves the host's transaction usable")
			made, err := inside.RegisterAgent(ctx, teg.RegisterParams{Agent: teg.Agent("did:example:carol")})
			require.NoError(t, err)
			_, err = inside.Transfer(ctx, teg.TransferParams{From: alice, To: made.ID, Amount: teg.AVT("1")})
			require.NoError(t, err)
			if commit {
				require.NoError(t, tx.Commit())
			} else {
				require.NoError(t, tx.Rollback())
				require.Equal(t, "100", tegtest.Available(t, eng, alice))
				_, err := eng.Balance(ctx, made.ID)
				require.ErrorIs(t, err, teg.ErrNotFound)
			}
		}
		require.Equal(t, "88.998", tegtest.Available(t, eng, alice))
		require.NoError(t, eng.Tick(ctx)) // numbers the events that wait
		log, err := eng.AuditLog(ctx, teg.AuditLogQuery{Actor: alice, Action: "transfer"})
		require.NoError(t, err)
		require.Len(t, log.Entries, 2)
	})
}

// A transaction that could show old values is refused, and nothing has moved.
func TestUsingRefusesIsolation(t *testing.T) {
	t.Parallel()
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "10")
	tx, host := hostOf(t, st, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	_, err := eng.Using(host).Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.ErrorIs(t, err, store.ErrNotJoinable)
	require.NoError(t, tx.Rollback())
	require.Equal(t, "10", tegtest.Available(t, eng, agents[0]))
}

// The engine says of a transaction that has ended that it is of no use.
func TestUsingWhatHasEnded(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng := tegtest.Over(t, st)
		agents := tegtest.FundMany(t, eng, 2, "10")
		tx, host := hostOf(t, st, nil)
		require.NoError(t, tx.Commit())
		_, err := eng.Using(host).Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.ErrorIs(t, err, store.ErrNotJoinable)
		_, err = eng.Using(host).Balance(ctx, agents[0])
		require.ErrorIs(t, err, store.ErrNotJoinable)
	})
}
