package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
)

// first are the names of the tables by which dirt is found.
const first = `
CREATE TABLE accounts (id INTEGER PRIMARY KEY);
CREATE TABLE journal_state (id INTEGER PRIMARY KEY);
CREATE TABLE log_head (id INTEGER PRIMARY KEY);
CREATE TABLE teg_transactions (id INTEGER PRIMARY KEY);
CREATE TABLE entries (id INTEGER PRIMARY KEY);
CREATE TABLE events (id INTEGER PRIMARY KEY);
CREATE TABLE holds (id INTEGER PRIMARY KEY);
CREATE TABLE agent_teg_profiles (id INTEGER PRIMARY KEY);
CREATE TRIGGER kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'kept; always'); END;
`

// second are those of the second migration.
const second = `
CREATE TABLE staking_total (id INTEGER PRIMARY KEY);
CREATE TABLE pools (id INTEGER PRIMARY KEY);
CREATE TABLE stakes (id INTEGER PRIMARY KEY);
CREATE TABLE delegations (id INTEGER PRIMARY KEY);
CREATE TABLE unbondings (id INTEGER PRIMARY KEY);
CREATE TABLE reward_cycles (id INTEGER PRIMARY KEY);
CREATE TABLE slashes (id INTEGER PRIMARY KEY);
`

const secondDown = `
DROP TABLE staking_total;
DROP TABLE pools;
DROP TABLE stakes;
DROP TABLE delegations;
DROP TABLE unbondings;
DROP TABLE reward_cycles;
DROP TABLE slashes;
`

// twoSteps is a program whose second migration is the given one.
func twoSteps(second string) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"1_first.up.sql": file(first), "1_first.down.sql": file("DROP TABLE accounts;"),
		"2_second.up.sql": file(second), "2_second.down.sql": file(secondDown),
	}
}

func statusOf(t *testing.T, m *Migrations) store.SchemaStatus {
	t.Helper()
	status, err := m.SchemaStatus(background())
	require.NoError(t, err)
	return status
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	names := []string{"20261124000001", "20261124000002", "20261124000003", "20261124000004", "20261129000005", "20261129000006", "20261129000007", "20261129000008", "20261129000009", "20261129000010", "20261130000011", "20261130000012", "20261130000013", "20261130000014", "20261130000015", "20261130000016", "20261130000017"}
	require.Equal(t, store.SchemaStatus{Pending: names}, statusOf(t, m))
	require.NoError(t, m.MigrateDown(background(), false), "there is nothing to take back")
	require.NoError(t, m.Migrate(background()))
	require.NoError(t, m.Migrate(background()), "there is nothing left to do")
	require.Equal(t, store.SchemaStatus{Applied: names}, statusOf(t, m))
	_, err := db.ExecContext(background(), `INSERT INTO events VALUES (0, zeroblob(16), 'issue', 'did:test:a', 0, x'00')`)
	require.NoError(t, err)
	_, err = db.ExecContext(background(), `INSERT INTO unbondings VALUES (zeroblob(16), 1, zeroblob(16), zeroblob(16), '1', 0, 0, NULL, 1)`)
	require.NoError(t, err)
	require.NoError(t, m.MigrateDown(background(), false), "an index is no data")
	require.NoError(t, m.MigrateDown(background(), false), "nobody wants to be told of anything")
	require.NoError(t, m.MigrateDown(background(), false), "nothing was archived")
	require.NoError(t, m.MigrateDown(background(), false), "buckets of limits are no data")
	require.NoError(t, m.MigrateDown(background(), false), "no checkpoint was given out")
	_, err = db.ExecContext(background(), `INSERT INTO agent_teg_profiles (did, account_id, locked_id, origin, created_at, revoked_roles) VALUES ('did:test:a', 1, 2, 1, 0, 16)`)
	require.NoError(t, err)
	require.ErrorIs(t, m.MigrateDown(background(), false), store.ErrHasData, "somebody would have its rights back")
	_, err = db.ExecContext(background(), `DELETE FROM agent_teg_profiles`)
	require.NoError(t, err)
	require.NoError(t, m.MigrateDown(background(), false), "nobody was invited")
	require.NoError(t, m.MigrateDown(background(), false), "who is logged in is no data")
	require.NoError(t, m.MigrateDown(background(), false), "nobody owes anything")
	require.NoError(t, m.MigrateDown(background(), false), "nothing was disputed")
	require.NoError(t, m.MigrateDown(background(), false), "nobody has attested anything")
	require.NoError(t, m.MigrateDown(background(), false), "there is no policy")
	require.NoError(t, m.MigrateDown(background(), false), "nothing was judged")
	require.NoError(t, m.MigrateDown(background(), false), "nobody was flagged")
	require.NoError(t, m.MigrateDown(background(), false), "nothing was said of anybody")
	require.NoError(t, m.MigrateDown(background(), false), "what a column says other rows say too")
	require.ErrorIs(t, m.MigrateDown(background(), false), store.ErrHasData)
	_, err = db.ExecContext(background(), `DELETE FROM unbondings`)
	require.NoError(t, err)
	require.NoError(t, m.MigrateDown(background(), false), "what the first migration made stays, and what it holds")
	require.Equal(t, store.SchemaStatus{Applied: names[:1], Pending: names[1:]}, statusOf(t, m))
	require.ErrorIs(t, m.MigrateDown(background(), false), store.ErrHasData)
	require.NoError(t, m.MigrateDown(background(), true))
	require.Equal(t, store.SchemaStatus{Pending: names}, statusOf(t, m))
}

