package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// counted is a store that counts how often all of a range is read of what happened, and how
// many transactions are read one by one.
type counted struct {
	store.Store
	ranges, moves int
	forged        bool   // the log is another one
	forgotten     bool   // what was read of it last is archived
	behind        int64  // so much more was written
	reads         func() // called before a range is read, where it is not nil
	begins        func() // and before the last span is read with those who paid
}

func (s *counted) Reader() store.Reader { return &countedReader{s.Store.Reader(), s} }

type countedReader struct {
	store.Reader
	of *counted
}

func (r *countedReader) Activity(ctx context.Context, q ledger.ActivityQuery) ([]ledger.Activity, error) {
	r.of.ranges++
	if r.of.reads != nil {
		r.of.reads()
	}
	return r.Reader.Activity(ctx, q)
}

func (r *countedReader) ActivitySince(ctx context.Context, from time.Time, width time.Duration) (store.ActivityView, error) {
	r.of.ranges++
	if r.of.begins != nil {
		r.of.begins()
	}
	return r.Reader.ActivitySince(ctx, from, width)
}

func (r *countedReader) Moves(ctx context.Context, ids ...ledger.TransactionID) ([]store.Move, error) {
	r.of.moves += len(ids)
	return r.Reader.Moves(ctx, ids...)
}

func (r *countedReader) LogSize(ctx context.Context) (numbered, waiting int64, err error) {
	numbered, waiting, err = r.Reader.LogSize(ctx)
	return numbered + r.of.behind, waiting, err
}

func (r *countedReader) Follow(ctx context.Context, from int64, limit int, actions ...string) ([]store.Event, int64, error) {
	if r.of.forgotten {
		return nil, from, &store.ForgottenError{Tail: from + 1}
	}
	events, next, err := r.Reader.Follow(ctx, from, limit, actions...)
	if r.of.forged && len(events) > 0 {
		events[0].ID[0]++
	}
	return events, next, err
}

// course is an economy of which two engines tell what happened.
type course struct {
	*testing.T
	ctx        context.Context
	clock      *tegtest.Clock
	stores     [2]*counted
	engines    [2]*teg.Engine
	alice, bob teg.DID
}

func eachCourse(t *testing.T, test func(c *course)) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		c := &course{T: t, ctx: context.Background(), clock: tegtest.NewClock()}
		for i, st := range stores {
			c.stores[i] = &counted{Store: st}
			c.engines[i] = tegtest.Over(t, c.stores[i], tegtest.WithClock(c.clock))
		}
		c.alice, c.bob = tegtest.Fund(t, c.engines[0], "did:example:alice", "1000"), tegtest.Fund(t, c.engines[0], "did:example:bob", "1000")
		test(c)
	})
}

