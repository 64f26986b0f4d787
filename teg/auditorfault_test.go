package teg_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Whatever fails between an event and its flag, there is one in the end.
func TestAuditorFails(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		c := &conduct{t: t, ctx: limited(t), clock: w.clock, eng: w.eng}
		agents := tegtest.FundMany(t, c.eng, 2, "1000")
		c.only(auditor.HighVelocity, three)
		want := 0
		for _, at := range []string{atRead, atBegin, atCommit, atWriter} {
			for nth := range 4 {
				for _, fault := range []error{store.ErrUnavailable, errLost, errKept, errStrange} {
					w.clock.Advance(5 * time.Minute)
					c.burst(agents[0], agents[1], 3)
					want++
					w.faults.plan(at, nth+1, true, fault)
					_, err := c.eng.Audit(c.ctx)
					if w.faults.clear() == 0 {
						require.NoError(t, err)
					}
					c.audit()
					require.Len(t, c.flags(false), want, "%s %d %v", at, nth, fault)
				}
			}
		}
	})
}

// However long flags cannot be raised, the position that others go on from stays before
// what has none: a process that keeps its turn meanwhile, and is gone then, loses nothing.
func TestAuditorKeepsItsPlaceWhileItFails(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		w := newWorld(t, st)
		c := &conduct{t: t, ctx: limited(t), clock: w.clock, eng: w.eng}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		c.audit()
		c.burst(agents[0], agents[1], 3)
		w.faults.plan(atCommit, 1, true, store.ErrUnavailable)
		for range 4 {
			_, err := c.eng.Audit(c.ctx)
			require.ErrorIs(t, err, teg.ErrUnavailable)
			w.clock.Advance(7 * time.Second) // the turn is renewed
		}
		w.faults.clear()
		w.clock.Advance(time.Minute) // it is gone without a word
		next := &conduct{t: t, ctx: c.ctx, clock: w.clock, eng: tegtest.Over(t, st, tegtest.WithClock(w.clock), withSlashing)}
		next.audit()
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + agents[0].String()}, next.flags(false))
	})
}

// An event that cannot be read stops nothing.
func TestAuditorMeetsADamagedEvent(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := unproven(t, st)
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[0], agents[1], 1)
		body := `x'7B'`
		if _, ok := st.(*postgres.Store); ok {
			body = `'\x7B'`
		}
		storetest.Damage(t, st, `UPDATE events SET body = `+body+` WHERE action = 'transfer'`)
		c.burst(agents[0], agents[1], 3)
		c.audit()
		require.Len(t, c.flags(false), 1)
	})
}

// A finding that cannot be flagged for a while keeps the rules from nothing, is not
// lost when the process dies meanwhile, and is flagged once.
func TestAuditorWaitsForAHeldAgent(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		if _, ok := stores[0].(*postgres.Store); !ok {
			return // SQLite has no rows that are held
		}
		clock := tegtest.NewClock()
		c := &conduct{t: t, ctx: limited(t), clock: clock, eng: tegtest.Over(t, stores[0], tegtest.WithClock(clock))}
		agents := tegtest.FundMany(t, c.eng, 3, "100")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[0], agents[2], 3)
		c.burst(agents[1], agents[2], 3)
		tx, _ := hostOf(t, stores[0], nil)
		_, err := tx.ExecContext(c.ctx, `SELECT 1 FROM accounts WHERE owner = $1 FOR UPDATE`, agents[0].String())
		require.NoError(t, err)
		_, err = c.eng.Audit(c.ctx)
		require.Contains(t, []string{teg.CodeOf(teg.ErrUnavailable), teg.CodeOf(teg.ErrOutcomeUnknown)}, teg.CodeOf(err), "it was given up while it waited for the row")
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + agents[1].String()}, c.flags(false), "the other is not kept waiting")
		clock.Advance(6 * time.Second)
		c.rest() // writes down where it stands
		require.NoError(t, tx.Rollback())
		other := &conduct{t: t, ctx: c.ctx, clock: clock, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		other.audit()
		require.Len(t, c.flags(false), 2)
	})
}

// A log that went back under a running process is read on from where it now ends.
func TestAuditorMeetsAShorterLog(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := unproven(t, st)
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		c.audit()
		c.rest() // the database knows that much
		size := len(everyEvent(c))
		c.burst(agents[1], agents[0], 5)
		c.audit()
		storetest.Damage(t, st, fmt.Sprintf(`DELETE FROM events WHERE position >= %d`, size))
		storetest.Damage(t, st, fmt.Sprintf(`UPDATE log_head SET size = %d`, size)) // as after a failover that lost the last
		_, err := c.eng.Audit(c.ctx)
		require.ErrorIs(t, err, teg.ErrInvalidState)
		c.burst(agents[0], agents[1], 3)
		require.EqualValues(t, 1, c.audit().Findings)
		for _, err := range c.eng.EventsFrom(c.ctx, 1000) {
			require.ErrorIs(t, err, teg.ErrInvalidState)
		}
	})
}

// A fault that passes does not keep flags away until the log is quiet.
func TestAuditorTriesAgainWhileItReads(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		c := &conduct{t: t, ctx: limited(t), clock: w.clock, eng: w.eng}
		agents := tegtest.FundMany(t, c.eng, 2, "100000")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[0], agents[1], 3)
		w.faults.plan(atCommit, 1, true, store.ErrUnavailable)
		_, err := c.eng.Audit(c.ctx)
		require.ErrorIs(t, err, teg.ErrUnavailable)
		w.faults.clear()
		ctx, stop := context.WithCancel(c.ctx)
		var payer sync.WaitGroup
		payer.Go(func() {
			for ctx.Err() == nil {
				_, _ = c.eng.Transfer(ctx, teg.TransferParams{From: agents[1], To: agents[0], Amount: teg.AVT("0.01")})
			}
		})
		_, err = c.eng.Audit(ctx)
		require.NoError(t, err)
		require.Contains(t, c.flags(false), "HIGH_VELOCITY_TRANSFERS "+agents[0].String())
		stop()
		payer.Wait()
	})
}
