package teg_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A balance can be asked for at any instant, and holds that had expired by then
// count as released, whether their transactions had been written or not.
func TestBalanceAt(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		start := clock.Now()
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		clock.Advance(time.Hour)
		_, err := eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("10"), Term: time.Minute})
		require.NoError(t, err)
		clock.Advance(time.Hour)
		_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		for _, c := range []struct {
			at                time.Duration
			available, locked string
		}{
			{-time.Microsecond, "0", "0"}, {0, "100", "0"}, {time.Hour - time.Microsecond, "100", "0"}, {time.Hour, "89.999", "10.001"},
			{time.Hour + time.Minute - time.Microsecond, "89.999", "10.001"}, {time.Hour + time.Minute, "100", "0"}, {2 * time.Hour, "98.999", "0"},
			{1000 * time.Hour, "98.999", "0"},
		} {
			b, err := eng.BalanceAt(ctx, alice, start.Add(c.at))
			require.NoError(t, err)
			require.Equal(t, c.available, b.Available.String(), "%s after the start", c.at)
			require.Equal(t, c.locked, b.Locked.String(), "%s after the start", c.at)
		}
		_, err = eng.BalanceAt(ctx, teg.Agent("did:example:nobody"), start)
		require.ErrorIs(t, err, teg.ErrNotFound)
	})
}

// Walking through all pages while others write shows nothing twice and skips
// nothing that was there at the start.
func TestAllTransactionsWhileOthersWrite(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		agents := tegtest.FundMany(t, eng, 2, "1000")
		pay := func(i int) teg.TransactionID {
			r, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("0.01"), Message: fmt.Sprint(i)})
			require.NoError(t, err)
			return r.TransactionID
		}
		var want []teg.TransactionID
		for i := range 25 {
			want = append(want, pay(i))
		}
		seen := map[teg.TransactionID]bool{}
		var order []teg.TransactionID
		for tx, err := range eng.AllTransactions(ctx, teg.TransactionsQuery{Agent: agents[1], Limit: 4}) {
			require.NoError(t, err)
			require.False(t, seen[tx.ID])
			seen[tx.ID] = true
			order = append(order, tx.ID)
			if len(order)%3 == 0 {
				pay(1000 + len(order))
			}
		}
		require.Len(t, order, 26) // and the issuance
		for i, id := range want {
			require.Equal(t, id, order[24-i])
		}
		filtered, err := eng.Transactions(ctx, teg.TransactionsQuery{Agent: agents[1], Types: []teg.TransactionType{teg.TypeIssuance}})
		require.NoError(t, err)
		require.EqualValues(t, 1, filtered.Total)
	})
}

// What became of a key, for each verb under which it was used.
func TestOperation(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		agents := tegtest.FundMany(t, eng, 2, "100")
		paid, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "k"})
		require.NoError(t, err)
		_, err = eng.Hold(ctx, teg.HoldParams{From: agents[0], To: agents[1], Amount: teg.AVT("1000"), Key: "k"})
		require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		batch, err := eng.TransferBatch(ctx, teg.BatchParams{From: agents[0], Key: "b", Transfers: []teg.BatchTransfer{
			{To: agents[1], Amount: teg.AVT("1")}, {To: agents[1], Amount: teg.AVT("1000")}, {To: agents[1], Amount: teg.AVT("2")},
		}})
		require.NoError(t, err)
		outcomes, err := eng.Operation(ctx, agents[0], "k")
		require.NoError(t, err)
		require.Len(t, outcomes, 2)
		for _, o := range outcomes {
			if o.Err == nil {
				require.Equal(t, []teg.TransactionID{paid.TransactionID}, o.TransactionIDs)
				continue
			}
			var short *teg.InsufficientBalanceError
			require.ErrorAs(t, o.Err, &short)
			require.Equal(t, "98.999", short.Available.String())
			require.Equal(t, "1000.001", short.Needed.String())
			require.True(t, teg.Replayed(o.Err))
		}
		outcomes, err = eng.Operation(ctx, agents[0], "b")
		require.NoError(t, err)
		require.Equal(t, []teg.TransactionID{batch.Results[0].Receipt.TransactionID, batch.Results[2].Receipt.TransactionID}, outcomes[0].TransactionIDs)
		_, err = eng.Operation(ctx, agents[1], "k")
		require.ErrorIs(t, err, teg.ErrNotFound, "another caller's key is another key")
	})
}

