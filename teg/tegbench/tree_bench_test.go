package tegbench

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// What growing the tree over the log costs transfers, how fast it grows over a log that
// is there, and how long a proof takes.
func BenchmarkTree(b *testing.B) {
	eachSubject(b, func(b *testing.B, s *Subject) {
		tick := func(ctx context.Context) {
			if err := s.API().Tick(ctx); ctx.Err() == nil {
				require.NoError(b, err)
			}
		}
		r := &readers{b: b, subject: s, catchUp: tick, read: func(ctx context.Context, ready func()) {
			ready()
			for ctx.Err() == nil { // as Run does, ten times as often
				tick(ctx)
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		}}
		r.reportTurns()

		ctx := context.Background()
		tick(ctx)
		before, err := s.API().LogStatus(ctx)
		require.NoError(b, err)
		_, err = s.Run(ctx, Load{Duration: 5 * time.Second, Clients: 256})
		require.NoError(b, err)
		grown, err := s.API().LogStatus(ctx)
		require.NoError(b, err)
		began := time.Now()
		tick(ctx)
		b.ReportMetric(float64(grown.Size-before.Size)/time.Since(began).Seconds(), "events-grown/s")
		reportProofs(b, s)
	})
}

// reportProofs has events proven that the last checkpoint covers.
func reportProofs(b *testing.B, s *Subject) {
	ctx := context.Background()
	page, err := s.API().AuditLog(ctx, teg.AuditLogQuery{Limit: 500, Offset: 5000})
	require.NoError(b, err)
	_, err = s.API().Proof(ctx, teg.ProofParams{Event: page.Entries[0].ID})
	require.NoError(b, err)
	began := time.Now()
	for _, entry := range page.Entries {
		_, err := s.API().Proof(ctx, teg.ProofParams{Event: entry.ID})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/float64(len(page.Entries))/1000, "proof-ms")
}
