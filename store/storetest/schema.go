package storetest

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
)

// handleOf is the database itself, on which a test can do what no store does.
func handleOf(t testing.TB, st store.Store) *bun.DB {
	switch st := st.(type) {
	case *postgres.Store:
		return st.DB()
	case *sqlite.Store:
		return st.DB()
	}
	require.Fail(t, "unknown driver")
	return nil
}

func testAppendOnly(t *testing.T, b *bench) {
	b.issue(t, b.alice, "1")
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{References: []store.Reference{{Key: store.Key{1}, Subject: ledger.ID{2}}}}))
	db := handleOf(t, b.store)
	_, onPostgres := b.store.(*postgres.Store)
	for table, column := range map[string]string{"teg_transactions": "type", "entries": "leg", "events": "position", "act_references": "key"} {
		statements := []string{"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table}
		if onPostgres {
			statements = append(statements, "TRUNCATE "+table)
		} else {
			statements = append(statements, "REPLACE INTO "+table+" SELECT * FROM "+table)
		}
		for _, statement := range statements {
			_, err := db.ExecContext(background(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
}

func testBounds(t *testing.T, b *bench) {
	b.issue(t, b.alice, "1")
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{NewHolds: []ledger.Hold{b.hold(ledger.HoldActive, time.Hour)}}))
	less, err := amount.ParseSigned("-0.000000000000000001")
	require.NoError(t, err)
	for _, id := range []ledger.AccountID{b.alice.ID, b.collect.Treasury} {
		tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{id}})
		row := rows.Accounts[0]
		row.Balance, row.Seq = less, row.Seq+1
		require.Error(t, tx.Commit(background(), &store.Changes{Moved: []*ledger.Account{&row}}), "below zero")
	}
	const most = `x'80C097CE7BC90715B34B9F1000000000'`
	bad := map[string]string{"too short": `x'8000'`, "a number": `1`, "too much": most, "negative": `x'7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF'`}
	if _, onPostgres := b.store.(*postgres.Store); onPostgres {
		bad = map[string]string{"greater than everything": `'NaN'`, "too much": `1000000000000000000`, "without end": `'Infinity'`, "negative": `-0.000000000000000001`}
	}
	for name, value := range bad {
		for _, column := range []string{"accounts SET balance", "accounts SET owes", "accounts SET debited", "accounts SET fees", "holds SET fee", "holds SET amount", "holds SET captured"} {
			_, err := handleOf(t, b.store).ExecContext(background(), `UPDATE `+column+` = `+value+where(column))
			require.Error(t, err, "%s = %s: %s", column, value, name)
		}
	}
	require.Equal(t, "1", b.row(t, b.alice).Balance.String())
}

// where leaves the one account out that may be negative.
func where(column string) string {
	if column == "accounts SET balance" {
		return ` WHERE kind <> 4`
	}
	return ""
}

func testSetUp(t *testing.T, b *bench) {
	before, err := b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Len(t, before, 3*ledger.Stripes)
	require.NoError(t, b.store.SetUp(background(), owners))
	after, err := b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Equal(t, before, after)
	others := map[ledger.Kind]did.DID{
		ledger.Treasury: did.MustParse("did:test:other"), ledger.Issuance: owners[ledger.Issuance], ledger.Rewards: owners[ledger.Rewards],
	}
	require.ErrorIs(t, b.store.SetUp(background(), others), store.ErrForeignTreasury)
	after, err = b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Equal(t, before, after)

	takeBack(t, b, true)
	require.NoError(t, b.store.Migrate(background()))
	require.NoError(t, b.store.SetUp(background(), map[ledger.Kind]did.DID{ledger.Treasury: owners[ledger.Treasury]}))
	after, err = b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Len(t, after, ledger.Stripes, "a kind without an owner is left out")
	require.NoError(t, b.store.SetUp(background(), owners))
	after, err = b.reader.SystemAccounts(background())
	require.NoError(t, err)
	require.Len(t, after, 3*ledger.Stripes)
}

