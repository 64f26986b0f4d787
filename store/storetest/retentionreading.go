package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

func testForgotten(t *testing.T, b *bench) {
	b.log(t, 600)
	b.archive(t, 512)
	forget(t, b.store, 512)
	ctx := background()
	for _, from := range []int64{0, 511} {
		_, _, err := b.reader.Follow(ctx, from, 10)
		require.ErrorIs(t, err, store.ErrForgotten)
		_, _, err = b.reader.Follow(ctx, from, 10, "transfer", store.VerbSignal.String())
		require.ErrorIs(t, err, store.ErrForgotten)
		_, err = b.reader.AuditEvents(ctx, from, 10)
		require.ErrorIs(t, err, store.ErrForgotten)
		_, err = b.reader.Leaves(ctx, from, 10)
		require.ErrorIs(t, err, store.ErrForgotten)
	}
	left, next, err := b.reader.Follow(ctx, 512, 1000)
	require.NoError(t, err)
	require.Len(t, left, 88)
	require.EqualValues(t, 600, next)
	audited, err := b.reader.AuditEvents(ctx, 512, 1000)
	require.NoError(t, err)
	require.Equal(t, left, audited)
	end, err := b.reader.AuditEvents(ctx, 600, 10)
	require.NoError(t, err)
	require.Empty(t, end)
	page, total, err := b.reader.Events(ctx, store.EventQuery{Offset: 80, Limit: 100, Count: 1000})
	require.NoError(t, err)
	require.Len(t, page, 8)
	require.EqualValues(t, 88, total)
	page, total, err = b.reader.Events(ctx, store.EventQuery{Action: "transfer", Limit: 100, Count: 1000})
	require.NoError(t, err)
	require.EqualValues(t, 80, total)
	require.Len(t, page, 80)
	position, err := b.reader.PositionAt(ctx, b.now.Add(-time.Hour))
	require.NoError(t, err)
	require.EqualValues(t, 512, position)
	size, _, err := b.reader.LogSize(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 600, size, "positions go on")
}

// testReadWhileForgetting reads from before the tail, and behind it, while it moves and
// PostgreSQL drops what is before it.
func testReadWhileForgetting(t *testing.T, b *bench) {
	if _, ok := b.store.(*postgres.Store); ok {
		narrow(t, b, 256)
	}
	for range 10 {
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
		b.log(t, 256)
	}
	b.archive(t, 2304)
	signal := store.VerbSignal.String()
	signals, _, err := b.reader.Follow(background(), 0, 1000, signal)
	require.NoError(t, err)
	var running sync.WaitGroup
	stop := make(chan struct{})
	faults := make([]error, 2)
	running.Go(func() { faults[0] = until(stop, func() error { return readsAll(b.reader, signals, signal) }) })
	running.Go(func() { faults[1] = until(stop, func() error { return readsOrIsTold(b.reader, 2560) }) })
	for below := int64(256); below <= 2304; below += 256 {
		forget(t, b.store, below)
	}
	close(stop)
	running.Wait()
	require.NoError(t, faults[0])
	require.NoError(t, faults[1])
	require.EqualValues(t, 2304, b.tail(t))
}

// until does something again and again.
func until(stop chan struct{}, do func() error) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// readsAll reports what is missing of events that are kept.
func readsAll(r store.Reader, want []store.Event, action string) error {
	found, _, err := r.Follow(background(), 0, 1000, action)
	if err == nil && len(found) != len(want) {
		err = fmt.Errorf("%d of %d events of the action are there", len(found), len(want))
	}
	return err
}

// readsOrIsTold reports a page that has a gap and does not say so.
func readsOrIsTold(r store.Reader, size int64) error {
	for from := int64(0); from < size; from += 200 {
		for _, actions := range [][]string{nil, {"transfer", store.VerbSignal.String()}} {
			page, _, err := r.Follow(background(), from, 150, actions...)
			if err != nil && !errors.Is(err, store.ErrForgotten) {
				return err
			}
			if err == nil && (int64(len(page)) != min(150, size-from) || page[0].Position != from) {
				return fmt.Errorf("from %d there are %d events, and nobody is told", from, len(page))
			}
		}
		page, err := r.AuditEvents(background(), from, 150)
		if err == nil && page[0].Position != from {
			return fmt.Errorf("the audit from %d begins at %d", from, page[0].Position)
		}
	}
	return nil
}