func (c *course) pay(eng *teg.Engine, from, to teg.DID) {
	_, err := eng.Transfer(c.ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
	require.NoError(c, err)
}

// told has both engines tell what the database does, in spans of both widths, and returns how
// many transactions there were.
func (c *course) told() (sum int64) {
	for _, width := range []time.Duration{teg.Hourly, teg.Daily} {
		sum = 0
		for i, eng := range c.engines {
			got, err := eng.Activity(c.ctx, teg.ActivityQuery{Width: width})
			require.NoError(c, err)
			last := got[len(got)-1].Start.Add(width)
			want, err := c.stores[i].Store.Reader().Activity(c.ctx, ledger.ActivityQuery{From: got[0].Start, To: last, Width: width})
			require.NoError(c, err)
			for _, span := range got {
				if span != (teg.Activity{Start: span.Start}) {
					require.NotEmpty(c, want, "engine %d, %s", i, width)
					want[0].Start = span.Start
					require.Equal(c, want[0], span, "engine %d, %s", i, width)
					sum, want = sum+span.Transactions, want[1:]
				}
			}
			require.Empty(c, want, "engine %d, %s", i, width)
		}
	}
	return sum / 2
}

// Each engine tells what both do, from the first question on without reading a range again:
// what a question costs is what happened since the last one.
func TestActivityIsKeptUp(t *testing.T) {
	eachCourse(t, func(c *course) {
		require.EqualValues(c.T, 2, c.told())
		for hour := range 3 {
			for i := range 4 {
				c.pay(c.engines[i%2], c.alice, c.bob)
			}
			c.pay(c.engines[0], c.bob, c.alice)
			ranges, moves := c.stores[0].ranges, c.stores[0].moves
			require.EqualValues(c.T, 2+5*(hour+1), c.told())
			require.Equal(c.T, ranges, c.stores[0].ranges, "nothing is read as a whole again")
			require.Equal(c.T, 10, c.stores[0].moves-moves, "what is new, for each width")
			c.told()
			require.Equal(c.T, 10, c.stores[0].moves-moves, "and nothing where nothing is")
			c.clock.Advance(time.Hour + time.Minute)
		}
	})
}

// What a host commits long after the hour was told of is told too, and once: by who saw it
// before it had a number, and by who did not.
func TestActivityOfLateHosts(t *testing.T) {
	eachCourse(t, func(c *course) {
		for _, late := range []time.Duration{0, 3 * time.Hour, 30 * time.Hour} {
			before := c.told()
			tx, host := hostOf(c.T, c.stores[0].Store, nil)
			inside := c.engines[0].Using(host)
			c.pay(inside, c.alice, c.bob)
			seen, err := inside.Activity(c.ctx, teg.ActivityQuery{Width: teg.Daily})
			require.NoError(c.T, err)
			require.Equal(c.T, before+1, seen[len(seen)-1].Transactions+seen[len(seen)-2].Transactions+seen[len(seen)-3].Transactions, "the host sees its own")
			c.clock.Advance(late)
			require.Equal(c.T, before, c.told())
			require.NoError(c.T, tx.Commit())
			fresh := tegtest.Over(c.T, c.stores[1], tegtest.WithClock(c.clock))
			c.engines[1] = fresh
			_, err = fresh.Activity(c.ctx, teg.ActivityQuery{Width: teg.Hourly})
			require.NoError(c.T, err)
			require.NoError(c.T, c.engines[0].Tick(c.ctx)) // which numbers the event
			require.Equal(c.T, before+1, c.told())
			require.Equal(c.T, before+1, c.told())
		}
	})
}

// Where the log is another one, or too much of it was not followed, all is read anew.
func TestActivityIsReadAnew(t *testing.T) {
	eachCourse(t, func(c *course) {
		c.told()
		for name, change := range map[string]func(st *counted){
			"forged":    func(st *counted) { st.forged = !st.forged },
			"forgotten": func(st *counted) { st.forgotten = !st.forgotten },
			"behind":    func(st *counted) { st.behind = 1_000_000 - st.behind },
		} {
			ranges := c.stores[0].ranges
			change(c.stores[0])
			c.pay(c.engines[1], c.alice, c.bob)
			c.told()
			require.Greater(c.T, c.stores[0].ranges, ranges, name)
			change(c.stores[0])
		}
	})
}

// What somebody read of the past while another began anew is not remembered: what a host
// committed in between is in neither, and nothing would tell of it any more.
func TestActivityBesideABeginning(t *testing.T) {
	eachCourse(t, func(c *course) {
		c.told()
		st, eng := c.stores[0], c.engines[0]
		tx, host := hostOf(c.T, st.Store, nil)
		c.pay(eng.Using(host), c.alice, c.bob)
		c.clock.Advance(3 * time.Hour)
		now := c.clock.Now()
		reading, goOn, ended := make(chan int, 1), make(chan int, 1), make(chan error, 1)
		st.reads = func() {
			st.reads = nil
			reading <- 1
			<-goOn
		}
		go func() {
			_, err := eng.Activity(c.ctx, teg.ActivityQuery{From: now.Add(-60 * time.Hour), Width: teg.Hourly}) // in two ranges
			ended <- err
		}()
		receive(c.T, reading)
		st.behind = 1_000_000
		st.begins = func() {
			goOn <- 1
			require.NoError(c.T, receive(c.T, ended))
			require.NoError(c.T, tx.Commit())
			st.begins = nil
		}
		got, err := eng.Activity(c.ctx, teg.ActivityQuery{From: now.Add(-10 * time.Hour), Width: teg.Hourly})
		require.NoError(c.T, err)
		sum := int64(0)
		for _, span := range got {
			sum += span.Transactions
		}
		require.EqualValues(c.T, 3, sum)
		st.behind = 0
		require.NoError(c.T, eng.Tick(c.ctx))
		require.EqualValues(c.T, 3, c.told())
	})
}
