package storetest

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

func newPool(t *testing.T) *reused {
	t.Helper()
	NeedPostgres(t)
	t.Cleanup(func() { require.NoError(t, scratch.dropAll()) })
	r, err := newReused()
	require.NoError(t, err)
	return r
}

func taken(t *testing.T, r *reused) database {
	t.Helper()
	used, err := r.take()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, used.db.Close()) })
	return used
}

// What one test writes, append-only tables and all, the next one does not find.
func TestUsedDatabasesAreAsNew(t *testing.T) {
	r := newPool(t)
	used := taken(t, r)
	st, err := postgres.Open(context.Background(), addressOf(used.name))
	require.NoError(t, err)
	require.NoError(t, st.SetUp(context.Background(), owners))
	b := newBench(t, st)
	b.issue(t, b.alice, "10")
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{References: []store.Reference{{Key: store.Key{1}, Subject: ledger.ID{2}}}}))
	require.NoError(t, st.Close())
	written, err := used.inspect()
	require.NoError(t, err)
	require.NotEqual(t, r.pristine.rows, written.rows, "it was used")

	require.NoError(t, used.wash(r.pristine))
	washed, err := used.inspect()
	require.NoError(t, err)
	require.Equal(t, r.pristine, washed)
}

// A database that was changed in more than its rows is not used again.
func TestChangedSchemasAreNotUsedAgain(t *testing.T) {
	r := newPool(t)
	used := taken(t, r)
	for _, change := range []string{
		`DROP TRIGGER append_only ON entries`, `ALTER TABLE entries DISABLE TRIGGER append_only`, `CREATE TABLE orders (id INT)`,
		`ALTER TABLE accounts DROP CONSTRAINT accounts_balance_range`, `DROP INDEX accounts_system`, `CREATE SCHEMA host`,
		`ALTER TABLE accounts ALTER COLUMN owes DROP NOT NULL`, `ALTER TABLE accounts SET (fillfactor = 100)`,
	} {
		require.ErrorContains(t, used.inTransaction(func(tx *sql.Tx) error {
			_, err := tx.Exec(change)
			require.NoError(t, err)
			return r.pristine.compare(tx)
		}), "schema", change)
	}
	require.NoError(t, used.wash(r.pristine), "nothing of it stayed")
	require.NoError(t, used.inTransaction(func(tx *sql.Tx) error { _, err := tx.Exec(`CREATE TABLE orders (id INT)`); return err }))
	r.giveBack(used)
	require.NotEqual(t, used.name, taken(t, r).name)
}

// Whoever a test has left connected is gone before the next one begins.
func TestNobodyIsConnectedToADatabaseThatIsUsedAgain(t *testing.T) {
	r := newPool(t)
	used := taken(t, r)
	db, err := sql.Open("pgx", addressOf(used.name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	left, err := db.Conn(context.Background())
	require.NoError(t, err)
	require.NoError(t, used.wash(r.pristine))
	require.Error(t, left.PingContext(context.Background()))
	require.Error(t, left.Close())
}
