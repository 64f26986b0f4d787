package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// testHistory has Alice's chain: an issuance, then eight payments an hour apart.
func testHistory(t *testing.T, b *bench) {
	start := b.now
	b.issue(t, b.alice, "100")
	for i := range 8 {
		b.now = start.Add(time.Duration(i+1) * time.Hour)
		notes := ledger.Notes{}
		if i == 4 {
			notes = ledger.Notes{Reference: "r-4", Message: "four"}
		}
		b.pay(t, "1", notes)
	}
	seqs := func(q ledger.HistoryQuery) []int64 {
		t.Helper()
		q.Account = b.alice.ID
		if q.Limit == 0 {
			q.Limit = 100
		}
		page, err := b.reader.History(background(), q)
		require.NoError(t, err)
		require.Len(t, page.Transactions, len(page.Seqs))
		return page.Seqs
	}
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	require.Equal(t, []int64{9, 8, 7}, seqs(ledger.HistoryQuery{Limit: 3}))
	require.Equal(t, []int64{6, 5}, seqs(ledger.HistoryQuery{Below: 7, Limit: 2}))
	require.Equal(t, []int64{2, 1}, seqs(ledger.HistoryQuery{Offset: 7}))
	require.Empty(t, seqs(ledger.HistoryQuery{Offset: 9}))
	require.Equal(t, []int64{5, 4}, seqs(ledger.HistoryQuery{From: hour(3), To: hour(5)}), "from ≤ t < to")
	require.Equal(t, []int64{6, 5}, seqs(ledger.HistoryQuery{From: hour(3).Add(time.Microsecond), To: hour(5).Add(time.Microsecond)}))
	require.Empty(t, seqs(ledger.HistoryQuery{From: hour(9)}))
	require.Equal(t, []int64{1}, seqs(ledger.HistoryQuery{Types: []ledger.TransactionType{ledger.TypeIssuance, ledger.TypeBurn}}))
	require.Len(t, seqs(ledger.HistoryQuery{Counterparty: b.bob.Owner}), 8)
	require.Equal(t, []int64{1}, seqs(ledger.HistoryQuery{Counterparty: owners[ledger.Issuance]}))
	require.Empty(t, seqs(ledger.HistoryQuery{Counterparty: did.MustParse("did:test:nobody")}))
	require.Equal(t, []int64{6}, seqs(ledger.HistoryQuery{Reference: "r-4"}))
	require.Equal(t, []int64{7, 6}, seqs(ledger.HistoryQuery{Types: []ledger.TransactionType{ledger.TypeTransfer}, Offset: 2, Limit: 2}))

	page, err := b.reader.History(background(), ledger.HistoryQuery{Account: b.alice.ID, Limit: 1, Count: 5})
	require.NoError(t, err)
	require.EqualValues(t, 9, page.Total, "without a filter the total is exact")
	page, err = b.reader.History(background(), ledger.HistoryQuery{Account: b.alice.ID, Limit: 1, Count: 5, Counterparty: b.bob.Owner})
	require.NoError(t, err)
	require.EqualValues(t, 5, page.Total, "with one it is counted so far")
	page, err = b.reader.History(background(), ledger.HistoryQuery{Account: b.alice.ID, Limit: 1, Reference: "r-4"})
	require.NoError(t, err)
	require.Equal(t, "four", page.Transactions[0].Notes.Message)
	require.Equal(t, hour(5), page.Transactions[0].At)
}

func testBalanceAt(t *testing.T, b *bench) {
	start := b.now
	b.issue(t, b.alice, "10")
	b.now = start.Add(time.Hour)
	b.pay(t, "4", ledger.Notes{})
	for at, want := range map[time.Duration]string{-time.Microsecond: "0", 0: "10", time.Hour - time.Microsecond: "10", time.Hour: "6", 99 * time.Hour: "6"} {
		got, err := b.reader.BalancesAt(background(), start.Add(at), b.locked.ID, b.alice.ID)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.True(t, got[0].IsZero())
		require.Equal(t, want, got[1].String(), at)
	}
}

func (b *bench) hold(state ledger.HoldState, expires time.Duration) ledger.Hold {
	h := ledger.Hold{
		ID: ledger.HoldID(b.next()), Payer: b.alice.ID, Locked: b.locked.ID, Receiver: b.bob.ID, Amount: avt("5"), Fee: avt("0.001"),
		Fees: ledger.Fees{Fixed: avt("0.001"), Max: avt("2"), HasMax: true}, State: state, VoidBy: ledger.VoidByReceiver,
		Purpose: "a task", CreatedAt: b.now, ExpiresAt: b.now.Add(expires),
	}
	if !state.Open() {
		h.ClosedAt = b.now
	}
	return h
}

