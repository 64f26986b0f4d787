package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

func TestVerifyFindsWhatIsBroken(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.succeed("migrate", "up")
	s.write("two.csv", "1,2,3,4\n")
	s.succeed("import", "--ratings", "two.csv")
	var report reportJSON
	require.NoError(t, json.Unmarshal([]byte(s.succeed("verify", "--json")), &report))
	require.True(t, report.OK)
	require.EqualValues(t, 5, report.Transactions)

	db, err := sql.Open("sqlite", filepath.Join(s.dir, "economy.db"))
	require.NoError(t, err)
	_, err = db.Exec(`UPDATE accounts SET seq = seq + 1 WHERE owner = 'did:otc:2' AND kind = 1`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	s.fail(1, "the books do not hold", "verify")
	_, stdout, _ := s.run("verify")
	require.Contains(t, stdout, "balance: account")
	_, stdout, _ = s.run("verify", "--json")
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.False(t, report.OK)
	require.NotEmpty(t, report.Findings)
}

// What no row shows is found, too: an index of the file that has another entry than its table.
func TestVerifyReadsTheWholeFile(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db")
	s.succeed("migrate", "up")
	s.write("two.csv", "1,2,3,4\n")
	s.succeed("import", "--ratings", "two.csv")
	path := filepath.Join(s.dir, "economy.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	var root, size int64
	require.NoError(t, db.QueryRow(`PRAGMA page_size`).Scan(&size))
	require.NoError(t, db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = 'agent_teg_profiles_ranking'`).Scan(&root))
	require.NoError(t, db.Close())
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	last := make([]byte, 1) // of the page, where its first entry ends
	_, err = file.ReadAt(last, root*size-1)
	require.NoError(t, err)
	_, err = file.WriteAt([]byte{last[0] ^ 1}, root*size-1)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	s.fail(1, "is damaged: ", "verify")
	_, stdout, _ := s.run("verify")
	require.NotContains(t, stdout, "the books hold")
}

// Findings that are too many to list are told to be more.
func TestVerdict(t *testing.T) {
	report := teg.Report{Findings: make([]teg.Finding, teg.MaxFindings)}
	require.NoError(t, verdict(&report, nil))
	require.ErrorContains(t, verdict(&report, teg.ErrBroken), ": 100 findings")
	report.FindingsCut = true
	require.ErrorContains(t, verdict(&report, teg.ErrBroken), ": more than 100 findings")
}
