package bunstore

import (
	"context"
	"maps"
	"slices"
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

// indexes are those that keep what has ended, belongs to others or was skipped from
// being read, by what is asked for.
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
	"WHERE shadow = FALSE ORDER":              "auditor_flag_logs_newest",
	"WHERE shadow = FALSE AND status = 1":     "auditor_flag_logs_status",
	"WHERE shadow = FALSE AND agent = ":       "auditor_flag_logs_agent",
	"1 = 1 AND agent = ":                      "teg_attestation_logs_agent",
	"1 = 1 AND status = 4":                    "teg_attestation_logs_status",
	"1 = 1 AND storage = 1":                   "teg_attestation_logs_unseen",
	"OR NOT waits_for_storage) ORDER":         "teg_attestation_logs_payable",
	"status NOT IN (2, 5) AND s.agent":        "teg_attestation_logs_last (agent=? AND policy=?)",
	"attestation_logs AS s WHERE s.agent":     "teg_attestation_logs_handed (agent=? AND submitted_at>?)",
	"attestation_logs WHERE scope IN":         "teg_attestation_logs_standing",
	"FROM panel_rounds WHERE dispute IN":      "sqlite_autoindex_panel_rounds_",
	"FROM panel_rounds WHERE id > ":           "panel_rounds",
	"AND state <= 3 ORDER BY id":              "panel_rounds_open",
	"FROM panel_seats WHERE dispute IN":       "panel_seats_dispute",
	"FROM panel_seats WHERE juror = ":         "panel_seats_",
	"AND open ORDER BY id":                    "panel_seats_open",
	"action IN ('set_rules')":                 "events_rare",
	"debtor IN (1) AND live ORDER":            "debts_open_debtor (debtor=?)",
	"FROM debts WHERE debtor = 1 AND live":    "debts_open_debtor",
	"FROM debts WHERE creditor = 2 AND live":  "debts_open_creditor",
	"FROM debts WHERE debtor = 1 ORDER":       "debts_debtor",
	"FROM debts WHERE creditor = 2 ORDER":     "debts_creditor",
	"FROM debts WHERE creditor = 2 AND id":    "debts_creditor (creditor=? AND id<?)",
	"FROM debts WHERE cause = ":               "debts_cause",
	"WHERE g.kind = 10":                       "accounts_garnished",
	"FROM accounts WHERE kind = 10":           "accounts_garnished",
	"WHERE claimant = 'did:test:a' ORDER":     "teg_dispute_logs_claimant",
	"WHERE defendant = 'did:test:a' ORDER":    "teg_dispute_logs_defendant",
	"(claimant = 'did:test:a' OR defendant":   "MULTI-INDEX OR",
	"status <= 3 AND deadline <= ":            "teg_dispute_logs_due",
	"FROM teg_dispute_history WHERE":          "SEARCH teg_dispute_history USING PRIMARY KEY",
	"FROM teg_dispute_evidence WHERE dispute": "teg_dispute_evidence_place",
	"FROM teg_dispute_evidence WHERE id > ":   "teg_dispute_logs_status",
	"FROM teg_policies WHERE id > ":           "SEARCH teg_policies USING PRIMARY KEY",
	"WHERE v.policy = p.id":                   "teg_policy_versions_policy",
	"teg_policy_versions WHERE change IN (":   "SEARCH teg_policy_versions USING INTEGER PRIMARY KEY",
	"teg_policy_versions WHERE policy = ":     "teg_policy_versions_policy",
	"agent_teg_profiles WHERE did IN":         "SEARCH agent_teg_profiles USING PRIMARY KEY",
	"revoked_roles <> 0":                      "agent_teg_profiles_stripped",
	"FROM bootstrap_tokens WHERE hash IN":     "SEARCH bootstrap_tokens USING INDEX sqlite_autoindex_bootstrap_tokens_2 (hash=?)",
	"FROM bootstrap_tokens WHERE id > ":       "SEARCH bootstrap_tokens USING PRIMARY KEY",
	"used_at IS NULL AND expires_at <= ":      "bootstrap_tokens_unused (expires_at<?)",
	"FROM webhooks WHERE id IN":               "SEARCH webhooks USING PRIMARY KEY",
	"FROM webhooks WHERE owner IN":            "webhooks_owner",
	"FROM webhooks WHERE status <> 3 AND id":  "webhooks_live (id<?)",
	"FROM webhooks WHERE status = 2":          "webhooks_status (status=? AND id<?)",
	"FROM webhook_places AS p":                "webhook_places_pending",
	"FROM webhook_deliveries WHERE webhook":   "webhook_deliveries_newest (webhook=?",
	"WHERE reputation_score <= ":              "COVERING INDEX agent_teg_profiles_ranking (reputation_score<?)",
	"WHERE reputation_score < ":               "COVERING INDEX agent_teg_profiles_ranking (reputation_score<?)",
	"WHERE reputation_score = ":               "COVERING INDEX agent_teg_profiles_ranking (reputation_score=? AND account_id>?)",
	"AS page CROSS JOIN agent_teg_profiles":   "SEARCH agent_teg_profiles USING INDEX sqlite_autoindex_agent_teg_profiles_2 (account_id=?)",
	"histogram WHERE score BETWEEN":           "SEARCH reputation_histogram USING PRIMARY KEY (score>? AND score<?)",
	"SELECT * FROM reputation_events":         "SEARCH reputation_events USING PRIMARY KEY (agent=?",
	"SELECT min(seq) FROM (":                  "COVERING INDEX reputation_events_at (agent=? AND at>?)",
	"AND seq < 9":                             "AND seq<?)",
	"WHERE reason = 1 AND transaction_id IN":  "reputation_events_signal",
	"summary_logs WHERE id":                   "SEARCH avtp_transaction_summary_logs USING PRIMARY KEY",
	"summary_logs WHERE scope":                "avtp_transaction_summary_logs_scope",
	"root, hashes FROM log_tiles":             "sqlite_autoindex_log_tiles_1 (level=? AND idx>?)",
	"SELECT root FROM log_tiles":              "sqlite_autoindex_log_tiles_1 (level=? AND idx>?)",
	"latest, root FROM log_tiles":             "sqlite_autoindex_log_tiles_1 (level=?)",
	"WHERE latest >= ":                        "COVERING INDEX log_tiles_latest (latest>?)",
	"FROM log_checkpoints WHERE origin = ":    "SEARCH log_checkpoints USING PRIMARY KEY (origin=? AND size<?)",
	"FROM log_checkpoints WHERE size > ":      "log_checkpoints_size (size>? AND size<?)",
	"AND position < 9 AND id = ":              "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	"t.type IN (4) AND t.type <> 1 LIMIT":     "SEARCH t USING COVERING INDEX teg_transactions_rare (type=?)",
	"t.type IN (5) AND t.type <> 1 ORDER":     "teg_transactions_rare (type=?)",
	"AND e.seq <= 1000 AND t.type IN (4)":     "teg_transactions_rare (type=?)",
	"AND position < 9 AND at = ":              "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	"FROM log_segments WHERE upto > ":         "SEARCH log_segments USING INTEGER PRIMARY KEY (rowid>?)",
	"FROM kept_events WHERE position >= 3":    "SEARCH kept_events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
	"FROM kept_events WHERE position >= 0":    "kept_events_action (action=? AND position>? AND position<?)",
	"(agent, seq) > (":                        "SEARCH reputation_events USING PRIMARY KEY ((agent,seq)>(?,?))",
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
			if !scanned || strings.HasSuffix(table, "holds_open") || strings.HasSuffix(table, "accounts_system") || strings.HasSuffix(table, "accounts_garnished") {
				continue
			}
			if strings.Contains(statement, "WHERE TRUE ORDER BY ") { // the first of all that are proven, in the order of their key
				require.Contains(t, statement, "id LIMIT ")
				require.NotContains(t, strings.Join(steps, "\n"), "TEMP B-TREE", statement)
				continue
			}
			switch table, _, _ = strings.Cut(table, " "); table {
			case "log_head", "log_tail", "search", "paying", "paid", "matches", "attestation_budgets", "attestation_circuits", "page", "oldest", "a", "b", "CONSTANT", "reputation_histogram":
			case "log_segments": // back from the last, in the order of its key
				require.Contains(t, statement, "ORDER BY upto DESC LIMIT 1")
				require.NotContains(t, strings.Join(steps, "\n"), "TEMP B-TREE", statement)
			case "agent_teg_profiles":
				require.True(t, strings.HasSuffix(statement, "FROM agent_teg_profiles") || strings.Contains(step, "agent_teg_profiles_stripped"), statement) // about all of them
			case "teg_attestation_logs":
				require.Contains(t, step, "INDEX", statement) // all of them, as far as the limit goes
			case "webhooks", "p": // those that live, and those that are behind, as far as the limit goes
				require.Contains(t, step, "INDEX webhook", statement)
				require.NotContains(t, strings.Join(steps, "\n"), "TEMP B-TREE", statement)
			case "t": // the page of all transactions, which an index found
				require.Contains(t, strings.Join(steps, "\n"), "SEARCH t USING INDEX teg_transactions_rare (type=?)", statement)
				require.NotContains(t, strings.Join(steps, "\n"), "TEMP B-TREE", statement)
			case "log_readers": // the same, in the order of its key
				require.Contains(t, statement, "ORDER BY name LIMIT")
				require.NotContains(t, strings.Join(steps, "\n"), "TEMP B-TREE", statement)
			default:
				require.Fail(t, step, statement)
			}
		}
	}
	require.Empty(t, missing, "each of them was asked for")
}

