package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

var oversightTests = map[string]func(*testing.T, *bench){
	"agents are listed, the last first":          testListAgents,
	"all transactions page by id and filters":    testPosted,
	"activity is summed by spans of time":        testActivity,
	"activity goes on from a view of it":         testActivitySince,
	"rows are found by their ids":                testAccountsByID,
	"pools with something in them are visited":   testStakedPools,
	"an empty economy has nothing to be listed":  testNothingToOversee,
	"an account's entries come with its history": testHistoryEntries,
	"all scores are counted":                     testAllScores,
}

func testListAgents(t *testing.T, b *bench) {
	carol, _ := b.register(t, "did:test:carol")
	names := func(q ledger.AgentQuery) (list []string) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		page, total, err := b.reader.ListAgents(background(), q)
		require.NoError(t, err)
		require.LessOrEqual(t, total, q.Count)
		for _, each := range page {
			require.Equal(t, each.Account, each.Available.ID, "with its own row")
			list = append(list, each.ID.String())
		}
		return list
	}
	all := []string{carol.Owner.String(), b.bob.Owner.String(), b.alice.Owner.String()}
	require.Equal(t, all, names(ledger.AgentQuery{}))
	require.Equal(t, all[:2], names(ledger.AgentQuery{Limit: 2}))
	require.Equal(t, all[1:2], names(ledger.AgentQuery{Offset: 1, Limit: 1}))
	require.Equal(t, all[1:], names(ledger.AgentQuery{Below: carol.ID}))
	require.Equal(t, all[1:2], names(ledger.AgentQuery{Containing: "bob"}))
	require.Empty(t, names(ledger.AgentQuery{Containing: "%"}), "no pattern")
	require.Empty(t, names(ledger.AgentQuery{Containing: "BOB"}), "case counts")
	_, total, err := b.reader.ListAgents(background(), ledger.AgentQuery{Below: carol.ID, Limit: 1, Count: 100})
	require.NoError(t, err)
	require.EqualValues(t, 3, total, "whatever the page")
}

func testPosted(t *testing.T, b *bench) {
	start := b.now
	b.issue(t, b.alice, "100")
	for i := range 5 {
		b.now = start.Add(time.Duration(i+1) * time.Hour)
		notes := ledger.Notes{}
		if i == 2 {
			notes = ledger.Notes{Reference: "r-2", Message: "two"}
		}
		b.pay(t, []string{"1", "2", "3", "4", "5"}[i], notes)
	}
	list := func(q ledger.PostedQuery) []ledger.Recorded {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		page, total, err := b.reader.Posted(background(), q)
		require.NoError(t, err)
		require.Zero(t, total, "nobody asked")
		return page
	}
	sums := func(q ledger.PostedQuery) (texts []string) {
		for _, each := range list(q) {
			texts = append(texts, each.Amount.String())
		}
		return texts
	}
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	all := list(ledger.PostedQuery{})
	require.Equal(t, []string{"5", "4", "3", "2", "1", "100"}, sums(ledger.PostedQuery{}))
	require.Equal(t, b.alice.Owner, all[0].SenderID)
	require.Equal(t, b.bob.Owner, all[0].ReceiverID)
	require.Equal(t, []string{"3", "2"}, sums(ledger.PostedQuery{Before: all[1].ID, Limit: 2}))
	require.Equal(t, []string{"1", "100"}, sums(ledger.PostedQuery{Offset: 4}))
	require.Equal(t, []string{"100"}, sums(ledger.PostedQuery{Types: []ledger.TransactionType{ledger.TypeIssuance, ledger.TypeBurn}}))
	require.Equal(t, []string{"3", "2"}, sums(ledger.PostedQuery{From: hour(2), To: hour(4)}), "from ≤ t < to")
	require.Equal(t, []string{"3"}, sums(ledger.PostedQuery{From: hour(2).Add(time.Microsecond), To: hour(4)}))
	require.Empty(t, sums(ledger.PostedQuery{From: hour(9)}))
	require.Empty(t, sums(ledger.PostedQuery{To: hour(-9)}))
	require.Equal(t, []string{"5", "4", "100"}, sums(ledger.PostedQuery{AtLeast: avt("3.5")}))
	for count, want := range map[int64]int64{1: 1, 2: 2, 10: 2} {
		_, total, err := b.reader.Posted(background(), ledger.PostedQuery{From: hour(2), To: hour(4), Before: all[3].ID, Limit: 1, Count: count})
		require.NoError(t, err)
		require.Equal(t, want, total, "as far as they were counted, whatever the page")
	}
	found := list(ledger.PostedQuery{Reference: "r-2"})
	require.Len(t, found, 1)
	require.Equal(t, "two", found[0].Notes.Message)
}

func testActivity(t *testing.T, b *bench) {
	start := b.now
	b.issue(t, b.alice, "100")
	for _, minutes := range []int{61, 62, 185, 300} {
		b.now = start.Add(time.Duration(minutes) * time.Minute)
		b.pay(t, "1.5", ledger.Notes{})
	}
	got, err := b.reader.Activity(background(), ledger.ActivityQuery{From: start, To: start.Add(5 * time.Hour), Width: time.Hour})
	require.NoError(t, err)
	want := []ledger.Activity{
		{Start: start, Transactions: 1},
		{Start: start.Add(time.Hour), Transactions: 2, Payments: 2, Volume: avt("3"), Payers: 1},
		{Start: start.Add(3 * time.Hour), Transactions: 1, Payments: 1, Volume: avt("1.5"), Payers: 1},
	}
	require.Equal(t, want, got, "spans without anything are left out, and to is not in it")
	got, err = b.reader.Activity(background(), ledger.ActivityQuery{From: start.Add(time.Hour), To: start.Add(24 * time.Hour), Width: 24 * time.Hour})
	require.NoError(t, err)
	require.Equal(t, []ledger.Activity{{Start: start.Add(time.Hour), Transactions: 4, Payments: 4, Volume: avt("6"), Payers: 1}}, got)
}

