package limit

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// DefaultSize is how many buckets of agents, and how many of addresses, are kept in
// memory. All of them take some 40 MiB.
const DefaultSize = 1 << 16

// Memory counts in this process. It keeps a bounded number of buckets and forgets
// those that were not asked for longest, which are full for whoever comes back; agents
// and addresses do not drive each other out.
type Memory struct {
	agents, addresses *lru.Cache[Key, *rate.Limiter]
	now               func() time.Time
}

var _ Limiter = (*Memory)(nil)

// NewMemory keeps so many buckets of agents, and as many of addresses;
// [DefaultSize] where size is not positive.
func NewMemory(size int) *Memory {
	if size <= 0 {
		size = DefaultSize
	}
	return &Memory{agents: newBuckets[*rate.Limiter](size), addresses: newBuckets[*rate.Limiter](size), now: time.Now}
}

func newBuckets[V any](size int) *lru.Cache[Key, V] {
	buckets, err := lru.New[Key, V](size)
	if err != nil { // only where the size is not positive
		panic(err)
	}
	return buckets
}

// Take implements [Limiter]. It never fails.
func (m *Memory) Take(_ context.Context, key Key, n int, r Rate) (Result, error) {
	now, bucket := m.now(), m.bucket(&key, r)
	allowed := bucket.AllowN(now, n)
	missing := float64(r.Burst) - bucket.TokensAt(now)
	full := time.Duration(missing / float64(r.Burst) * float64(r.Period))
	return Describe(allowed, full, n, r), nil
}

// bucket finds a bucket, or makes a full one.
func (m *Memory) bucket(key *Key, r Rate) *rate.Limiter {
	buckets := m.agents
	if key.Agent.IsZero() {
		buckets = m.addresses
	}
	if bucket, ok := buckets.Get(*key); ok {
		return bucket
	}
	fresh := rate.NewLimiter(rate.Limit(float64(r.Burst)/r.Period.Seconds()), r.Burst)
	if before, there, _ := buckets.PeekOrAdd(*key, fresh); there { // somebody was faster
		return before
	}
	return fresh
}
