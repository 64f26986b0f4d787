package bunstore_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
)

func background() context.Context { return context.Background() }

var start = time.Date(2026, 1, 1, 12, 0, 0, 123456000, time.UTC)

// crowd is a store with more agents than one statement asks for.
type crowd struct {
	writer store.Writer
	reader store.Reader
	names  []did.DID
	rows   []ledger.Account // available and locked, in turn
}

func newCrowd(t *testing.T, st store.Store, size int) *crowd {
	system := map[ledger.Kind]did.DID{}
	for _, kind := range ledger.SystemKinds() {
		system[kind] = did.MustParse("did:test:" + kind.String())
	}
	require.NoError(t, st.SetUp(background(), system))
	writer, err := st.Writer(background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	c := &crowd{writer: writer, reader: st.Reader()}
	for i := range size {
		c.names = append(c.names, did.MustParse(fmt.Sprintf("did:test:agent%04d", i)))
	}
	tx, loaded, err := writer.Begin(background(), store.Need{Owners: c.names}, store.LockBriefly)
	require.NoError(t, err)
	c.rows = make([]ledger.Account, 2*size)
	changes := &store.Changes{}
	for i, name := range c.names {
		available, locked := loaded.NewAccounts[2*i], loaded.NewAccounts[2*i+1]
		c.rows[2*i] = ledger.Account{ID: available, Owner: name, Kind: ledger.Available, Status: ledger.Active}
		c.rows[2*i+1] = ledger.Account{ID: locked, Owner: name, Kind: ledger.Locked, Status: ledger.Active}
		changes.Opened = append(changes.Opened, &c.rows[2*i], &c.rows[2*i+1])
		changes.Agents = append(changes.Agents, ledger.Agent{ID: name, Account: available, Locked: locked, Origin: ledger.FromSelf, CreatedAt: start})
	}
	require.NoError(t, tx.Commit(background(), changes))
	return c
}

func (c *crowd) write(t *testing.T, changes *store.Changes) {
	t.Helper()
	tx, _, err := c.writer.Begin(background(), store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(background(), changes))
}

// number makes ids in the order of n.
func number(n int) (id ledger.ID) {
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return id
}

func TestListsLongerThanAStatement(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		const size = 1100
		c := newCrowd(t, open(t), size)
		slices.Reverse(c.names)
		accounts, err := c.reader.AccountsOf(background(), c.names...)
		require.NoError(t, err)
		require.Len(t, accounts, 2*size)
		require.True(t, slices.IsSortedFunc(accounts, func(a, b ledger.Account) int { return int(a.ID - b.ID) }))
		agents, err := c.reader.Agents(background(), c.names...)
		require.NoError(t, err)
		require.Len(t, agents, size)

		changes := &store.Changes{}
		var keys []store.Key
		var ids []ledger.TransactionID
		for i := range size {
			key, id := store.Key(number(i+1)), ledger.TransactionID(number(i+1))
			keys, ids = append(keys, key), append(ids, id)
			changes.Records = append(changes.Records, store.Record{Key: key, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{1}, {2}}, At: start})
			changes.Transactions = append(changes.Transactions, transaction(id, c.rows[0].ID, c.rows[2].ID, int64(i+1), start))
		}
		c.write(t, changes)
		records, err := c.reader.Records(background(), keys...)
		require.NoError(t, err)
		require.Len(t, records, size)
		require.Equal(t, []ledger.ID{{1}, {2}}, records[0].Subjects)
		slices.Reverse(ids)
		found, err := c.reader.Transactions(background(), ids...)
		require.NoError(t, err)
		require.Len(t, found, size)
		slices.Reverse(ids)
		for i := range found {
			require.Equal(t, ids[i], found[i].ID)
			require.Len(t, found[i].Entries, 2)
		}
	})
}

