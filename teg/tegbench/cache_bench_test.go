package tegbench

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
)

// What a shared cache could gain: public reads by 16 callers at once, answered by the engine,
// beside the same answers out of a Redis on this machine. "of-redis" is how fast the engine
// is beside a cache that is never asked whether it is up to date, "of-checked" beside one
// that asks the log's length first, the least by which an answer is known to be right. Above
// 1 the engine is faster than the cache.
func BenchmarkSharedCache(b *testing.B) {
	const callers, each, agents = 16, 50, 5000
	for name, open := range databases {
		b.Run(name, func(b *testing.B) {
			var st store.Store
			eng, dids := openBench(b, func(tb testing.TB) store.Store { st = open(tb); return st }, agents)
			for read, ask := range map[string]func(context.Context) (any, error){
				"rankings": func(ctx context.Context) (any, error) { return eng.Rankings(ctx, teg.RankingsQuery{Limit: 50}) },
				"far behind": func(ctx context.Context) (any, error) {
					return eng.Rankings(ctx, teg.RankingsQuery{Limit: 50, Offset: 4000})
				},
				"reputation": func(ctx context.Context) (any, error) { return eng.Reputation(ctx, dids[rand.IntN(agents)]) },
			} {
				b.Run(read, func(b *testing.B) {
					c := newCached(b, st, ask)
					var engine, redis, checked time.Duration
					for b.Loop() {
						engine += together(b, callers, each, func(ctx context.Context) error { _, err := ask(ctx); return err })
						redis += together(b, callers, each, c.get)
						checked += together(b, callers, each, c.getChecked)
					}
					b.ReportMetric(float64(b.N*callers*each)/engine.Seconds(), "reads/s")
					b.ReportMetric(redis.Seconds()/engine.Seconds(), "of-redis")
					b.ReportMetric(checked.Seconds()/engine.Seconds(), "of-checked")
				})
			}
		})
	}
}

// cached is one answer in Redis.
type cached struct {
	client *redis.Client
	key    string
	store  store.Store
}

func newCached(b *testing.B, st store.Store, ask func(context.Context) (any, error)) *cached {
	options, err := redis.ParseURL(redistest.URL(b))
	require.NoError(b, err)
	c := &cached{redis.NewClient(options), "teg:bench:" + uuid.NewString(), st}
	answer, err := ask(b.Context())
	require.NoError(b, err)
	text, err := json.Marshal(answer)
	require.NoError(b, err)
	require.NoError(b, c.client.Set(b.Context(), c.key, text, time.Hour).Err())
	b.Cleanup(func() {
		require.NoError(b, c.client.Del(context.Background(), c.key).Err())
		require.NoError(b, c.client.Close())
	})
	return c
}

// get reads what a cache has: text that would still have to be read.
func (c *cached) get(ctx context.Context) error { return c.client.Get(ctx, c.key).Err() }

func (c *cached) getChecked(ctx context.Context) error {
	if _, _, err := c.store.Reader().LogSize(ctx); err != nil {
		return err
	}
	return c.get(ctx)
}
