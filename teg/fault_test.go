package teg_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// kind is a fault, and what a caller is told of one that does not pass.
type kind struct {
	name   string
	err    error
	told   error
	passes bool // the engine tries again by itself
	commit bool // only a commit fails like this
}

// The last two a group treats like the others.
var kinds = []kind{
	{"conflict", store.ErrConflict, teg.ErrUnavailable, true, false},
	{"unavailable", store.ErrUnavailable, teg.ErrUnavailable, false, false},
	{"strange", errStrange, teg.ErrInternal, false, false},
	{"lost", errLost, teg.ErrOutcomeUnknown, false, true},
	{"kept", errKept, teg.ErrOutcomeUnknown, false, true},
	{"locked", store.ErrLocked, teg.ErrUnavailable, true, false},
	{"deadline", context.DeadlineExceeded, teg.ErrUnavailable, false, false},
}

// Every call of every verb fails with everything, once and for good. The caller
// gets an answer that says what it is; unless that is success, or says that the
// outcome is unknown, nothing has changed; and the same key again brings it to
// its one effect.
func TestEveryCallFails(t *testing.T) {
	t.Parallel()
	const worlds = 4 // at once, since each mostly waits for callers who give up
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		together(worlds, func(part int) {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				w := newWorld(t, open(t))
				for i := part; i < len(acts); i += worlds {
					w.failing(acts[i], i)
				}
				t.Logf("%d scenes", w.scenes)
			})
		})
	})
}

// failing has every call of a verb fail that the time allows for: all of them where
// TEG_TEST_FAULTS is "all". Else other calls than a commit fail by turns: in every second way
// for one verb, and in those between for the next.
func (w *world) failing(doing doing, turn int) {
	calls, durations, every := 2, []bool{false, true}, everyFault()
	places, ways := []string{atCommit, atBegin, atRefusals, atRollback, atRead, atWriter, atMaintain}, kinds[:5]
	switch _, onPostgres := w.store.(*postgres.Store); {
	case every:
		calls, ways = 3, kinds
	case testing.Short():
		calls, durations, places = 1, durations[:1], places[:2]
	case onPostgres: // what the engine does about the others has nothing to do with the database
		calls, durations, places = 1, durations[:1], places[:1]
	}
	s := w.scene(doing.prepare)
	trial := trial{world: w, doing: doing, kinds: ways, durations: durations, undone: s.effect()}
	_, err := doing.act(limited(w.t), s)
	require.ErrorIs(w.t, err, doing.refusal, doing.name)
	trial.done = s.effect()
	for i, at := range places {
		if trial.kinds = ways; !every && at != atCommit {
			trial.kinds = everyOther(ways, turn+i)
		}
		for nth := 1; nth <= calls && trial.fail(at, nth); nth++ {
			if !every { // for good from the second on is much like for good from the first
				trial.durations = durations[:1]
			}
		}
		trial.durations = durations
	}
	tegtest.Verify(w.t, w.eng)
}

func everyOther(ways []kind, turn int) (some []kind) {
	for i := turn % 2; i < len(ways); i += 2 {
		some = append(some, ways[i])
	}
	return some
}

// trial is one verb that is made to fail.
type trial struct {
	*world
	doing
	kinds        []kind
	durations    []bool // of faults: whether they are for good
	undone, done string // what has happened in a scene before and after it
}

// fail lets the nth call of a kind fail in every way, and reports whether the
// verb makes so many.
func (tr *trial) fail(at string, nth int) bool {
	for _, kind := range tr.kinds {
		if kind.commit && at != atCommit {
			continue
		}
		for _, always := range tr.durations {
			if !tr.once(at, nth, kind, always) {
				return false
			}
		}
	}
	return true
}

