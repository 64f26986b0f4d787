package teg_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// slashGame delegates and slashes at random and writes down, before each slash,
// who has something in the pools that it will hit.
type slashGame struct {
	*testing.T
	*rand.Rand
	eng    *teg.Engine
	reader store.Reader
	clock  *tegtest.Clock
	agents []teg.DID // the first two are validators
	stakes []teg.StakeID
	owners map[ledger.AccountID]teg.DID
	waits  map[staking.UnbondingID]staking.Delegation
	want   map[teg.DID][]string
}

// What the past tells of slashes is what was so at the time: half of all that
// happens at one instant, delegations that are begun, ended, released and lost
// among them.
func TestDelegatorSlashesAreThoseThatHit(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st, clock := open(t), tegtest.NewClock()
		g := &slashGame{
			T: t, Rand: rand.New(rand.NewPCG(3, 5)), reader: st.Reader(), clock: clock,
			eng: tegtest.Over(t, st, tegtest.WithClock(clock), tegtest.WithStaking(func(terms *teg.StakingTerms) {
				terms.UnstakingPeriod, terms.Slashing = time.Hour, true
			})),
			owners: map[ledger.AccountID]teg.DID{}, waits: map[staking.UnbondingID]staking.Delegation{}, want: map[teg.DID][]string{},
		}
		g.agents = tegtest.FundMany(t, g.eng, 5, "10000")
		for _, who := range g.agents {
			r, err := g.eng.Stake(context.Background(), teg.StakeParams{By: who, Amount: teg.AVT("5000")})
			require.NoError(t, err)
			g.stakes = append(g.stakes, r.StakeID)
		}
		hits := 0
		for range 200 {
			g.step(context.Background())
		}
		for _, who := range g.agents {
			page, err := g.eng.DelegatorSlashes(context.Background(), teg.DelegatorSlashesQuery{Delegator: who, Limit: teg.MaxLimit})
			require.NoError(t, err)
			var got []string
			for _, found := range page.Slashes {
				got = append(got, hitBy(found.Evidence, found.DelegationID, found.TransactionID))
			}
			slices.Reverse(got)
			require.Equal(t, g.want[who], got)
			hits += len(got)
		}
		require.Greater(t, hits, 100)
	})
}

func (g *slashGame) step(ctx context.Context) {
	if g.IntN(2) == 0 {
		g.clock.Advance(time.Duration(g.Int64N(int64(40 * time.Minute))))
	}
	who, validator := 2+g.IntN(3), g.agents[g.IntN(2)]
	switch g.IntN(8) {
	case 0, 1, 2:
		d, err := g.eng.Delegate(ctx, teg.DelegateParams{By: g.agents[who], StakeID: g.stakes[who], Validator: validator, Amount: teg.AVT("33.3333")})
		if !errors.Is(err, teg.ErrInsufficientBalance) {
			require.NoError(g, err)
			g.owners[g.delegations(ctx)[d.ID].Delegator] = g.agents[who]
		}
	case 3, 4:
		g.undelegate(ctx)
	case 5:
		require.NoError(g, g.eng.Tick(ctx))
	default:
		g.slash(ctx, validator)
	}
}

// undelegate ends some delegation and notes which wait is its.
func (g *slashGame) undelegate(ctx context.Context) {
	all := g.delegations(ctx)
	for _, id := range slices.SortedFunc(maps.Keys(all), inOrder) {
		d := all[id]
		if !d.Active() || g.IntN(3) > 0 {
			continue
		}
		_, err := g.eng.Undelegate(ctx, teg.UndelegateParams{By: g.owners[d.Delegator], DelegationID: id})
		require.NoError(g, err)
		for _, u := range g.unbondings(ctx) {
			if _, known := g.waits[u.ID]; !known {
				g.waits[u.ID] = d
			}
		}
		return
	}
}

func (g *slashGame) slash(ctx context.Context, validator teg.DID) {
	delegations, unbondings, pools := g.delegations(ctx), g.unbondings(ctx), map[staking.PoolID]staking.Pool{}
	rows, err := g.reader.AuditPools(ctx, staking.PoolID{}, 10000)
	require.NoError(g, err)
	for _, p := range rows {
		pools[p.ID] = p
	}
	rate := teg.Fraction([]string{"0.333333", "0.01", "1"}[g.IntN(3)])
	r, err := g.eng.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: validator, Percentage: rate, Evidence: fmt.Sprint(g.Uint64()), Reason: "x"})
	require.NoError(g, err)
	took := map[ledger.AccountID]teg.TransactionID{}
	for _, id := range r.TransactionIDs {
		tx, err := g.eng.Transaction(ctx, teg.DID{}, id)
		require.NoError(g, err)
		took[ledger.AccountID(tx.Legs[0].Account)] = id
	}
	hit := map[teg.DelegationID]teg.TransactionID{}
	note := func(lent teg.DelegationID, lies staking.PoolID) {
		if by, ok := took[pools[lies].Account]; ok && !pools[lies].Closed {
			hit[lent] = by
		}
	}
	for id, d := range delegations {
		if d.Active() {
			note(id, d.Pool)
		}
	}
	for _, u := range unbondings {
		if u.Waiting() {
			note(g.waits[u.ID].ID, u.Pool)
		}
	}
	g.write(ctx, delegations, hit)
}

// write notes what a slash has hit, the oldest delegation first.
func (g *slashGame) write(ctx context.Context, delegations map[teg.DelegationID]staking.Delegation, hit map[teg.DelegationID]teg.TransactionID) {
	for _, id := range slices.SortedFunc(maps.Keys(hit), inOrder) {
		tx, err := g.eng.Transaction(ctx, teg.DID{}, hit[id])
		require.NoError(g, err)
		who := g.owners[delegations[id].Delegator]
		g.want[who] = append(g.want[who], hitBy(tx.ReferenceID, id, hit[id]))
	}
}

func inOrder(a, b teg.DelegationID) int { return ledger.ID(a).Compare(ledger.ID(b)) }

func (g *slashGame) delegations(ctx context.Context) map[teg.DelegationID]staking.Delegation {
	rows, err := g.reader.AuditDelegations(ctx, teg.DelegationID{}, 10000)
	require.NoError(g, err)
	found := make(map[teg.DelegationID]staking.Delegation, len(rows))
	for _, d := range rows {
		found[d.ID] = d
	}
	return found
}

func (g *slashGame) unbondings(ctx context.Context) []staking.Unbonding {
	rows, err := g.reader.AuditUnbondings(ctx, staking.UnbondingID{}, 10000)
	require.NoError(g, err)
	return rows
}
