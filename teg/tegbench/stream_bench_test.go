package tegbench

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// streaming is how many read the log live in [BenchmarkStreams].
const streaming = 500

// What others cost transfers who read the log live: agents who see their own, and auditors
// who see everything, of whom each reads all that happens.
func BenchmarkStreams(b *testing.B) {
	for name, filter := range map[string]func(i int) teg.EventFilter{
		"agents":   func(i int) teg.EventFilter { return teg.EventFilter{Viewer: AgentDID(i)} },
		"auditors": func(int) teg.EventFilter { return teg.EventFilter{} },
	} {
		b.Run("readers="+name, func(b *testing.B) {
			eachSubject(b, func(b *testing.B, s *Subject) {
				var events atomic.Int64
				listen := func(ctx context.Context, ready func()) {
					var running sync.WaitGroup
					for i := range streaming {
						stream, err := s.API().EventStream(ctx, teg.FromNow, filter(i))
						require.NoError(b, err)
						running.Go(func() {
							defer stream.Close()
							for {
								entries, err := stream.Next(ctx, 0)
								if ctx.Err() != nil {
									return
								}
								require.NoError(b, err)
								events.Add(int64(len(entries)))
							}
						})
					}
					ready()
					running.Wait()
				}
				r := &readers{b: b, subject: s, read: listen, catchUp: func(context.Context) {}}
				r.reportTurns()
				b.ReportMetric(float64(events.Load()), "events")
			})
		})
	}
}
