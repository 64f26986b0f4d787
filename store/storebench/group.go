package storebench

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Transfer is a payment between two agents, by their numbers from 0.
type Transfer struct {
	From, To int
	Amount   amount.Amount
}

// account is one row: where it is, and what was read of it last.
type account struct {
	id      int64
	owner   string
	balance amount.Signed
	seq     int64
	status  ledger.Status
	round   int64 // the group that touched it last
}

// group is the transfers of one transaction, from what is needed to what is
// written.
type group struct {
	at       time.Time
	accounts []*account // of agents, in the order of their ids
	treasury *account
	transfer []posting

	// what was read beside the accounts' rows
	fees       amount.Amount // tallies of the treasury's row
	count      int64
	known      int // keys that the journal remembers
	generation int // of the journal
	logSize    int64
}

// posting is a transfer with its entries, its key and its event.
type posting struct {
	id, key, fingerprint, event [16]byte
	from, to                    *account
	sum                         amount.Amount
	legs                        [3]leg
	body                        []byte
}

type leg struct {
	account, seq  int64
	change, after amount.Signed
}

// plan lists what a group of transfers needs.
func (b *books) plan(transfers []Transfer) *group {
	b.round++
	g := &group{
		at: time.Now().UTC().Truncate(time.Microsecond), treasury: &b.treasury,
		accounts: make([]*account, 0, 2*len(transfers)), transfer: make([]posting, len(transfers)),
	}
	for i, t := range transfers {
		p := &g.transfer[i]
		p.from, p.to, p.sum = &b.agents[t.From], &b.agents[t.To], t.Amount
		p.key, p.fingerprint = random(), random()
		for _, a := range []*account{p.from, p.to} {
			if a.round != b.round {
				a.round, a.seq = b.round, -1
				g.accounts = append(g.accounts, a)
			}
		}
	}
	slices.SortFunc(g.accounts, func(a, b *account) int { return cmp.Compare(a.id, b.id) })
	return g
}

// books number the agents and give out ids.
type books struct {
	agents   []account
	byID     map[int64]*account
	treasury account
	fee      amount.Amount
	round    int64
	serial   uint64
}

// loaded is called with each agent's row that was read.
func (b *books) loaded(id int64, balance amount.Signed, seq int64, status ledger.Status) {
	if a := b.byID[id]; a != nil {
		a.balance, a.seq, a.status = balance, seq, status
	}
}

// decide carries the transfers out in memory.
func (b *books) decide(g *group) error {
	if g.known > 0 {
		return errors.New("storebench: a random key was known already")
	}
	arena := make([]byte, 0, 320*len(g.transfer))
	for i := range g.transfer {
		p := &g.transfer[i]
		if err := b.post(g, p); err != nil {
			return err
		}
		start := len(arena)
		arena = p.appendEvent(arena, b.fee, g.at)
		p.body = arena[start:len(arena):len(arena)]
	}
	return nil
}

// post moves the balances of one transfer.
func (b *books) post(g *group, p *posting) error {
	total, err := p.sum.Add(b.fee)
	if err != nil {
		return err
	}
	switch {
	case p.from.seq < 0 || p.to.seq < 0:
		return errors.New("storebench: a row is missing")
	case p.from.status != ledger.Active || p.to.status != ledger.Active:
		return errors.New("storebench: an agent may not deal")
	case p.from.balance.Less(total.Signed()):
		return fmt.Errorf("storebench: %s has only %s AVT", p.from.owner, p.from.balance)
	}
	p.id, p.event = b.newID(g.at), b.newID(g.at)
	for i, change := range [3]amount.Signed{amount.Neg(total), p.sum.Signed(), b.fee.Signed()} {
		a := [3]*account{p.from, p.to, g.treasury}[i]
		if a.balance, err = a.balance.Add(change); err != nil {
			return err
		}
		a.seq++
		p.legs[i] = leg{a.id, a.seq, change, a.balance}
	}
	g.count++
	g.fees, err = g.fees.Add(b.fee)
	return err
}

// newID makes ids that sort by time, as the engine's do: UUIDs of version 7.
func (b *books) newID(at time.Time) (id [16]byte) {
	b.serial++
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], 1<<63|b.serial)
	return id
}

// random is a key as the hash of a client's random one would be.
func random() (key [16]byte) {
	binary.NativeEndian.PutUint64(key[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(key[8:], rand.Uint64())
	return key
}
