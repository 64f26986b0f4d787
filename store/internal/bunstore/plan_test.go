package bunstore

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// collector keeps the statements that were run.
type collector struct{ statements []string }

func (c *collector) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *collector) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	c.statements = append(c.statements, event.Query)
}

// indexes are those that keep what has ended, or belongs to others, from being
// read, by what is asked for.
var indexes = map[string]string{
	"h.payer = 7 ":                            "holds_active",
	"FROM stakes WHERE owner = 1 ORDER":       "stakes_owner",
	"FROM stakes WHERE owner = 1 AND live":    "stakes_live",
	"FROM stakes WHERE owner IN (1) AND live": "stakes_live",
	"AND auto_compound AND own_cycle < 7":     "stakes_compounding",
	"FROM pools WHERE agent IN (1)":           "pools_live",
	"WHERE live AND available_at":             "unbondings_due",
	"FROM unbondings WHERE owner IN (1)":      "unbondings_owner",
	"FROM unbondings WHERE stake_id IN":       "unbondings_stake",
	"FROM delegations WHERE stake_id IN":      "delegations_active_stake",
	"AND delegator = 1 ORDER":                 "delegations_delegator",
	"AND delegator = 1 AND live":              "delegations_active_delegator",
	"AND validator = 2 ORDER":                 "delegations_validator",
	"AND validator = 2 AND live":              "delegations_active_validator",
	"count(DISTINCT delegator)":               "delegations_active_validator",
	"FROM slashes WHERE":                      "slashes_agent",
	"JOIN slashes s":                          "delegations_delegator",
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
	missing := maps.Clone(indexes)
	for _, statement := range c.statements {
		steps := planOf(t, db, statement)
		if strings.Contains(statement, "t.reference = ") {
			require.Contains(t, strings.Join(steps, "\n"), "SEARCH e USING PRIMARY KEY (transaction_id=?)", "the chain is not walked")
		}
		for condition, index := range indexes {
			if strings.Contains(statement, condition) {
				require.Contains(t, strings.Join(steps, "\n"), index, statement)
				delete(missing, condition)
			}
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
	require.Empty(t, missing, "each of them was asked for")
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
	askStaking(t, r)
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

// askStaking asks each question about stakes.
func askStaking(t *testing.T, r *Reader) {
	for _, s := range Selections() { // the keys of a look-up are what others found
		keys := []any{ledger.ID{1}}
		if !strings.Contains(s.Text, "id IN") {
			keys = []any{int64(1)}
		}
		require.NoError(t, r.Select(background(), s, keys, func(func([]any) error) error { return nil }))
	}
	for _, active := range []bool{false, true} {
		for _, before := range []byte{0, 9} {
			q := staking.StakeQuery{Owner: 1, ActiveOnly: active, Before: staking.StakeID{before}, Limit: 10}
			_, err := r.Stakes(background(), q)
			require.NoError(t, err)
			_, err = r.CountStakes(background(), q)
			require.NoError(t, err)
			for _, q := range []staking.DelegationQuery{{Delegator: 1}, {Validator: 2}, {Delegator: 1, Validator: 3}} {
				q.ActiveOnly, q.Before, q.Limit = active, staking.DelegationID{before}, 10
				where, args := r.delegationFilter(q)
				_, err = list(background(), r, &Delegations, where+` ORDER BY id DESC LIMIT 10`, args...)
				require.NoError(t, err)
				_, err = r.CountDelegations(background(), q)
				require.NoError(t, err)
			}
		}
	}
	_, err := r.recordDelegations(background(), []staking.Delegation{{Delegator: 1, Validator: 2}})
	require.NoError(t, err)
	for _, from := range []ledger.AccountID{0, 7} {
		_, err = r.DueUnbondings(background(), staking.DueQuery{By: time.Now(), From: from, Limit: 10})
		require.NoError(t, err)
	}
	_, err = r.Compounding(background(), 7, 10)
	require.NoError(t, err)
	_, err = r.Delegators(background(), 2)
	require.NoError(t, err)
	_, err = r.RewardCycles(background(), staking.CycleQuery{Below: 7, Limit: 10})
	require.NoError(t, err)
	_, err = r.Slashes(background(), staking.SlashQuery{Agent: 1, Limit: 10})
	require.NoError(t, err)
	for _, q := range []staking.DelegationSlashQuery{{}, {Before: staking.SlashID{9}, Below: 9}, {Transaction: ledger.TransactionID{9}}} {
		q.Delegator, q.Limit = 1, 10
		_, err = r.DelegationSlashes(background(), q)
		require.NoError(t, err)
		_, err = r.CountDelegationSlashes(background(), q)
		require.NoError(t, err)
	}
	_, err = r.AuditStakes(background(), staking.StakeID{1}, 10)
	require.NoError(t, err)
}
