package tegbench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

// readers read the log beside a load, or not, by turns.
type readers struct {
	b       *testing.B
	subject *Subject
	read    func(ctx context.Context, ready func()) // until the context ends; the load begins when it is ready
	catchUp func(context.Context)                   // what came while nobody read
}

// run puts a load on the engine, with readers beside it or without.
func (r *readers) run(l Load, beside bool) Result {
	ctx := context.Background()
	r.catchUp(ctx)
	reading, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	if beside {
		begun := make(chan struct{})
		ready := sync.OnceFunc(func() { close(begun) })
		ended.Go(func() {
			defer ready()
			r.read(reading, ready)
		})
		<-begun
	}
	result, err := r.subject.Run(ctx, l)
	stop()
	ended.Wait()
	require.NoError(r.b, err)
	return result
}

// turns runs a load with and without readers by turns, and returns the medians.
func (r *readers) turns(l Load) (with, without Result) {
	const rounds = 5
	var both [2][]Result
	for range rounds {
		for i, beside := range []bool{true, false} {
			both[i] = append(both[i], r.run(l, beside))
		}
	}
	for _, list := range both {
		slices.SortFunc(list, func(x, y Result) int { return int(x.Rate - y.Rate) })
	}
	return both[0][rounds/2], both[1][rounds/2]
}

// reportTurns measures at full load and at half of it.
func (r *readers) reportTurns() {
	full := Load{Duration: 2 * time.Second, Clients: 256}
	with, without := r.turns(full)
	r.b.ReportMetric(0, "ns/op")
	r.b.ReportMetric(without.Rate, "off/s")
	r.b.ReportMetric(with.Rate/without.Rate, "on-of-off")
	full.Rate = without.Rate / 2
	with, without = r.turns(full)
	r.b.ReportMetric(with.Rate/without.Rate, "half-on-of-off")
	r.b.ReportMetric(float64(with.P99.Microseconds())/1000, "half-on-p99-ms")
	r.b.ReportMetric(float64(without.P99.Microseconds())/1000, "half-off-p99-ms")
}

// eachSubject runs a benchmark on an engine on each database, and has its books proven.
func eachSubject(b *testing.B, bench func(b *testing.B, s *Subject)) {
	for name, place := range places {
		b.Run(name, func(b *testing.B) {
			s, err := NewSubject(context.Background(), place(b), 10_000, teg.Config{})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, s.Close()) })
			for b.Loop() {
				bench(b, s)
			}
			_, err = s.API().Verify(context.Background())
			require.NoError(b, err)
		})
	}
}

// What the auditor costs transfers, how far it falls behind, and how fast it reads what
// is there.
func BenchmarkAuditor(b *testing.B) {
	eachSubject(b, func(b *testing.B, s *Subject) {
		var lag time.Duration
		audit := func(ctx context.Context) {
			if _, err := s.API().Audit(ctx); ctx.Err() == nil {
				require.NoError(b, err)
			}
		}
		r := &readers{b: b, subject: s, catchUp: audit, read: func(ctx context.Context, ready func()) {
			ready()
			for last := time.Now(); ctx.Err() == nil; last = time.Now() {
				audit(ctx)
				select { // as RunAuditor does
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
				lag = max(lag, time.Since(last)) // no event waits longer than from one look at the end to the next
			}
		}}
		r.reportTurns()
		b.ReportMetric(float64(lag.Milliseconds()), "lag-ms")
		began := time.Now()
		trial, err := s.API().TryRules(context.Background(), teg.TryRulesParams{})
		require.NoError(b, err)
		b.ReportMetric(float64(trial.Events)/time.Since(began).Seconds(), "events-read/s")
	})
}

// What others cost transfers who read the log as it grows.
func BenchmarkFollow(b *testing.B) {
	for _, readersAtOnce := range []int{1, 4} {
		b.Run(fmt.Sprintf("readers=%d", readersAtOnce), func(b *testing.B) {
			eachSubject(b, func(b *testing.B, s *Subject) {
				follow := func(ctx context.Context, ready func()) {
					ready()
					var running sync.WaitGroup
					for i := range readersAtOnce {
						running.Go(func() {
							require.NoError(b, s.API().Follow(ctx, teg.FollowParams{Name: fmt.Sprint(i), Batch: teg.MaxLimit},
								func(context.Context, []teg.AuditLogEntry) error { return nil }))
						})
					}
					running.Wait()
				}
				r := &readers{b: b, subject: s, read: follow, catchUp: func(context.Context) {}}
				r.reportTurns()
			})
		})
	}
}
