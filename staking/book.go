package staking

import (
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Rows is what of the past a group of operations needs.
type Rows struct {
	Total       Total
	Pools       []Pool
	Stakes      []Stake
	Delegations []Delegation
	Unbondings  []Unbonding
	Cycles      []Cycle
}

// Book holds the rows of stakes that a group of operations works on and what the
// operations did to them. It moves no value: its methods return the postings
// that [ledger.Book.Post] carries out. A Book is not safe for concurrent use.
type Book struct {
	terms       Terms
	total       table[struct{}, Total]
	pools       table[PoolID, Pool]
	stakes      table[StakeID, Stake]
	delegations table[DelegationID, Delegation]
	unbondings  table[UnbondingID, Unbonding]
	named       map[poolName][]PoolID // one of them at most is open
	parts       map[StakeID]*parts
	owned       map[ledger.AccountID][]StakeID
	cycles      map[int64]Cycle
	closed      []Cycle // by this group
	undo        []func()
}

// poolName says whose pool it is, and what for. At any time one of a name is open.
type poolName struct {
	agent ledger.AccountID
	kind  PoolKind
}

// parts are what of a stake lies in the pools of others.
type parts struct {
	delegations []DelegationID
	returning   []UnbondingID
}

// NewBook makes a book over loaded rows, at the time that the total has.
func NewBook(terms Terms, rows Rows) *Book {
	b := &Book{
		terms: terms, cycles: make(map[int64]Cycle, len(rows.Cycles)),
		named: make(map[poolName][]PoolID, len(rows.Pools)), parts: make(map[StakeID]*parts, len(rows.Stakes)),
		owned: make(map[ledger.AccountID][]StakeID),
	}
	b.total = newTable(&b.undo, []Total{rows.Total}, func(*Total) struct{} { return struct{}{} })
	b.pools = newTable(&b.undo, rows.Pools, func(p *Pool) PoolID { return p.ID })
	b.stakes = newTable(&b.undo, rows.Stakes, func(s *Stake) StakeID { return s.ID })
	b.delegations = newTable(&b.undo, rows.Delegations, func(d *Delegation) DelegationID { return d.ID })
	b.unbondings = newTable(&b.undo, rows.Unbondings, func(u *Unbonding) UnbondingID { return u.ID })
	for _, c := range rows.Cycles {
		b.cycles[c.Number] = c
	}
	b.index(rows)
	return b
}

// Advance brings the book to a time, or leaves it at a later one that another
// server has written. While nothing earns, the terms say whether time counts in
// the open cycle; from the first stake on that stays until the next.
func (b *Book) Advance(now time.Time) {
	t := b.total.rows[struct{}{}]
	if t.advance(now); !t.idle() {
		return
	}
	t.Weighted = b.terms.TimeWeighted
	if t.Start.Unix() <= 0 { // of the first
		t.Start = t.At
	}
}

// index arranges the rows by what they belong to.
func (b *Book) index(rows Rows) {
	for i := range rows.Pools {
		name := poolName{rows.Pools[i].Agent, rows.Pools[i].Kind}
		b.named[name] = append(b.named[name], rows.Pools[i].ID)
	}
	for _, ids := range b.named {
		slices.SortFunc(ids, byID)
	}
	for i := range rows.Stakes {
		s := &rows.Stakes[i]
		b.owned[s.Owner] = append(b.owned[s.Owner], s.ID)
	}
	for i := range rows.Delegations {
		if d := &rows.Delegations[i]; d.Active() {
			of := b.partsOf(d.Stake)
			of.delegations = append(of.delegations, d.ID)
		}
	}
	for i := range rows.Unbondings {
		if u := &rows.Unbondings[i]; u.Returns && u.Waiting() {
			of := b.partsOf(u.Stake)
			of.returning = append(of.returning, u.ID)
		}
	}
}

func (b *Book) partsOf(stake StakeID) *parts {
	if b.parts[stake] == nil {
		b.parts[stake] = &parts{}
	}
	return b.parts[stake]
}

// Total returns the row of all earning value.
func (b *Book) Total() Total { return *b.total.get(struct{}{}) }

func (b *Book) changeTotal() *Total { return b.total.change(struct{}{}) }

// Missing returns the closed cycles that the loaded rows were last touched in
// and that are not loaded: none, where the store keeps its contract. Without them
// what was earned in between would be lost, so nothing may be decided.
func (b *Book) Missing() []int64 {
	var missing []int64
	open := b.Total().Cycle
	need := func(cycle int64) {
		if _, ok := b.cycles[cycle]; !ok && cycle != open {
			missing = append(missing, cycle)
		}
	}
	for _, p := range b.pools.rows {
		need(p.Cycle)
		need(p.Commission.Cycle)
	}
	for _, s := range b.stakes.rows {
		need(s.Own.Cycle)
		need(s.Left.Cycle)
	}
	for _, d := range b.delegations.rows {
		need(d.Cycle)
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// Stake returns a loaded stake, or nil. Callers read it.
func (b *Book) Stake(id StakeID) *Stake { return b.stakes.get(id) }

// StakesOf returns the ids of an agent's stakes that are loaded, oldest first.
func (b *Book) StakesOf(owner ledger.AccountID) []StakeID {
	return slices.SortedFunc(slices.Values(b.owned[owner]), byID)
}

// MayEarn reports whether an agent has a loaded stake that earns or may still.
func (b *Book) MayEarn(owner ledger.AccountID) bool {
	return slices.ContainsFunc(b.owned[owner], func(id StakeID) bool { return b.stakes.get(id).Live() })
}

// addStake adds a new stake to the group.
func (b *Book) addStake(s Stake) *Stake {
	before := b.owned[s.Owner]
	b.owned[s.Owner] = append(before[:len(before):len(before)], s.ID)
	b.undo = append(b.undo, func() { b.owned[s.Owner] = before })
	return b.stakes.insert(s)
}

// Unbonding returns loaded value on its way out, or nil. Callers read it.
func (b *Book) Unbonding(id UnbondingID) *Unbonding { return b.unbondings.get(id) }

// Pool returns the agent's open pool of a kind, or nil. Callers read it.
func (b *Book) Pool(agent ledger.AccountID, kind PoolKind) *Pool {
	for _, id := range b.named[poolName{agent, kind}] { // which is the newest, ids of several servers do not tell
		if p := b.pools.get(id); !p.Closed {
			return p
		}
	}
	return nil
}

// AccountsUnder are the accounts on which a loaded pool and its agent's own pools
// lie, as far as they are loaded.
func (b *Book) AccountsUnder(pool PoolID, agent ledger.AccountID) []ledger.AccountID {
	var accounts []ledger.AccountID
	if p := b.pools.get(pool); p != nil {
		accounts = append(accounts, p.Account)
	}
	if own := b.AccountOf(agent, SelfPool); own != 0 && !slices.Contains(accounts, own) {
		accounts = append(accounts, own)
	}
	return accounts
}

// AccountOf is the account on which an agent's pools of a kind lie, as far as one
// of them is loaded; zero otherwise.
func (b *Book) AccountOf(agent ledger.AccountID, kind PoolKind) ledger.AccountID {
	for _, id := range b.named[poolName{agent, kind}] {
		return b.pools.get(id).Account
	}
	return 0
}

// OpenPool makes an empty pool, where the agent has none of the kind that is
// open, over an account that holds nothing.
func (b *Book) OpenPool(id PoolID, agent ledger.AccountID, kind PoolKind, account ledger.AccountID) {
	t := b.Total()
	p := Pool{ID: id, Agent: agent, Kind: kind, Account: account, Cycle: t.Cycle, At: t.At}
	p.Commission = p.join()
	b.pools.insert(p)
	name := poolName{agent, kind}
	before := b.named[name]
	b.named[name] = append(before[:len(before):len(before)], id)
	b.undo = append(b.undo, func() { b.named[name] = before })
}

// touch returns a pool for changes, rolled to the present, with its agent's
// commission settled.
func (b *Book) touch(id PoolID) *Pool { return b.present(b.pools.change(id)) }

// look returns a pool as touch does, for those who change nothing else about it.
// Nothing is to be written then: rolled at once or in steps, while its value is
// the same, a pool comes to the same.
func (b *Book) look(id PoolID) *Pool { return b.present(b.pools.derive(id)) }

func (b *Book) present(p *Pool) *Pool {
	p.roll(b.total.get(struct{}{}), b.cycles)
	p.Commission.settle(p, b.cycles)
	return p
}

// own returns the agent's open pool of a kind as touch does. That it is there is
// the caller's promise.
func (b *Book) own(agent ledger.AccountID, kind PoolKind) *Pool {
	return b.touch(b.Pool(agent, kind).ID)
}

// delegationsOf returns the active delegations of a stake, oldest first.
func (b *Book) delegationsOf(stake StakeID) []*Delegation {
	var list []*Delegation
	for _, id := range b.partsOf(stake).delegations {
		if d := b.delegations.get(id); d.Active() {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *Delegation) int { return byID(a.ID, b.ID) })
	return list
}

// addDelegation adds a new delegation to the group.
func (b *Book) addDelegation(d Delegation) {
	b.delegations.insert(d)
	of := b.partsOf(d.Stake)
	n := len(of.delegations)
	of.delegations = append(of.delegations, d.ID)
	b.undo = append(b.undo, func() { of.delegations = of.delegations[:n] })
}

// addUnbonding adds value on its way out to the group.
func (b *Book) addUnbonding(u Unbonding) {
	b.unbondings.insert(u)
	if !u.Returns {
		return
	}
	of := b.partsOf(u.Stake)
	n := len(of.returning)
	of.returning = append(of.returning, u.ID)
	b.undo = append(b.undo, func() { of.returning = of.returning[:n] })
}

// Mark names the present state.
func (b *Book) Mark() int { return len(b.undo) }

// Revert takes back everything since the mark.
func (b *Book) Revert(mark int) {
	for i := len(b.undo) - 1; i >= mark; i-- {
		b.undo[i]()
	}
	b.undo = b.undo[:mark]
}

// Changes is everything that a group did to the rows of stakes, ordered by id.
type Changes struct {
	Total                       *Total // nil where nothing changed: no row is ahead of it in time
	NewPools, Pools             []Pool
	NewStakes, Stakes           []Stake
	NewDelegations, Delegations []Delegation
	NewUnbondings, Unbondings   []Unbonding
	Cycles                      []Cycle
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool { return c.Total == nil }

// Changed returns what is to be written.
func (b *Book) Changed() Changes {
	c := Changes{Cycles: b.closed}
	c.NewPools, c.Pools = b.pools.changed(byID[PoolID])
	c.NewStakes, c.Stakes = b.stakes.changed(byID[StakeID])
	c.NewDelegations, c.Delegations = b.delegations.changed(byID[DelegationID])
	c.NewUnbondings, c.Unbondings = b.unbondings.changed(byID[UnbondingID])
	_, total := b.total.changed(func(struct{}, struct{}) int { return 0 })
	if len(total)+len(c.NewPools)+len(c.Pools)+len(c.Stakes)+len(c.Delegations)+len(c.Unbondings) > 0 {
		t := b.Total()
		c.Total = &t
	}
	return c
}

func byID[T ~[16]byte](a, b T) int { return ledger.ID(a).Compare(ledger.ID(b)) }
