package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// everything is one change of each kind, over two agents that exist.
func everything(a, b *ledger.Account) *store.Changes {
	c := transfers(1, func() (from, to *ledger.Account) { return a, b }, &ledger.Account{ID: 2, Owner: treasury, Status: ledger.Active})
	tx := &c.Transactions[0]
	tx.Notes = ledger.Notes{Reason: "why", ReferenceID: "tx_ref", Reference: "order-1"}
	a.Owes, a.OpenHolds, a.NextHoldExpiry = one1, 2, instant.Add(time.Hour)
	a.Status, a.SuspendedUntil = ledger.Suspended, instant.Add(time.Minute)
	c.Altered = append(c.Altered, a)
	c.Profiles = []store.ProfileChange{{Agent: a.Owner, SuspensionReason: "noise"}}
	c.NewHolds = []ledger.Hold{{
		ID: ledger.HoldID(newID()), Payer: a.ID, Locked: a.ID + 1, Receiver: b.ID, Amount: one1, Fee: fee,
		Fees: ledger.Fees{
			Fixed: fee, Percentage: amount.Percent(2), Max: one1, HasMax: true,
			Split: ledger.Split{Rewards: amount.Percent(10), Burn: amount.Fraction("0.000001")},
		},
		State: ledger.HoldActive, VoidBy: ledger.VoidByReceiver, Purpose: "escrow", CreatedAt: instant, ExpiresAt: instant.Add(time.Hour),
	}, {
		ID: ledger.HoldID(newID()), Payer: a.ID, Locked: a.ID + 1, Receiver: b.ID, Amount: amount.Max,
		State: ledger.HoldActive, VoidBy: ledger.VoidByEither, CreatedAt: instant, ExpiresAt: instant,
	}}
	c.Records[0].Subjects = []ledger.ID{newID(), newID()}
	c.Records = append(c.Records, store.Record{Key: newKey(), Caller: a.ID, Verb: store.VerbHold, Refusal: []byte("no"), At: instant})
	c.References = []store.Reference{{Key: newKey(), Subject: newID()}}
	c.Private = []store.Private{{ID: newID(), Salt: [16]byte{1}, Body: []byte("hello")}, {ID: newID()}}
	return c
}

func TestGroupRoundTrip(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 2)
	c := everything(&rows[0], &rows[1])
	tx, _ := begun(t, s, store.Need{})
	require.NoError(t, tx.Commit(t.Context(), c))

	got := loaded(t, s, store.Need{
		Accounts: []ledger.AccountID{rows[1].ID, 2, rows[0].ID, 999}, Owners: []did.DID{rows[0].Owner, did.MustParse("did:key:new")},
		Holds: []ledger.HoldID{c.NewHolds[0].ID}, ActiveHoldsOf: []ledger.AccountID{rows[0].ID},
		Keys: []store.Key{c.Records[0].Key, c.Records[1].Key, newKey()}, References: []store.Key{c.References[0].Key, newKey()},
		Refunded: []ledger.TransactionID{c.Transactions[0].ID},
	})
	require.Len(t, got.Accounts, 4, "the rows asked for, and the locked row of the owner, each once")
	require.Equal(t, rows[0], got.Accounts[1])
	require.Equal(t, rows[1], got.Accounts[3])
	require.Equal(t, c.NewHolds, got.Holds)
	require.ElementsMatch(t, c.Records, got.Records)
	require.Equal(t, []store.Key{c.References[0].Key}, got.References)
	require.Equal(t, map[ledger.TransactionID]amount.Amount{c.Transactions[0].ID: {}}, got.Refunded)
	require.Equal(t, []ledger.AccountID{101, 102, 103, 104}, got.NewAccounts)

	require.Equal(t, "noise", text(t, s, "SELECT suspension_reason FROM agent_teg_profiles WHERE did = ?", rows[0].Owner.String()))
	require.Equal(t, "why/tx_ref/order-1", text(t, s, "SELECT reason || '/' || reference_id || '/' || reference FROM teg_transactions"))
	require.Equal(t, "3", text(t, s, "SELECT count(*) FROM entries"))
	require.Equal(t, "hello", text(t, s, "SELECT body FROM private_parts WHERE length(body) > 0"))
	require.Equal(t, "1/0", text(t, s, "SELECT size || '/' || max(position) FROM log_head, events"))
}

func TestGroupOfManySizes(t *testing.T) {
	s := opened(t)
	rows := agents(t, s, 300)
	system := collector(t, s)
	events := int64(0)
	for _, n := range []int{1, 7, 8, 9, 63, 65, 300} {
		i := 0
		c := transfers(n, func() (from, to *ledger.Account) { i++; return &rows[i%300], &rows[(i+1)%300] }, system)
		tx, got := begun(t, s, needOf(c))
		require.Len(t, got.Accounts, len(c.Moved))
		require.NoError(t, tx.Commit(t.Context(), c))
		events += int64(n)
		require.Len(t, loaded(t, s, needOf(c)).Records, n)
	}
	require.Equal(t, events, system.Seq)
	var dense bool
	require.NoError(t, s.read.QueryRow("SELECT count(*) = max(position) + 1 AND count(*) = (SELECT size FROM log_head) FROM events").Scan(&dense))
	require.True(t, dense)
}

// loaded reads what is needed in a transaction that is rolled back.
func loaded(t testing.TB, s *Store, need store.Need) *store.Rows {
	t.Helper()
	tx, rows := begun(t, s, need)
	require.NoError(t, tx.Rollback(context.Background()))
	return rows
}

// text reads one value with a statement of its own.
func text(t testing.TB, s *Store, query string, args ...any) (value string) {
	t.Helper()
	require.NoError(t, s.read.DB.QueryRow(query, args...).Scan(&value))
	return value
}
