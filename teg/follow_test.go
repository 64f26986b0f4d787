package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// reading collects what a reader of the log was handed.
type reading struct {
	mu    sync.Mutex
	seen  []int64
	after int // entries after which stop is called
	stop  context.CancelFunc
}

func (r *reading) handle(_ context.Context, entries []teg.AuditLogEntry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, entry := range entries {
		r.seen = append(r.seen, entry.Position)
	}
	if len(r.seen) >= r.after && r.stop != nil {
		r.stop()
	}
	return nil
}

// follow reads under a name until so many events were seen.
func (c *conduct) follow(p teg.FollowParams, events int) []int64 {
	c.t.Helper()
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	r := &reading{after: events, stop: stop}
	require.NoError(c.t, c.eng.Follow(ctx, p, r.handle))
	require.NoError(c.t, c.ctx.Err(), "they came in time")
	return r.seen
}

func upTo(from, to int64) (list []int64) {
	for ; from < to; from++ {
		list = append(list, from)
	}
	return list
}

// A reader goes on where it stood, and readers of other names stand where they stood.
func TestFollow(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		size := int64(len(everyEvent(c)))
		c.burst(agents[0], agents[1], 5)
		require.Equal(t, upTo(0, size+5), c.follow(teg.FollowParams{Name: "one", Batch: 2}, int(size+5)), "in order, without a gap")
		c.burst(agents[0], agents[1], 3)
		require.Equal(t, upTo(size+5, size+8), c.follow(teg.FollowParams{Name: "one"}, 3))
		require.Equal(t, upTo(size, size+8), c.follow(teg.FollowParams{Name: "another", Actions: []string{"transfer"}}, 8))

		odd := errors.New("odd")
		c.burst(agents[0], agents[1], 3)
		calls := 0
		err := c.eng.Follow(c.ctx, teg.FollowParams{Name: "one", Batch: 2}, func(_ context.Context, entries []teg.AuditLogEntry) error {
			if calls++; calls == 2 {
				return odd
			}
			return nil
		})
		require.ErrorIs(t, err, odd)
		require.Equal(t, upTo(size+10, size+11), c.follow(teg.FollowParams{Name: "one"}, 1), "what was not handled comes again, and nothing else")
	})
}

// Of many who follow under one name, in two processes, one reads at a time; the next
// takes over when it is gone.
func TestFollowTakesTurns(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		var engines [2]*teg.Engine
		for i, st := range stores {
			engines[i] = tegtest.Over(t, st)
		}
		c := &conduct{t: t, ctx: limited(t), eng: engines[0]}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		size := len(everyEvent(c))
		r := &reading{}
		ctx, stop := context.WithCancel(c.ctx)
		var readers sync.WaitGroup
		for _, eng := range engines {
			readers.Go(func() {
				for ctx.Err() == nil { // each leaves its turn after every page
					page, leave := context.WithCancel(ctx)
					err := eng.Follow(page, teg.FollowParams{Name: "shared", Batch: 3}, func(ctx context.Context, entries []teg.AuditLogEntry) error {
						defer leave()
						return r.handle(ctx, entries)
					})
					leave()
					if err != nil {
						t.Errorf("%v", err)
						return
					}
				}
			})
		}
		c.burst(agents[0], agents[1], 30)
		require.Eventually(t, func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return len(r.seen) >= size+30
		}, patience, 10*time.Millisecond)
		stop()
		readers.Wait()
		require.Equal(t, upTo(0, int64(size+30)), r.seen, "each once, in order")
	})
}

func TestFollowRefusals(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		handle := func(context.Context, []teg.AuditLogEntry) error { return errors.New("it was called") }
		for _, bad := range []teg.FollowParams{{}, {Name: " "}, {Name: "auditor"}, {Name: fmt.Sprintf("%065d", 1)}, {Name: "a", Batch: -1}, {Name: "a", Batch: 1001}} {
			require.ErrorIs(t, c.eng.Follow(c.ctx, bad, handle), teg.ErrInvalidInput, "%+v", bad)
		}
		tx, host := hostOf(t, st, nil)
		require.ErrorIs(t, c.eng.Using(host).Follow(c.ctx, teg.FollowParams{Name: "a"}, handle), teg.ErrInvalidState)
		require.NoError(t, tx.Rollback())
	})
}

// A reader hears of a database that is not there, and loses nothing by it.
func TestFollowFails(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		c := &conduct{t: t, ctx: limited(t), eng: w.eng}
		tegtest.FundMany(t, c.eng, 1, "1")
		size := len(everyEvent(c))
		w.faults.plan(atRead, 1, true, store.ErrUnavailable)
		err := c.eng.Follow(c.ctx, teg.FollowParams{Name: "a"}, func(context.Context, []teg.AuditLogEntry) error { return nil })
		require.ErrorIs(t, err, teg.ErrUnavailable)
		w.faults.clear()
		require.Len(t, c.follow(teg.FollowParams{Name: "a"}, size), size)
		for entry, err := range c.eng.EventsFrom(c.ctx, int64(size-1)) {
			require.NoError(t, err)
			require.EqualValues(t, size-1, entry.Position)
			break // who has seen enough stops
		}
	})
}

// A reader that was paused while another read on goes on where that one stood.
func TestFollowAfterAPause(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock := tegtest.NewClock()
		c := &conduct{t: t, ctx: limited(t), eng: tegtest.Over(t, stores[0], tegtest.WithClock(clock))}
		other := &conduct{t: t, ctx: c.ctx, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		size := int64(len(everyEvent(c)))
		c.burst(agents[0], agents[1], 6)
		ctx, stop := context.WithCancel(c.ctx)
		defer stop()
		var seen []int64
		require.NoError(t, c.eng.Follow(ctx, teg.FollowParams{Name: "shared", Batch: 2}, func(_ context.Context, entries []teg.AuditLogEntry) error {
			for _, entry := range entries {
				seen = append(seen, entry.Position)
			}
			if len(seen) == 2 { // the process stands still for longer than its turn lasts
				clock.Advance(time.Minute)
				require.Equal(t, upTo(0, size+6), other.follow(teg.FollowParams{Name: "shared"}, int(size+6)))
				c.pay(agents[0], agents[1])
			} else {
				stop()
			}
			return nil
		}))
		require.Equal(t, []int64{0, 1, size + 6}, seen)
	})
}
