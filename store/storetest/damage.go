package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// Damage does to a database what no store does: it takes the triggers away that
// refuse changes, and runs a statement.
func Damage(t testing.TB, st store.Store, statement string) {
	t.Helper()
	ctx, db := context.Background(), handleOf(t, st)
	for _, table := range []string{"teg_transactions", "entries", "events", "act_references", "reward_cycles", "slashes",
		"reputation_events", "avtp_transaction_summary_logs", "auditor_flag_history", "teg_policy_versions",
		"attestation_history", "attestation_circuits", "teg_dispute_history", "teg_dispute_evidence", "teg_dispute_storage",
		"panel_history", "bootstrap_tokens", "log_tiles", "log_checkpoints"} {
		drops := []string{`DROP TRIGGER IF EXISTS ` + table + `_no_update`, `DROP TRIGGER IF EXISTS ` + table + `_no_delete`}
		if _, ok := st.(*postgres.Store); ok {
			drops = []string{`DROP TRIGGER IF EXISTS append_only ON ` + table}
		}
		for _, drop := range drops {
			_, err := db.ExecContext(ctx, drop)
			require.NoError(t, err)
		}
	}
	_, err := db.ExecContext(ctx, statement)
	require.NoError(t, err, statement)
}
