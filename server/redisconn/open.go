// Package redisconn opens a client of Redis in the way that all of the server does: quiet,
// bounded, and sending nothing twice. It is a package of its own so that nobody else links
// one.
package redisconn

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Timeout bounds a connection to Redis, and what is read and written over it, where the
// address says nothing else. One request waits less.
const Timeout = time.Second

// quiet keeps the client from writing to stderr by itself: what it says comes back as an
// error, too, and is logged where that is dealt with.
type quiet struct{}

// Printf writes nothing.
func (quiet) Printf(context.Context, string, ...any) {}

func init() { redis.SetLogger(quiet{}) }

// ErrURL says what the address must look like, and repeats nothing of it.
var ErrURL = errors.New("the URL of Redis must look like redis://user:password@host:6379/0, or rediss:// for TLS, " +
	"with special characters of the password percent-encoded")

// Open makes a client of the Redis at a redis:// or rediss:// URL; [ErrURL] for another.
// Nothing is asked of it yet: one that is away is found out by the first request.
func Open(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil || !strings.HasPrefix(url, "redis://") && !strings.HasPrefix(url, "rediss://") {
		return nil, ErrURL // what the client says may repeat a password
	}
	options.DialTimeout = cmp.Or(options.DialTimeout, Timeout)
	options.ReadTimeout, options.WriteTimeout = cmp.Or(options.ReadTimeout, Timeout), cmp.Or(options.WriteTimeout, Timeout)
	options.DialerRetries = 1
	options.MaxRetries = -1 // what was sent may have been done, although its answer was lost
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	return redis.NewClient(options), nil
}