func testHolds(t *testing.T, b *bench) {
	holds := []ledger.Hold{b.hold(ledger.HoldActive, time.Minute), b.hold(ledger.HoldActive, time.Hour), b.hold(ledger.HoldVoided, time.Minute),
		b.hold(ledger.HoldFrozen, time.Minute)}
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{NewHolds: holds}))
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Holds: []ledger.HoldID{holds[2].ID}, ActiveHoldsOf: []ledger.AccountID{b.alice.ID}})
	require.Equal(t, []ledger.Hold{holds[0], holds[1], holds[2]}, rows.Holds, "the one named, and those that are active, whole")
	captured := holds[1]
	captured.State, captured.Captured, captured.ClosedAt = ledger.HoldCaptured, avt("3"), b.now.Add(time.Second)
	captured.ExpiresAt = captured.ExpiresAt.Add(time.Minute) // as for the time that a hold was frozen
	require.NoError(t, tx.Commit(background(), &store.Changes{Holds: []ledger.Hold{captured}}))
	find := func(q ledger.HoldQuery) []ledger.HoldID {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 100
		}
		found, err := b.reader.Holds(background(), q)
		require.NoError(t, err)
		var ids []ledger.HoldID
		for _, h := range found {
			require.Equal(t, b.alice.Owner, h.PayerID)
			require.Equal(t, b.bob.Owner, h.ReceiverID)
			ids = append(ids, h.ID)
		}
		count := q
		count.Offset = 0
		total, err := b.reader.CountHolds(background(), count)
		require.NoError(t, err)
		require.GreaterOrEqual(t, total, int64(len(ids)))
		return ids
	}
	id := func(i int) ledger.HoldID { return holds[i].ID }
	require.Equal(t, []ledger.HoldID{id(3), id(2), id(1), id(0)}, find(ledger.HoldQuery{Party: b.bob.ID}))
	require.Equal(t, []ledger.HoldID{id(2), id(1)}, find(ledger.HoldQuery{Party: b.alice.ID, Offset: 1, Limit: 2}))
	require.Equal(t, []ledger.HoldID{id(1), id(0)}, find(ledger.HoldQuery{Payer: b.alice.ID, Before: id(2)}))
	require.Equal(t, []ledger.HoldID{id(0)}, find(ledger.HoldQuery{States: []ledger.HoldState{ledger.HoldActive}, DueBy: b.now.Add(time.Minute), OldFirst: true}))
	require.Empty(t, find(ledger.HoldQuery{States: []ledger.HoldState{ledger.HoldActive}, DueBy: b.now.Add(time.Minute - time.Microsecond)}))
	found, err := b.reader.Holds(background(), ledger.HoldQuery{IDs: []ledger.HoldID{id(1), {99}}, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []ledger.RecordedHold{{Hold: captured, PayerID: b.alice.Owner, ReceiverID: b.bob.Owner}}, found)

	totals, err := b.reader.Totals(background(), b.now.Add(time.Minute))
	require.NoError(t, err)
	require.Equal(t, ledger.Totals{Locked: avt("5.001"), Agents: 2}, totals, "the frozen one; what has expired counts as released")
}

func testEvents(t *testing.T, b *bench) {
	start := b.now
	for i := range 6 {
		b.now = start.Add(time.Duration(i) * time.Hour)
		e := b.event([]string{"transfer", "issue"}[i%2], []did.DID{b.alice.Owner, b.bob.Owner}[i/3])
		tx, _ := b.begin(t, store.Need{})
		require.NoError(t, tx.Commit(background(), &store.Changes{Events: []store.Event{e}}))
	}
	find := func(q store.EventQuery) []int64 {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 100
		}
		page, _, err := b.reader.Events(background(), q)
		require.NoError(t, err)
		positions := []int64{}
		for _, e := range page {
			require.Equal(t, start.Add(time.Duration(e.Position)*time.Hour), e.At)
			require.Equal(t, `{"v":1}`, string(e.Body))
			positions = append(positions, e.Position)
		}
		return positions
	}
	require.Equal(t, []int64{5, 4}, find(store.EventQuery{Limit: 2}))
	require.Equal(t, []int64{3, 2}, find(store.EventQuery{Below: 4, Limit: 2}))
	require.Equal(t, []int64{1, 0}, find(store.EventQuery{Offset: 4}))
	require.Equal(t, []int64{5, 3, 1}, find(store.EventQuery{Action: "issue"}))
	require.Equal(t, []int64{4}, find(store.EventQuery{Action: "transfer", Actor: b.bob.Owner}))
	require.Equal(t, []int64{3, 2}, find(store.EventQuery{From: start.Add(2 * time.Hour), To: start.Add(4 * time.Hour)}))
	_, total, err := b.reader.Events(background(), store.EventQuery{Actor: b.alice.Owner, Limit: 1, Count: 2})
	require.NoError(t, err)
	require.EqualValues(t, 2, total, "counted so far")
}

// testAudit reads everything in pages of two.
func testAudit(t *testing.T, b *bench) {
	b.issue(t, b.alice, "100")
	var want []ledger.Transaction
	for range 4 {
		want = append(want, b.pay(t, "1", ledger.Notes{}))
	}
	var rows int
	var last ledger.AccountID
	require.NoError(t, b.reader.AuditAccounts(background(), func(a ledger.Account) error {
		require.Greater(t, a.ID, last)
		last, rows = a.ID, rows+1
		return nil
	}))
	require.Equal(t, 3*ledger.Stripes+4, rows)

	var entries []ledger.Entry
	for account, seq := ledger.AccountID(0), int64(0); ; {
		page, err := b.reader.AuditEntries(background(), account, seq, 2)
		require.NoError(t, err)
		entries = append(entries, page...)
		if len(page) < 2 {
			break
		}
		account, seq = page[1].Account, page[1].Seq
	}
	require.Len(t, entries, 10)

	var transactions []ledger.Transaction
	for after := (ledger.TransactionID{}); ; {
		page, err := b.reader.AuditTransactions(background(), after, 2)
		require.NoError(t, err)
		transactions = append(transactions, page...)
		if len(page) < 2 {
			break
		}
		after = page[1].ID
	}
	require.Len(t, transactions, 5)
	require.Equal(t, want, transactions[1:])

	events, err := b.reader.AuditEvents(background(), 3, 10)
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.EqualValues(t, 3, events[0].Position)
}