// Several types of which there are many are found on the way from the newest transaction:
// their index has one type behind the other, and all of them would be sorted for a page.
func TestManyOfSeveralTypesAreNotSorted(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	require.NoError(t, m.Migrate(background()))
	_, err := db.ExecContext(background(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
		INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)
		SELECT randomblob(16), 4 + i % 2, 1, i, 2, i, x'80000000000000000000000000000001', x'80000000000000000000000000000000', i FROM n`, fewOfAType)
	require.NoError(t, err)
	for _, types := range [][]ledger.TransactionType{{4}, {4, 5}, {4, 7}} {
		var c collector
		_, total, err := NewReader(db.WithQueryHook(&c), SQLite, same).Posted(background(), ledger.PostedQuery{Types: types, Limit: 10, Count: 10})
		require.NoError(t, err)
		require.EqualValues(t, 10, total)
		page := slices.IndexFunc(c.statements, func(s string) bool { return strings.Contains(s, "LIMIT 10 OFFSET 0") })
		sorted := strings.Contains(strings.Join(planOf(t, db, c.statements[page]), "\n"), "TEMP B-TREE")
		require.Equal(t, len(types) == 2 && types[1] == 7, sorted, "%v: a few may be", types)
	}
}

// askAll asks each question in the ways that lead to different statements.
func askAll(t *testing.T, r *Reader) {
	who, now := did.MustParse("did:test:a"), time.Now()
	for _, q := range []ledger.HistoryQuery{
		{}, {From: now, To: now}, {Types: []ledger.TransactionType{1}}, {Types: []ledger.TransactionType{4}}, {Counterparty: who}, {Reference: "r"},
	} {
		q.Account, q.Limit, q.Count = 1, 10, 10
		// The chain of nobody ends before its page is read.
		chain, err := r.chainOf(background(), q, fewOfAType+1)
		require.NoError(t, err)
		where, args := r.filter(q)
		var rows []transactionRow
		require.NoError(t, r.scan(background(), &rows, `SELECT `+recordedColumns+`, e.seq FROM `+chain.tables+recordedJoins+`WHERE `+chain.condition+where+
			` ORDER BY e.seq DESC LIMIT 10`, append([]any{q.Account, 0, 1000}, args...)...))
		_, err = r.countHistory(background(), q, 1000, chain, where, append([]any{q.Account, 0, 1000}, args...))
		require.NoError(t, err)
	}
	_, _, err := r.Posted(background(), ledger.PostedQuery{Types: []ledger.TransactionType{5}, Limit: 10, Count: 10})
	require.NoError(t, err)
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
	_, err = r.BalancesAt(background(), now, 1)
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
	askFlags(t, r)
	askDebts(t, r)
	askPolicies(t, r)
	askDisputes(t, r)
	askAttestations(t, r)
	askPanels(t, r)
	askTree(t, r)
	askConduct(t, r)
	askBootstraps(t, r)
	askWebhooks(t, r)
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
