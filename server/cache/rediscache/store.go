// Package rediscache keeps the answers of package cache in Redis, where several servers
// share them. It is a package of its own so that nobody else links a client of Redis.
package rediscache

import (
	"cmp"
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/redisconn"
)

// DefaultPrefix begins the names of all keys.
const DefaultPrefix = "teg:cache:"

// Store keeps answers in Redis. It is safe for concurrent use. Close it in the end.
type Store struct {
	client *redis.Client
	prefix string
}

var _ cache.Store = (*Store)(nil)

// Open makes a store over the Redis at a redis:// or rediss:// URL. Nothing is asked of it
// yet: one that is away is found out by the first request. The names of its keys begin
// with prefix; [DefaultPrefix] where that is empty.
func Open(url, prefix string) (*Store, error) {
	client, err := redisconn.Open(url)
	if err != nil {
		return nil, err
	}
	return &Store{client, cmp.Or(prefix, DefaultPrefix)}, nil
}

// Ping asks Redis something small.
func (s *Store) Ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }

// Close closes the connections.
func (s *Store) Close() error { return s.client.Close() }

// Read implements [cache.Store]. Redis reads all names of one command at one moment.
func (s *Store) Read(ctx context.Context, names ...string) ([][]byte, error) {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = s.prefix + name
	}
	found, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(found))
	for i := range found {
		if text, ok := found[i].(string); ok {
			values[i] = []byte(text)
		}
	}
	return values, nil
}

// Write implements [cache.Store]. A key of another type is replaced, too.
func (s *Store) Write(ctx context.Context, name string, value []byte, ttl time.Duration) error {
	return s.client.Set(ctx, s.prefix+name, value, ttl).Err()
}
