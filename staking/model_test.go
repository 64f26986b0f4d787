package staking

import (
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// drawer is where the choices come from: rapid, or a seeded source.
type drawer interface{ below(n int) int }

type rapidDrawer struct{ *rapid.T }

func (d rapidDrawer) below(n int) int { return rapid.IntRange(0, n-1).Draw(d.T, "choice") }

type seeded struct{ *rand.Rand }

func (s seeded) below(n int) int { return s.IntN(n) }

const (
	agents     = 15
	validators = 3
)

var (
	shares = []amount.Rate{{}, amount.Percent(1), amount.Percent(10), amount.Percent(33), amount.Fraction("0.123456"), amount.Percent(100)}
	rates  = []amount.Rate{{}, amount.Percent(5), amount.Fraction("0.000001"), amount.Fraction("0.033333"), amount.Percent(100)}
	cuts   = []amount.Rate{{}, amount.Percent(1), amount.Fraction("0.333333"), amount.Percent(50), amount.Fraction("0.999999"), amount.Percent(100)}
)

// sum draws from a millionth of an AVT to a thousand AVT, down to the last digit.
func sum(d drawer) amount.Amount {
	units := uint64(d.below(1_000_000_000))*1_000_000_000 + uint64(d.below(1_000_000_000))
	a := amount.FromUnits(units + 1)
	for range d.below(4) {
		a, _ = a.MulDiv(amount.FromUnits(10), amount.FromUnits(1))
	}
	return a
}

func pickID[K interface{ ~[16]byte }, V any](d drawer, rows map[K]V) (K, bool) {
	if len(rows) == 0 {
		return K{}, false
	}
	ids := slices.SortedFunc(maps.Keys(rows), byID[K])
	return ids[d.below(len(ids))], true
}

// indexOf is the number of the agent whose available row it is.
func (e *economy) indexOf(id ledger.AccountID) int { return int(id-firstFree) / 100 }

// step does something, refused or not. Nothing but a slash makes a share worth
// less.
func (e *economy) step(t require.TestingT, d drawer) {
	before := maps.Clone(e.pools)
	if e.do(t, d) {
		return
	}
	for id, p := range e.pools {
		was := before[id]
		if !was.Shares.IsZero() && !p.Shares.IsZero() {
			now, then := units(p.Tokens).times(was.Shares), units(was.Tokens).times(p.Shares)
			require.False(t, now.Cmp(then) < 0, "a share of %v is worth less than of %v", p, was)
		}
	}
}

// do does something, refused or not, and tells whether it was a slash.
func (e *economy) do(t require.TestingT, d drawer) (slashed bool) {
	if d.below(3) == 0 {
		e.now = e.now.Add(time.Duration(d.below(200_000)) * 7919 * time.Microsecond)
	}
	switch d.below(12) {
	case 0, 1, 2:
		_, _ = e.stake(d.below(agents), sum(d), d.below(3) == 0)
	case 3, 4:
		if id, ok := pickID(d, e.stakes); ok {
			_, _ = e.unstake(e.indexOf(e.stakes[id].Owner), id, e.some(d, id))
		}
	case 5, 6:
		if id, ok := pickID(d, e.stakes); ok {
			_, _ = e.delegate(e.indexOf(e.stakes[id].Owner), d.below(validators), id, e.some(d, id), shares[d.below(len(shares))])
		}
	case 7:
		if id, ok := pickID(d, e.delegations); ok {
			_ = e.undelegate(e.indexOf(e.delegations[id].Delegator), id)
		}
	case 8:
		if id, ok := pickID(d, e.stakes); ok {
			require.NoError(t, e.claim(e.indexOf(e.stakes[id].Owner), id))
		}
	case 9:
		require.NoError(t, e.claimCommission(d.below(validators)))
	case 10:
		require.NoError(t, e.cycle(rates[d.below(len(rates))]))
	case 11:
		if d.below(3) == 0 {
			slashed = true
			_, _ = e.slash(d.below(agents), cuts[d.below(len(cuts))], cuts[d.below(len(cuts))])
		}
	}
	e.release(t)
	return slashed
}

// some draws an amount for a stake: nothing, all, too much, or a part.
func (e *economy) some(d drawer, id StakeID) amount.Amount {
	s := e.stakes[id]
	worth := e.pool(s.Pool).Worth(s.Shares)
	switch d.below(4) {
	case 0:
		return amount.Amount{}
	case 1:
		return worth
	case 2:
		more, _ := worth.Add(amount.FromUnits(uint64(d.below(3))))
		return more
	}
	part, _ := worth.MulDiv(amount.FromUnits(uint64(d.below(1_000_000))), amount.FromUnits(1_000_000))
	return part
}

func (e *economy) pool(id PoolID) *Pool {
	p := e.pools[id]
	return &p
}

// check holds the books against the invariants.
func (e *economy) check(t require.TestingT) {
	e.checkTokens(t)
	e.checkShares(t)
	e.checkCounts(t)
	e.audit(t)
}

// audit gives all rows to an audit, which has nothing to say.
func (e *economy) audit(t require.TestingT) {
	find := func(where, problem string) { require.Fail(t, where+": "+problem) }
	total := e.total
	total.advance(e.now)
	a := NewAudit(total, slices.Collect(maps.Values(e.cycles)), slices.Collect(maps.Values(e.pools)), find)
	for _, s := range e.stakes {
		a.Stake(s)
	}
	for _, d := range e.delegations {
		a.Delegation(d)
	}
	for _, u := range e.unbondings {
		a.Unbonding(u)
	}
	a.Close(e.accounts)
}

// checkTokens: what lies in pools is what lies on their accounts, and the total
// is the sum of what earns.
func (e *economy) checkTokens(t require.TestingT) {
	earning, leaving, held := new(big.Int), new(big.Int), map[ledger.AccountID]*big.Int{}
	for _, p := range e.pools {
		if held[p.Account] == nil {
			held[p.Account] = new(big.Int)
		}
		held[p.Account].Add(held[p.Account], p.Tokens.Big())
		if p.Kind.Earns() {
			earning.Add(earning, p.Tokens.Big())
		} else {
			leaving.Add(leaving, p.Tokens.Big())
		}
		require.Equal(t, p.Closed || p.Shares.IsZero(), p.Tokens.IsZero(), "pool %v", p)
	}
	require.Zero(t, earning.Cmp(e.total.Tokens.Big()), "the total is %s, the pools hold %s", e.total.Tokens, earning)
	require.Zero(t, leaving.Cmp(e.total.Unbonding.Big()), "the total is %s, the pools hold %s", e.total.Unbonding, leaving)
	for account, tokens := range held {
		require.Zero(t, tokens.Cmp(e.accounts[account].Balance.Big()), "account %d", account)
	}
	all := new(big.Int)
	for _, a := range e.accounts {
		all.Add(all, a.Balance.Big())
	}
	require.Zero(t, all.Sign(), "value was created or lost")
}

// checkShares: the positions of a pool have all of its shares, and the weights
// that they give.
func (e *economy) checkShares(t require.TestingT) {
	held, commission := map[PoolID]Number{}, map[PoolID]Number{}
	for _, s := range e.stakes {
		held[s.Pool] = held[s.Pool].plus(s.Shares)
		require.Zero(t, s.Own.Weight.Cmp(s.Shares.times(millionths)))
	}
	for _, d := range e.delegations {
		held[d.Pool] = held[d.Pool].plus(d.Shares)
		commission[d.Pool] = commission[d.Pool].plus(d.Shares.times(whole(int64(d.Share.PPM()))))
		require.Zero(t, d.Weight.Cmp(d.Shares.times(whole(int64(d.Share.Complement().PPM())))))
	}
	for _, u := range e.unbondings {
		if u.Waiting() {
			held[u.Pool] = held[u.Pool].plus(u.Shares)
		}
	}
	for id, p := range e.pools {
		if p.Kind == SelfPool && p.Closed {
			continue // stakes that went on in another pool left their worthless shares here
		}
		require.Zero(t, held[id].Cmp(p.Shares), "pool %s of %d has %s shares, its positions %s", p.Kind, p.Agent, p.Shares, held[id])
		require.Zero(t, commission[id].Cmp(p.Commission.Weight))
	}
}

func (e *economy) checkCounts(t require.TestingT) {
	positions, out, stakes, delegations := map[ledger.AccountID]int{}, map[StakeID]int{}, int64(0), int64(0)
	stakers := map[ledger.AccountID]bool{}
	for _, d := range e.delegations {
		if d.Active() {
			delegations++
			positions[d.Delegator]++
			out[d.Stake]++
		}
	}
	for _, u := range e.unbondings {
		if u.Returns && u.Waiting() {
			out[u.Stake]++
		}
	}
	for id, s := range e.stakes {
		require.Equal(t, out[id], s.Out)
		if s.Active() {
			stakes++
			positions[s.Owner]++
			stakers[s.Owner] = true
		}
	}
	for id, row := range e.accounts {
		require.Equal(t, positions[id], row.Positions)
	}
	require.Equal(t, [3]int64{stakes, delegations, int64(len(stakers))}, [3]int64{e.total.Stakes, e.total.Delegations, e.total.Stakers})
}

// checkRewards holds the rewards against the oracle: paid + due + remainder is what was distributed, the remainder is
// smaller than the number of positions, and nobody is a unit off.
func (e *economy) checkRewards(t require.TestingT) {
	due, positions := new(big.Int), int64(1)
	b := e.book()
	count := func(x *Position) *big.Rat {
		positions++
		due.Add(due, x.Due().Big())
		return new(big.Rat).SetFrac(x.Earned.big(), earnedScale.big())
	}
	earned := map[earner]*big.Rat{}
	for id := range e.pools {
		p := b.touch(id)
		add(earned, earner{"commission", ledger.ID(id)}, new(big.Rat).Add(count(&p.Commission), new(big.Rat).SetInt(p.Paid.Big())))
	}
	for id := range e.stakes {
		s := b.stakes.change(id)
		b.settle(s)
		add(earned, earner{"stake", ledger.ID(id)}, new(big.Rat).Add(count(&s.Own), new(big.Rat).SetInt(s.Paid.Big())))
		add(earned, earner{"stake", ledger.ID(id)}, count(&s.Left))
	}
	for id := range e.delegations {
		d := b.delegations.change(id)
		d.settle(b.pools.get(d.Pool), b.cycles)
		add(earned, earner{"stake", ledger.ID(d.Stake)}, count(&d.Position))
	}
	rest := new(big.Int).Sub(e.total.Distributed.Big(), e.total.Paid.Big())
	require.Zero(t, rest.Cmp(e.accounts[rewardsRow].Balance.Big()), "the rewards pool holds other than what is not paid")
	rest.Sub(rest, due)
	require.True(t, rest.Sign() >= 0 && rest.Cmp(big.NewInt(positions)) < 0, "a remainder of %s units over %d positions", rest, positions)
	e.compare(t, earned)
}

func (e *economy) compare(t require.TestingT, earned map[earner]*big.Rat) {
	if e.oracle == nil {
		return
	}
	one := big.NewRat(1, 1)
	for who, is := range earned {
		want := new(big.Rat)
		for _, kind := range []string{who.kind, map[string]string{"stake": "delegations"}[who.kind]} {
			if part := e.oracle.earned[earner{kind, who.id}]; part != nil {
				want.Add(want, part)
			}
		}
		off := new(big.Rat).Sub(want, is)
		require.True(t, off.Abs(off).Cmp(one) < 0, "%v earned %s, the rules say %s", who, is.FloatString(6), want.FloatString(6))
	}
}

var variants = map[string]Terms{
	"at the instant":        {RewardRate: amount.Percent(5), Slashing: true, SlashDelegated: true},
	"by time":               {RewardRate: amount.Percent(5), Slashing: true, SlashDelegated: true, TimeWeighted: true},
	"with unbonding":        {RewardRate: amount.Percent(5), Slashing: true, SlashDelegated: true, UnstakingPeriod: time.Hour},
	"unbonding, by time":    {RewardRate: amount.Percent(5), Slashing: true, SlashDelegated: true, TimeWeighted: true, UnstakingPeriod: time.Hour},
	"no delegation slashed": {RewardRate: amount.Percent(5), Slashing: true, UnstakingPeriod: time.Hour},
}

// TestModel plays sequences that rapid chooses, and shrinks.
func TestModel(t *testing.T) {
	for name, terms := range variants {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			e := newEconomy(t, terms, agents, "1000000")
			e.oracle = newOracle()
			for range rapid.IntRange(1, 40).Draw(t, "steps") {
				e.step(t, rapidDrawer{t})
				e.check(t)
				e.checkRewards(t)
			}
		}))
	}
}

// TestModelLong plays sequences long enough for what rounding leaves to pile up: of 400
// steps, or as many as TEG_TEST_STEPS says.
func TestModelLong(t *testing.T) {
	steps := 400
	if given := os.Getenv("TEG_TEST_STEPS"); given != "" {
		var err error
		steps, err = strconv.Atoi(given)
		require.NoError(t, err)
	}
	for name, terms := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newTestEconomy(t, terms)
			e.oracle = newOracle()
			d := seeded{rand.New(rand.NewPCG(1, uint64(len(name))))}
			for i := range steps {
				e.step(t, d)
				if i%10 == 9 { // each of them visits everyone
					e.check(t)
				}
				if i%50 == 49 {
					e.checkRewards(t)
				}
			}
		})
	}
}
