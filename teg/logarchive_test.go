package teg_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestAnArchiveThatIsNotTheLogsIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		o := newOld(t, open(t))
		require.NoError(t, o.eng.Tick(context.Background()))
		crashed := errors.New("the process ended")
		o.archive.crash = crashed
		_, err := o.eng.ArchiveEvents(context.Background(), teg.ArchiveEventsParams{To: o.archive, Events: 256})
		require.ErrorIs(t, err, crashed)
		require.Len(t, o.archive.files, 1, "the file is there, and nobody knows of it")
		require.Zero(t, o.forget())
		o.archive.crash = nil
		require.Len(t, o.archiveAll(), 3, "it is written again, and is the same")

		const second = "log-000000000256-000000000512.ndjson"
		sound := o.archive.files[second]
		for what, damage := range map[string]func() []byte{
			"a digit is another":   func() []byte { return bytes.Replace(sound, []byte(`"0.01"`), []byte(`"0.02"`), 1) },
			"a line is missing":    func() []byte { return sound[bytes.IndexByte(sound, '\n')+1:] },
			"there is a line more": func() []byte { return append(slices.Clone(sound), "{}\n"...) },
			"it was cut off":       func() []byte { return sound[:len(sound)-1] },
			"it is empty":          func() []byte { return nil },
		} {
			o.archive.files[second] = damage()
			files, err := o.check()
			require.ErrorIs(t, err, teg.ErrBadArchive, what)
			require.ErrorContains(t, err, second, what)
			require.Len(t, files, 1, what)
		}
		delete(o.archive.files, second)
		_, err = o.check()
		require.ErrorIs(t, err, teg.ErrBadArchive, "it is gone")
		o.archive.files[second] = sound
		_, err = o.check()
		require.NoError(t, err)
	})
}

// Each kind of damage is made good again before the next.
func TestVerifyFindsWhatWasDoneToAnArchivedLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newForgotten(t, st)
		storetest.Damage(t, st, `CREATE TABLE spare AS SELECT * FROM kept_events`)
		for _, c := range []struct{ damage, found, repair string }{
			{`UPDATE kept_events SET body = (SELECT body FROM events ORDER BY position LIMIT 1)`, "is kept otherwise than it was archived", `DELETE FROM kept_events`},
			{`DELETE FROM kept_events`, "are other events before 512", `INSERT INTO kept_events SELECT * FROM spare`},
			{`UPDATE log_tail SET position = 513`, "where no segment ends", `UPDATE log_tail SET position = 512`},
			{`UPDATE log_segments SET root = sha256 WHERE upto = 512`, "was archived with the root",
				`UPDATE log_segments SET root = (SELECT root FROM spare_segments WHERE upto = 512) WHERE upto = 512`},
			{`UPDATE log_segments SET told = replace(told, '"posted":', '"posted":1')`, "transactions of", `UPDATE log_segments SET told = replace(told, '"posted":1', '"posted":')`},
			{`UPDATE log_segments SET told = 'x'`, "", `UPDATE log_segments SET told = (SELECT told FROM spare_segments WHERE upto = log_segments.upto)`},
			{`DELETE FROM log_tiles WHERE level = 0 AND idx = 1`, "is missing, and its events are archived", ``},
		} {
			if c.found == "are other events before 512" {
				storetest.Damage(t, st, `CREATE TABLE spare_segments AS SELECT * FROM log_segments`)
			}
			storetest.Damage(t, st, c.damage)
			_, err := o.eng.Verify(context.Background())
			if c.found == "" {
				require.ErrorIs(t, err, teg.ErrInternal)
			} else {
				require.ErrorIs(t, err, teg.ErrBroken, c.damage)
				require.ErrorContains(t, err, c.found, c.damage)
			}
			if c.repair != "" {
				storetest.Damage(t, st, c.repair)
			}
		}
	})
}

// What is forgotten is still proven by an export that was taken in elsewhere.
func TestAnArchivedLogMoves(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		o := newOld(t, st)
		o.archiveAll()
		require.EqualValues(t, 512, o.forget())
		for other, place := range map[string]func(testing.TB) store.Store{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
			var content bytes.Buffer
			made, err := teg.Export(context.Background(), st, &content)
			require.NoError(t, err)
			to := place(t)
			_, taken, err := teg.Import(context.Background(), to, &content, teg.Config{Clock: o.clock.Now})
			require.NoError(t, err, other)
			require.NoError(t, made.Compare(taken))
			moved := &old{t: t, eng: tegtest.Over(t, to, keptFor(o.clock)), archive: o.archive, clock: o.clock}
			files, err := moved.check()
			require.NoError(t, err)
			require.Len(t, files, 3)
			require.EqualValues(t, 512, tegtest.Verify(t, moved.eng).Archived)
		}
	})
}