// An agent can have so many refusals remembered; beyond, it is told to wait, and
// requests without a key still work.
func TestRefusalsAreLimited(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		agents := tegtest.FundMany(t, eng, 2, "1")
		refuse := func(key string) error {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("5"), Key: key})
			return err
		}
		together(1000, func(i int) { require.ErrorIs(t, refuse(fmt.Sprint("k", i)), teg.ErrInsufficientBalance) })
		require.ErrorIs(t, refuse("one-too-many"), teg.ErrTooManyRefusals)
		require.ErrorIs(t, refuse("k7"), teg.ErrInsufficientBalance, "what is remembered is remembered")
		require.ErrorIs(t, refuse(""), teg.ErrInsufficientBalance)
		_, err := eng.Operation(ctx, agents[0], "one-too-many")
		require.ErrorIs(t, err, teg.ErrNotFound)
		_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("0.5"), Key: "fine"})
		require.NoError(t, err)
	})
}

// Beyond the admission limit callers are refused at once, and what was admitted
// is carried out.
func TestOverload(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx := context.Background()
		eng := tegtest.Over(t, open(t), func(c *teg.Config) { c.MaxWaiting = 8 })
		agents := tegtest.FundMany(t, eng, 2, "1000")
		refused := make([]bool, 400)
		together(len(refused), func(i int) {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
			if err != nil {
				require.ErrorIs(t, err, teg.ErrOverloaded)
				refused[i] = true
			}
		})
		carried := 0
		for _, r := range refused {
			if !r {
				carried++
			}
		}
		require.Equal(t, fmt.Sprint(1000+carried), tegtest.Available(t, eng, agents[1]))
		require.Zero(t, eng.Stats().Waiting)
		_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.NoError(t, err)
	})
}

// A reference is unique for ever per caller and verb; a refused act uses none.
func TestReferences(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		agents := tegtest.FundMany(t, eng, 2, "10")
		pay := func(from, to teg.DID, sum string) error {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT(sum), Reference: "invoice-1"})
			return err
		}
		require.ErrorIs(t, pay(agents[0], agents[1], "100"), teg.ErrInsufficientBalance)
		require.NoError(t, pay(agents[0], agents[1], "1"))
		for range 3 { // long after every key is forgotten
			clock.Advance(25 * time.Hour)
			require.NoError(t, eng.Tick(ctx))
		}
		require.ErrorIs(t, pay(agents[0], agents[1], "1"), teg.ErrAlreadyExists)
		require.NoError(t, pay(agents[1], agents[0], "1"), "another caller's reference is another reference")
		page, err := eng.Transactions(ctx, teg.TransactionsQuery{Agent: agents[0], Reference: "invoice-1"})
		require.NoError(t, err)
		require.Len(t, page.Transactions, 2)
	})
}

// Bad input is refused before it reaches a database, with the field's name.
func TestInvalidInput(t *testing.T) {
	t.Parallel()
	ctx, eng := context.Background(), tegtest.New(t)
	agents := tegtest.FundMany(t, eng, 2, "10")
	valid := teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")}
	for field, spoil := range map[string]func(*teg.TransferParams){
		"sender_agent_id":   func(p *teg.TransferParams) { p.From = teg.DID{} },
		"receiver_agent_id": func(p *teg.TransferParams) { p.To = teg.DID{} },
		"amount":            func(p *teg.TransferParams) { p.Amount = teg.Amount{} },
		"message":           func(p *teg.TransferParams) { p.Message = "a\x00b" },
		"reference":         func(p *teg.TransferParams) { p.Reference = "\xff" },
		"Idempotency-Key":   func(p *teg.TransferParams) { p.Key = "two words" },
	} {
		p := valid
		spoil(&p)
		_, err := eng.Transfer(ctx, p)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
		var refusal *teg.Refusal
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, field, refusal.Field)
	}
	require.Equal(t, "10", tegtest.Available(t, eng, agents[0]))
}

// Filters that no row could match, and that a database could choke on, are
// refused before they reach it; the longest key is a batch's key too.
func TestFiltersAndKeysAtTheEdge(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, eng := context.Background(), tegtest.Over(t, open(t))
		agents := tegtest.FundMany(t, eng, 2, "10")
		for _, bad := range []string{"\x00", "\xff", strings.Repeat("r", teg.MaxReference+1)} {
			_, err := eng.Transactions(ctx, teg.TransactionsQuery{Agent: agents[0], Reference: bad})
			require.ErrorIs(t, err, teg.ErrInvalidInput)
			_, err = eng.AuditLog(ctx, teg.AuditLogQuery{Action: bad})
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
		batch := teg.BatchParams{From: agents[0], Key: strings.Repeat("k", teg.MaxKey),
			Transfers: []teg.BatchTransfer{{To: agents[1], Amount: teg.AVT("1")}}}
		first, err := eng.TransferBatch(ctx, batch)
		require.NoError(t, err)
		again, err := eng.TransferBatch(ctx, batch)
		require.NoError(t, err)
		require.Equal(t, first.Results[0].Receipt.TransactionID, again.Results[0].Receipt.TransactionID)
		batch.Transfers[0].Key = batch.Key + "k"
		_, err = eng.TransferBatch(ctx, batch)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
	})
}
