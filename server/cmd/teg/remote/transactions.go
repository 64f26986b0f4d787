package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newTransactions(n *connection) *cobra.Command {
	return collection("transactions", "What you paid and were paid, and refunds", func(use string) *cobra.Command { return newTransactionList(n, use) },
		newTransactionShow(n), newRefund(n))
}

func newTransactionList(n *connection, use string) *cobra.Command {
	var q client.ListTransactionsQuery
	return newList(n, listing[client.Transaction]{
		use: use, short: "List what you paid and were paid, the newest first", items: "transactions",
		columns: []string{"transaction_id", "timestamp", "transaction_type", "sender_agent_id", "receiver_agent_id", "amount", "fee_amount", "attached_message"},
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar((*string)(&q.TransactionType), "type", "", "only those of this type, such as transfer or staking_reward")
			timeFlag(cmd, &q.StartDate, "from", "only those since this time or date")
			timeFlag(cmd, &q.EndDate, "to", "only those before this time or date")
			didFlag(cmd, &q.Counterparty, "counterparty", "only those with this agent")
			cmd.Flags().StringVar(&q.Reference, "reference", "", "only that of this reference")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Transaction, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListTransactions(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Transactions, page.NextCursor, nil
		},
	})
}

func newTransactionShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show TRANSACTION", Short: "Show a transaction", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetTransaction(ctx, client.TransactionID(args[0]), o...)
		}),
	}
}

func newRefund(n *connection) *cobra.Command {
	var in client.RefundRequest
	cmd := &cobra.Command{
		Use: "refund TRANSACTION", Short: "Give back what you were paid", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.Refund(ctx, client.TransactionID(args[0]), in, o...)
		}),
	}
	amountFlag(cmd, &in.Amount, "amount", "how much; what is left of it where none is given")
	cmd.Flags().StringVar(&in.Message, "message", "", "words to who paid")
	return keyed(cmd)
}