// once carries the verb out with one fault, and then without.
func (tr *trial) once(at string, nth int, kind kind, always bool) bool {
	t, s := tr.t, tr.scene(tr.prepare)
	name := fmt.Sprintf("%s: %s at call %d of %s, always %t", tr.name, kind.name, nth, at, always)
	tr.faults.plan(at, nth, always, kind.err)
	ctx, cut := limited(t), always && errors.Is(kind.err, store.ErrLocked)
	if cut { // nobody gets these rows, and the caller gives up
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 250*time.Millisecond)
		defer cancel()
	}
	_, err := tr.act(ctx, s)
	fired := tr.faults.clear()
	effect := s.effect()
	decided := err == nil && tr.refusal == nil || tr.refusal != nil && errors.Is(err, tr.refusal)
	cut = cut || errors.Is(err, context.DeadlineExceeded) // the machine was too busy for some patience of the engine
	switch {
	case decided:
		require.Equal(t, tr.done, effect, name)
	case errors.Is(err, teg.ErrOutcomeUnknown):
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
		require.True(t, kind.commit || cut, name)
	case tr.parts:
		require.ErrorIs(t, err, kind.told, name)
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
	default:
		require.ErrorIs(t, err, kind.told, name)
		require.Equal(t, tr.undone, effect, name)
	}
	if kind.passes && !always && !cut && (at == atBegin || at == atCommit) {
		require.True(t, decided, "%s: it passes, so the caller hears nothing of it: %v", name, err)
	}
	if tr.repeats && effect == tr.done {
		return fired > 0
	}
	_, err = tr.act(limited(t), s)
	if tr.again == nil || !errors.Is(err, tr.again) {
		require.ErrorIs(t, err, tr.refusal, name)
	}
	require.Equal(t, tr.done, s.effect(), name)
	return fired > 0
}

// A file that may not grow is not available; what fits in again is written again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	st := storetest.OpenSQLite(t).(*sqlite.Store)
	w := newWorld(t, st)
	s := w.scene(nil)
	pages := func(limit string) {
		_, err := st.DB().ExecContext(context.Background(), "PRAGMA max_page_count = "+limit)
		require.NoError(t, err)
	}
	pages("1") // as few as there are
	paid, full := 0, error(nil)
	message := strings.Repeat("long ", 50)
	pay := func(n int) error {
		_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("0.01"), Message: message, Key: fmt.Sprint(n)})
		return err
	}
	for ; paid < 1000 && full == nil; paid++ {
		full = pay(paid)
	}
	paid--
	require.ErrorIs(t, full, teg.ErrUnavailable)
	require.ErrorIs(t, full, store.ErrUnavailable)
	before, err := w.eng.Balance(context.Background(), s.alice)
	require.NoError(t, err, "reading goes on")
	for range 3 {
		require.ErrorIs(t, pay(paid), teg.ErrUnavailable)
	}
	after, err := w.eng.Balance(context.Background(), s.alice)
	require.NoError(t, err)
	require.Equal(t, before, after)
	tegtest.Verify(t, w.eng)
	pages("1000000")
	require.NoError(t, pay(paid))
	require.Equal(t, fmt.Sprintf("%.2f", 100+0.01*float64(paid+1)), tegtest.Available(t, w.eng, s.bob))
}

// aboveDrivers runs a test whose faults no driver sees: on SQLite, and on both databases where
// all faults are asked for.
func aboveDrivers(t *testing.T, test func(*testing.T, func(testing.TB) store.Store)) {
	if everyFault() {
		storetest.EachDatabase(t, test)
		return
	}
	test(t, storetest.OpenSQLite)
}

func everyFault() bool { return os.Getenv("TEG_TEST_FAULTS") == "all" }

// An engine that cannot look at its database or open its writers does not start,
// and leaves nothing running.
func TestNewFails(t *testing.T) {
	storetest.EachInTurn(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		before := goleak.IgnoreCurrent()
		for at, calls := range map[string]int{atStart: 3, atRead: 2, atWriter: 3} {
			for nth := 1; nth <= calls; nth++ {
				f := new(faults)
				f.plan(at, nth, false, store.ErrUnavailable)
				_, err := teg.New(limited(t), &brittle{st, f}, teg.Config{Committers: 3})
				require.ErrorIs(t, err, store.ErrUnavailable, "call %d of %s", nth, at)
				require.Equal(t, 1, f.clear())
				goleak.VerifyNone(t, before)
			}
		}
		require.NoError(t, tegtest.Over(t, st).Ping(limited(t)))
	})
}

// An unknown outcome is told as one, also when it wraps a deadline.
func TestUnknownOutcomeOfADeadline(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		s := w.scene(nil)
		w.faults.plan(atCommit, 1, false, fmt.Errorf("%w: %w", errKept, context.DeadlineExceeded))
		_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
		require.Equal(t, 1, w.faults.clear())
		require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
		require.Equal(t, "SYS_OUTCOME_UNKNOWN", teg.CodeOf(err))
		require.Equal(t, "98.999", tegtest.Available(t, w.eng, s.alice))
	})
}
