package teg_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

var (
	admin = teg.Agent("did:example:admin")
	alice = teg.Agent("did:example:alice")
	bob   = teg.Agent("did:example:bob")
)

// exampleEngine is an engine in memory on which Alice has 100 AVT.
func exampleEngine(clock *tegtest.Clock) (eng *teg.Engine, end func()) {
	st, err := sqlite.OpenMemory(context.Background())
	if err != nil {
		panic(err)
	}
	eng = exampleEngineOver(st, clock)
	return eng, func() {
		endExample(eng)
		st.Close()
	}
}

// endExample proves the books, as every test does.
func endExample(eng *teg.Engine) {
	if _, err := eng.Verify(context.Background()); err != nil {
		panic(err)
	}
	eng.Close()
}

func exampleEngineOver(st *sqlite.Store, clock *tegtest.Clock) *teg.Engine {
	ctx := context.Background()
	eng, err := teg.New(ctx, st, teg.Config{Clock: clock.Now})
	if err != nil {
		panic(err)
	}
	if _, err := eng.Issue(ctx, teg.IssueParams{By: admin, To: alice, Amount: teg.AVT("100"), Reason: "grant"}); err != nil {
		panic(err)
	}
	if _, err := eng.RegisterAgent(ctx, teg.RegisterParams{Agent: bob}); err != nil {
		panic(err)
	}
	return eng
}

func ExampleEngine_Transfer() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	rcpt, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50"), Key: "order-17"})
	fmt.Println(rcpt.Fee, rcpt.SenderBalance, err)

	again, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("50.0"), Key: "order-17"})
	fmt.Println(again.TransactionID == rcpt.TransactionID, again.Replayed, err)

	_, err = eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("60"), Key: "order-17"})
	fmt.Println(errors.Is(err, teg.ErrKeyReused), teg.CodeOf(err))
	// Output:
	// 0.001 49.999 <nil>
	// true true <nil>
	// true IDEMPOTENCY_KEY_REUSED
}

func ExampleEngine_Transfer_refused() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	_, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("100")})
	var short *teg.InsufficientBalanceError
	if errors.As(err, &short) {
		fmt.Println("has", short.Available, "needs", short.Needed, "fee", short.Fee)
	}
	// Output: has 100 needs 100.001 fee 0.001
}

func ExampleEngine_TransferBatch() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	rcpt, err := eng.TransferBatch(context.Background(), teg.BatchParams{From: alice, Transfers: []teg.BatchTransfer{
		{To: bob, Amount: teg.AVT("1")}, {To: bob, Amount: teg.AVT("1000")}, {To: bob, Amount: teg.AVT("2")},
	}})
	fmt.Println(rcpt.Succeeded, rcpt.Failed, err)
	fmt.Println(teg.CodeOf(rcpt.Results[1].Err))
	// Output:
	// 2 1 <nil>
	// BIZ_INSUFFICIENT_BALANCE
}

func ExampleEngine_Hold() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	hold, err := eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("10"), Purpose: "a task"})
	fmt.Println(hold.State, hold.Fee, err)
	hold, err = eng.Capture(ctx, teg.CaptureParams{By: alice, HoldID: hold.HoldID, Amount: teg.AVT("7")})
	fmt.Println(hold.State, hold.Captured, err)
	balance, err := eng.Balance(ctx, alice)
	fmt.Println(balance.Available, balance.Locked, err)
	// Output:
	// active 0.001 <nil>
	// captured 7 <nil>
	// 92.999 0 <nil>
}

// The order and its payment are committed together. Of a refused payment the
// transaction stays usable; here the host gives up.
func ExampleEngine_Using() {
	ctx := context.Background()
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		panic(err)
	}
	defer st.Close()
	eng := exampleEngineOver(st, tegtest.NewClock())
	defer endExample(eng)
	if _, err := st.DB().ExecContext(ctx, `CREATE TABLE orders (item TEXT NOT NULL)`); err != nil {
		panic(err)
	}
	for _, price := range []string{"30", "300"} {
		err := st.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, `INSERT INTO orders (item) VALUES ('a book')`); err != nil {
				return err
			}
			_, err := eng.Using(sqlite.Tx(tx)).Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT(price)})
			return err
		})
		fmt.Println(price, errors.Is(err, teg.ErrInsufficientBalance))
	}
	var orders int
	err = st.DB().QueryRowContext(ctx, `SELECT count(*) FROM orders`).Scan(&orders)
	balance, _ := eng.Balance(ctx, bob)
	fmt.Println(orders, "order,", balance.Available, "AVT", err)
	// Output:
	// 30 false
	// 300 true
	// 1 order, 30 AVT <nil>
}

func ExampleEngine_Operation() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	_, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1000"), Key: "order-18"})
	fmt.Println(teg.CodeOf(err), teg.Replayed(err))

	_, err = eng.Operation(ctx, alice, "order-19")
	fmt.Println(errors.Is(err, teg.ErrNotFound))

	outcomes, err := eng.Operation(ctx, alice, "order-18")
	fmt.Println(outcomes[0].Verb, teg.CodeOf(outcomes[0].Err), err)
	// Output:
	// BIZ_INSUFFICIENT_BALANCE false
	// true
	// transfer BIZ_INSUFFICIENT_BALANCE <nil>
}

func ExampleEngine_BalanceAt() {
	clock := tegtest.NewClock()
	eng, end := exampleEngine(clock)
	defer end()
	ctx, before := context.Background(), clock.Now()
	clock.Advance(time.Hour)
	if _, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")}); err != nil {
		panic(err)
	}
	then, _ := eng.BalanceAt(ctx, alice, before)
	now, _ := eng.Balance(ctx, alice)
	fmt.Println(then.Available, now.Available)
	// Output: 100 98.999
}

func ExampleEngine_AllTransactions() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	if _, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1"), Message: "thanks"}); err != nil {
		panic(err)
	}
	for tx, err := range eng.AllTransactions(ctx, teg.TransactionsQuery{Agent: alice}) {
		fmt.Println(tx.Type, tx.Amount, tx.Message, err)
	}
	// Output:
	// transfer 1 thanks <nil>
	// issuance 100  <nil>
}

func ExampleEngine_Verify() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	report, err := eng.Verify(context.Background())
	fmt.Println(report.Supply, report.Transactions, report.Events, len(report.Findings), err)
	// Output: 100 1 2 0 <nil>
}
