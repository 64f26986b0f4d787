package storetest

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

func testRoundTrip(t *testing.T, b *bench) {
	b.issue(t, b.alice, "100.000000000000000001")
	want := b.pay(t, "40", ledger.Notes{Message: "hi\n\"you\" é", Reason: "because", ReferenceID: "hold_x", Reference: "r-1"})
	found, err := b.reader.Transactions(background(), want.ID)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, want, found[0].Transaction)
	require.Equal(t, b.alice.Owner, found[0].SenderID)
	require.Equal(t, b.bob.Owner, found[0].ReceiverID)
	row := b.row(t, b.alice)
	require.Equal(t, "60.000000000000000001", row.Balance.String())
	require.EqualValues(t, 2, row.Seq)
	agents, err := b.reader.Agents(background(), b.alice.Owner, did.MustParse("did:test:nobody"))
	require.NoError(t, err)
	require.Equal(t, []ledger.Agent{{ID: b.alice.Owner, Account: b.alice.ID, Locked: b.locked.ID, Origin: ledger.FromRegistry,
		Metadata: []byte(`{"a":1}`), CreatedAt: b.now}}, agents)

	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}})
	require.Equal(t, []ledger.Account{row}, rows.Accounts, "a locked row reads like any other")
	altered := rows.Accounts[0]
	altered.Status, altered.SuspendedUntil, altered.Owes = ledger.Suspended, b.now.Add(time.Hour), avt("3.5")
	altered.OpenHolds, altered.NextHoldExpiry, altered.Positions = 2, b.now.Add(time.Minute), 1000
	altered.NextUnbonding = b.now.Add(time.Hour)
	require.NoError(t, tx.Commit(background(), &store.Changes{
		Altered:  []*ledger.Account{&altered},
		Profiles: []store.ProfileChange{{Agent: b.alice.Owner, SuspensionReason: "spam"}},
	}))
	require.Equal(t, altered, b.row(t, b.alice))
	agents, err = b.reader.Agents(background(), b.alice.Owner)
	require.NoError(t, err)
	require.Equal(t, "spam", agents[0].SuspensionReason)
}

func testRollback(t *testing.T, b *bench) {
	tx, _ := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}})
	require.NoError(t, tx.Rollback(background()))
	require.NoError(t, tx.Rollback(background()), "a second time changes nothing")
	b.issue(t, b.alice, "1") // the rows are free again
	require.EqualValues(t, 1, b.row(t, b.alice).Seq)

	reference := store.Reference{Key: store.Key{1}, Subject: ledger.ID{1}}
	changes := &store.Changes{References: []store.Reference{reference}}
	committed, _ := b.begin(t, store.Need{})
	require.NoError(t, committed.Commit(background(), &store.Changes{}))
	next, _ := b.begin(t, store.Need{})
	for _, ended := range []store.Tx{tx, committed} {
		require.ErrorIs(t, ended.Commit(background(), changes), sql.ErrTxDone)
		_, err := ended.LiveRefusals(background(), []ledger.AccountID{b.alice.ID})
		require.ErrorIs(t, err, sql.ErrTxDone)
		require.NoError(t, ended.Rollback(background()), "it does not end the writer's next one")
	}
	require.NoError(t, next.Commit(background(), &store.Changes{}))
	tx, rows := b.begin(t, store.Need{References: []store.Key{reference.Key}})
	require.Empty(t, rows.References, "nothing was written")
	require.NoError(t, tx.Rollback(background()))
}

func testOwners(t *testing.T, b *bench) {
	carol := did.MustParse("did:test:carol")
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.bob.ID, b.alice.ID}, Owners: []did.DID{b.alice.Owner, carol}})
	require.Len(t, rows.NewAccounts, 4, "two for each owner, whether it exists or not")
	seen := map[ledger.AccountID]bool{b.alice.ID: true, b.locked.ID: true, b.bob.ID: true}
	require.Len(t, rows.Accounts, 3, "each row once, though Alice is named twice")
	for i, row := range rows.Accounts {
		require.True(t, seen[row.ID])
		require.True(t, i == 0 || rows.Accounts[i-1].ID < row.ID, "in the order of their ids")
	}
	for _, id := range rows.NewAccounts {
		require.False(t, seen[id])
		seen[id] = true
	}
	require.NoError(t, tx.Rollback(background()))
}

