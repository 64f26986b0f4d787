package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Replicated is a PostgreSQL of a test's own that can lose a machine: a primary, and a
// standby without which it acknowledges no commit. Its disk is waited for, as in life.
// Use it from one goroutine.
type Replicated struct {
	t       testing.TB
	tools   string // the directory of PostgreSQL's programs
	as      string // the user who runs them; "" for who runs the test
	dir     string
	places  [2]place
	primary int // which of the places
}

// place is a data directory and where its server listens.
type place struct {
	data string
	port int
}

// replicatedSettings make servers small and commits replicated. wal_log_hints lets
// pg_rewind bring an old primary back.
const replicatedSettings = `
listen_addresses = '127.0.0.1'
shared_buffers = 16MB
max_connections = 100
max_wal_size = 256MB
wal_keep_size = 256MB
wal_log_hints = on
wal_retrieve_retry_interval = 100ms
synchronous_standby_names = '*'
`

// StartReplicated makes both servers, on ports of 127.0.0.1, and ends them with the
// test. It takes PostgreSQL's own programs, the newest there are, and as root the user
// postgres; where they are missing it does what [NeedPostgres] does.
func StartReplicated(t testing.TB) *Replicated {
	t.Helper()
	r := &Replicated{t: t, tools: findTools(t)}
	if os.Getuid() == 0 {
		r.as = "postgres"
	}
	dir, err := os.MkdirTemp("", "teg-postgres-") // not the test's own, which other users may not enter
	require.NoError(t, err)
	r.dir = dir
	t.Cleanup(r.remove)
	r.giveAway()
	for i := range r.places {
		r.places[i] = place{filepath.Join(dir, strconv.Itoa(i)), freePort(t)}
	}
	one := r.places[0]
	r.mustRun("initdb", "-D", one.data, "-U", "postgres", "--auth=trust", "--no-sync")
	file, err := os.OpenFile(filepath.Join(one.data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(replicatedSettings)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	r.begin(one)
	two := r.places[1]
	r.mustRun("pg_basebackup", "-D", two.data, "-R", "--checkpoint=fast", "--no-sync", "-d", r.conninfo(0))
	r.begin(two)
	r.awaitStandby()
	return r
}

func (r *Replicated) conninfo(i int) string {
	return fmt.Sprintf("host=127.0.0.1 port=%d user=postgres dbname=postgres", r.places[i].port)
}

// URL names both servers; connections are made to the one that writes.
func (r *Replicated) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d,127.0.0.1:%d/postgres?pool_max_conns=6", r.places[0].port, r.places[1].port)
}

// PrimaryURL names the present primary alone.
func (r *Replicated) PrimaryURL() string { return r.url(r.primary) }

// StandbyURL names the present standby alone, which reads and does not write.
func (r *Replicated) StandbyURL() string { return r.url(1 - r.primary) }

func (r *Replicated) url(i int) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres", r.places[i].port)
}

// KillPrimary ends every process of the primary at once, as the loss of its machine
// does.
func (r *Replicated) KillPrimary() { r.kill(r.primary) }

// KillStandby ends every process of the standby at once. From then on no commit is
// acknowledged.
func (r *Replicated) KillStandby() { r.kill(1 - r.primary) }

// Promote makes the standby the primary. Like the one before it, it acknowledges no
// commit without a standby: see [Replicated.Rejoin] and [Replicated.Alone].
func (r *Replicated) Promote() {
	r.t.Helper()
	r.mustRun("pg_ctl", "-D", r.places[1-r.primary].data, "-w", "-t", "120", "promote")
	r.primary = 1 - r.primary
}

// FailOverToStopped starts the standby, which was killed before the primary was, and
// promotes it.
func (r *Replicated) FailOverToStopped() {
	r.t.Helper()
	r.begin(r.places[1-r.primary])
	r.Promote()
}

// Rejoin makes a primary that was killed the standby of the present one: what it had
// that the other has not is taken back by pg_rewind.
func (r *Replicated) Rejoin() {
	r.t.Helper()
	r.administer(`ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`,
		`CHECKPOINT`) // from which pg_rewind learns that there was a promotion
	old := r.places[1-r.primary]
	r.mustRun("pg_rewind", "-D", old.data, "--source-server="+r.conninfo(r.primary), "-R", "--no-sync")
	r.begin(old)
	r.awaitStandby()
}

// RestartStandby starts a standby that was killed.
func (r *Replicated) RestartStandby() {
	r.t.Helper()
	r.begin(r.places[1-r.primary])
	r.awaitStandby()
}

// Alone lets the primary acknowledge commits without a standby.
func (r *Replicated) Alone() {
	r.t.Helper()
	r.administer(`ALTER SYSTEM SET synchronous_standby_names = ''`, `SELECT pg_reload_conf()`)
}

// awaitStandby waits until commits are replicated.
func (r *Replicated) awaitStandby() {
	r.t.Helper()
	db, err := sql.Open("pgx", r.PrimaryURL())
	require.NoError(r.t, err)
	defer db.Close()
	require.Eventually(r.t, func() bool {
		var replicated bool
		err := db.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')`).Scan(&replicated)
		return err == nil && replicated
	}, 2*time.Minute, 10*time.Millisecond, "the standby does not follow")
}

// administer has the primary do something that is no transaction.
func (r *Replicated) administer(statements ...string) {
	r.t.Helper()
	db, err := sql.Open("pgx", r.PrimaryURL())
	require.NoError(r.t, err)
	defer db.Close()
	for _, statement := range statements {
		_, err := db.ExecContext(context.Background(), statement)
		require.NoError(r.t, err, statement)
	}
}
