package rediscache

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/server/redisconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Store {
	s, err := Open(redistest.URL(t), "teg:test:"+uuid.NewString()+":")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Values come back as they are, all of one moment; keys begin with the prefix, and end.
func TestReadAndWrite(t *testing.T) {
	t.Parallel()
	s := open(t)
	value := []byte{0, 255, '\n', 'x'}
	require.NoError(t, s.Write(t.Context(), "a", value, time.Minute))
	values, err := s.Read(t.Context(), "none", "a")
	require.NoError(t, err)
	require.Equal(t, [][]byte{nil, value}, values)
	left, err := s.client.PTTL(t.Context(), s.prefix+"a").Result()
	require.NoError(t, err)
	require.Positive(t, left)
	require.LessOrEqual(t, left, time.Minute)
	require.NoError(t, s.Ping(t.Context()))
}

// What is no text is not there, and gives way.
func TestOddRedis(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := cache.New(cache.Config{Store: s, Patience: time.Minute})
	c.Begin("e")
	ask := func(say string) string {
		answer, err := c.Answer(t.Context(), "q", func() ([]byte, error) { return []byte(say), nil })
		require.NoError(t, err)
		return string(answer)
	}
	require.Equal(t, "1", ask("1"))
	keys, err := s.client.Keys(t.Context(), s.prefix+"*").Result()
	require.NoError(t, err)
	require.Len(t, keys, 2, "the epoch, and the answer")
	for i, key := range keys {
		require.True(t, strings.HasPrefix(key, s.prefix+"e:"), key)
		require.NoError(t, s.client.Del(t.Context(), key).Err())
		require.NoError(t, s.client.LPush(t.Context(), key, "x").Err())
		say := []string{"2", "3"}[i]
		require.Equal(t, say, ask(say))
		require.Equal(t, say, ask("4"))
	}
	require.NoError(t, s.client.Del(t.Context(), keys...).Err(), "what Redis forgets is asked for again")
	require.Equal(t, "5", ask("5"))
}

// A Redis that is away is an error, and nothing of its address is told.
func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	s, err := Open("redis://teg:hunter2@127.0.0.1:1/0", "")
	require.NoError(t, err, "nothing is asked of it yet")
	defer s.Close()
	_, err = s.Read(t.Context(), "a")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
	require.Error(t, s.Ping(t.Context()))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, s.Write(ended, "a", nil, time.Minute))
	_, err = Open("redis://u:hunter2@h:port", "")
	require.ErrorIs(t, err, redisconn.ErrURL)
	require.NotContains(t, err.Error(), "hunter2")
}
