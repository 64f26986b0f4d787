package teg_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// live reads so many events live.
func (c *conduct) live(from int64, filter teg.EventFilter, events int) (list []teg.AuditLogEntry) {
	c.t.Helper()
	if events == 0 {
		return nil
	}
	for entry, err := range c.eng.Events(c.ctx, from, filter) {
		require.NoError(c.t, err)
		if list = append(list, entry); len(list) == events {
			break
		}
	}
	require.Len(c.t, list, events, "they came in time")
	return list
}

func placesOf(list []teg.AuditLogEntry) (positions []int64) {
	for _, entry := range list {
		positions = append(positions, entry.Position)
	}
	return positions
}

// What was committed comes first, and what is committed then comes without being asked for.
func TestEvents(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		size := int64(len(everyEvent(c)))
		stream, err := c.eng.EventStream(c.ctx, teg.FromNow, teg.EventFilter{})
		require.NoError(t, err)
		require.Equal(t, size, stream.Position())
		require.True(t, c.eng.Live())
		none, err := stream.Next(c.ctx, time.Millisecond)
		require.NoError(t, err)
		require.Empty(t, none, "nothing has happened")
		c.burst(agents[0], agents[1], 3)
		var seen []teg.AuditLogEntry
		for len(seen) < 3 {
			entries, err := stream.Next(c.ctx, 0)
			require.NoError(t, err)
			seen = append(seen, entries...)
		}
		require.Equal(t, upTo(size, size+3), placesOf(seen))
		require.Equal(t, size+3, stream.Position())
		stream.Close()
		require.False(t, c.eng.Live(), "nobody reads")

		require.Equal(t, upTo(0, size+3), placesOf(c.live(0, teg.EventFilter{}, int(size+3))))
		require.Equal(t, upTo(size, size+3), placesOf(c.live(0, teg.EventFilter{Actions: []string{"transfer"}}, 3)))
		all := 0
		for entry, err := range c.eng.Events(c.ctx, 1, teg.EventFilter{ToEnd: true}) {
			require.NoError(t, err)
			all++
			require.EqualValues(t, all, entry.Position)
		}
		require.EqualValues(t, size+2, all, "to the end, and no further")
		require.False(t, c.eng.Live())
	})
}

// Readers that are killed at any moment and go on behind what they saw miss nothing and see
// nothing twice, whoever commits, and however far behind they are.
func TestEventsResume(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		var engines [2]*teg.Engine
		for i, st := range stores {
			engines[i] = tegtest.Over(t, st)
			engines[i].KeepLive(16, 4)
		}
		c := &conduct{t: t, ctx: limited(t), eng: engines[0]}
		agents := tegtest.FundMany(t, c.eng, 3, "1000")
		const payments = 240
		filters := []teg.EventFilter{{}, {Viewer: agents[0]}, {Agent: agents[1]}, {Viewer: agents[2], Actions: []string{"transfer", "issue"}}}
		want := 0
		seen := make([][]int64, len(filters))
		paying, done := context.WithCancel(c.ctx)
		var readers, payers sync.WaitGroup
		for i, filter := range filters {
			readers.Go(func() { seen[i] = restless(c.ctx, paying, t, engines[i%2], filter) })
		}
		for i := range 4 {
			payers.Go(func() {
				for n := range payments / 4 {
					_, err := engines[(i+n)%2].Transfer(c.ctx, teg.TransferParams{From: agents[(i+n)%3], To: agents[(i+n+1)%3], Amount: teg.AVT("1")})
					if err != nil {
						t.Errorf("pay: %v", err)
					}
				}
			})
		}
		payers.Wait()
		done()
		readers.Wait()
		for i, filter := range filters {
			filter.ToEnd = true
			var all []int64
			for entry, err := range c.eng.Events(c.ctx, 0, filter) {
				require.NoError(t, err)
				all = append(all, entry.Position)
			}
			require.Equal(t, all, seen[i], "%+v", filter)
			want += len(all)
		}
		require.Greater(t, want, 3*payments)
	})
}

// restless reads live while there is something going on, and then what is left; it is killed
// again and again, and now and then stands still for so long that others leave it behind.
func restless(ctx, live context.Context, t *testing.T, eng *teg.Engine, filter teg.EventFilter) (seen []int64) {
	next, reading := int64(0), live
	for ctx.Err() == nil {
		left := live.Err() != nil
		if left {
			reading, filter.ToEnd = ctx, true
		}
		life := rand.N(40)
		for entry, err := range eng.Events(reading, next, filter) {
			if err != nil {
				t.Errorf("read: %v", err)
				return seen
			}
			seen, next = append(seen, entry.Position), entry.Position+1
			if life--; life < 0 && !left {
				break
			}
			if rand.N(20) == 0 && !left {
				<-time.After(rand.N(30 * time.Millisecond)) // a reader that is slow
			}
		}
		if left {
			break
		}
	}
	return seen
}

