package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// Damage does to a database what no store does: it runs a statement that triggers would
// refuse, as they refuse all changes of what was written for good.
func Damage(t testing.TB, st store.Store, statement string) {
	t.Helper()
	ctx, conn := context.Background(), connOf(t, st)
	defer conn.Close()
	if _, ok := st.(*postgres.Store); ok { // asks no trigger
		_, err := conn.ExecContext(ctx, `SET session_replication_role = replica`)
		require.NoError(t, err)
		defer func() {
			_, err := conn.ExecContext(ctx, `RESET session_replication_role`)
			require.NoError(t, err)
		}()
	} else {
		dropTriggers(t, conn)
	}
	_, err := conn.ExecContext(ctx, statement)
	require.NoError(t, err, statement)
}

// DamageUnchecked does to a database of SQLite what only a disk does: it asks no constraint of a
// row either. The store is of no use for anything else then.
func DamageUnchecked(t testing.TB, st store.Store, statement string) {
	t.Helper()
	ctx, conn := context.Background(), connOf(t, st)
	defer conn.Close()
	dropTriggers(t, conn)
	for _, s := range []string{`PRAGMA ignore_check_constraints = ON`, `PRAGMA foreign_keys = OFF`, statement} {
		_, err := conn.ExecContext(ctx, s)
		require.NoError(t, err, s)
	}
}

func connOf(t testing.TB, st store.Store) bun.Conn {
	t.Helper()
	conn, err := handleOf(t, st).Conn(context.Background())
	require.NoError(t, err)
	return conn
}

// dropTriggers takes the triggers of SQLite away, which cannot be told to rest.
func dropTriggers(t testing.TB, conn bun.Conn) {
	t.Helper()
	ctx := context.Background()
	for _, table := range []string{"teg_transactions", "entries", "events", "act_references", "reward_cycles", "slashes",
		"reputation_events", "avtp_transaction_summary_logs", "auditor_flag_history", "teg_policy_versions",
		"attestation_history", "attestation_circuits", "teg_dispute_history", "teg_dispute_evidence", "teg_dispute_storage",
		"panel_history", "bootstrap_tokens", "webhooks", "log_tiles", "log_checkpoints", "log_segments", "kept_events", "log_tail"} {
		for _, on := range []string{"update", "delete"} {
			_, err := conn.ExecContext(ctx, `DROP TRIGGER IF EXISTS `+table+`_no_`+on)
			require.NoError(t, err)
		}
	}
}
