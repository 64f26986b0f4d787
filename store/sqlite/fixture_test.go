package sqlite

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

var treasury = did.MustParse("did:agentvault:treasury")

// instant is a time as the database keeps it.
var instant = time.Date(2026, 11, 24, 9, 30, 0, 123456000, time.UTC)

// opened is a migrated database in a file of its own, with system accounts.
func opened(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "teg.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	prepare(t, s)
	return s
}

func prepare(t testing.TB, s *Store) {
	t.Helper()
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, s.SetUp(t.Context(), map[ledger.Kind]did.DID{
		ledger.Treasury: treasury, ledger.Issuance: treasury, ledger.Rewards: treasury,
	}))
}

// agents opens n agents with a balance each, in one group, and returns their
// available rows.
func agents(t testing.TB, s *Store, n int) []ledger.Account {
	t.Helper()
	ctx := context.Background()
	owners := make([]did.DID, n)
	for i := range owners {
		owners[i] = did.MustParse(fmt.Sprintf("did:key:agent%06d", i))
	}
	tx, rows := begun(t, s, store.Need{Owners: owners})
	require.Len(t, rows.NewAccounts, 2*n)
	changes := new(store.Changes)
	available := make([]ledger.Account, n)
	for i := range owners {
		available[i] = ledger.Account{
			ID: rows.NewAccounts[2*i], Owner: owners[i], Kind: ledger.Available, Status: ledger.Active,
			Balance: amount.MustParse("1000000").Signed(),
		}
		locked := ledger.Account{ID: rows.NewAccounts[2*i+1], Owner: owners[i], Kind: ledger.Locked, Status: ledger.Active}
		changes.Opened = append(changes.Opened, &available[i], &locked)
		changes.Agents = append(changes.Agents, ledger.Agent{
			ID: owners[i], Account: available[i].ID, Locked: locked.ID, Origin: ledger.FromRegistry, CreatedAt: instant,
		})
	}
	require.NoError(t, tx.Commit(ctx, changes))
	return available
}

func begun(t testing.TB, s *Store, need store.Need) (store.Tx, *store.Rows) {
	t.Helper()
	w, err := s.Writer(context.Background())
	require.NoError(t, err)
	tx, rows, err := w.Begin(context.Background(), need, store.LockBriefly)
	require.NoError(t, err)
	return tx, rows
}

var counter uint64

// newID is time-ordered like a UUIDv7.
func newID() (id ledger.ID) {
	counter++
	binary.BigEndian.PutUint64(id[:8], counter)
	_, _ = rand.Read(id[8:])
	return id
}

func newKey() (k store.Key) {
	_, _ = rand.Read(k[:])
	return k
}

var (
	one1  = amount.MustParse("1")
	fee   = amount.MustParse("0.001")
	total = amount.MustParse("1.001")
	body  = make([]byte, 350)
)

// transfers makes the changes of n transfers between the given rows, in memory.
// Rows are changed as an engine would.
func transfers(n int, pick func() (from, to *ledger.Account), treasury *ledger.Account) *store.Changes {
	c := new(store.Changes)
	moved := make(map[ledger.AccountID]*ledger.Account, 2*n+1)
	step := func(row *ledger.Account, id ledger.TransactionID, leg int, by amount.Signed) ledger.Entry {
		after, err := row.Balance.Add(by)
		if err != nil {
			panic(err)
		}
		row.Balance = after
		row.Seq++
		moved[row.ID] = row
		return ledger.Entry{Transaction: id, Leg: leg, Account: row.ID, Seq: row.Seq, Amount: by, BalanceAfter: after}
	}
	for range n {
		from, to := pick()
		id := newID()
		txID := ledger.TransactionID(id)
		tx := ledger.Transaction{
			ID: txID, Type: ledger.TypeTransfer, Sender: from.ID, Receiver: to.ID, Amount: one1, Fee: fee, At: instant,
			Entries: []ledger.Entry{
				step(from, txID, 0, total.Signed().Neg()), step(to, txID, 1, one1.Signed()), step(treasury, txID, 2, fee.Signed()),
			},
		}
		tx.SenderSeq, tx.ReceiverSeq = from.Seq, to.Seq
		c.Transactions = append(c.Transactions, tx)
		c.Events = append(c.Events, store.Event{ID: store.EventID(newID()), Action: "transfer", Actor: from.Owner, At: instant, Body: body})
		c.Records = append(c.Records, store.Record{
			Key: newKey(), Fingerprint: store.Fingerprint(newKey()), Caller: from.ID, Verb: store.VerbTransfer, Items: 1,
			Subjects: []ledger.ID{id}, At: instant,
		})
	}
	for _, row := range moved {
		c.Moved = append(c.Moved, row)
	}
	c.Altered = append(c.Altered, treasury)
	return c
}

// need is what the engine would ask for before it makes the changes.
func needOf(c *store.Changes) (n store.Need) {
	for _, row := range c.Moved {
		n.Accounts = append(n.Accounts, row.ID)
	}
	for i := range c.Records {
		n.Keys = append(n.Keys, c.Records[i].Key)
	}
	return n
}

// collector is the treasury row at which writers collect.
func collector(t testing.TB, s *Store) *ledger.Account {
	t.Helper()
	for _, row := range loaded(t, s, store.Need{Owners: []did.DID{treasury}}).Accounts {
		if row.Kind == ledger.Treasury && row.Stripe == writerStripe {
			return &row
		}
	}
	t.Fatal("the treasury has no such row")
	return nil
}
