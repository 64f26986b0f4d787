package storetest

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// testOneView sums all accounts up while others pay, and the two of whom the
// payments are.
func testOneView(t *testing.T, b *bench) {
	b.issue(t, b.alice, "1000000")
	other := again(t, b.store)
	defer other.Close()
	var over atomic.Bool
	paying := make(chan error, 1)
	go func() {
		var err error
		for err == nil && !over.Load() {
			_, err = b.tryPost(b.payment("1", ledger.Notes{}))
		}
		paying <- err
	}()
	for range 20 {
		var total amount.Signed
		require.NoError(t, other.Reader().AuditAccounts(background(), func(a ledger.Account) (err error) {
			total, err = total.Add(a.Balance)
			return err
		}))
		require.True(t, total.IsZero(), "they sum to %s", total)
		pair, err := other.Reader().BalancesAt(background(), b.now, b.alice.ID, b.bob.ID)
		require.NoError(t, err)
		total, err = pair[0].Add(pair[1])
		require.NoError(t, err)
		require.Equal(t, "1000000", total.String())
	}
	over.Store(true)
	require.NoError(t, <-paying)
	wrong := stop("stop here")
	require.ErrorIs(t, b.reader.AuditAccounts(background(), func(ledger.Account) error { return wrong }), wrong)
	b.issue(t, b.alice, "1") // the view is closed
}

// stop is an error of a test's own.
type stop string

func (s stop) Error() string { return string(s) }

// testAuditHolds has one hold set aside, one given back, and one that was twice.
func testAuditHolds(t *testing.T, b *bench) {
	b.issue(t, b.alice, "100")
	var holds []ledger.Hold
	for i := range 3 {
		hold := b.hold(ledger.HoldActive, time.Hour)
		tx, _ := b.begin(t, store.Need{})
		require.NoError(t, tx.Commit(background(), &store.Changes{NewHolds: []ledger.Hold{hold}}))
		b.post(t, ledger.Move(ledger.TypeHold, b.alice.ID, b.locked.ID, hold.Total(), ledger.Notes{ReferenceID: hold.ID.String()}))
		for range i {
			b.post(t, ledger.Move(ledger.TypeHoldRelease, b.locked.ID, b.alice.ID, hold.Total(), ledger.Notes{ReferenceID: hold.ID.String()}))
		}
		holds = append(holds, hold)
	}
	var audited []store.AuditedHold
	for after := (ledger.HoldID{}); ; {
		page, err := b.reader.AuditHolds(background(), after, 2)
		require.NoError(t, err)
		audited = append(audited, page...)
		if len(page) < 2 {
			break
		}
		after = page[1].ID
	}
	require.Len(t, audited, 3)
	for i, want := range []string{"5.001", "0", "-5.001"} {
		require.Equal(t, holds[i], audited[i].Hold)
		require.Equal(t, want, audited[i].SetAside.String())
		require.Equal(t, i, audited[i].Releases)
	}
}

// testAuditRecords pages through both generations of the journal.
func testAuditRecords(t *testing.T, b *bench) {
	var want []store.Record
	for i := range 7 {
		r := store.Record{Key: store.Key{byte(17*(i%4) + 1), byte(i)}, Caller: b.alice.ID, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{3}}, At: b.now}
		tx, _ := b.begin(t, store.Need{Keys: []store.Key{r.Key}})
		require.NoError(t, tx.Commit(background(), &store.Changes{Records: []store.Record{r}}))
		if i == 2 {
			require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: b.now, JournalTTL: time.Hour}))
		}
		want = append(want, r)
	}
	var got []store.Record
	for after := (store.Key{}); ; {
		page, err := b.reader.AuditRecords(background(), after, 3)
		require.NoError(t, err)
		got = append(got, page...)
		if len(page) < 3 {
			break
		}
		after = page[2].Key
	}
	require.ElementsMatch(t, want, got)
	for i := range got[1:] {
		require.Negative(t, bytes.Compare(got[i].Key[:], got[i+1].Key[:]), "in the order of their keys")
	}
	tx, rows := b.begin(t, store.Need{Keys: []store.Key{want[0].Key, want[6].Key}})
	require.Len(t, rows.Records, 2, "a key of either generation")
	require.NoError(t, tx.Rollback(background()))
}

