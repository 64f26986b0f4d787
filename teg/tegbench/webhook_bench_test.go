package tegbench

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// counting is a courier whose receivers take everything at once.
type counting struct{ taken atomic.Int64 }

func (*counting) CheckURL(string) error              { return nil }
func (*counting) Secret(teg.WebhookID, int64) string { return "" }

func (c *counting) Deliver(context.Context, teg.Parcel) (teg.Reply, error) {
	c.taken.Add(1)
	return teg.Reply{Status: 204}, nil
}

// What thousands of webhooks of agents, each told of its own payments, cost transfers; how
// many messages are sent, and the memory that they take. Without them nobody sends.
func BenchmarkWebhooks(b *testing.B) {
	for _, webhooks := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("webhooks=%d", webhooks), func(b *testing.B) {
			for name, place := range places {
				b.Run(name, func(b *testing.B) {
					ctx, courier := context.Background(), &counting{}
					s, err := NewSubject(ctx, place(b), 10_000, teg.Config{Courier: courier})
					require.NoError(b, err)
					b.Cleanup(func() { require.NoError(b, s.Close()) })
					before := heapInUse()
					for i := range webhooks {
						_, err := s.API().CreateWebhook(ctx, teg.CreateWebhookParams{By: AgentDID(i), URL: fmt.Sprintf("https://agent%d.example/hooks", i)})
						require.NoError(b, err)
					}
					var most uint64
					send := func(ctx context.Context, ready func()) {
						told := courier.taken.Load()
						go func() {
							defer ready()
							_, err := s.API().Transfer(ctx, teg.TransferParams{From: AgentDID(0), To: AgentDID(1), Amount: teg.AVT("0.01")})
							require.NoError(b, err)
							require.Eventually(b, func() bool { return courier.taken.Load() > told }, time.Minute, time.Millisecond)
						}()
						for ctx.Err() == nil {
							require.NoError(b, s.API().Run(ctx))
						}
						most = max(most, heapInUse())
					}
					for b.Loop() {
						r := &readers{b: b, subject: s, read: send, catchUp: func(context.Context) {}}
						r.reportTurns()
					}
					b.ReportMetric(float64(courier.taken.Load()), "messages")
					b.ReportMetric(float64(most-min(most, before))/(1<<20), "MB")
				})
			}
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
