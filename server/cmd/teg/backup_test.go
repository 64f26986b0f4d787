package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// underLoad calls act while agents pay each other on the database.
func underLoad(t *testing.T, url string, act func()) {
	t.Helper()
	c, err := config.Load(config.Sources{WithoutTokens: true, Environ: []string{"DATABASE_URL=" + url}})
	require.NoError(t, err)
	b, err := openBooks(t.Context(), c, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for _, agent := range []teg.DID{devAlice, devBob} {
		_, err = b.Issue(t.Context(), teg.IssueParams{By: devAdmin, To: agent, Amount: teg.AVT("10000"), Reason: "x"})
		require.NoError(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var payers sync.WaitGroup
	var paid atomic.Int64
	for range 4 {
		payers.Go(func() {
			for ctx.Err() == nil {
				_, err := b.Transfer(context.WithoutCancel(ctx), teg.TransferParams{From: devAlice, To: devBob, Amount: teg.AVT("0.01")})
				if err != nil {
					t.Error(err)
					return
				}
				paid.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return paid.Load() > 50 }, time.Minute, time.Millisecond)
	act()
	require.Eventually(t, func() bool { return paid.Load() > 100 }, time.Minute, time.Millisecond)
	stop()
	payers.Wait()
	require.NoError(t, b.Close())
}

// A copy that is made while others write verifies, and can be put in the place of what
// was lost.
func TestBackupAndRestore(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.fail(1, "teg migrate up", "backup", "copy.db")
	s.succeed("migrate", "up")
	path := filepath.Join(s.dir, "economy.db")
	underLoad(t, "sqlite://"+path, func() {
		require.Regexp(t, `^backed up to copy.db\nthe books hold: `, s.succeed("backup", "copy.db"))
	})
	s.fail(1, "there is something at copy.db", "backup", "copy.db")
	requireNothingBeside(t, s, "copy.db")

	s.fail(1, "there is something at economy.db", "restore", "copy.db")
	require.NoError(t, os.Rename(path, path+".old"))
	s.write("economy.db-wal", "of the old one")
	s.fail(1, "economy.db-wal", "restore", "copy.db")
	require.NoError(t, os.Remove(path+"-wal"))
	s.write("torn.db", "SQLite format 3\x00 and no more")
	s.fail(1, "torn", "restore", "torn.db")
	s.fail(1, "no such file", "restore", "none.db")
	s.write("earlier.db", "") // which SQLite takes for a database without tables
	s.fail(1, "with the teg that made it", "restore", "earlier.db")
	require.NoFileExists(t, path)
	for _, beside := range []string{"-wal", "-journal"} { // of a database that was copied by hand, or is in use
		s.write("copy.db"+beside, "what was committed last")
		s.fail(1, "copy.db"+beside, "restore", "copy.db")
		require.NoError(t, os.Remove(filepath.Join(s.dir, "copy.db"+beside)))
	}
	requireNothingBeside(t, s, "economy.db", "economy.db.old")
	require.Regexp(t, `^restored economy.db\nthe books hold: `, s.succeed("restore", "copy.db"))
	require.Contains(t, s.succeed("verify"), "the books hold")

	earlier := newShell(t, "DATABASE_URL=sqlite://economy.db")
	earlier.succeed("migrate", "up")
	earlier.succeed("migrate", "down")
	earlier.fail(1, "back it up with the teg that served it", "backup", "copy.db")

	other := newShell(t, "DATABASE_URL=postgres://teg@db.example/teg")
	other.fail(2, "pg_dump", "backup", "copy.db")
	other.fail(2, "pg_restore", "restore", "copy.db")
}

// requireNothingBeside demands that of the files whose names begin with the first there are
// itself and the others alone.
func requireNothingBeside(t *testing.T, s *shell, name string, others ...string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, name+"*"))
	require.NoError(t, err)
	for _, path := range found {
		require.Contains(t, append(others, name), filepath.Base(path))
	}
}

// tool runs one of PostgreSQL's own programs.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	require.NoError(t, err, "%s is missing: it comes with PostgreSQL's client programs (Debian: postgresql-client)", name)
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, out)
}

// What docs/operations.md says of pg_dump and pg_restore is so: a dump that is taken while
// others write verifies where it is restored.
func TestPostgresDumpAndRestore(t *testing.T) {
	from, to := storetest.PostgresURL(t), storetest.PostgresURL(t)
	s := newShell(t, "DATABASE_URL="+from)
	s.succeed("migrate", "up")
	dump := filepath.Join(s.dir, "teg.dump")
	underLoad(t, from, func() { tool(t, "pg_dump", "--format=custom", "--file="+dump, "--dbname="+from) })
	tool(t, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--dbname="+to, dump)
	restored := newShell(t, "DATABASE_URL="+to)
	require.Contains(t, restored.succeed("migrate", "status"), "applied  2")
	require.Regexp(t, `the books hold: .* [1-9]\d+ transactions`, restored.succeed("verify"))
	underLoad(t, to, func() {}) // and goes on
	require.Contains(t, restored.succeed("verify"), "the books hold")
}
