package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
)

// BenchmarkGroup measures what a group of transfers costs the driver: loading,
// writing and committing, with nothing to decide.
func BenchmarkGroup(b *testing.B) {
	for _, size := range []int{1, 16, 256, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchmarkGroup(b, size) })
	}
}

const benchAgents = 10_000

func benchmarkGroup(b *testing.B, size int) {
	ctx, st := context.Background(), storetest.OpenPostgres(b)
	system := did.MustParse("did:key:system")
	require.NoError(b, st.SetUp(ctx, map[ledger.Kind]did.DID{ledger.Treasury: system, ledger.Issuance: system, ledger.Rewards: system}))
	w, err := st.Writer(ctx)
	require.NoError(b, err)
	defer w.Close()
	rows := openAgents(b, w, benchAgents)
	treasury := collector(b, st, w.Stripe())
	b.ReportAllocs()
	round := 0
	for b.Loop() {
		require.NoError(b, transferGroup(ctx, w, rows, treasury, size, round))
		round++
	}
	b.ReportMetric(float64(size*round)/b.Elapsed().Seconds(), "transfers/s")
}

func collector(b *testing.B, st store.Store, stripe uint8) ledger.AccountID {
	rows, err := st.Reader().SystemAccounts(context.Background())
	require.NoError(b, err)
	for _, row := range rows {
		if row.Kind == ledger.Treasury && row.Stripe == stripe {
			return row.ID
		}
	}
	b.Fatal("no collector")
	return 0
}

// openAgents makes rows with a balance from nowhere: this measures, it does not
// balance.
func openAgents(b *testing.B, w store.Writer, n int) []ledger.AccountID {
	ctx, ids := context.Background(), make([]ledger.AccountID, 0, n)
	for len(ids) < n {
		need := store.Need{}
		for i := range 500 {
			need.Owners = append(need.Owners, did.MustParse(fmt.Sprintf("did:key:agent%d", len(ids)+i)))
		}
		tx, rows, err := w.Begin(ctx, need, store.LockPatiently)
		require.NoError(b, err)
		c := &store.Changes{}
		for i, owner := range need.Owners {
			row := &ledger.Account{ID: rows.NewAccounts[2*i], Owner: owner, Kind: ledger.Available, Status: ledger.Active, Balance: amount.MustParse("100000").Signed()}
			ids, c.Opened = append(ids, row.ID), append(c.Opened, row)
		}
		require.NoError(b, tx.Commit(ctx, c))
	}
	return ids
}

func transferGroup(ctx context.Context, w store.Writer, agents []ledger.AccountID, treasury ledger.AccountID, size, round int) error {
	need := store.Need{Accounts: []ledger.AccountID{treasury}, Keys: make([]store.Key, size)}
	first := round * 2 * size
	for i := range 2 * size {
		need.Accounts = append(need.Accounts, agents[(first+i)*7919%len(agents)])
	}
	for i := range size {
		need.Keys[i] = store.Key(uuid.New())
	}
	tx, rows, err := w.Begin(ctx, need, store.LockBriefly)
	if err != nil {
		return err
	}
	book := ledger.NewBook(rows.Accounts, ledger.Collectors{Treasury: treasury})
	now, fee, sum := time.Now(), amount.MustParse("0.0125"), amount.MustParse("1.5")
	c := &store.Changes{}
	actor := did.MustParse("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
	body := bytes.Repeat([]byte("x"), 350)
	for i := range size {
		id := uuid.Must(uuid.NewV7())
		p := ledger.Move(ledger.TypeTransfer, need.Accounts[1+2*i], need.Accounts[2+2*i], sum, ledger.Notes{})
		total, _ := sum.Add(fee)
		p.Fee = fee
		p.Legs[0].Amount = amount.Neg(total)
		p.Legs = append(p.Legs, ledger.Leg{Account: treasury, Amount: fee.Signed()})
		if _, err := book.Post(ledger.TransactionID(id), now, p); err != nil {
			return err
		}
		c.Records = append(c.Records, store.Record{Key: need.Keys[i], Caller: need.Accounts[1+2*i], Verb: store.VerbTransfer, Items: 1, Subjects: []ledger.ID{ledger.ID(id)}, At: now})
		c.Events = append(c.Events, store.Event{ID: store.EventID(id), Action: "transfer", Actor: actor, At: now, Body: body})
	}
	c.Moved, c.Altered = book.Changed()
	c.Transactions = book.Posted()
	return tx.Commit(ctx, c)
}
