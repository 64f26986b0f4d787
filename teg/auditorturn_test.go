package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Wherever one process is cut off, the next one remembers what it did, and finds the
// same.
func TestAuditorIsTakenOver(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock := tegtest.NewClock()
		c := &conduct{t: t, ctx: limited(t), clock: clock, eng: tegtest.Over(t, stores[0], tegtest.WithClock(clock))}
		other := &conduct{t: t, ctx: c.ctx, clock: clock, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		agents := tegtest.FundMany(t, c.eng, 3, "100")
		c.only(auditor.HighVelocity, three)
		clock.Advance(time.Minute)
		c.burst(agents[0], agents[2], 2)
		c.burst(agents[1], agents[2], 3)
		c.audit()
		progress, err := other.eng.Audit(c.ctx)
		require.NoError(t, err)
		require.True(t, progress.Elsewhere, "one reads at a time")
		c.rest()
		c.pay(agents[0], agents[2])
		c.pay(agents[1], agents[2])
		require.EqualValues(t, 1, other.audit().Findings, "two payments were made before it began")
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + agents[1].String(), "HIGH_VELOCITY_TRANSFERS " + agents[0].String()}, c.flags(false))
		progress, err = c.eng.Audit(c.ctx)
		require.NoError(t, err)
		require.True(t, progress.Elsewhere)
		clock.Advance(5 * time.Minute) // the other is gone without a word
		c.burst(agents[0], agents[2], 3)
		c.audit()
		require.Len(t, c.flags(false), 3)
		progress, err = other.eng.Audit(c.ctx)
		require.NoError(t, err)
		require.True(t, progress.Elsewhere, "who was taken over notices")
	})
}

// Two processes that both take themselves for the reader raise one flag.
func TestAuditorsAtOnce(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock, ahead := tegtest.NewClock(), tegtest.NewClock()
		ahead.Advance(20 * time.Second) // its clock takes every turn for over
		var both [2]*conduct
		for i, of := range []*tegtest.Clock{clock, ahead} {
			both[i] = &conduct{t: t, ctx: limited(t), clock: of, eng: tegtest.Over(t, stores[i], tegtest.WithClock(of))}
		}
		agents := tegtest.FundMany(t, both[0].eng, 21, "100")
		both[0].only(auditor.HighVelocity, three)
		rounds := 5
		if testing.Short() {
			rounds = 2
		}
		for round := range rounds {
			together(20, func(i int) { both[i%2].burst(agents[i], agents[20], 3) })
			together(2, func(i int) {
				_, err := both[i].eng.Audit(both[i].ctx)
				require.NoError(t, err)
			})
			ahead.Advance(20 * time.Second)
			require.LessOrEqual(t, len(both[0].flags(false)), 20, "round %d", round)
		}
		both[1].audit()
		found := map[string]bool{}
		for _, flag := range both[0].flags(false) {
			require.False(t, found[flag], "%s twice", flag)
			found[flag] = true
		}
		require.Len(t, found, 20)
	})
}

// In a host's transaction there is nothing to audit; what it leaves behind is seen.
func TestAuditorAndHosts(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		tx, host := hostOf(t, st, nil)
		inside := &conduct{t: t, ctx: c.ctx, eng: c.eng.Using(host)}
		inside.burst(agents[0], agents[1], 3)
		_, err := inside.eng.Audit(c.ctx)
		require.ErrorIs(t, err, teg.ErrInvalidState)
		require.ErrorIs(t, inside.eng.RunAuditor(c.ctx), teg.ErrInvalidState)
		_, err = inside.eng.TryRules(c.ctx, teg.TryRulesParams{})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		require.NoError(t, tx.Commit())
		require.NoError(t, c.eng.Tick(c.ctx))
		require.EqualValues(t, 1, c.audit().Findings)
	})
}

