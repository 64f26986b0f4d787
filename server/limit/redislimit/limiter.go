package redislimit

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/redisconn"
)

// DefaultPrefix begins the names of all keys.
const DefaultPrefix = "teg:limit:"

// draw keeps a bucket as the time at which it will be full, in microseconds by the
// clock of Redis, which is one for all servers. A bucket that is full has no key: keys
// end when that time comes.
var draw = redis.NewScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or now, now)
if cost > 0 and full + cost > now + period then
	return {0, full - now}
end
full = full + cost
if full <= now then
	redis.call('DEL', KEYS[1])
elseif cost ~= 0 then
	redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return {1, math.max(full - now, 0)}
`)

// Limiter counts in Redis. It is safe for concurrent use. Use it through
// [limit.Shared], and Close it in the end.
type Limiter struct {
	client *redis.Client
	prefix string
}

var _ limit.Limiter = (*Limiter)(nil)

// Open makes a limiter over the Redis at a redis:// or rediss:// URL. Nothing is asked
// of it yet: one that is away is found out by the first request. The names of its keys
// begin with prefix; [DefaultPrefix] where that is empty.
func Open(url, prefix string) (*Limiter, error) {
	client, err := redisconn.Open(url)
	if err != nil {
		return nil, err
	}
	return &Limiter{client, cmp.Or(prefix, DefaultPrefix)}, nil
}

// Ping asks Redis something small.
func (l *Limiter) Ping(ctx context.Context) error { return l.client.Ping(ctx).Err() }

// Close closes the connections.
func (l *Limiter) Close() error { return l.client.Close() }

// Take implements [limit.Limiter]. Costs are rounded to microseconds.
func (l *Limiter) Take(ctx context.Context, key limit.Key, n int, r limit.Rate) (limit.Result, error) {
	cost := r.Cost(n).Round(time.Microsecond).Microseconds()
	answer, err := draw.Run(ctx, l.client, []string{l.prefix + key.String()}, cost, r.Period.Microseconds()).Int64Slice()
	if err != nil {
		return limit.Result{}, err
	}
	if len(answer) != 2 {
		return limit.Result{}, fmt.Errorf("redislimit: %d numbers came back, and not 2", len(answer))
	}
	return limit.Describe(answer[0] == 1, time.Duration(answer[1])*time.Microsecond, n, r), nil
}
