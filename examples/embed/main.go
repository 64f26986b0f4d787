// Command embed shows the engine in a program of its own: two agents, one
// payment, in a SQLite file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

func main() {
	if err := run(context.Background(), "teg-embed.db", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, file string, out io.Writer) (err error) {
	admin, alice, bob := teg.Agent("did:example:admin"), teg.Agent("did:example:alice"), teg.Agent("did:example:bob")

	// region embed
	st, err := sqlite.Open(ctx, file) // or postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil { // explicit: New refuses any other schema
		return err
	}
	eng, err := teg.New(ctx, st, teg.Config{}) // every zero value works
	if err != nil {
		return err
	}
	defer eng.Close()
	// endregion

	for _, to := range []teg.DID{alice, bob} { // under a key of its own, so that it happens once
		grant := teg.IssueParams{By: admin, To: to, Amount: teg.AVT("100"), Reason: "genesis grant", Key: "genesis-" + to.ID()}
		if _, err := eng.Issue(ctx, grant); err != nil {
			return err
		}
	}

	// region transfer
	receipt, err := eng.Transfer(ctx, teg.TransferParams{
		From: alice, To: bob, Amount: teg.AVT("50"), Message: "inference, 2 h", Key: "order-17",
	})
	var short *teg.InsufficientBalanceError
	switch {
	case errors.As(err, &short): // short.Available, short.Needed, short.Fee
		return fmt.Errorf("alice has only %s AVT", short.Available)
	case err != nil:
		return err
	}
	fmt.Fprintln(out, "paid", receipt.Amount, "AVT, fee", receipt.Fee, "AVT, left", receipt.SenderBalance, "AVT")
	// endregion

	report, err := eng.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "the books hold, with a supply of", report.Supply, "AVT")
	return nil
}
