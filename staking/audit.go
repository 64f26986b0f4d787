package staking

import (
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Audit proves the rows of stakes against each other. It is given every row of
// one moment, one by one, and keeps of them what is to be compared.
type Audit struct {
	total  Total
	cycles map[int64]Cycle
	pools  map[PoolID]*audited
	out    map[StakeID]int
	stakes map[StakeID]staked
	counts map[ledger.AccountID]int       // positions
	active [3]int64                       // stakes, delegations, stakers
	staker map[ledger.AccountID]bool      // who has an active stake
	paid   Number                         // for all stakes and commissions
	due    Number                         // of all positions
	earns  int64                          // how many there are
	find   func(where, problem string)    // is told of each invariant that does not hold
	held   map[ledger.AccountID]Number    // by the account that pools lie on
	waits  map[ledger.AccountID]time.Time // until the first of what leaves an agent's stakes is free
}

// staked is whose a stake is, and how many parts it counts that others have.
type staked struct {
	owner ledger.AccountID
	out   int
}

// audited is a pool and what its positions make of it.
type audited struct {
	Pool
	shares, commission Number
	worth              Number
	positions          int64
}

// NewAudit begins with the total, every closed cycle and every pool. The function
// is told of every invariant that does not hold.
func NewAudit(total Total, cycles []Cycle, pools []Pool, find func(where, problem string)) *Audit {
	a := &Audit{
		total: total, cycles: make(map[int64]Cycle, len(cycles)), pools: make(map[PoolID]*audited, len(pools)),
		out: map[StakeID]int{}, stakes: map[StakeID]staked{}, counts: map[ledger.AccountID]int{},
		staker: map[ledger.AccountID]bool{}, held: map[ledger.AccountID]Number{}, waits: map[ledger.AccountID]time.Time{}, find: find,
	}
	for _, c := range cycles {
		a.cycles[c.Number] = c
	}
	for _, p := range pools {
		p.roll(&total, a.cycles)
		p.Commission.settle(&p, a.cycles)
		a.earn(&p.Commission)
		a.paid = a.paid.plus(units(p.Paid))
		a.pools[p.ID] = &audited{Pool: p}
		a.held[p.Account] = a.held[p.Account].plus(units(p.Tokens))
	}
	return a
}

func (a *Audit) earn(x *Position) {
	a.due = a.due.plus(units(x.Due()))
	a.earns++
}

// hold counts a position's shares of its pool.
func (a *Audit) hold(where string, pool PoolID, shares Number) *audited {
	p := a.pools[pool]
	if p == nil {
		a.find(where, "lies in a pool that does not exist")
		return &audited{}
	}
	p.shares, p.worth = p.shares.plus(shares), p.worth.plus(p.Pool.worth(shares))
	p.positions++
	return p
}

// Stake takes a stake.
func (a *Audit) Stake(s Stake) {
	p := a.hold(s.ID.String(), s.Pool, s.Shares)
	if s.Own.Weight.Cmp(s.Shares.times(millionths)) != 0 || !s.Left.Weight.IsZero() {
		a.find(s.ID.String(), "has another weight than its shares give")
	}
	a.paid = a.paid.plus(units(s.Paid))
	s.Own.settle(&p.Pool, a.cycles)
	s.Left.settle(&p.Pool, a.cycles)
	a.earn(&s.Own)
	a.earn(&s.Left)
	a.stakes[s.ID] = staked{s.Owner, s.Out}
	if p.Agent != s.Owner {
		a.find(s.ID.String(), fmt.Sprintf("is of account %d and lies in a pool of account %d", s.Owner, p.Agent))
	}
	if s.Active() {
		a.active[0]++
		a.counts[s.Owner]++
		a.staker[s.Owner] = true
	}
}

// Delegation takes a delegation. The stakes have been taken before.
func (a *Audit) Delegation(d Delegation) {
	p := a.hold(d.ID.String(), d.Pool, d.Shares)
	if owner := a.stakes[d.Stake].owner; p.Agent != d.Validator || owner != d.Delegator {
		a.find(d.ID.String(), fmt.Sprintf("is from account %d to %d, and is of a stake of %d in a pool of %d", d.Delegator, d.Validator, owner, p.Agent))
	}
	if d.Weight.Cmp(d.Shares.times(whole(int64(d.Share.Complement().PPM())))) != 0 {
		a.find(d.ID.String(), "has another weight than its shares give")
	}
	d.settle(&p.Pool, a.cycles)
	a.earn(&d.Position)
	p.commission = p.commission.plus(d.Shares.times(whole(int64(d.Share.PPM()))))
	if d.Active() {
		a.active[1]++
		a.counts[d.Delegator]++
		a.out[d.Stake]++
	}
}

// Unbonding takes value on its way out. The stakes have been taken before.
func (a *Audit) Unbonding(u Unbonding) {
	if owner := a.stakes[u.Stake].owner; owner != u.Owner {
		a.find(u.Stake.String(), fmt.Sprintf("is of account %d, and what left it is of %d", owner, u.Owner))
	}
	if !u.Waiting() {
		return
	}
	a.hold(u.Stake.String(), u.Pool, u.Shares)
	if u.Returns {
		a.out[u.Stake]++
	} else if first, ok := a.waits[u.Owner]; !ok || u.AvailableAt.Before(first) {
		a.waits[u.Owner] = u.AvailableAt
	}
}

// Close compares what all rows make together: with the total, with each other,
// with the positions that agents' rows count, and with what their accounts hold.
func (a *Audit) Close(accounts map[ledger.AccountID]ledger.Account) {
	var earning, leaving Number
	for _, p := range a.pools {
		a.pool(p, accounts)
		if p.Kind.Earns() {
			earning = earning.plus(units(p.Tokens))
		} else {
			leaving = leaving.plus(units(p.Tokens))
		}
	}
	a.compare("staking total", "value that earns", units(a.total.Tokens), earning)
	a.compare("staking total", "value on its way out", units(a.total.Unbonding), leaving)
	a.compare("staking total", "active stakes", whole(a.total.Stakes), whole(a.active[0]))
	a.compare("staking total", "active delegations", whole(a.total.Delegations), whole(a.active[1]))
	a.compare("staking total", "stakers", whole(a.total.Stakers), whole(int64(len(a.staker))))
	for id, s := range a.stakes {
		a.compare(id.String(), "parts with others", whole(int64(s.out)), whole(int64(a.out[id])))
	}
	a.accounts(accounts)
	a.rewards()
	a.chain()
}

// chain checks the closed cycles: none is missing, each paid out what it was
// given, and their prices and sums make what the total counts.
func (a *Audit) chain() {
	a.compare("staking total", "what was paid", units(a.total.Paid), a.paid)
	var price, distributed Number
	for number := int64(1); number < a.total.Cycle; number++ {
		c, ok := a.cycles[number]
		where := fmt.Sprintf("reward cycle %d", number)
		if !ok {
			a.find(where, "is missing")
			return
		}
		length := whole(1)
		if c.Weighted {
			length = micros(c.Start, c.End)
		}
		price, distributed = price.plus(c.Price.times(length)), distributed.plus(units(c.Pool))
		a.compare(where, "all prices so far", c.PriceSum, price)
		a.compare(where, "its sources", units(c.Pool), units(c.Collected).plus(units(c.FromReserve)).plus(units(c.Issued)))
	}
	a.compare("staking total", "all prices", a.total.Price, price)
	a.compare("staking total", "what was distributed", units(a.total.Distributed), distributed)
}

func (a *Audit) compare(where, what string, kept, found Number) {
	if kept.Cmp(found) != 0 {
		a.find(where, fmt.Sprintf("counts %s of %s, the rows say %s", kept, what, found))
	}
}

func (a *Audit) pool(p *audited, accounts map[ledger.AccountID]ledger.Account) {
	where := fmt.Sprintf("%s pool of account %d", p.Kind, p.Agent)
	if lies, of := accounts[p.Account], accounts[p.Agent]; lies.Kind != p.Kind.Account() || of.Kind != ledger.Available || lies.Owner != of.Owner {
		a.find(where, fmt.Sprintf("lies on account %d, which is not the %s one of %s", p.Account, p.Kind.Account(), of.Owner))
	}
	if p.Closed && !p.Tokens.IsZero() {
		a.find(where, "is closed and has tokens")
	}
	if !p.Closed && p.Tokens.IsZero() && !p.Shares.IsZero() {
		a.find(where, "is open and its shares are worth nothing")
	}
	if p.Closed && p.Kind == SelfPool {
		return // stakes that went on in another pool left their worthless shares here
	}
	a.compare(where, "shares", p.Shares, p.shares)
	a.compare(where, "commission", p.Commission.Weight, p.commission)
	rest := units(p.Tokens).minus(p.worth)
	if rest.Sign() < 0 || rest.Cmp(whole(p.positions+1)) >= 0 {
		a.find(where, fmt.Sprintf("holds %s, its %d positions are worth %s units", p.Tokens, p.positions, p.worth))
	}
}

func (a *Audit) accounts(accounts map[ledger.AccountID]ledger.Account) {
	for id, row := range accounts {
		where := fmt.Sprintf("account %d", id)
		switch row.Kind {
		case ledger.Available:
			a.compare(where, "stakes and delegations", whole(int64(row.Positions)), whole(int64(a.counts[id])))
			if first, waits := a.waits[id]; waits && !row.UnbondingDue(first) {
				a.find(where, "is not told when it may have what left its stakes")
			}
		case ledger.Staked, ledger.Delegated, ledger.Unbonding, ledger.UnbondingDelegated:
			a.compare(where, "its pools' tokens", Number{row.Balance.Big()}, a.held[id])
		}
	}
}

// rewards: paid + due + remainder = distributed, the remainder smaller than the
// number of positions.
func (a *Audit) rewards() {
	rest := units(a.total.Distributed).minus(units(a.total.Paid)).minus(a.due)
	if rest.Sign() < 0 || rest.Cmp(whole(a.earns+1)) >= 0 {
		a.find("rewards", fmt.Sprintf("%s AVT distributed, %s paid, %s units due to %d positions", a.total.Distributed, a.total.Paid, a.due, a.earns))
	}
}

// Same reports whether nobody acted upon a stake between two readings of the total.
func (t Total) Same(other Total) bool {
	numbers := t.Seconds.Cmp(other.Seconds) == 0 && t.Price.Cmp(other.Price) == 0
	t.Seconds, t.Price, other.Seconds, other.Price = Number{}, Number{}, Number{}, Number{}
	return numbers && t.At.Equal(other.At) && t == other
}

// Owed is what has been distributed and not paid: at least so much lies in the
// rewards pool.
func (t *Total) Owed() (amount.Amount, error) { return t.Distributed.Sub(t.Paid) }
