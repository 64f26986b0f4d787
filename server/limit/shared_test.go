package limit

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
)

// faulty is a store that can be away, and counts what it is asked.
type faulty struct {
	*Memory
	err    error
	asked  int
	during func() // what happens while it is asked
}

func (f *faulty) Take(ctx context.Context, key Key, n int, r Rate) (Result, error) {
	f.asked++
	if during := f.during; during != nil {
		f.during = nil
		during()
	}
	if f.err != nil {
		return Result{}, f.err
	}
	return f.Memory.Take(ctx, key, n, r)
}

// shared is a limiter over a store that can be away, at a time that the test moves.
type shared struct {
	*Shared
	store *faulty
	log   *bytes.Buffer
	clock time.Time
	t     *testing.T
}

func newShared(t *testing.T) *shared {
	s := &shared{store: &faulty{Memory: NewMemory(0)}, log: new(bytes.Buffer), clock: time.Unix(1_000_000, 0), t: t}
	now := func() time.Time { return s.clock }
	s.Shared = NewShared(s.store, NewMemory(0), slog.New(slog.NewTextHandler(s.log, nil)))
	s.now, s.memory.now, s.store.now = now, now, now
	return s
}

var bob = Key{Class: Standard, Agent: did.MustParse("did:example:bob")}

func (s *shared) take(n int) Result {
	result, err := s.Take(s.t.Context(), bob, n, PerHour(60))
	require.NoError(s.t, err)
	return result
}

// While the store is away the limits go on in memory, from where they were; it is left
// alone for a second after each failure, and asked again then.
func TestTheStoreGoesAndComes(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	require.Equal(t, 30, s.take(30).Remaining)
	s.store.err = errors.New("connection refused")
	require.Equal(t, 29, s.take(1).Remaining)
	require.True(t, s.Away())
	for range 20 {
		s.take(1)
	}
	require.Equal(t, 2, s.store.asked, "it was left alone")
	require.False(t, s.take(10).Allowed, "the limit holds")
	s.clock = s.clock.Add(time.Second)
	s.take(1)
	require.EqualValues(t, 2, s.Failures())
	require.Equal(t, 1, strings.Count(s.log.String(), "does not answer"), "told once")
	s.store.err = nil
	s.clock = s.clock.Add(time.Second)
	require.Equal(t, 29, s.take(1).Remaining, "what the store knows holds again")
	require.False(t, s.Away())
	require.Equal(t, 1, strings.Count(s.log.String(), "answers again"))
}

// While the store is away one request at a time tries it; the others do not wait.
func TestOneTriesTheStore(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.store.err = errors.New("connection refused")
	s.take(1)
	for asked := 2; asked < 5; asked++ {
		s.clock = s.clock.Add(time.Second)
		s.store.during = func() { s.take(1) }
		s.take(1)
		require.Equal(t, asked, s.store.asked)
	}
	s.store.err = nil
	s.clock = s.clock.Add(time.Second)
	s.take(1)
	s.store.during = func() { s.take(1) }
	s.take(1)
	require.Equal(t, 7, s.store.asked, "all of them ask again")
}

// What the store refuses does not count in memory, either.
func TestRefusalsDoNotCount(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	_, err := s.store.Memory.Take(t.Context(), bob, 60, PerHour(60)) // on another server
	require.NoError(t, err)
	require.False(t, s.take(40).Allowed)
	s.store.err = errors.New("connection refused")
	require.Equal(t, 30, s.take(30).Remaining)
}

// A caller who hangs up says nothing of the store.
func TestCallersWhoHangUp(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.store.err = context.Canceled
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := s.Take(ended, bob, 1, PerHour(60))
	require.NoError(t, err)
	require.True(t, result.Allowed)
	require.False(t, s.Away())
	require.Zero(t, s.Failures())
}

// Who ignores a refusal costs the store nothing, and is let through in time.
func TestWhoIsRefusedIsNotAskedFor(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.take(60)
	refused := s.take(1)
	require.Equal(t, time.Minute, refused.Retry)
	asked := s.store.asked
	for range 59 {
		s.clock = s.clock.Add(time.Second)
		again := s.take(1)
		refused.Retry -= time.Second
		refused.Full -= time.Second
		require.Equal(t, refused, again)
	}
	require.Equal(t, asked, s.store.asked)
	require.Zero(t, s.take(0).Remaining, "looking is let through")
	s.clock = s.clock.Add(time.Second)
	require.True(t, s.take(1).Allowed)
	require.False(t, s.take(1).Allowed)
	s.take(-1)
	require.True(t, s.take(1).Allowed, "what was given back is there")
	require.False(t, s.take(5).Allowed)
	require.False(t, s.take(1).Allowed)
	s.clock = s.clock.Add(time.Minute)
	require.True(t, s.take(1).Allowed, "less than was refused")
}

// However many callers there are, memory is bounded, and addresses do not drive agents
// out.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := NewMemory(8)
	r := PerHour(2)
	take := func(key Key) Result {
		result, err := m.Take(t.Context(), key, 1, r)
		require.NoError(t, err)
		return result
	}
	take(bob)
	address := netip.MustParseAddr("10.0.0.0")
	for range 1000 {
		take(Of(Standard, address))
		address = address.Next()
	}
	require.Zero(t, take(bob).Remaining, "it is remembered")
	for i := range 1000 {
		take(Key{Class: Standard, Agent: did.MustParse("did:example:" + strconv.Itoa(i))})
	}
	require.Equal(t, []int{8, 8}, []int{m.agents.Len(), m.addresses.Len()})
	require.Equal(t, 1, take(bob).Remaining, "forgotten is full")
}

// A request that is counted in memory leaves no garbage.
func TestMemoryAllocatesNothing(t *testing.T) {
	m := NewMemory(0)
	r, address := PerHour(1_000_000), netip.MustParseAddr("2001:db8::1")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = m.Take(context.Background(), bob, 1, r)
		_, _ = m.Take(context.Background(), Of(Standard, address), 1, r)
	}))
}

func BenchmarkMemory(b *testing.B) {
	m, r := NewMemory(0), PerHour(1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = m.Take(context.Background(), bob, 1, r)
	}
}
