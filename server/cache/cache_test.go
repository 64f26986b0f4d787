package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/cache/rediscache"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// openRedis is a store of one server, with a name of its own.
func openRedis(t testing.TB) cache.Store {
	s, err := rediscache.Open(redistest.URL(t), "teg:test:"+uuid.NewString()+":")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// shelf is a store in memory that can be made to fail. It forgets nothing by itself.
type shelf struct {
	mu     sync.Mutex
	values map[string][]byte
	ttl    time.Duration // of the last answer
	asked  int
	fault  func(ctx context.Context) error // nil: it answers
}

func newShelf() *shelf { return &shelf{values: map[string][]byte{}} }

func (s *shelf) begin(ctx context.Context) error {
	s.mu.Lock()
	s.asked++
	fault := s.fault
	s.mu.Unlock()
	if fault != nil {
		return fault(ctx)
	}
	return nil
}

func (s *shelf) fails(with func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = with
}

func (s *shelf) Read(ctx context.Context, names ...string) ([][]byte, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var values [][]byte
	for _, name := range names {
		values = append(values, s.values[name])
	}
	return values, nil
}

func (s *shelf) Write(ctx context.Context, name string, value []byte, ttl time.Duration) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name], s.ttl = value, ttl
	return nil
}

// counts are the results of one cache.
type counts [3]atomic.Int64

func (c *counts) Cached(r cache.Result) {
	for i, each := range cache.Results() {
		if each == r {
			c[i].Add(1)
		}
	}
}

// all are the hits, misses and faults.
func (c *counts) all() [3]int64 { return [3]int64{c[0].Load(), c[1].Load(), c[2].Load()} }

// patient waits for a store that is slow because the machine is busy.
func patient(store cache.Store, space string) *cache.Cache {
	c := cache.New(cache.Config{Store: store, TTL: time.Minute, Patience: time.Minute})
	c.Begin(space)
	return c
}

// says is who knows the answer.
func says(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

// ask wants an answer without an error.
func ask(t testing.TB, c *cache.Cache, question string, know func() ([]byte, error)) string {
	t.Helper()
	answer, err := c.Answer(t.Context(), question, know)
	require.NoError(t, err)
	return string(answer)
}

// What was answered on one server is answered on the other, until one of them changes
// something.
func TestAnswersAreShared(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]cache.Store{"memory": newShelf(), "redis": openRedis(t)} {
		t.Run(name, func(t *testing.T) {
			one, two, stranger := patient(store, "economy"), patient(store, "economy"), patient(store, "another")
			first := `{"score":1,"name":"ü"}`
			require.Equal(t, first, ask(t, one, "q", says(first)))
			require.Equal(t, first, ask(t, one, "q", says("2")))
			require.Equal(t, first, ask(t, two, "q", says("3")))
			require.Equal(t, "4", ask(t, two, "another question", says("4")))
			require.Equal(t, "5", ask(t, stranger, "q", says("5")), "another economy has its own")
			two.Changed(t.Context())
			require.Equal(t, "6", ask(t, one, "q", says("6")))
			require.Equal(t, "6", ask(t, two, "q", says("7")))
			require.Equal(t, "5", ask(t, stranger, "q", says("8")))
		})
	}
}

// An answer that was being made while something changed is not kept for those who come
// after.
func TestAnswerMadeBeforeAChange(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]cache.Store{"memory": newShelf(), "redis": openRedis(t)} {
		t.Run(name, func(t *testing.T) {
			one, two := patient(store, "e"), patient(store, "e")
			require.Equal(t, "old", ask(t, one, "q", func() ([]byte, error) {
				two.Changed(t.Context())
				return []byte("old"), nil
			}))
			require.Equal(t, "new", ask(t, one, "q", says("new")))
		})
	}
}

// Errors and answers that are too long are not kept.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c := patient(s, "e")
	_, err := c.Answer(t.Context(), "q", func() ([]byte, error) { return []byte("half"), errors.New("no") })
	require.EqualError(t, err, "no")
	long := strings.Repeat("x", 1<<20)
	require.Equal(t, long, ask(t, c, "q", says(long)))
	require.Len(t, s.values, 1, "the epoch alone")
	require.Equal(t, "short", ask(t, c, "q", says("short")))
	require.Len(t, s.values, 2)
	require.Equal(t, time.Minute, s.ttl)
}

// Before it is known what the answers are about nothing is kept, and changes are
// remembered.
func TestBeforeBegin(t *testing.T) {
	t.Parallel()
	s := newShelf()
	early, other := cache.New(cache.Config{Store: s, Patience: time.Minute}), patient(s, "e")
	require.Equal(t, "1", ask(t, other, "q", says("1")))
	require.Equal(t, "2", ask(t, early, "q", says("2")))
	early.Changed(t.Context())
	early.Begin("e")
	require.Equal(t, "3", ask(t, early, "q", says("3")))
	require.Equal(t, "3", ask(t, other, "q", says("4")))
}

// history is a score, what of it was told to somebody, and how it was read.
type history struct {
	score, told atomic.Int64
	reads       counts
	ended       atomic.Bool
}

const changesEach = 20

// Several servers, each with readers and a writer: nobody reads what is older than what
// somebody had been told of before the reader asked. Between two changes of a writer
// somebody is answered by the store.
func TestNobodyReadsThePast(t *testing.T) {
	t.Parallel()
	store := openRedis(t)
	var h history
	var writing, reading sync.WaitGroup
	const servers = 3
	for range servers {
		c := cache.New(cache.Config{Store: store, Patience: time.Minute, Metrics: &h.reads})
		c.Begin("e")
		writing.Go(func() {
			for range changesEach {
				hits := h.reads.all()[0]
				now := h.score.Add(1) // the commit
				c.Changed(t.Context())
				raise(&h.told, now)
				for h.reads.all()[0] == hits && !t.Failed() {
					runtime.Gosched()
				}
			}
		})
		for range 2 {
			reading.Go(func() { h.read(t, c) })
		}
	}
	writing.Wait()
	h.ended.Store(true)
	reading.Wait()
	require.EqualValues(t, servers*changesEach, h.told.Load())
	require.Zero(t, h.reads.all()[2], "Redis answered")
}

// read reads until nothing is written any more.
func (h *history) read(t *testing.T, c *cache.Cache) {
	for !h.ended.Load() && !t.Failed() {
		told := h.told.Load()
		answer, err := c.Answer(t.Context(), "score", func() ([]byte, error) { return strconv.AppendInt(nil, h.score.Load(), 10), nil })
		if seen, _ := strconv.ParseInt(string(answer), 10, 64); err != nil || seen < told {
			t.Errorf("%d had been told, and %q was read: %v", told, answer, err)
			return
		}
	}
}

// raise sets a number that only grows.
func raise(n *atomic.Int64, to int64) {
	for {
		now := n.Load()
		if now >= to || n.CompareAndSwap(now, to) {
			return
		}
	}
}