func testConflict(t *testing.T, b *bench) {
	for name, changes := range map[string]store.Changes{
		"a record":    {Records: []store.Record{{Key: store.Key{1}, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{9}}, At: b.now}}},
		"a reference": {References: []store.Reference{{Key: store.Key{1}, Subject: ledger.ID{9}}}},
		"an account":  {Opened: []*ledger.Account{{ID: 1 << 40, Owner: b.alice.Owner, Kind: ledger.Available, Stripe: 3, Status: ledger.Active}}},
	} {
		tx, _ := b.begin(t, store.Need{})
		require.NoError(t, tx.Commit(background(), &changes), name)
		tx, _ = b.begin(t, store.Need{Keys: []store.Key{{2}}})
		changes.Events = []store.Event{b.event("transfer", b.alice.Owner)}
		for _, row := range changes.Opened {
			row.ID++ // an owner has one row of a kind and stripe
		}
		require.ErrorIs(t, tx.Commit(background(), &changes), store.ErrConflict, name)
	}
	numbered, _, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.Zero(t, numbered, "nothing of it was written")
	b.issue(t, b.alice, "1") // and the writer goes on
}

func testGenerations(t *testing.T, b *bench) {
	records := []store.Record{
		{Key: store.Key{1}, Fingerprint: store.Fingerprint{2}, Caller: b.alice.ID, Verb: store.VerbHold, Items: 1, Subjects: []ledger.ID{{3}, {4}}, At: b.now},
		{Key: store.Key{5}, Fingerprint: store.Fingerprint{6}, Caller: b.bob.ID, Verb: store.VerbTransfer, Items: 7, Refusal: []byte(`{"code":"X"}`), At: b.now},
	}
	maintain := func(now time.Time) {
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: now, JournalTTL: 24 * time.Hour}))
	}
	maintain(b.now)
	for i, r := range records {
		tx, rows := b.begin(t, store.Need{Keys: []store.Key{r.Key}})
		require.Empty(t, rows.Records)
		require.NoError(t, tx.Commit(background(), &store.Changes{Records: records[i : i+1]}))
		maintain(b.now.Add(time.Duration(i+1) * 25 * time.Hour))
	}
	find := func() []store.Record {
		tx, rows := b.begin(t, store.Need{Keys: []store.Key{{1}, {5}, {8}}})
		require.NoError(t, tx.Rollback(background()))
		read, err := b.reader.Records(background(), store.Key{1}, store.Key{5}, store.Key{8})
		require.NoError(t, err)
		require.ElementsMatch(t, rows.Records, read)
		return read
	}
	require.ElementsMatch(t, records[1:], find(), "the older generation was dropped whole, the younger is kept")
	maintain(b.now.Add(40 * time.Hour))
	require.Len(t, find(), 1, "within the time a generation stays")
	maintain(b.now.Add(1000 * time.Hour))
	require.Empty(t, find())
}

func testRefusals(t *testing.T, b *bench) {
	var records []store.Record
	for i := range 5 {
		r := store.Record{Key: store.Key{byte(i + 1)}, Caller: b.alice.ID, Verb: store.VerbTransfer, Items: 1, At: b.now}
		if i < 3 {
			r.Refusal = []byte("no")
		}
		records = append(records, r)
	}
	records[0].Caller = b.bob.ID
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Records: records[2:]}))
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: b.now, JournalTTL: time.Hour}))
	tx, _ = b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Records: records[:2]}), "into the next generation")
	tx, _ = b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}})
	counts, err := tx.LiveRefusals(background(), []ledger.AccountID{b.alice.ID, b.bob.ID, b.collect.Treasury})
	require.NoError(t, err)
	require.Equal(t, 2, counts[b.alice.ID], "of both generations")
	require.Equal(t, 1, counts[b.bob.ID])
	require.Zero(t, counts[b.collect.Treasury])
	require.NoError(t, tx.Rollback(background()))
}

