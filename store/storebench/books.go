package storebench

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// account is a row whose balance is kept here, so that nothing has to be read.
type account struct {
	id      int64
	balance amount.Signed
	seq     int64
	group   int64 // in which it was last touched
}

// books are all balances, and what the next rows need.
type books struct {
	agents   []account
	treasury account
	fees     amount.Amount // tallies of the treasury's row
	count    int64
	logSize  int64
	group    int64
	serial   uint64
	body     []byte
}

var (
	fee     = amount.MustParse("0.001")
	deposit = amount.MustParse("1000000000")
)

func newBooks(o Options) *books {
	b := &books{agents: make([]account, o.Accounts), body: make([]byte, o.EventBytes)}
	for i := range b.body {
		b.body[i] = 'a' + byte(rand.IntN(26))
	}
	return b
}

// number gives the agents their rows: each has two, and pays from the first.
func (b *books) number(treasury, first int64) {
	b.treasury.id = treasury
	for i := range b.agents {
		b.agents[i].id = first + 2*int64(i)
		b.agents[i].balance = deposit.Signed()
	}
}

// rows are what one transaction writes.
type rows struct {
	moved        []*account
	treasury     *account
	fees         amount.Amount
	count        int64
	transactions []transaction
	logSize      int64 // before
	body         []byte
	at           time.Time
}

// transaction is a row with its entries, its key and its event.
type transaction struct {
	id, key, fingerprint, event [16]byte
	sum                         amount.Amount
	legs                        [3]leg
}

type leg struct {
	account, seq  int64
	change, after amount.Signed
}

// post moves the balances and returns the rows that say so.
func (b *books) post(transfers []Transfer) (*rows, error) {
	b.group++
	r := &rows{
		at: time.Now().UTC().Truncate(time.Microsecond), logSize: b.logSize, body: b.body, treasury: &b.treasury,
		moved: make([]*account, 0, 2*len(transfers)), transactions: make([]transaction, len(transfers)),
	}
	for i, t := range transfers {
		if err := b.postOne(r, &r.transactions[i], t); err != nil {
			return nil, err
		}
	}
	var err error
	b.count += int64(len(transfers))
	b.logSize += int64(len(transfers))
	r.fees, r.count = b.fees, b.count
	return r, err
}

func (b *books) postOne(r *rows, tx *transaction, t Transfer) error {
	total, err := t.Amount.Add(fee)
	if err != nil {
		return err
	}
	if b.fees, err = b.fees.Add(fee); err != nil {
		return err
	}
	tx.id, tx.event, tx.sum = b.newID(r.at), b.newID(r.at), t.Amount
	tx.key, tx.fingerprint = random(), random()
	for i, change := range []struct {
		of *account
		by amount.Signed
	}{{&b.agents[t.From], amount.Neg(total)}, {&b.agents[t.To], t.Amount.Signed()}, {&b.treasury, fee.Signed()}} {
		a := change.of
		if a.balance, err = a.balance.Add(change.by); err != nil {
			return err
		}
		a.seq++
		tx.legs[i] = leg{a.id, a.seq, change.by, a.balance}
		if a != &b.treasury && a.group != b.group {
			a.group = b.group
			r.moved = append(r.moved, a)
		}
	}
	return nil
}

// newID makes ids that sort by time, as the engine's do.
func (b *books) newID(at time.Time) (id [16]byte) {
	b.serial++
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], b.serial)
	return id
}

func random() (key [16]byte) {
	binary.NativeEndian.PutUint64(key[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(key[8:], rand.Uint64())
	return key
}