// A reader that stands still holds nobody up, and finds what it missed where it was.
func TestEventsWaitForNobody(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		c.eng.KeepLive(20, 5)
		agents := tegtest.FundMany(t, c.eng, 3, "1000")
		size := int64(len(everyEvent(c)))
		var streams []*teg.EventStream
		for _, filter := range []teg.EventFilter{{}, {Agent: agents[0]}, {Viewer: agents[1]}, {Viewer: agents[2]}} {
			stream, err := c.eng.EventStream(c.ctx, size, filter)
			require.NoError(t, err)
			defer stream.Close()
			streams = append(streams, stream)
		}
		c.pay(agents[0], agents[1])
		for _, stream := range streams[:3] { // they are at the tail now
			entries, err := stream.Next(c.ctx, 0)
			require.NoError(t, err)
			require.Equal(t, []int64{size}, placesOf(entries))
		}
		c.burst(agents[0], agents[1], 7) // more than is noted
		for _, stream := range streams[:2] {
			require.Equal(t, upTo(size+1, size+8), c.next(stream, 7))
		}
		c.burst(agents[0], agents[1], 40) // more than is kept
		require.Equal(t, upTo(size+8, size+48), c.next(streams[0], 40))
		require.Equal(t, upTo(size+8, size+48), c.next(streams[1], 40))
		require.Equal(t, upTo(size+1, size+48), c.next(streams[2], 47))
		c.pay(agents[1], agents[2])
		require.Equal(t, []int64{size + 48}, c.next(streams[3], 1), "who was told of nothing is up to date")
		require.Equal(t, size+49, streams[3].Position())
	})
}

func (c *conduct) next(stream *teg.EventStream, events int) (seen []int64) {
	c.t.Helper()
	for len(seen) < events {
		entries, err := stream.Next(c.ctx, 0)
		require.NoError(c.t, err)
		seen = append(seen, placesOf(entries)...)
	}
	return seen
}

func TestEventsRefusals(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		agents := tegtest.FundMany(t, c.eng, 2, "1")
		size := int64(len(everyEvent(c)))
		open1 := func(eng *teg.Engine, from int64, filter teg.EventFilter) error {
			stream, err := eng.EventStream(c.ctx, from, filter)
			if err == nil {
				stream.Close()
			}
			for _, said := range eng.Events(c.ctx, from, filter) {
				require.EqualError(t, said, err.Error())
				break
			}
			return err
		}
		require.ErrorIs(t, open1(c.eng, -2, teg.EventFilter{}), teg.ErrInvalidInput)
		require.ErrorIs(t, open1(c.eng, 0, teg.EventFilter{Actions: []string{"transfers"}}), teg.ErrInvalidInput)
		require.ErrorIs(t, open1(c.eng, 0, teg.EventFilter{Agent: agents[0], Viewer: agents[1]}), teg.ErrForbidden)
		require.ErrorIs(t, open1(c.eng, size+1, teg.EventFilter{}), teg.ErrInvalidState)
		tx, host := hostOf(t, st, nil)
		require.ErrorIs(t, open1(c.eng.Using(host), 0, teg.EventFilter{}), teg.ErrInvalidState)
		require.NoError(t, tx.Rollback())

		ended, cancel := context.WithCancel(c.ctx)
		cancel()
		for range c.eng.Events(ended, 0, teg.EventFilter{}) {
			t.Fatal("the context has ended")
		}
		stream, err := c.eng.EventStream(c.ctx, teg.FromNow, teg.EventFilter{})
		require.NoError(t, err)
		waiting := make(chan error, 1)
		go func() { _, err := stream.Next(c.ctx, 0); waiting <- err }()
		require.NoError(t, c.eng.Close())
		require.ErrorIs(t, <-waiting, teg.ErrClosed, "who waits is told")
		stream.Close()
		require.ErrorIs(t, open1(c.eng, 0, teg.EventFilter{}), teg.ErrClosed)
	})
}

// What was archived and forgotten is told, with where the log begins.
func TestEventsThatAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		o := newForgotten(t, open(t))
		var gone *teg.ArchivedError
		_, err := o.eng.EventStream(context.Background(), 511, teg.EventFilter{})
		require.ErrorAs(t, err, &gone)
		require.EqualValues(t, 512, gone.Tail)
		for entry, err := range o.eng.Events(limited(t), gone.Tail, teg.EventFilter{}) {
			require.NoError(t, err)
			require.Equal(t, gone.Tail, entry.Position)
			break
		}
	})
}

// While the database is away those at the tail wait, and those behind are told. A log that
// is shorter than it was ends them all.
func TestEventsFail(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		c := &conduct{t: t, ctx: limited(t), eng: w.eng}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		size := int64(len(everyEvent(c)))
		stream, err := c.eng.EventStream(c.ctx, size, teg.EventFilter{})
		require.NoError(t, err)
		defer stream.Close()
		c.pay(agents[0], agents[1])
		require.Equal(t, []int64{size}, c.next(stream, 1))
		behind, err := c.eng.EventStream(c.ctx, 0, teg.EventFilter{})
		require.NoError(t, err)
		w.faults.plan(atRead, 1, true, store.ErrUnavailable)
		_, err = behind.Next(c.ctx, 0)
		require.ErrorIs(t, err, teg.ErrUnavailable)
		_, err = c.eng.EventStream(c.ctx, 0, teg.EventFilter{})
		require.ErrorIs(t, err, teg.ErrUnavailable)
		w.faults.clear()
		require.Equal(t, upTo(0, size+1), c.next(behind, int(size+1)), "it goes on where it was")
		c.pay(agents[0], agents[1])
		require.Equal(t, []int64{size + 1}, c.next(stream, 1), "nothing was lost")

		w.faults.plan(atRead, 1, true, fmt.Errorf("%w: it was restored", store.ErrBeyondLog))
		_, err = stream.Next(c.ctx, 0)
		require.ErrorIs(t, err, teg.ErrInvalidState)
		_, err = stream.Next(c.ctx, 0)
		require.ErrorIs(t, err, teg.ErrInvalidState, "and it remains so")
		behind.Close()
		w.faults.clear()
		again, err := c.eng.EventStream(c.ctx, size+1, teg.EventFilter{ToEnd: true})
		require.NoError(t, err)
		require.Equal(t, []int64{size + 1}, c.next(again, 1))
		_, err = again.Next(c.ctx, 0)
		require.True(t, errors.Is(err, io.EOF))
	})
}