func testMigrations(t *testing.T, b *bench) {
	status := func() store.SchemaStatus {
		s, err := b.store.SchemaStatus(background())
		require.NoError(t, err)
		return s
	}
	require.Empty(t, status().Pending)
	require.Empty(t, status().Dirty)
	tx, _ := b.begin(t, store.Need{})
	unbonding := b.unbonding(filler{}, b.alice, staking.Stake{})
	round, _ := b.round(1)
	require.NoError(t, tx.Commit(background(), &store.Changes{Staking: staking.Changes{Total: &staking.Total{Cycle: 1, Start: b.now, At: b.now}, NewUnbondings: []staking.Unbonding{unbonding}},
		Reputation:  reputation.Changes{Events: []reputation.Event{{Agent: b.alice.ID, Seq: 1, Reason: reputation.Signalled, At: b.now}}},
		Flags:       auditor.Changes{Raised: []auditor.Flag{b.flag(1)}},
		Attestation: attestation.Changes{Circuits: []attestation.Circuit{b.circuit("range")}},
		Disputes:    dispute.Changes{Filed: []dispute.Dispute{b.dispute(1)}},
		Debts:       ledger.DebtChanges{Made: []ledger.Debt{b.debt(1)}},
		Panels:      panel.Changes{NewRounds: []panel.Round{round}},
		Bootstraps:  ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1)}},
		Webhooks:    webhook.Changes{Created: []webhook.Webhook{b.webhook(1)}}}))
	b.put(t, b.policy(1, 1))
	require.NoError(t, b.store.GrowTree(background(), store.TreeGrowth{Checkpoint: b.checkpoint("a", 1)}))
	require.NoError(t, b.store.KeepSegment(background(), b.segment(0, 256)))
	require.NoError(t, b.writer.Close())
	for pending, has := range []bool{false, true, true, false, true, true, false, true, true, true, true, true, true, true, false, true, true} { // the last made an index, the fourth last buckets of limits, the seventh last logins; the third from the first a column that other rows tell
		require.Len(t, status().Pending, pending, "one step at a time")
		if has {
			require.ErrorIs(t, b.store.MigrateDown(background(), false), store.ErrHasData)
			require.Len(t, status().Pending, pending, "a refusal changed nothing")
		}
		require.NoError(t, b.store.MigrateDown(background(), has))
	}
	require.Empty(t, status().Applied)
	require.NotEmpty(t, status().Pending)
	for limit := time.Millisecond; b.store.Migrate(within(t, limit)) != nil; limit *= 2 {
		s := status() // the context may have ended right after the commit
		require.True(t, len(s.Applied) == 0 || len(s.Pending) == 0, "a migration that was cut off left nothing, or all")
		require.Empty(t, s.Dirty)
	}
	require.Empty(t, status().Pending)

	db := handleOf(t, b.store)
	_, err := db.ExecContext(background(), `INSERT INTO bun_migrations (name, group_id) VALUES ('20991231000001', 9)`)
	require.NoError(t, err)
	require.Equal(t, []string{"20991231000001"}, status().Unknown)
	require.ErrorContains(t, b.store.Migrate(background()), "20991231000001", "what is not known is left alone")
	require.ErrorContains(t, b.store.MigrateDown(background(), true), "20991231000001")
	_, err = db.ExecContext(background(), `DELETE FROM bun_migrations WHERE group_id = 9`)
	require.NoError(t, err)
	_, err = db.ExecContext(background(), `DROP TABLE holds`)
	require.NoError(t, err)
	require.NotEmpty(t, status().Dirty, "a table is missing")
	require.ErrorContains(t, b.store.Migrate(background()), status().Dirty)
}

// takeBack takes the whole schema back, step by step.
func takeBack(t *testing.T, b *bench, force bool) {
	t.Helper()
	require.NoError(t, b.writer.Close())
	status, err := b.store.SchemaStatus(background())
	require.NoError(t, err)
	for range status.Applied {
		require.NoError(t, b.store.MigrateDown(background(), force))
	}
}

// testMigrateDownEmpty takes a schema back in which nothing has happened.
func testMigrateDownEmpty(t *testing.T, b *bench) {
	takeBack(t, b, true)
	require.NoError(t, b.store.MigrateDown(background(), false), "there is nothing to take back")
	require.NoError(t, b.store.Migrate(background()))
	require.NoError(t, b.store.SetUp(background(), owners))
	takeBack(t, b, false) // the system's rows are no data
	status, err := b.store.SchemaStatus(background())
	require.NoError(t, err)
	require.Empty(t, status.Applied)
	require.Empty(t, status.Dirty)
	require.NoError(t, b.store.Migrate(background()))
	require.NoError(t, b.store.Migrate(background()), "there is nothing to do")
}

// again opens the store's database a second time, as another process would.
func again(t *testing.T, st store.Store) store.Store {
	t.Helper()
	var second store.Store
	var err error
	if _, ok := st.(*postgres.Store); ok {
		var name string
		require.NoError(t, handleOf(t, st).QueryRowContext(background(), `SELECT current_database()`).Scan(&name))
		address, _ := server()
		parsed, failed := url.Parse(address)
		require.NoError(t, failed)
		parsed.Path = "/" + name
		second, err = postgres.Open(background(), parsed.String())
	} else {
		var path string
		require.NoError(t, handleOf(t, st).QueryRowContext(background(), `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path))
		second, err = sqlite.Open(background(), path)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, second.Close()) })
	return second
}

// within is a context that ends soon.
func within(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(background(), limit)
	t.Cleanup(cancel)
	return ctx
}

func testMigrateTwice(t *testing.T, b *bench) {
	takeBack(t, b, true)
	faults := make([]error, 4)
	var running sync.WaitGroup
	for i := range faults {
		process := b.store
		if i > 0 {
			process = again(t, b.store)
		}
		running.Go(func() { faults[i] = process.Migrate(background()) })
	}
	running.Wait()
	require.NoError(t, errors.Join(faults...))
	require.NoError(t, b.store.SetUp(background(), owners))
}

func testCheck(t *testing.T, b *bench) { require.NoError(t, b.store.Check(background())) }
