package staking

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Rows of the economy's system accounts.
const (
	treasuryRow ledger.AccountID = iota + 1
	rewardsRow
	issuanceRow
	firstFree
)

// economy plays the part of store and engine: it keeps rows between operations,
// carries postings out, and does nothing else.
type economy struct {
	terms       Terms
	now         time.Time
	total       Total
	accounts    map[ledger.AccountID]ledger.Account
	pools       map[PoolID]Pool
	stakes      map[StakeID]Stake
	delegations map[DelegationID]Delegation
	unbondings  map[UnbondingID]Unbonding
	cycles      map[int64]Cycle
	ids         uint64
	oracle      *oracle // may be nil
}

var genesis = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newEconomy makes agents with a fortune each.
func newEconomy(t require.TestingT, terms Terms, agents int, fortune string) *economy {
	e := &economy{
		terms: terms, now: genesis, total: Total{Cycle: 1, Start: genesis, At: genesis},
		accounts: map[ledger.AccountID]ledger.Account{}, pools: map[PoolID]Pool{}, stakes: map[StakeID]Stake{},
		delegations: map[DelegationID]Delegation{}, unbondings: map[UnbondingID]Unbonding{}, cycles: map[int64]Cycle{},
	}
	for id, kind := range map[ledger.AccountID]ledger.Kind{treasuryRow: ledger.Treasury, rewardsRow: ledger.Rewards, issuanceRow: ledger.Issuance} {
		e.accounts[id] = ledger.Account{ID: id, Kind: kind, Status: ledger.Active}
	}
	var grants []ledger.Posting
	for i := range agents {
		id := e.agent(i)
		e.accounts[id] = ledger.Account{ID: id, Kind: ledger.Available, Status: ledger.Active, Owner: did.MustParse("did:test:" + string(rune('a'+i)))}
		grants = append(grants, ledger.Move(ledger.TypeIssuance, issuanceRow, id, avt(fortune), ledger.Notes{}))
	}
	require.NoError(t, e.post(grants...))
	return e
}

func avt(text string) amount.Amount { return amount.MustParse(text) }

// agent is the available row of the i-th agent. Each has room for its pools.
func (e *economy) agent(i int) ledger.AccountID { return firstFree + ledger.AccountID(100*i) }

func (e *economy) next() (id ledger.ID) {
	e.ids++
	binary.BigEndian.PutUint64(id[8:], e.ids)
	return id
}

// book is a group over everything there is.
func (e *economy) book() *Book {
	b := NewBook(e.terms, Rows{
		Total: e.total, Pools: slices.Collect(maps.Values(e.pools)), Stakes: slices.Collect(maps.Values(e.stakes)),
		Delegations: slices.Collect(maps.Values(e.delegations)), Unbondings: slices.Collect(maps.Values(e.unbondings)),
		Cycles: slices.Collect(maps.Values(e.cycles)),
	})
	b.Advance(e.now)
	return b
}

// act runs one operation on a group of its own and keeps what it did, or
// nothing where it refused.
func (e *economy) act(decide func(*Book) ([]ledger.Posting, error)) error {
	e.observe()
	b := e.book()
	if missing := b.Missing(); len(missing) > 0 {
		panic("cycles are missing")
	}
	mark := b.Mark()
	postings, err := decide(b)
	if err == nil {
		err = e.post(postings...)
	}
	if err != nil {
		b.Revert(mark)
	}
	e.keep(b.Changed())
	return err
}

// post carries postings out, all or none.
func (e *economy) post(postings ...ledger.Posting) error {
	rows := slices.Collect(maps.Values(e.accounts))
	b := ledger.NewBook(rows, ledger.Collectors{Treasury: treasuryRow, Rewards: rewardsRow, Issuance: issuanceRow})
	for _, p := range postings {
		if _, err := b.Post(ledger.TransactionID(e.next()), e.now, p); err != nil {
			return err
		}
	}
	if err := b.Balanced(); err != nil {
		return err
	}
	for id := range e.accounts {
		e.accounts[id] = *b.Account(id)
	}
	return nil
}

func (e *economy) keep(c Changes) {
	if c.Total != nil {
		e.total = *c.Total
	}
	for _, p := range slices.Concat(c.NewPools, c.Pools) {
		e.pools[p.ID] = p
	}
	for _, s := range slices.Concat(c.NewStakes, c.Stakes) {
		e.stakes[s.ID] = s
	}
	for _, d := range slices.Concat(c.NewDelegations, c.Delegations) {
		e.delegations[d.ID] = d
	}
	for _, u := range slices.Concat(c.NewUnbondings, c.Unbondings) {
		e.unbondings[u.ID] = u
	}
	for _, c := range c.Cycles {
		e.cycles[c.Number] = c
	}
}

// openPool makes a pool and its account where there is none.
func (e *economy) openPool(b *Book, agent ledger.AccountID, kind PoolKind) {
	if b.Pool(agent, kind) != nil {
		return
	}
	account := agent + ledger.AccountID(kind)
	if _, ok := e.accounts[account]; !ok {
		e.accounts[account] = ledger.Account{ID: account, Kind: kind.Account(), Status: ledger.Active, Owner: e.accounts[agent].Owner}
	}
	b.OpenPool(PoolID(e.next()), agent, kind, account)
}

// count changes how many positions an agent has.
func (e *economy) count(agent ledger.AccountID, by int) {
	row := e.accounts[agent]
	row.Positions += by
	e.accounts[agent] = row
}

func (e *economy) owner(agent ledger.AccountID) *ledger.Account {
	row := e.accounts[agent]
	return &row
}