// testNothing asks for what does not exist.
func testNothing(t *testing.T, b *bench) {
	nobody := did.MustParse("did:test:nobody")
	rows, err := b.reader.AccountsOf(background(), nobody)
	require.NoError(t, err)
	require.Empty(t, rows)
	rows, err = b.reader.AccountsOf(background())
	require.NoError(t, err)
	require.Empty(t, rows)
	agents, err := b.reader.Agents(background())
	require.NoError(t, err)
	require.Empty(t, agents)
	transactions, err := b.reader.Transactions(background(), ledger.TransactionID{9})
	require.NoError(t, err)
	require.Empty(t, transactions)
	transactions, err = b.reader.Transactions(background())
	require.NoError(t, err)
	require.Empty(t, transactions)
	transactions, err = b.reader.Referring(background(), "hold_x")
	require.NoError(t, err)
	require.Empty(t, transactions)
	page, err := b.reader.History(background(), ledger.HistoryQuery{Account: 1 << 40, Limit: 10, Count: 10})
	require.NoError(t, err)
	require.Empty(t, page.Transactions)
	require.Zero(t, page.Total)
	balances, err := b.reader.BalancesAt(background(), b.now, 1<<40)
	require.NoError(t, err)
	require.Equal(t, []amount.Signed{{}}, balances)
	records, err := b.reader.Records(background())
	require.NoError(t, err)
	require.Empty(t, records)
	holds, err := b.reader.Holds(background(), ledger.HoldQuery{Party: 1 << 40, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, holds)
	tx, loaded := b.begin(t, store.Need{Accounts: []ledger.AccountID{1 << 40}, Holds: []ledger.HoldID{{9}}, ActiveHoldsOf: []ledger.AccountID{b.alice.ID}})
	require.Empty(t, loaded.Accounts)
	require.Empty(t, loaded.Holds)
	require.NoError(t, tx.Commit(background(), &store.Changes{}), "no changes are changes too")
}

// testMany asks for more at once than fits into one statement of anything.
func testMany(t *testing.T, b *bench) {
	const many = 3000
	changes := &store.Changes{}
	var ids []ledger.TransactionID
	var keys []store.Key
	for i := range many {
		key := store.Key{1, byte(i >> 8), byte(i)}
		keys, ids = append(keys, key), append(ids, ledger.TransactionID{2, byte(i >> 8), byte(i)})
		changes.Records = append(changes.Records, store.Record{Key: key, Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{{3}}, At: b.now})
		changes.References = append(changes.References, store.Reference{Key: key, Subject: ledger.ID{4}})
		changes.Events = append(changes.Events, store.Event{ID: store.EventID{5, byte(i >> 8), byte(i)}, Action: "transfer", Actor: b.alice.Owner, At: b.now, Body: []byte("{}")})
		changes.Private = append(changes.Private, store.Private{ID: ledger.ID{6, byte(i >> 8), byte(i)}, Salt: [16]byte{8, byte(i)}, Body: []byte("x")})
		hold := b.hold(ledger.HoldVoided, time.Hour)
		hold.ID = ledger.HoldID{7, byte(i >> 8), byte(i)}
		changes.NewHolds = append(changes.NewHolds, hold)
	}
	tx, _ := b.begin(t, store.Need{Keys: keys, References: keys, Refunded: ids})
	require.NoError(t, tx.Commit(background(), changes))
	tx, rows := b.begin(t, store.Need{Keys: keys, References: keys, Refunded: ids})
	require.Len(t, rows.Records, many)
	require.Len(t, rows.References, many)
	require.NoError(t, tx.Rollback(background()))
	records, err := b.reader.Records(background(), keys...)
	require.NoError(t, err)
	require.Len(t, records, many)
	parts := make([]ledger.ID, len(changes.Private))
	for i := range parts {
		parts[i] = changes.Private[i].ID
	}
	private, err := b.reader.PrivateParts(background(), append(parts, ledger.ID{99})...)
	require.NoError(t, err)
	slices.SortFunc(private, func(x, y store.Private) int { return x.ID.Compare(y.ID) })
	require.Equal(t, changes.Private, private)
	taken, err := b.reader.References(background(), append(keys, store.Key{9})...)
	require.NoError(t, err)
	require.ElementsMatch(t, changes.References, taken)
	page, err := b.reader.AuditEvents(background(), 0, 2*many)
	require.NoError(t, err)
	require.Len(t, page, many)
	for i, event := range page {
		require.Equal(t, changes.Events[i].ID, event.ID, "in the order given")
	}
	count, err := b.reader.CountHolds(background(), ledger.HoldQuery{Payer: b.alice.ID, States: []ledger.HoldState{ledger.HoldVoided}})
	require.NoError(t, err)
	require.EqualValues(t, many, count)
}
