package limit_test

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/limit/redislimit"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// openRedis is a limiter of one server; those with the same name share their buckets.
func openRedis(t testing.TB, name string) limit.Limiter {
	l, err := redislimit.Open(redistest.URL(t), "teg:test:"+name+":")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// TestLimiters holds every implementation to the contract. Two limiters count together,
// as several servers do.
func TestLimiters(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		one := limit.NewMemory(0)
		testLimiter(t, [2]limit.Limiter{one, one})
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		name := uuid.NewString()
		testLimiter(t, [2]limit.Limiter{openRedis(t, name), openRedis(t, name)})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		st := storetest.OpenPostgres(t)
		buckets := st.(store.Buckets)
		testLimiter(t, [2]limit.Limiter{limit.NewStored(buckets, nil), limit.NewStored(buckets, nil)})
		require.NoError(t, buckets.SweepBuckets(t.Context()), "the one that filled is full")
		var left int
		require.NoError(t, st.(*postgres.Store).DB().QueryRowContext(t.Context(), `SELECT count(*) FROM rate_buckets WHERE key = ?`, filling.String()).Scan(&left))
		require.Zero(t, left)
		_, taken, err := buckets.Draw(t.Context(), together.String(), 1, never)
		require.NoError(t, err)
		require.False(t, taken, "what is not full is not swept away")
	})
}

func testLimiter(t *testing.T, servers [2]limit.Limiter) {
	t.Run("buckets", func(t *testing.T) { testBuckets(t, servers[0]) })
	t.Run("they fill", func(t *testing.T) { testBucketsFill(t, servers[0]) })
	t.Run("servers count together", func(t *testing.T) { testServersCountTogether(t, servers) })
}

// never is long enough that nothing flows back while a test runs.
const never = 10_000 * time.Hour

var (
	filling  = limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:filling")}
	together = limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:together")}
	alice    = limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:alice")}
	other    = []limit.Key{
		{Class: limit.Transfer, Agent: alice.Agent}, {Class: limit.Standard, Agent: did.MustParse("did:example:bob")},
		limit.Of(limit.Standard, netip.MustParseAddr("192.0.2.1")), limit.Of(limit.Standard, netip.MustParseAddr("192.0.2.2")),
		limit.Of(limit.Identity, netip.MustParseAddr("192.0.2.2")), limit.Of(limit.Standard, netip.Addr{}),
	}
)

func take(t *testing.T, l limit.Limiter, key limit.Key, n int, r limit.Rate) limit.Result {
	t.Helper()
	result, err := l.Take(t.Context(), key, n, r)
	require.NoError(t, err)
	require.Equal(t, r.Burst, result.Limit)
	require.Equal(t, result.Allowed, result.Retry == 0, "%+v", result)
	require.LessOrEqual(t, result.Retry, r.Period)
	require.LessOrEqual(t, result.Full, r.Period)
	return result
}

// A bucket gives what it holds and no more, all or none of what is asked for, and what
// is refused costs nothing.
func testBuckets(t *testing.T, l limit.Limiter) {
	r := limit.Rate{Burst: 10, Period: never}
	require.Equal(t, limit.Result{Allowed: true, Limit: 10, Remaining: 10}, take(t, l, alice, 0, r), "looking costs nothing")
	first := take(t, l, alice, 1, r)
	require.Equal(t, []any{true, 9}, []any{first.Allowed, first.Remaining})
	require.InDelta(t, never/10, first.Full, float64(time.Hour))
	require.Equal(t, 2, take(t, l, alice, 7, r).Remaining)
	refused := take(t, l, alice, 3, r)
	require.Equal(t, []any{false, 2}, []any{refused.Allowed, refused.Remaining})
	require.InDelta(t, never/10, refused.Retry, float64(time.Hour), "until there is one more")
	require.True(t, take(t, l, alice, 2, r).Allowed)
	require.False(t, take(t, l, alice, 1, r).Allowed)
	require.Zero(t, take(t, l, alice, 0, r).Remaining)
	for _, key := range other {
		require.Equal(t, 9, take(t, l, key, 1, r).Remaining, key.String())
	}
	require.Equal(t, 4, take(t, l, alice, -4, r).Remaining, "given back")
	require.Equal(t, 3, take(t, l, alice, 1, r).Remaining)
	take(t, l, alice, -10, r)
	require.Equal(t, 10, take(t, l, alice, 0, r).Remaining, "never more than it holds")
	require.False(t, take(t, l, alice, 11, r).Allowed)
	require.False(t, take(t, l, limit.Key{Class: limit.Transfer, Agent: did.MustParse("did:example:new")}, 11, r).Allowed)
	require.Equal(t, 10, take(t, l, alice, 0, r).Remaining)
}

func testBucketsFill(t *testing.T, l limit.Limiter) {
	r := limit.Rate{Burst: 5, Period: 500 * time.Millisecond}
	for range 2 {
		require.Eventually(t, func() bool { return take(t, l, filling, 5, r).Allowed }, time.Minute, 10*time.Millisecond)
	}
	require.Eventually(t, func() bool { return take(t, l, filling, 0, r).Full == 0 }, time.Minute, 10*time.Millisecond)
}

// Several servers let no more through together than one may.
func testServersCountTogether(t *testing.T, servers [2]limit.Limiter) {
	r := limit.Rate{Burst: 150, Period: never}
	var allowed atomic.Int64
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for range 50 {
				if result, err := servers[i%2].Take(context.Background(), together, 1, r); err == nil && result.Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	callers.Wait()
	require.EqualValues(t, 150, allowed.Load())
}

// IPv6 counts by /64, and an IPv4 address is one however it is written.
func TestAddressesOfKeys(t *testing.T) {
	t.Parallel()
	of := func(text string) limit.Key { return limit.Of(limit.Standard, netip.MustParseAddr(text)) }
	require.Equal(t, of("2001:db8:0:1::7"), of("2001:db8:0:1:ffff::9%eth0"))
	require.NotEqual(t, of("2001:db8:0:1::7"), of("2001:db8:0:2::7"))
	require.Equal(t, of("192.0.2.1"), of("::ffff:192.0.2.1"))
	require.NotEqual(t, of("192.0.2.1"), of("192.0.2.2"))
	require.Equal(t, "standard@2001:db8:0:1::", of("2001:db8:0:1::7").String())
	require.Equal(t, "standard:did:example:alice", alice.String())
}
