package teg_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// hosts begins as many transactions as the pool has connections for.
func (c *conduct) hosts(st store.Store) (inside []*teg.Engine, end func()) {
	var open []*sql.Tx
	for range st.(*postgres.Store).DB().Stats().MaxOpenConnections {
		tx, host := hostOf(c.t, st, nil)
		open, inside = append(open, tx), append(inside, c.eng.Using(host))
	}
	return inside, func() {
		for _, tx := range open {
			require.NoError(c.t, tx.Rollback())
		}
	}
}

// Hosts that hold all connections there are get trust nevertheless, the first time and
// when it is old, and it is made anew for them as soon as there is a connection.
func TestTrustWithinHosts(t *testing.T) {
	t.Parallel()
	st := storetest.OpenPostgres(t)
	c := newConduct(t, st)
	agents := tegtest.FundMany(t, c.eng, 2, "100")
	c.say(agents[0], agents[1], 1)
	eng := tegtest.Over(t, st, tegtest.WithClock(c.clock))
	c.eng = eng
	known := func(within []*teg.Engine) (signals int64) {
		for _, inside := range within {
			r, err := inside.Reputation(c.ctx, agents[1])
			require.NoError(t, err)
			require.NotNil(t, r.Trust)
			found, err := inside.Trust(c.ctx, teg.TrustQuery{Agent: agents[1]})
			require.NoError(t, err)
			signals = int64(len(found.Why))
		}
		return signals
	}
	inside, end := c.hosts(st)
	require.EqualValues(t, 1, known(inside), "nobody has asked before")
	end()
	require.NotNil(t, c.trust(agents[1]))
	c.say(agents[0], agents[1], 1)
	eng.AgeTrust(1000)
	inside, end = c.hosts(st)
	require.EqualValues(t, 1, known(inside), "the last view, however old")
	end()
	tx, host := hostOf(t, st, nil)
	defer tx.Rollback()
	require.Eventually(t, func() bool { return known([]*teg.Engine{eng.Using(host)}) == 2 }, patience, 10*time.Millisecond)
}

// trust is how far an agent is trusted.
func (c *conduct) trust(agent teg.DID) *float64 {
	c.t.Helper()
	r, err := c.eng.Reputation(c.ctx, agent)
	require.NoError(c.t, err)
	return r.Trust
}

// What a host takes back was never part of anybody's trust.
func TestTrustOfWhatAHostTookBack(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := newConduct(t, st)
		agents := tegtest.FundMany(t, c.eng, 3, "100")
		tx, host := hostOf(t, st, nil)
		inside := &conduct{t: t, ctx: c.ctx, clock: c.clock, eng: c.eng.Using(host)}
		inside.say(agents[0], agents[1], 1)
		inside.trust(agents[1])
		require.NoError(t, tx.Rollback())
		require.Nil(t, c.trust(agents[1]))
		c.say(agents[0], agents[2], 1)
		require.Eventually(t, func() bool { return c.trust(agents[2]) != nil }, patience, 50*time.Millisecond)
		require.Nil(t, c.trust(agents[1]))
	})
}