func TestOneStepDownIsOneMigration(t *testing.T) {
	m, _ := migrationsOf(t, twoSteps(second))
	require.NoError(t, m.Migrate(background()), "both at once")
	require.NoError(t, m.MigrateDown(background(), false))
	require.Equal(t, store.SchemaStatus{Applied: []string{"1"}, Pending: []string{"2"}}, statusOf(t, m))
	require.NoError(t, m.Migrate(background()))
	require.Equal(t, store.SchemaStatus{Applied: []string{"1", "2"}}, statusOf(t, m))
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	m, _ := migrationsOf(t, twoSteps(second+"\n--bun:split\nCREATE TABLE stakes (id INTEGER);"))
	require.ErrorContains(t, m.Migrate(background()), "already exists")
	require.Equal(t, store.SchemaStatus{Pending: []string{"1", "2"}}, statusOf(t, m))
}

func TestAMigrationThatIsCancelledTookPlaceOrDidNot(t *testing.T) {
	m, _ := migrationsOf(t, sqliteFiles)
	for limit := 100 * time.Microsecond; ; limit *= 2 {
		ctx, cancel := context.WithTimeout(background(), limit)
		err := m.Migrate(ctx)
		cancel()
		status := statusOf(t, m)
		require.Empty(t, status.Dirty)
		if err == nil {
			require.Empty(t, status.Pending)
			return
		}
		require.Empty(t, status.Applied, "%v", err)
	}
}

func TestProcessesMigrateOneAfterTheOther(t *testing.T) {
	m, _ := migrationsOf(t, sqliteFiles)
	faults := make([]error, 6)
	var running sync.WaitGroup
	for i := range faults {
		running.Go(func() {
			faults[i] = m.Migrate(background())
			status, err := m.SchemaStatus(background())
			if err == nil && (status.Dirty != "" || len(status.Pending) > 0) {
				err = errors.New("not migrated: " + status.Dirty)
			}
			faults[i] = errors.Join(faults[i], err)
		})
	}
	running.Wait()
	require.NoError(t, errors.Join(faults...))
}

func TestDataIsFoundBesideATableThatIsMissing(t *testing.T) {
	m, db := migrationsOf(t, twoSteps(second))
	require.NoError(t, m.Migrate(background()))
	_, err := db.ExecContext(background(), `DROP TABLE pools; INSERT INTO stakes VALUES (1)`)
	require.NoError(t, err)
	require.ErrorIs(t, m.MigrateDown(background(), false), store.ErrHasData)
}

func TestForeignSchemasAreLeftAlone(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	_, err := db.ExecContext(background(), `CREATE TABLE accounts (id INTEGER)`)
	require.NoError(t, err)
	require.NotEmpty(t, statusOf(t, m).Dirty, "a table without a mark")
	require.ErrorContains(t, m.Migrate(background()), "half-migrated")
	_, err = db.ExecContext(background(), `DROP TABLE accounts`)
	require.NoError(t, err)
	require.NoError(t, m.Migrate(background()))
	_, err = db.ExecContext(background(), `INSERT INTO bun_migrations (name, group_id) VALUES ('20991231000001', 9)`)
	require.NoError(t, err)
	require.Equal(t, []string{"20991231000001"}, statusOf(t, m).Unknown)
	require.ErrorContains(t, m.Migrate(background()), "20991231000001")
	require.ErrorContains(t, m.MigrateDown(background(), true), "20991231000001")
}

func TestALostConnectionIsNotReplaced(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	handle, err := m.Open()
	require.NoError(t, err)
	defer handle.Close()
	err = pinned(background(), handle, func(only *sql.DB) error {
		_, err := only.Exec(`BEGIN IMMEDIATE`)
		require.NoError(t, err)
		conn, err := only.Conn(background())
		require.NoError(t, err)
		require.ErrorIs(t, conn.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
		_ = conn.Close()
		_, err = only.Exec(`CREATE TABLE stray (id INTEGER)`)
		return err
	})
	require.ErrorIs(t, err, store.ErrUnavailable)
	present, err := m.exists(background(), db, "stray")
	require.NoError(t, err)
	require.False(t, present, "a statement ran outside its transaction")
}
