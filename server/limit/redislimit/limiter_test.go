package redislimit

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/server/redisconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Keys begin with the prefix, and end when their buckets are full: nothing is left
// behind, and Redis holds no more than those who called lately.
func TestKeysEnd(t *testing.T) {
	t.Parallel()
	prefix := "teg:test:" + uuid.NewString() + ":"
	l, err := Open(redistest.URL(t), prefix)
	require.NoError(t, err)
	defer l.Close()
	key := limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:alice")}
	_, err = l.Take(t.Context(), key, 30, limit.PerHour(60))
	require.NoError(t, err)
	name := prefix + "standard:did:example:alice"
	ttl, err := l.client.PTTL(t.Context(), name).Result()
	require.NoError(t, err)
	require.LessOrEqual(t, ttl, 30*time.Minute)
	require.Greater(t, ttl, 15*time.Minute)
	_, err = l.Take(t.Context(), key, -60, limit.PerHour(60))
	require.NoError(t, err)
	left, err := l.client.Exists(t.Context(), name).Result()
	require.NoError(t, err)
	require.Zero(t, left, "a bucket that is full has no key")
}

// A script that Redis has forgotten is sent again; what is no bucket is no panic.
func TestOddRedis(t *testing.T) {
	t.Parallel()
	prefix := "teg:test:" + uuid.NewString() + ":"
	l, err := Open(redistest.URL(t), prefix)
	require.NoError(t, err)
	defer l.Close()
	key := limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:alice")}
	require.NoError(t, l.client.ScriptFlush(t.Context()).Err())
	result, err := l.Take(t.Context(), key, 1, limit.PerHour(60))
	require.NoError(t, err)
	require.Equal(t, 59, result.Remaining)
	require.NoError(t, l.client.Set(t.Context(), prefix+"standard:did:example:alice", "no number", time.Minute).Err())
	result, err = l.Take(t.Context(), key, 1, limit.PerHour(60))
	require.NoError(t, err)
	require.True(t, result.Allowed)
	require.NoError(t, l.client.Del(t.Context(), prefix+"standard:did:example:alice").Err())
	require.NoError(t, l.client.LPush(t.Context(), prefix+"standard:did:example:alice", "x").Err())
	_, err = l.Take(t.Context(), key, 1, limit.PerHour(60))
	require.ErrorContains(t, err, "WRONGTYPE")
	require.NoError(t, l.client.Del(t.Context(), prefix+"standard:did:example:alice").Err())
}

// Times that the address names hold.
func TestTimesOfTheAddress(t *testing.T) {
	t.Parallel()
	l, err := Open("redis://127.0.0.1:1/0?read_timeout=7s", "")
	require.NoError(t, err)
	defer l.Close()
	o := l.client.Options()
	require.Equal(t, []time.Duration{redisconn.Timeout, 7 * time.Second, redisconn.Timeout}, []time.Duration{o.DialTimeout, o.ReadTimeout, o.WriteTimeout})
}

// A Redis that is away is an error, and nothing of its address is told.
func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	l, err := Open("redis://teg:hunter2@127.0.0.1:1/0", "")
	require.NoError(t, err, "nothing is asked of it yet")
	defer l.Close()
	_, err = l.Take(t.Context(), limit.Key{Class: limit.Standard}, 1, limit.PerHour(60))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
	require.Error(t, l.Ping(t.Context()))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.Take(ended, limit.Key{Class: limit.Standard}, 1, limit.PerHour(60))
	require.Error(t, err)
	for _, bad := range []string{"", "127.0.0.1:6379", "http://127.0.0.1", "redis://u:hunter2@h:port", "unix:///tmp/redis.sock", "redis://h/x?y=z"} {
		_, err := Open(bad, "")
		require.ErrorIs(t, err, redisconn.ErrURL, bad)
		require.False(t, strings.Contains(err.Error(), "hunter2"))
	}
}
