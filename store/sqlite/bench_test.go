package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

// BenchmarkGroup commits groups of 256 transfers between 10,000 agents, every
// commit synced.
func BenchmarkGroup(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(map[int]string{1: "of1", 16: "of16", 256: "of256"}[size], func(b *testing.B) { benchmarkGroup(b, size) })
	}
}

func benchmarkGroup(b *testing.B, size int) {
	s := opened(b)
	w, err := s.Writer(b.Context())
	require.NoError(b, err)
	measure(b, s, size, func(c *store.Changes) error {
		tx, _, err := w.Begin(context.Background(), needOf(c), store.LockBriefly)
		if err != nil {
			return err
		}
		return tx.Commit(context.Background(), c)
	})
}

// measure times groups of transfers between 10,000 agents.
func measure(b *testing.B, s *Store, size int, carryOut func(*store.Changes) error) {
	rows := agents(b, s, 10_000)
	system := collector(b, s)
	pick := func() (from, to *ledger.Account) {
		i, j := rand.IntN(len(rows)), rand.IntN(len(rows)-1)
		if j >= i {
			j++
		}
		return &rows[i], &rows[j]
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		changes := transfers(size, pick, system)
		b.StartTimer()
		require.NoError(b, carryOut(changes))
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "transfers/s")
}

// BenchmarkByHand does the same as BenchmarkGroup/of256 as one would write it by
// hand: database/sql, one prepared statement per row.
func BenchmarkByHand(b *testing.B) {
	s := opened(b)
	p := byHand{s: s, statements: map[string]*sql.Stmt{}}
	measure(b, s, 256, p.carryOut)
}

// byHand writes row by row.
type byHand struct {
	s          *Store
	tx         *sql.Tx
	statements map[string]*sql.Stmt
	err        error
}

func (p *byHand) carryOut(c *store.Changes) error {
	clear(p.statements) // they end with their transaction
	p.tx, p.err = p.s.DB().DB.Begin()
	for _, row := range c.Moved {
		p.read("SELECT "+accountColumns+" FROM accounts WHERE id = ?", 14, row.ID)
	}
	for _, r := range c.Records {
		p.read("SELECT key FROM journal_0 WHERE key = ?", 1, r.Key[:])
		p.read("SELECT key FROM journal_1 WHERE key = ?", 1, r.Key[:])
	}
	for _, row := range c.Moved {
		p.exec(moveAccount.text, blob(row.Balance), row.Seq, row.ID)
	}
	for i := range c.Transactions {
		t := &c.Transactions[i]
		p.exec(insertTransactions.bySize[len(sizes)-1].text, t.ID[:], t.Type, t.Sender, t.SenderSeq, t.Receiver, t.ReceiverSeq,
			blob(t.Amount.Signed()), blob(t.Fee.Signed()), nil, nil, nil, t.At.UnixMicro())
		for _, e := range t.Entries {
			p.exec(insertEntries.bySize[len(sizes)-1].text, t.ID[:], e.Leg, e.Account, e.Seq, blob(e.Amount), blob(e.BalanceAfter))
		}
	}
	p.log(c)
	if p.err != nil {
		return p.err
	}
	return p.tx.Commit()
}

func (p *byHand) log(c *store.Changes) {
	for _, r := range c.Records {
		p.exec(insertRecords[0].bySize[len(sizes)-1].text, r.Key[:], r.Fingerprint[:], r.Caller, r.Verb, r.Items, r.Subjects[0][:], nil, r.At.UnixMicro())
	}
	var size int64
	if p.err == nil {
		p.err = p.tx.QueryRow(logSize.text).Scan(&size)
	}
	for i, e := range c.Events {
		p.exec(insertEvents.bySize[len(sizes)-1].text, size+int64(i), e.ID[:], e.Action, e.Actor, e.At.UnixMicro(), e.Body)
	}
	p.exec(growLog.text, size+int64(len(c.Events)))
}

func (p *byHand) stmt(text string) *sql.Stmt {
	if p.statements[text] == nil && p.err == nil {
		p.statements[text], p.err = p.tx.Prepare(text)
	}
	return p.statements[text]
}

func (p *byHand) exec(text string, args ...any) {
	if st := p.stmt(text); p.err == nil {
		_, p.err = st.Exec(args...)
	}
}

func (p *byHand) read(text string, columns int, args ...any) {
	st := p.stmt(text)
	if p.err != nil {
		return
	}
	cells := make([]any, columns)
	for i := range cells {
		cells[i] = new(any)
	}
	if err := st.QueryRow(args...).Scan(cells...); !errors.Is(err, sql.ErrNoRows) {
		p.err = err
	}
}

func blob(s amount.Signed) []byte {
	b := s.Bytes()
	return b[:]
}
