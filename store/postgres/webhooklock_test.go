package postgres_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// Who sends an old message again holds its row while the oldest are forgotten, of which it
// is one, and may want to forget others itself. In whichever order their rows are met,
// neither waits for the other in a circle.
func TestResendingBesideForgetting(t *testing.T) {
	ctx := context.Background()
	st := storetest.OpenPostgres(t).(*postgres.Store)
	hook := webhook.ID{7}
	const beyond = 2 // as several processes leave them that forget at once
	for _, held := range []byte{1, 2} {
		_, err := st.DB().ExecContext(ctx, `TRUNCATE webhook_deliveries`)
		require.NoError(t, err)
		_, err = st.DB().ExecContext(ctx, `INSERT INTO webhook_deliveries SELECT CAST(lpad(to_hex(i), 4, '0') || repeat('0', 28) AS uuid), ?, ?, i, 'transfer',
			now() - interval '1 day' + i * interval '1 second', 1, '[]', now() FROM generate_series(1, ?) AS i`, uuid.UUID(hook), uuid.UUID(hook), webhook.MaxDeliveries+beyond)
		require.NoError(t, err)
		holding, err := st.DB().BeginTx(ctx, nil)
		require.NoError(t, err)
		_, err = holding.ExecContext(ctx, `SELECT 1 FROM webhook_deliveries WHERE id = ? FOR UPDATE`, uuid.UUID{0, held})
		require.NoError(t, err)
		var ended atomic.Int64
		results := make(chan error, 2)
		for i, message := range []webhook.MessageID{{200}, {0, 3 - held}} { // a new one, and one that is sent again
			go func() {
				d := webhook.Delivery{ID: message, Webhook: hook, Event: ledger.ID{9}, Action: "transfer"}.Add(webhook.Attempt{At: time.Now(), Status: 204}, webhook.Delivered)
				results <- st.Webhooks().NoteWebhooks(ctx, store.WebhookNote{Deliveries: []webhook.Delivery{d}})
				ended.Add(1)
			}()
			require.Eventually(t, func() bool {
				var waiting int64
				err := st.DB().QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&waiting)
				return err == nil && waiting+ended.Load() == int64(i+1)
			}, time.Minute, time.Millisecond)
		}
		require.NoError(t, holding.Rollback())
		require.NoError(t, <-results)
		require.NoError(t, <-results)
	}
}