func testActivitySince(t *testing.T, b *bench) {
	before := b.issue(t, b.alice, "100")
	start := b.now.Add(time.Hour)
	for _, minutes := range []int{0, 1, 90} {
		b.now = start.Add(time.Duration(minutes) * time.Minute)
		b.pay(t, "1.5", ledger.Notes{})
	}
	got, err := b.reader.ActivitySince(background(), start, time.Hour)
	require.NoError(t, err)
	slices.SortFunc(got.Spans, func(a, b store.PayersSpan) int { return a.Start.Compare(b.Start) })
	require.Equal(t, []store.PayersSpan{
		{Activity: ledger.Activity{Start: start, Transactions: 2, Payments: 2, Volume: avt("3"), Payers: 1}, By: []ledger.AccountID{b.alice.ID}},
		{Activity: ledger.Activity{Start: start.Add(time.Hour), Transactions: 1, Payments: 1, Volume: avt("1.5"), Payers: 1}, By: []ledger.AccountID{b.alice.ID}},
	}, got.Spans)
	require.Empty(t, got.Waiting)
	size, _, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.Equal(t, size, got.Size)
	last, _, err := b.reader.Follow(background(), max(size-1, 0), 1)
	require.NoError(t, err)
	for _, event := range last {
		require.Equal(t, event.ID, got.Last)
	}
	moves, err := b.reader.Moves(background(), before.ID, ledger.TransactionID{1})
	require.NoError(t, err)
	require.Equal(t, []store.Move{{Type: ledger.TypeIssuance, Sender: before.Sender, Amount: avt("100"), At: before.At}}, moves)
	moves, err = b.reader.Moves(background())
	require.NoError(t, err)
	require.Empty(t, moves)
}

func testAccountsByID(t *testing.T, b *bench) {
	found, err := b.reader.AccountsByID(background(), b.bob.ID, b.locked.ID, 1<<40)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, b.locked.ID, found[0].ID)
	require.Equal(t, ledger.Locked, found[0].Kind)
	require.Equal(t, b.bob.Owner, found[1].Owner)
}

func testStakedPools(t *testing.T, b *bench) {
	b.holding(t)
	want := map[ledger.AccountID]amount.Amount{}
	pools, err := b.reader.AuditPools(background(), staking.PoolID{}, 100)
	require.NoError(t, err)
	for _, p := range pools {
		if (p.Kind == staking.SelfPool || p.Kind == staking.DelegatedPool) && !p.Closed {
			want[p.Agent], err = want[p.Agent].Add(p.Tokens)
			require.NoError(t, err)
		}
	}
	got := map[ledger.AccountID]amount.Amount{}
	require.NoError(t, b.reader.StakedPools(background(), func(agent ledger.AccountID, tokens amount.Amount) (err error) {
		require.False(t, tokens.IsZero())
		got[agent], err = got[agent].Add(tokens)
		return err
	}))
	require.Equal(t, want, got)
	require.NotEmpty(t, got)
	enough := errors.New("enough")
	require.ErrorIs(t, b.reader.StakedPools(background(), func(ledger.AccountID, amount.Amount) error { return enough }), enough)
}

func testNothingToOversee(t *testing.T, b *bench) {
	page, total, err := b.reader.Posted(background(), ledger.PostedQuery{From: b.now, To: b.now.Add(time.Hour), Limit: 10})
	require.NoError(t, err)
	require.Empty(t, page)
	require.Zero(t, total)
	spans, err := b.reader.Activity(background(), ledger.ActivityQuery{From: b.now, To: b.now.Add(time.Hour), Width: time.Minute})
	require.NoError(t, err)
	require.Empty(t, spans)
	rows, err := b.reader.AccountsByID(background())
	require.NoError(t, err)
	require.Empty(t, rows)
}

func testHistoryEntries(t *testing.T, b *bench) {
	b.issue(t, b.alice, "10")
	b.pay(t, "4", ledger.Notes{})
	page, err := b.reader.History(background(), ledger.HistoryQuery{Account: b.alice.ID, Limit: 10})
	require.NoError(t, err)
	require.Len(t, page.Entries, 2)
	require.Equal(t, page.Transactions[0].ID, page.Entries[0].Transaction)
	require.Equal(t, []string{"-4", "6"}, []string{page.Entries[0].Amount.String(), page.Entries[0].BalanceAfter.String()})
	require.Equal(t, []string{"10", "10"}, []string{page.Entries[1].Amount.String(), page.Entries[1].BalanceAfter.String()})
}

func testAllScores(t *testing.T, b *bench) {
	b.conduct(t, reputation.Changes{Moved: []reputation.Bucket{{Value: 0, Agents: 3}, {Value: 7, Agents: 1}}})
	b.conduct(t, reputation.Changes{Moved: []reputation.Bucket{{Value: 0, Agents: -3}, {Value: -9, Agents: 3}}})
	h, err := b.reader.Histogram(background())
	require.NoError(t, err)
	require.Equal(t, reputation.Histogram{{Value: 7, Agents: 1}, {Value: -9, Agents: 3}}, h, "the highest first, and nothing empty")
}
