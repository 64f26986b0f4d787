package tegbench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// manyStakes is the larger of the two numbers of stakes over which a cycle is run:
// 100,000, or what TEG_BENCH_STAKES says.
func manyStakes(b *testing.B) int {
	given := os.Getenv("TEG_BENCH_STAKES")
	if given == "" {
		return 100_000
	}
	n, err := strconv.Atoi(given)
	require.NoError(b, err)
	return n
}

var databases = map[string]func(testing.TB) store.Store{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres}

// openBench opens an engine with agents who have funds.
func openBench(b *testing.B, open func(testing.TB) store.Store, agents int) (*teg.Engine, []teg.DID) {
	eng := tegtest.Over(b, open(b))
	return eng, tegtest.FundMany(b, eng, agents, "1000000")
}

// spread does n acts, by so many callers at once.
func spread(b *testing.B, callers, n int, act func(i int) error) {
	var running sync.WaitGroup
	for c := range callers {
		running.Go(func() {
			for i := c; i < n; i += callers {
				if err := act(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
}

// A reward cycle costs the same over a thousand stakes as over many.
func BenchmarkCycle(b *testing.B) {
	ctx := context.Background()
	for name, open := range databases {
		for _, stakes := range []int{1000, manyStakes(b)} {
			b.Run(fmt.Sprintf("%s/stakes=%d", name, stakes), func(b *testing.B) {
				eng, agents := openBench(b, open, max(1, stakes/500))
				spread(b, 256, stakes, func(i int) error {
					_, err := eng.Stake(ctx, teg.StakeParams{By: agents[i%len(agents)], Amount: teg.AVT("1")})
					return err
				})
				for b.Loop() {
					_, err := eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin, Rate: teg.Fraction("0.000001")})
					require.NoError(b, err)
				}
			})
		}
	}
}

// What acts upon stakes cost in groups, beside transfers between the same agents.
func BenchmarkStaking(b *testing.B) {
	const callers = 256
	ctx := context.Background()
	for name, open := range databases {
		b.Run(name, func(b *testing.B) {
			eng, agents := openBench(b, open, 10_000)
			stakes := make([]teg.StakeID, len(agents))
			for _, verb := range []struct {
				name string
				act  func(i int) error
			}{
				{"transfer", func(i int) error {
					_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[i%len(agents)], To: agents[(i+1)%len(agents)], Amount: teg.AVT("1"), Key: fmt.Sprint("t", i)})
					return err
				}},
				{"stake", func(i int) error {
					r, err := eng.Stake(ctx, teg.StakeParams{By: agents[i%len(agents)], Amount: teg.AVT("10"), Key: fmt.Sprint("s", i)})
					stakes[i%len(agents)] = r.StakeID
					return err
				}},
				{"unstake", func(i int) error {
					_, err := eng.Unstake(ctx, teg.UnstakeParams{By: agents[i%len(agents)], StakeID: stakes[i%len(agents)], Amount: teg.AVT("0.001"), Key: fmt.Sprint("u", i)})
					return err
				}},
				{"claim", func(i int) error {
					if i%len(agents) == 0 {
						if _, err := eng.RunRewardCycle(ctx, teg.CycleParams{By: tegtest.Admin}); err != nil {
							return err
						}
					}
					_, err := eng.ClaimRewards(ctx, teg.ClaimParams{By: agents[i%len(agents)], StakeID: stakes[i%len(agents)], Key: fmt.Sprint("c", i)})
					return err
				}},
			} {
				b.Run(verb.name, func(b *testing.B) { measureActs(b, callers, len(agents), verb.act) })
			}
		})
	}
}

// measureActs does as many acts as there are agents for each iteration, and
// reports how many a second.
func measureActs(b *testing.B, callers, each int, act func(i int) error) {
	round := 0
	for b.Loop() {
		spread(b, callers, each, func(i int) error { return act(round*each + i) })
		round++
	}
	b.ReportMetric(float64(round*each)/b.Elapsed().Seconds(), "acts/s")
}
