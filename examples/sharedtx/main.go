// Command sharedtx shows a host's own rows and a payment in one transaction:
// both are committed, or neither is.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

func main() {
	if err := run(context.Background(), "teg-sharedtx.db", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

var (
	admin = teg.Agent("did:example:admin")
	alice = teg.Agent("did:example:alice")
	shop  = teg.Agent("did:example:shop")
)

func run(ctx context.Context, file string, out io.Writer) error {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	eng, err := teg.New(ctx, st, teg.Config{})
	if err != nil {
		return err
	}
	defer eng.Close()
	for _, to := range []teg.DID{alice, shop} {
		if _, err := eng.Issue(ctx, teg.IssueParams{By: admin, To: to, Amount: teg.AVT("10"), Reason: "grant", Key: to.ID()}); err != nil {
			return err
		}
	}
	if _, err := st.DB().ExecContext(ctx, `CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)`); err != nil {
		return err
	}
	for _, price := range []string{"4", "40"} {
		tx, err := st.DB().BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		err = order(ctx, eng, tx.Tx, teg.AVT(price))
		fmt.Fprintf(out, "an order for %s AVT: %v\n", price, err)
	}
	var orders int
	if err := st.DB().QueryRowContext(ctx, `SELECT count(*) FROM orders`).Scan(&orders); err != nil {
		return err
	}
	balance, err := eng.Balance(ctx, shop)
	fmt.Fprintf(out, "%d order, and the shop has %s AVT\n", orders, balance.Available)
	return err
}

// region sharedtx

// order books an order and its payment in the host's transaction.
func order(ctx context.Context, eng *teg.Engine, tx *sql.Tx, price teg.Amount) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO orders (item) VALUES ('a book')`)
	if err == nil {
		_, err = eng.Using(sqlite.Tx(tx)).Transfer(ctx, teg.TransferParams{From: alice, To: shop, Amount: price})
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// endregion
