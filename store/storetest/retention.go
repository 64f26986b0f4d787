package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// retentionTests are those of what the log forgets.
var retentionTests = map[string]func(*testing.T, *bench){
	"segments follow each other and never change":       testSegments,
	"nothing is forgotten that was not archived":        testNotArchived,
	"what was archived is forgotten, and this is told":  testForgotten,
	"events that are read for ever are kept":            testKept,
	"the log forgets a segment in a step":               testSegmentSteps,
	"two processes forget the same":                     testForgetTwice,
	"who reads while the log forgets misses nothing":    testReadWhileForgetting,
	"what is forgotten takes no room":                   testRoom,
	"the log has room for what comes, and in every gap": testRoomAhead,
}

func (b *bench) segment(from, to int64) store.Segment {
	return store.Segment{
		From: from, To: to, SHA256: [32]byte{1, byte(to >> 8)}, Root: merkle.Hash{2, byte(to >> 8)}, Told: []byte(`{"posted":3}`),
		Newest: b.now.Add(time.Duration(to) * time.Second), At: b.now,
	}
}

// archive records segments of 256 events up to a position.
func (b *bench) archive(t *testing.T, to int64) {
	t.Helper()
	last, err := b.reader.LastSegment(background(), time.Time{})
	require.NoError(t, err)
	from := int64(0)
	if last != nil {
		from = last.To
	}
	for ; from < to; from += merkle.Width {
		require.NoError(t, b.store.KeepSegment(background(), b.segment(from, from+merkle.Width)))
	}
}

// log commits so many events, each tenth of which is a signal.
func (b *bench) log(t *testing.T, count int) {
	t.Helper()
	for left := count; left > 0; left -= 1000 {
		events := make([]store.Event, min(left, 1000))
		for i := range events {
			events[i] = b.event("transfer", b.alice.Owner)
			if i%10 == 0 {
				events[i].Action = store.VerbSignal.String()
			}
		}
		tx, _ := b.begin(t, store.Need{})
		require.NoError(t, tx.Commit(background(), &store.Changes{Events: events}))
	}
}

// forget lets the log forget what is below a position, until there is nothing more to do.
func forget(t *testing.T, st store.Store, below int64) {
	t.Helper()
	for range 4 {
		require.NoError(t, st.Maintain(background(), store.Maintenance{ForgetEvents: below}))
	}
}

func (b *bench) tail(t *testing.T) int64 {
	t.Helper()
	tail, err := b.reader.LogTail(background())
	require.NoError(t, err)
	return tail
}

func testSegments(t *testing.T, b *bench) {
	none, err := b.reader.LastSegment(background(), time.Time{})
	require.NoError(t, err)
	require.Nil(t, none)
	b.archive(t, 3*merkle.Width)
	require.ErrorIs(t, b.store.KeepSegment(background(), b.segment(256, 512)), store.ErrConflict, "it is there")
	require.ErrorIs(t, b.store.KeepSegment(background(), b.segment(1024, 1280)), store.ErrConflict, "there is a gap")
	require.Error(t, b.store.KeepSegment(background(), b.segment(768, 1000)), "it ends within a tile")
	all, err := b.reader.Segments(background(), 256, 10)
	require.NoError(t, err)
	require.Equal(t, []store.Segment{b.segment(256, 512), b.segment(512, 768)}, all)
	for before, want := range map[time.Time]int64{{}: 768, b.now.Add(768 * time.Second): 512, b.now.Add(768*time.Second + 1): 768} {
		last, err := b.reader.LastSegment(background(), before)
		require.NoError(t, err)
		require.Equal(t, b.segment(want-256, want), *last, before)
	}
	last, err := b.reader.LastSegment(background(), b.now)
	require.NoError(t, err)
	require.Nil(t, last)
	refuses(t, b, "log_segments", "UPDATE log_segments SET told = told", "DELETE FROM log_segments")
	refuses(t, b, "log_tail", "UPDATE log_tail SET position = 100", "UPDATE log_tail SET position = 1024")
}

