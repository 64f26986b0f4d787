package storetest

import (
	"errors"
	"fmt"
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

// narrow divides an empty log of PostgreSQL into parts of so many positions.
func narrow(t *testing.T, b *bench, width int) {
	t.Helper()
	db := handleOf(t, b.store)
	for _, statement := range []string{
		`ALTER TABLE events DETACH PARTITION events_0`, `DROP TABLE events_0`, `DROP TABLE events_1048576`,
		fmt.Sprintf(`UPDATE event_partitioning SET width = %d`, width), `DELETE FROM event_partitions`,
		`SELECT new_event_partition('events_0')`, fmt.Sprintf(`INSERT INTO event_partitions VALUES (0, %d)`, width),
		fmt.Sprintf(`ALTER TABLE events ATTACH PARTITION events_0 FOR VALUES FROM (MINVALUE) TO (%d)`, width),
	} {
		_, err := db.ExecContext(background(), statement)
		require.NoError(t, err, statement)
	}
}

// parts are the bounds of the parts that the log has on PostgreSQL.
func parts(t *testing.T, b *bench) (bounds []string) {
	t.Helper()
	err := handleOf(t, b.store).NewRaw(`SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'events'::regclass ORDER BY length(c.relname), c.relname`).Scan(background(), &bounds)
	require.NoError(t, err)
	return bounds
}

func countRows(t *testing.T, b *bench, table string) (rows int) {
	t.Helper()
	require.NoError(t, handleOf(t, b.store).QueryRowContext(background(), `SELECT count(*) FROM `+table).Scan(&rows))
	return rows
}

func testRoom(t *testing.T, b *bench) {
	_, onPostgres := b.store.(*postgres.Store)
	if onPostgres {
		narrow(t, b, 512)
	}
	for range 4 {
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
		b.log(t, 500)
	}
	b.archive(t, 1792)
	forget(t, b.store, 1792)
	require.EqualValues(t, 1792, b.tail(t))
	if !onPostgres {
		require.Equal(t, 208, countRows(t, b, "events"), "what is before the tail is gone")
		return
	}
	require.Equal(t, 464, countRows(t, b, "events"), "parts of which all is before the tail are gone")
	require.Equal(t, []string{"events_1536 FOR VALUES FROM ('1536') TO ('2048')", "events_2048 FOR VALUES FROM ('2048') TO ('2560')", "events_default DEFAULT"}, parts(t, b))
}

// testRoomAhead writes beyond the parts that PostgreSQL has, and behind them again.
func testRoomAhead(t *testing.T, b *bench) {
	if _, ok := b.store.(*postgres.Store); !ok {
		b.log(t, 10)
		require.Equal(t, 10, countRows(t, b, "events"))
		return
	}
	require.Equal(t, []string{"events_0 FOR VALUES FROM (MINVALUE) TO ('1048576')", "events_1048576 FOR VALUES FROM ('1048576') TO ('2097152')", "events_default DEFAULT"}, parts(t, b))
	narrow(t, b, 256)
	b.log(t, 700)
	require.Equal(t, 444, countRows(t, b, "events_default"), "there is no gap")
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
	require.Equal(t, []string{
		"events_0 FOR VALUES FROM (MINVALUE) TO ('256')", "events_256 FOR VALUES FROM ('256') TO ('1024')", "events_default DEFAULT",
	}, parts(t, b))
	b.log(t, 100)
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{}))
	require.Len(t, parts(t, b), 4, "one ahead")
	require.Zero(t, countRows(t, b, "events_default"))
	require.Equal(t, 544, countRows(t, b, "events_256"))
	for _, part := range []string{"events_0", "events_256", "events_1024", "events_default"} {
		_, err := handleOf(t, b.store).ExecContext(background(), `TRUNCATE `+part)
		require.ErrorContains(t, err, part+" is append-only")
	}
	_, err := handleOf(t, b.store).ExecContext(background(), `DELETE FROM events_256`)
	require.ErrorContains(t, err, "is append-only")
	left, _, err := b.reader.Follow(background(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, left, 800)
	var plan []string
	err = handleOf(t, b.store).NewRaw(`EXPLAIN (COSTS OFF) SELECT at FROM events WHERE position >= 300 AND position < 310`).Scan(background(), &plan)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(plan), "events_default")
	require.NotContains(t, fmt.Sprint(plan), "events_1024")
}
