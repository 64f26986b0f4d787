package bunstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// collector keeps the statements that were run.
type collector struct{ statements []string }

func (c *collector) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *collector) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	c.statements = append(c.statements, event.Query)
}

// A page costs the same however much there is: no question but those about
// everything may read a whole table.
func TestNoQuestionScansATable(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	require.NoError(t, m.Migrate(background()))
	var c collector
	r := NewReader(db.WithQueryHook(&c), SQLite, same)
	askAll(t, r)
	require.Greater(t, len(c.statements), 15)
	for _, statement := range c.statements {
		steps := planOf(t, db, statement)
		if strings.Contains(statement, "t.reference = ") {
			require.Contains(t, strings.Join(steps, "\n"), "SEARCH e USING PRIMARY KEY (transaction_id=?)", "the chain is not walked")
		}
		if strings.Contains(statement, "h.payer = 7 ") {
			require.Contains(t, strings.Join(steps, "\n"), "holds_active", "a payer's holds that ended are not read")
		}
		for _, step := range steps {
			table, scanned := strings.CutPrefix(step, "SCAN ")
			if !scanned || strings.HasSuffix(table, "holds_open") || strings.HasSuffix(table, "accounts_system") {
				continue
			}
			switch table, _, _ = strings.Cut(table, " "); table {
			case "log_head", "search", "paying", "paid", "matches", "a", "b", "CONSTANT", "agent_teg_profiles":
			default:
				require.Fail(t, step, statement)
			}
		}
	}
}

// askAll asks each question in the ways that lead to different statements.
func askAll(t *testing.T, r *Reader) {
	who, now := did.MustParse("did:test:a"), time.Now()
	for _, q := range []ledger.HistoryQuery{
		{}, {From: now, To: now}, {Types: []ledger.TransactionType{1}}, {Counterparty: who}, {Reference: "r"},
	} {
		q.Account, q.Limit, q.Count = 1, 10, 10
		// The chain of nobody ends before its page is read.
		tables, chain := chainOf(q)
		where, args := r.filter(q)
		var rows []transactionRow
		require.NoError(t, r.scan(background(), &rows, `SELECT `+recordedColumns+`, e.seq FROM `+tables+recordedJoins+`WHERE `+chain+where+
			` ORDER BY e.seq DESC LIMIT 10`, append([]any{q.Account, 0, 1000}, args...)...))
		_, err := r.countHistory(background(), q, 0, 1000, where, args)
		require.NoError(t, err)
	}
	for _, q := range []ledger.HoldQuery{
		{Party: 1}, {Payer: 1}, {IDs: []ledger.HoldID{{1}}}, {Party: 1, Before: ledger.HoldID{9}, States: []ledger.HoldState{1, 5}},
		{States: []ledger.HoldState{ledger.HoldActive}, DueBy: now, OldFirst: true},
		{Payer: 7, States: []ledger.HoldState{ledger.HoldActive}, DueBy: now},
	} {
		q.Limit = 10
		_, err := r.Holds(background(), q)
		require.NoError(t, err)
		_, err = r.CountHolds(background(), q)
		require.NoError(t, err)
	}
	for _, q := range []store.EventQuery{{}, {Action: "hold", From: now}} {
		q.Limit, q.Count = 10, 10
		_, _, err := r.Events(background(), q)
		require.NoError(t, err)
	}
	_, err := r.BalancesAt(background(), now, 1)
	require.NoError(t, err)
	_, err = r.Totals(background(), now)
	require.NoError(t, err)
	_, err = r.SystemAccounts(background())
	require.NoError(t, err)
	_, err = r.Records(background(), store.Key{1})
	require.NoError(t, err)
	_, err = r.AuditRecords(background(), store.Key{1}, 10)
	require.NoError(t, err)
	_, err = r.AuditEntries(background(), 1, 1, 10)
	require.NoError(t, err)
	require.NoError(t, r.setAside(background(), []store.AuditedHold{{Hold: ledger.Hold{ID: ledger.HoldID{1}}}}))
}

func planOf(t *testing.T, db *bun.DB, statement string) (steps []string) {
	rows, err := db.QueryContext(background(), "EXPLAIN QUERY PLAN "+statement)
	require.NoError(t, err, statement)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return steps
}