func testReferencesAndRefunds(t *testing.T, b *bench) {
	b.issue(t, b.alice, "100")
	paid := b.pay(t, "10", ledger.Notes{})
	for _, sum := range []string{"1.5", "2.000000000000000001"} {
		b.post(t, ledger.Move(ledger.TypeRefund, b.bob.ID, b.alice.ID, avt(sum), ledger.Notes{ReferenceID: paid.ID.String()}))
	}
	b.pay(t, "1", ledger.Notes{ReferenceID: paid.ID.String()}) // refers to it, and is no refund
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{References: []store.Reference{{Key: store.Key{1}, Subject: ledger.ID(paid.ID)}}}))
	tx, rows := b.begin(t, store.Need{References: []store.Key{{1}, {2}}, Refunded: []ledger.TransactionID{paid.ID, {99}}})
	require.Equal(t, []store.Key{{1}}, rows.References)
	require.Equal(t, avt("3.500000000000000001"), rows.Refunded[paid.ID])
	require.Zero(t, rows.Refunded[ledger.TransactionID{99}])
	require.NoError(t, tx.Rollback(background()))
	referring, err := b.reader.Referring(background(), paid.ID.String())
	require.NoError(t, err)
	require.Len(t, referring, 3)
}

// testPositions lets several writers commit events at the same time.
func testPositions(t *testing.T, b *bench) {
	const writers, groups = 4, 10
	events := make([][]store.Event, writers)
	for w := range events {
		for range groups {
			events[w] = append(events[w], b.event("suspend_agent", b.bob.Owner))
		}
	}
	faults := make([]error, writers)
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() { faults[w] = commitEach(b.store, events[w]) })
	}
	running.Wait()
	require.NoError(t, errors.Join(faults...))
	page, total, err := b.reader.Events(background(), store.EventQuery{Limit: 100, Count: 1000})
	require.NoError(t, err)
	require.EqualValues(t, writers*groups, total)
	for i, event := range page {
		require.EqualValues(t, writers*groups-1-i, event.Position)
	}
	place := map[store.EventID]int64{}
	for _, event := range page {
		place[event.ID] = event.Position
	}
	require.Len(t, place, writers*groups, "each once")
	for _, own := range events {
		for i := range own[1:] {
			require.Less(t, place[own[i].ID], place[own[i+1].ID], "what was committed later stands later")
		}
	}
}

func commitEach(st store.Store, events []store.Event) error {
	writer, err := st.Writer(background())
	if err != nil {
		return err
	}
	defer writer.Close()
	for len(events) > 0 {
		tx, _, err := writer.Begin(background(), store.Need{}, store.LockPatiently)
		if errors.Is(err, store.ErrLocked) { // a new connection readies its statements, and waits for nobody who maintains
			continue
		}
		if err != nil {
			return err
		}
		if err := tx.Commit(background(), &store.Changes{Events: events[:1]}); err != nil {
			return err
		}
		events = events[1:]
	}
	return nil
}

func testCancelled(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(background())
	tx, _, err := b.writer.Begin(ctx, store.Need{Accounts: []ledger.AccountID{b.alice.ID}}, store.LockBriefly)
	require.NoError(t, err)
	cancel()
	require.Error(t, tx.Commit(ctx, &store.Changes{Events: []store.Event{b.event("transfer", b.alice.Owner)}}))
	_, _, err = b.writer.Begin(ctx, store.Need{}, store.LockBriefly)
	require.Error(t, err)
	numbered, waiting, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.Zero(t, numbered+waiting)
	b.issue(t, b.alice, "1")
}