// refuses runs statements that the triggers of a table refuse.
func refuses(t *testing.T, b *bench, table string, statements ...string) {
	t.Helper()
	if _, ok := b.store.(*postgres.Store); ok && table != "log_tail" {
		statements = append(statements, "TRUNCATE "+table)
	}
	for _, statement := range statements {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "is append-only", statement)
	}
}

func testNotArchived(t *testing.T, b *bench) {
	b.log(t, 600)
	forget(t, b.store, 600)
	require.Zero(t, b.tail(t), "nothing was archived")
	b.archive(t, 512)
	forget(t, b.store, 0)
	require.Zero(t, b.tail(t), "nobody asked")
	forget(t, b.store, 255)
	require.Zero(t, b.tail(t), "it would be a part of a segment")
	forget(t, b.store, 511)
	require.EqualValues(t, 256, b.tail(t))
	refuses(t, b, "events", "DELETE FROM events WHERE position = 256", "UPDATE events SET position = position WHERE position >= 256")
	refuses(t, b, "log_tail", "UPDATE log_tail SET position = 0", "UPDATE log_tail SET position = 255")
	forget(t, b.store, 10)
	require.EqualValues(t, 256, b.tail(t), "the tail does not go back")

	b.log(t, 168)
	b.archive(t, 768)
	forget(t, b.store, 768)
	require.EqualValues(t, 512, b.tail(t), "the last event stays")
}

func testKept(t *testing.T, b *bench) {
	signal := store.VerbSignal.String()
	b.log(t, 600)
	before, _, err := b.reader.Follow(background(), 0, 1000, signal)
	require.NoError(t, err)
	require.Len(t, before, 60)
	b.archive(t, 512)
	forget(t, b.store, 256)
	forget(t, b.store, 512)
	var all []store.Event
	for next := int64(0); next < 600; {
		page, on, err := b.reader.Follow(background(), next, 7, signal)
		require.NoError(t, err)
		require.Greater(t, on, next)
		all, next = append(all, page...), on
	}
	require.Equal(t, before, all)
	kept, err := b.reader.KeptEvents(background(), 10, 1000)
	require.NoError(t, err)
	require.Equal(t, before[1:52], kept, "those before the tail")
	refuses(t, b, "kept_events", "UPDATE kept_events SET action = action", "DELETE FROM kept_events")
}

// testSegmentSteps has more archived than a call of Maintain has steps: how long a
// transaction takes hangs on one segment, and not on how much was archived before the first
// was forgotten.
func testSegmentSteps(t *testing.T, b *bench) {
	b.log(t, 40*merkle.Width+1)
	b.archive(t, 40*merkle.Width)
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{ForgetEvents: 40 * merkle.Width}))
	require.EqualValues(t, 32*merkle.Width, b.tail(t))
	forget(t, b.store, 40*merkle.Width)
	require.EqualValues(t, 40*merkle.Width, b.tail(t))
	kept, err := b.reader.KeptEvents(background(), 0, 2000)
	require.NoError(t, err)
	require.Equal(t, 1024, len(kept), "and all signals before it are kept")
}

// testForgetTwice lets processes forget while others write.
func testForgetTwice(t *testing.T, b *bench) {
	b.log(t, 3000)
	b.archive(t, 2560)
	second := again(t, b.store)
	var running sync.WaitGroup
	faults := make([]error, 2)
	for i, process := range []store.Store{b.store, second} {
		running.Go(func() {
			for below := int64(256); below <= 2560 && faults[i] == nil; below += 256 {
				faults[i] = process.Maintain(background(), store.Maintenance{ForgetEvents: below})
			}
		})
	}
	for range 20 {
		b.log(t, 20)
	}
	running.Wait()
	require.NoError(t, faults[0])
	require.NoError(t, faults[1])
	forget(t, second, 2560)
	require.EqualValues(t, 2560, b.tail(t))
	left, next, err := b.reader.Follow(background(), 2560, 1000)
	require.NoError(t, err)
	require.Len(t, left, 840)
	require.EqualValues(t, 3400, next)
	kept, err := b.reader.KeptEvents(background(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, kept, 256)
}