func (e *economy) stake(agent int, sum amount.Amount, compound bool) (StakeID, error) {
	id, who := StakeID(e.next()), e.agent(agent)
	err := e.act(func(b *Book) ([]ledger.Posting, error) {
		e.openPool(b, who, SelfPool)
		p, err := b.Put(StakeRule{ID: id, Owner: e.owner(who), Amount: sum, AutoCompound: compound})
		return []ledger.Posting{p}, err
	})
	if err == nil {
		e.count(who, 1)
	}
	return id, err
}

func (e *economy) unstake(agent int, id StakeID, sum amount.Amount) (u Unstaked, err error) {
	who := e.agent(agent)
	err = e.act(func(b *Book) ([]ledger.Posting, error) {
		e.openPool(b, who, UnbondingPool)
		if u, err = b.Take(UnstakeRule{Stake: id, Owner: e.owner(who), Amount: sum, Unbonding: UnbondingID(e.next())}); err != nil {
			return nil, err
		}
		r, err := b.Claim(id)
		return append(u.Postings, r.Postings(rewardsRow, who, ledger.Notes{})...), err
	})
	if err == nil && u.Ended {
		e.count(who, -1)
	}
	if row := e.accounts[who]; err == nil && !u.Available.IsZero() && row.NextUnbonding.IsZero() {
		row.NextUnbonding = u.Available
		e.accounts[who] = row
	}
	return u, err
}

func (e *economy) delegate(agent, validator int, id StakeID, sum amount.Amount, share amount.Rate) (DelegationID, error) {
	made, who, to := DelegationID(e.next()), e.agent(agent), e.agent(validator)
	err := e.act(func(b *Book) ([]ledger.Posting, error) {
		e.openPool(b, to, DelegatedPool)
		_, p, err := b.Delegate(DelegateRule{ID: made, Stake: id, Owner: e.owner(who), Validator: e.owner(to), Amount: sum, Share: share})
		return []ledger.Posting{p}, err
	})
	if err == nil {
		e.count(who, 1)
	}
	return made, err
}

func (e *economy) undelegate(agent int, id DelegationID) error {
	who := e.agent(agent)
	err := e.act(func(b *Book) ([]ledger.Posting, error) {
		e.openPool(b, who, SelfPool)
		e.openPool(b, e.delegations[id].Validator, UnbondingDelegatedPool)
		_, postings, err := b.Undelegate(UndelegateRule{Delegation: id, Owner: e.owner(who), Unbonding: UnbondingID(e.next())})
		return postings, err
	})
	if err == nil {
		e.count(who, -1)
	}
	return err
}

func (e *economy) claim(agent int, id StakeID) error {
	return e.act(func(b *Book) ([]ledger.Posting, error) {
		r, err := b.Claim(id)
		postings := r.Postings(rewardsRow, e.agent(agent), ledger.Notes{})
		if s := b.Stake(id); err != nil || !s.AutoCompound || !s.Active() {
			return postings, err
		}
		sum, err := r.Sum()
		if err != nil || sum.IsZero() {
			return postings, err
		}
		e.openPool(b, e.agent(agent), SelfPool)
		p, err := b.Compound(b.Stake(id).Owner, map[StakeID]amount.Amount{id: sum})
		return append(postings, p), err
	})
}

func (e *economy) claimCommission(agent int) error {
	return e.act(func(b *Book) ([]ledger.Posting, error) {
		r, err := b.ClaimCommission(e.agent(agent))
		return r.Postings(rewardsRow, e.agent(agent), ledger.Notes{}), err
	})
}

// release ends the waits whose time has come.
func (e *economy) release(t require.TestingT) {
	for _, id := range slices.Collect(maps.Keys(e.unbondings)) {
		if u := e.unbondings[id]; !u.Waiting() || e.now.Before(u.AvailableAt) {
			continue
		}
		require.NoError(t, e.act(func(b *Book) ([]ledger.Posting, error) {
			e.openPool(b, e.unbondings[id].Owner, SelfPool)
			return b.Release(id)
		}))
	}
	b := e.book()
	b.Advance(e.now)
	for id, row := range e.accounts {
		due, next := b.DueOf(id)
		require.Empty(t, due)
		row.NextUnbonding = next
		e.accounts[id] = row
	}
}

func (e *economy) slash(agent int, self, delegations amount.Rate) (s Slashed, err error) {
	err = e.act(func(b *Book) ([]ledger.Posting, error) {
		s, err = b.Slash(SlashRule{Agent: e.agent(agent), Self: self, Delegations: delegations, Treasury: treasuryRow})
		return s.Postings, err
	})
	return s, err
}

// cycle distributes what the rate gives, all of it issued.
func (e *economy) cycle(rate amount.Rate) error {
	return e.act(func(b *Book) ([]ledger.Posting, error) {
		t := b.Total()
		pool := t.Due(e.now, rate)
		c, err := b.CloseCycle(e.now, Cycle{ID: CycleID(e.next()), Rate: rate, Pool: pool, Issued: pool})
		if err == nil && e.oracle != nil {
			e.oracle.cycle(e, c)
		}
		if err != nil || pool.IsZero() {
			return nil, err
		}
		return []ledger.Posting{ledger.Move(ledger.TypeRewardFunding, issuanceRow, rewardsRow, pool, ledger.Notes{})}, nil
	})
}

// observe lets the oracle see everyone before something changes.
func (e *economy) observe() {
	if e.oracle != nil {
		e.oracle.pass(e)
	}
}

func newTestEconomy(t *testing.T, terms Terms) *economy { return newEconomy(t, terms, 15, "1000000") }
