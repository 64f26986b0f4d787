package main

import (
	"database/sql"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storetest"
)

// The server is killed when it has written the tiles of the audit log's tree and not yet
// the checkpoint over them: PostgreSQL, where the two can be held apart by a lock. The next
// server goes on from those tiles.
func TestKilledBetweenATileAndItsCheckpoint(t *testing.T) {
	url := storetest.PostgresURL(t)
	s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "LOG_LEVEL=info", "LOG_SIGNING_KEY="+config.DevelopmentLogKey, "READER_TERM=100ms")
	s.succeed("migrate", "up")
	var ratings strings.Builder
	for i := range merkle.Width { // two events each, a payment and a signal
		fmt.Fprintf(&ratings, "%d,%d,1,%d\n", 1+i%4, 1+(i+1)%4, i)
	}
	s.write("market.csv", ratings.String())
	s.succeed("import", "--ratings", "market.csv", "--top", "0")
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	count := func(query string) (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	const (
		tiles       = "SELECT count(*) FROM log_tiles WHERE level = 0"
		checkpoints = "SELECT count(*) FROM log_checkpoints"
	)
	require.Zero(t, count(tiles)+count(checkpoints), "an import leaves the tree to servers")

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "LOCK TABLE log_checkpoints IN SHARE ROW EXCLUSIVE MODE") // it can be read
	require.NoError(t, err)
	b := s.start("serve")
	const waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'log_checkpoints'::regclass AND NOT granted"
	require.Eventually(t, func() bool { return count(tiles) > 0 && count(waiting) > 0 }, time.Minute, 5*time.Millisecond)
	b.end(syscall.SIGKILL)
	_, err = db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'log_checkpoints'::regclass AND NOT granted")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return count(waiting) == 0 }, time.Minute, 5*time.Millisecond)
	require.NoError(t, tx.Rollback())
	written := count(tiles)
	require.Equal(t, []int{2, 0}, []int{written, count(checkpoints)})

	b = s.start("serve")
	b.expect(b.stderr, "msg=serving url=")
	require.Eventually(t, func() bool { return count(checkpoints) > 0 }, time.Minute, 5*time.Millisecond)
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	require.NotContains(t, b.stderr.String(), "level=ERROR")
	require.Equal(t, written, count(tiles))
	require.Contains(t, s.succeed("verify"), "the books hold") // the tree by its events, and the checkpoint by the tree
}
