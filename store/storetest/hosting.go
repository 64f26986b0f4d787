package storetest

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
)

// hostOf begins a transaction as a host of the engine does.
func hostOf(t *testing.T, st store.Store) (*sql.Tx, store.Host) {
	t.Helper()
	tx, err := handleOf(t, st).DB.BeginTx(background(), nil)
	require.NoError(t, err)
	if _, ok := st.(*postgres.Store); ok {
		return tx, postgres.Tx(tx)
	}
	return tx, sqlite.Tx(tx)
}

// testHost works in a transaction that is not the store's.
func testHost(t *testing.T, b *bench) {
	dave := did.MustParse("did:test:dave")
	for _, kept := range []bool{false, true} {
		outer, host := hostOf(t, b.store)
		for i := range 2 { // two operations of the engine
			tx, rows, err := host.Begin(background(), store.Need{Owners: []did.DID{dave}, Accounts: []ledger.AccountID{b.alice.ID}, Keys: []store.Key{{byte(i)}}}, store.LockBriefly)
			require.NoError(t, err)
			require.Len(t, rows.NewAccounts, 2)
			changes := &store.Changes{
				Events:  []store.Event{b.event("transfer", b.alice.Owner), b.event("transfer", b.alice.Owner)},
				Records: []store.Record{{Key: store.Key{byte(i)}, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{1}}, At: b.now}},
			}
			if i == 0 {
				changes.Opened = []*ledger.Account{{ID: rows.NewAccounts[0], Owner: dave, Kind: ledger.Available, Status: ledger.Active}}
			} else {
				require.Len(t, rows.Accounts, 2, "the second sees what the first wrote")
			}
			require.NoError(t, tx.Commit(background(), changes))
		}
		tx, rows, err := host.Begin(background(), store.Need{Keys: []store.Key{{0}, {1}, {2}}}, store.LockPatiently)
		require.NoError(t, err)
		require.Len(t, rows.Records, 2)
		require.NoError(t, tx.Rollback(background()), "it leaves everything to the host")
		inside, err := host.Reader().AccountsOf(background(), dave)
		require.NoError(t, err)
		require.Len(t, inside, 1, "the reader sees what the transaction wrote")
		require.NoError(t, host.Close())
		if kept {
			require.NoError(t, outer.Commit())
		} else {
			require.NoError(t, outer.Rollback())
		}
		outside, err := b.reader.AccountsOf(background(), dave)
		require.NoError(t, err)
		require.Equal(t, kept, len(outside) == 1, "the host decides")
	}
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Events: []store.Event{b.event("issue", b.bob.Owner)}}))
	numbered, waiting, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.EqualValues(t, 5, numbered+waiting)
	if _, inbox := b.store.(*postgres.Store); inbox {
		require.EqualValues(t, 4, waiting, "events of hosts wait in the inbox")
	}
	for range 2 {
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: b.now, JournalTTL: time.Hour}))
	}
	numbered, waiting, err = b.reader.LogSize(background())
	require.NoError(t, err)
	require.EqualValues(t, 5, numbered)
	require.Zero(t, waiting)
	events, err := b.reader.AuditEvents(background(), 0, 10)
	require.NoError(t, err)
	require.Len(t, events, 5)
	for i, event := range events {
		require.EqualValues(t, i, event.Position)
	}
}

// testNotJoinable brings transactions that have ended, before the engine saw them
// or after, and one of a database without a schema.
func testNotJoinable(t *testing.T, b *bench) {
	refused := func(host store.Host) {
		t.Helper()
		require.ErrorIs(t, host.Join(background()), store.ErrNotJoinable)
		_, _, err := host.Begin(background(), store.Need{Keys: []store.Key{{1}}}, store.LockBriefly)
		require.ErrorIs(t, err, store.ErrNotJoinable)
	}
	outer, host := hostOf(t, b.store)
	require.NoError(t, outer.Commit())
	refused(host)
	_, err := host.Reader().SystemAccounts(background())
	require.ErrorIs(t, err, store.ErrNotJoinable)

	outer, host = hostOf(t, b.store)
	tx, _, err := host.Begin(background(), store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, outer.Rollback())
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Events: []store.Event{b.event("issue", b.bob.Owner)}}), store.ErrNotJoinable)
	_, _, err = host.Begin(background(), store.Need{}, store.LockBriefly)
	require.ErrorIs(t, err, store.ErrNotJoinable)

	takeBack(t, b, true)
	outer, host = hostOf(t, b.store)
	refused(host)
	_, err = outer.Exec(`CREATE TABLE orders (id INTEGER)`)
	require.NoError(t, err, "the host's own work goes on")
	_, err = host.Reader().SystemAccounts(background())
	require.ErrorIs(t, err, store.ErrNotJoinable)
	require.NoError(t, outer.Rollback())
}

// testManyHosts numbers the events of many hosts beside those of writers, while
// several maintain at once.
func testManyHosts(t *testing.T, b *bench) {
	if _, one := b.store.(*sqlite.Store); one {
		return // one writer: see testHost
	}
	const hosts, rounds = 3, 8
	events := make([][]store.Event, hosts)
	for i := range events {
		for range rounds {
			events[i] = append(events[i], b.event("transfer", b.alice.Owner))
		}
	}
	own := make([]store.Event, rounds)
	for i := range own {
		own[i] = b.event("issue", b.bob.Owner)
	}
	maintain := func() error {
		return b.store.Maintain(background(), store.Maintenance{Now: b.now, JournalTTL: time.Hour})
	}
	faults := make(chan error, 3*hosts+1)
	for i := range hosts {
		go func() { faults <- hostEach(b.store, events[i]) }()
		go func() {
			for range rounds {
				if err := maintain(); err != nil {
					faults <- err
					return
				}
			}
			faults <- nil
		}()
	}
	faults <- commitEach(b.store, own)
	for range 2*hosts + 1 {
		require.NoError(t, <-faults)
	}
	require.NoError(t, maintain())
	page, err := b.reader.AuditEvents(background(), 0, 1000)
	require.NoError(t, err)
	require.Len(t, page, (hosts+1)*rounds)
	seen := map[store.EventID]bool{}
	for i, event := range page {
		require.EqualValues(t, i, event.Position)
		require.False(t, seen[event.ID], "numbered once")
		seen[event.ID] = true
	}
}

func hostEach(st store.Store, events []store.Event) error {
	for i := range events {
		outer, err := st.(*postgres.Store).DB().DB.BeginTx(background(), nil)
		if err != nil {
			return err
		}
		tx, _, err := postgres.Tx(outer).Begin(background(), store.Need{}, store.LockPatiently)
		if err == nil {
			err = tx.Commit(background(), &store.Changes{Events: events[i : i+1]})
		}
		if err != nil {
			outer.Rollback()
			return err
		}
		if err := outer.Commit(); err != nil {
			return err
		}
	}
	return nil
}
