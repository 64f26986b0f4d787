package cache

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of [Config].
const (
	DefaultTTL      = 10 * time.Second
	DefaultPatience = 50 * time.Millisecond
)

const (
	pauseTime = time.Second // in which a store that failed is not asked
	maxAnswer = 256 << 10   // bytes; a longer one is not kept
	epochTTL  = 24 * time.Hour
)

// Store is where answers are kept. Its methods must be safe for concurrent use and heed
// their contexts.
type Store interface {
	// Read returns the values under the names as they were at one moment, in that order;
	// nil for one that is not there, or is no text.
	Read(ctx context.Context, names ...string) ([][]byte, error)
	// Write keeps a value under a name, whatever was there, for no longer than ttl.
	Write(ctx context.Context, name string, value []byte, ttl time.Duration) error
}

// Result is what became of a question to a cache.
type Result string

// The results.
const (
	Hit   Result = "hit"   // answered by the store
	Miss  Result = "miss"  // answered by who knows
	Fault Result = "fault" // the store did not answer, whatever it was asked for
)

// Results are all that there are.
func Results() []Result { return []Result{Hit, Miss, Fault} }

// Metrics is told of questions. It must be quick, and safe for concurrent use.
type Metrics interface {
	// Cached reports a result.
	Cached(r Result)
}

// Config says how a cache behaves. All fields but Store may be zero.
type Config struct {
	Store Store
	// TTL is how long an answer is given at most, though no change is heard of.
	// Default: [DefaultTTL].
	TTL time.Duration
	// Patience is how long one request waits for the store, each time that it asks. Then
	// the store is left alone for a second. Default: [DefaultPatience].
	Patience time.Duration
	Logger   *slog.Logger // Default: nothing is logged.
	Metrics  Metrics      // Default: nobody is told.
}

// Cache keeps answers. It is safe for concurrent use.
type Cache struct {
	config Config
	space  atomic.Pointer[string] // nil until Begin

	away     atomic.Bool  // as it was last logged
	resumeAt atomic.Int64 // when a store that is away is tried again, in Unix nanoseconds; 0: it is not away

	changes atomic.Int64 // that were made here
	moving  sync.Mutex   // held while the epoch is moved
	moved   atomic.Int64 // as many of the changes have an epoch after them
	owed    atomic.Int64 // as many are to have one before anything is read
}

// New makes a cache that keeps nothing until [Cache.Begin].
func New(config Config) *Cache {
	config.TTL, config.Patience = cmp.Or(config.TTL, DefaultTTL), cmp.Or(config.Patience, DefaultPatience)
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Cache{config: config}
}

// Begin names what the answers are about. Caches of one name share their answers; those
// of another do not get them.
func (c *Cache) Begin(space string) { c.space.Store(&space) }

// Begun reports whether Begin was called.
func (c *Cache) Begun() bool { return c.space.Load() != nil }

// Answer is what was kept for the question, or else what ask says, which is kept where it
// is no error. It never fails by itself. What is given was made after every call of
// Changed, of any cache of that name, that had put its epoch in force when Answer began.
func (c *Cache) Answer(ctx context.Context, question string, ask func() ([]byte, error)) ([]byte, error) {
	f := c.find(ctx, question)
	if f.answer != nil {
		c.tell(Hit)
		return f.answer, nil
	}
	c.tell(Miss)
	answer, err := ask()
	if err == nil && f.keeps && len(answer) <= maxAnswer {
		c.bounded(ctx, func(ctx context.Context) error {
			return c.config.Store.Write(ctx, f.name, seal(f.epoch, question, answer), c.config.TTL)
		})
	}
	return answer, err
}

// found is what is known of a question.
type found struct {
	answer []byte // nil: it has to be asked
	name   string // under which its answer is kept
	epoch  epoch  // in which that is made
	keeps  bool   // the store is there to keep it
}

// find looks for an answer. Changes that are owed an epoch come first, and so does one
// where there is none.
func (c *Cache) find(ctx context.Context, question string) found {
	if !c.Begun() || !c.settle(ctx) || !c.asks() {
		return found{}
	}
	f := found{name: c.nameOf(question)}
	var values [][]byte
	f.keeps = c.bounded(ctx, func(ctx context.Context) (err error) {
		values, err = c.config.Store.Read(ctx, c.epochName(), f.name)
		return err
	})
	if !f.keeps || len(values) != 2 {
		return found{}
	}
	known := false
	if f.epoch, known = parseEpoch(values[0]); known {
		f.answer = open(values[1], f.epoch, question)
		return f
	}
	f.epoch = newEpoch() // who asks from now on, asks in this one
	f.keeps = c.put(ctx, f.epoch)
	return f
}

func (c *Cache) tell(r Result) {
	if c.config.Metrics != nil {
		c.config.Metrics.Cached(r)
	}
}
