package teg_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

func BenchmarkQuick(b *testing.B) {
	for name, open := range map[string]func(testing.TB) store.Store{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
		b.Run(name, func(b *testing.B) {
			st := open(b)
			eng, err := teg.New(context.Background(), st, teg.Config{})
			require.NoError(b, err)
			defer eng.Close()
			ctx := context.Background()
			const n = 10000
			agents := make([]teg.DID, n)
			admin := teg.Agent("did:x:admin")
			sem := make(chan struct{}, 256)
			var wg sync.WaitGroup
			for i := range agents {
				agents[i] = teg.Agent(fmt.Sprintf("did:bench:%d", i))
				wg.Add(1)
				sem <- struct{}{}
				go func() {
					defer func() { <-sem; wg.Done() }()
					_, err := eng.Issue(ctx, teg.IssueParams{By: admin, To: agents[i], Amount: teg.AVT("1000000"), Reason: "x"})
					if err != nil {
						panic(err)
					}
				}()
			}
			wg.Wait()
			for _, clients := range []int{1, 64, 256, 1024} {
				b.Run(fmt.Sprint(clients), func(b *testing.B) {
					for b.Loop() {
						s0 := eng.Stats()
						var done atomic.Int64
						t0 := time.Now()
						var wg sync.WaitGroup
						for range clients {
							wg.Go(func() {
								for time.Since(t0) < 2*time.Second {
									x, y := rand.IntN(n), rand.IntN(n)
									if x == y {
										continue
									}
									_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[x], To: agents[y], Amount: teg.AVT("1"), Key: fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())})
									if err != nil {
										panic(err)
									}
									done.Add(1)
								}
							})
						}
						wg.Wait()
						s1 := eng.Stats()
						b.ReportMetric(float64(done.Load())/time.Since(t0).Seconds(), "tr/s")
						b.ReportMetric(float64(s1.Operations-s0.Operations)/float64(s1.Groups-s0.Groups), "group")
					}
				})
			}
		})
	}
}