// RunAuditor keeps up until it is told to stop, and leaves its turn to others.
func TestRunAuditor(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		c := &conduct{t: t, ctx: limited(t), eng: tegtest.Over(t, stores[0])}
		other := &conduct{t: t, ctx: c.ctx, eng: tegtest.Over(t, stores[1])}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		ctx, stop := context.WithCancel(c.ctx)
		ended := make(chan error)
		go func() { ended <- c.eng.RunAuditor(ctx) }()
		c.burst(agents[0], agents[1], 3)
		require.Eventually(t, func() bool { return len(c.flags(false)) == 1 }, patience, 10*time.Millisecond)
		stop()
		require.NoError(t, <-ended)
		other.audit() // at once
		other.rest()
		stats, err := other.eng.AuditorStats(c.ctx)
		require.NoError(t, err)
		require.Positive(t, stats.Position)
	})
}

// A turn that a wrong clock took for a day is nobody's.
func TestAClockThatIsAheadLocksNobodyOut(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock, ahead := tegtest.NewClock(), tegtest.NewClock()
		ahead.Advance(24 * time.Hour)
		wrong := &conduct{t: t, ctx: limited(t), eng: tegtest.Over(t, stores[0], tegtest.WithClock(ahead))}
		right := &conduct{t: t, ctx: wrong.ctx, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		wrong.audit()
		right.audit()
	})
}

// An engine that was closed leaves its turn, and says so.
func TestClosedAuditor(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		eng, err := teg.New(limited(t), stores[0], teg.Config{})
		require.NoError(t, err)
		c := &conduct{t: t, ctx: limited(t), eng: eng}
		other := &conduct{t: t, ctx: c.ctx, eng: tegtest.Over(t, stores[1])}
		ended := make(chan error, 2)
		go func() { ended <- eng.RunAuditor(c.ctx) }()
		go func() {
			ended <- eng.Follow(c.ctx, teg.FollowParams{Name: "a"}, func(context.Context, []teg.AuditLogEntry) error { return nil })
		}()
		tegtest.FundMany(t, other.eng, 1, "1")
		require.NoError(t, eng.Close())
		for range 2 {
			require.ErrorIs(t, <-ended, teg.ErrClosed)
		}
		_, err = eng.Audit(c.ctx)
		require.ErrorIs(t, err, teg.ErrClosed)
		other.audit()
	})
}

// What was played into the books before is not flagged, and is remembered.
func TestSkipAudit(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock := tegtest.NewClock()
		c := &conduct{t: t, ctx: limited(t), clock: clock, eng: tegtest.Over(t, stores[0], tegtest.WithClock(clock))}
		other := &conduct{t: t, ctx: c.ctx, clock: clock, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		agents := tegtest.FundMany(t, c.eng, 3, "100")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[0], agents[2], 3)
		c.burst(agents[1], agents[2], 2)
		done, err := c.eng.SkipAudit(c.ctx)
		require.NoError(t, err)
		require.True(t, done)
		require.Zero(t, other.audit().Findings)
		c.pay(agents[1], agents[2])
		require.EqualValues(t, 1, other.audit().Findings, "two payments were made before")
		done, err = c.eng.SkipAudit(c.ctx)
		require.NoError(t, err)
		require.False(t, done, "another process lets the rules read")
	})
}

// A rule that leaves the shadow says again what it has said there, also in the process
// that takes over.
func TestARuleLeavesTheShadow(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		clock, on, off := tegtest.NewClock(), true, false
		c := &conduct{t: t, ctx: limited(t), clock: clock, eng: tegtest.Over(t, stores[0], tegtest.WithClock(clock))}
		other := &conduct{t: t, ctx: c.ctx, clock: clock, eng: tegtest.Over(t, stores[1], tegtest.WithClock(clock))}
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Shadow: &on})
		c.burst(agents[0], agents[1], 3)
		c.audit()
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Shadow: &off})
		c.audit()
		c.rest()
		c.pay(agents[0], agents[1])
		other.audit()
		require.Len(t, c.flags(true), 1)
		require.Len(t, c.flags(false), 1)
	})
}