// transaction moves 1 AVT between two rows whose chains have the same length.
func transaction(id ledger.TransactionID, from, to ledger.AccountID, seq int64, at time.Time) ledger.Transaction {
	one := amount.MustParse("1")
	return ledger.Transaction{
		ID: id, Type: ledger.TypeTransfer, Sender: from, SenderSeq: seq, Receiver: to, ReceiverSeq: seq, Amount: one, At: at,
		Entries: []ledger.Entry{
			{Transaction: id, Leg: 0, Account: from, Seq: seq, Amount: amount.Neg(one), BalanceAfter: amount.Neg(amount.FromUnits(uint64(seq)))},
			{Transaction: id, Leg: 1, Account: to, Seq: seq, Amount: one.Signed(), BalanceAfter: amount.FromUnits(uint64(seq)).Signed()},
		},
	}
}

// Each entry of the chain leaves its own seq as the balance, so that any wrong
// step of the search shows.
func TestChainsAreSearched(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		const length = 21
		c := newCrowd(t, open(t), 2)
		from, to := &c.rows[0], &c.rows[2]
		tx, loaded, err := c.writer.Begin(background(), store.Need{Accounts: []ledger.AccountID{from.ID, to.ID}}, store.LockBriefly)
		require.NoError(t, err)
		changes := &store.Changes{}
		at := func(seq int64) time.Time { return start.Add(time.Duration(seq/3) * time.Second) } // three at a time
		for seq := int64(1); seq <= length; seq++ {
			changes.Transactions = append(changes.Transactions, transaction(ledger.TransactionID(number(int(seq))), from.ID, to.ID, seq, at(seq)))
		}
		for i := range loaded.Accounts {
			loaded.Accounts[i].Seq = length
			changes.Moved = append(changes.Moved, &loaded.Accounts[i])
		}
		require.NoError(t, tx.Commit(background(), changes))
		for _, off := range []time.Duration{-1, 0, 1, 999, 1000} {
			for seq := int64(0); seq <= length+3; seq++ {
				instant := at(seq).Add(off)
				var want, before int64
				for s := int64(1); s <= length; s++ {
					if !at(s).After(instant) {
						want = s
					}
					if at(s).Before(instant) {
						before = s
					}
				}
				got, err := c.reader.BalancesAt(background(), instant, to.ID)
				require.NoError(t, err)
				require.Equal(t, []amount.Signed{amount.FromUnits(uint64(want)).Signed()}, got, instant)
				page, err := c.reader.History(background(), ledger.HistoryQuery{Account: to.ID, From: instant, Limit: 100, Count: 5})
				require.NoError(t, err)
				require.Len(t, page.Seqs, int(length-before), instant)
				require.EqualValues(t, min(5, length-before), page.Total, "counted so far")
			}
		}
	})
}

func TestInstantsFarAway(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c := newCrowd(t, open(t), 2)
		c.write(t, &store.Changes{Events: []store.Event{{ID: store.EventID(number(1)), Action: "transfer", Actor: c.names[0], At: start, Body: []byte("{}")}}})
		for _, far := range []time.Time{{}, time.Date(-4, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)} {
			_, err := c.reader.BalancesAt(background(), far, c.rows[0].ID)
			require.NoError(t, err)
			_, err = c.reader.History(background(), ledger.HistoryQuery{Account: c.rows[0].ID, From: far, To: far, Limit: 1})
			require.NoError(t, err)
			found, _, err := c.reader.Events(background(), store.EventQuery{From: far, Limit: 5})
			require.NoError(t, err)
			require.Equal(t, far.Before(start), len(found) == 1)
		}
		found, _, err := c.reader.Events(background(), store.EventQuery{From: start.Add(1), Limit: 5})
		require.NoError(t, err)
		require.Empty(t, found, "from ≤ t, to the nanosecond")
		found, _, err = c.reader.Events(background(), store.EventQuery{To: start.Add(1), Limit: 5})
		require.NoError(t, err)
		require.Len(t, found, 1)
	})
}
