package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newIssue(n *connection) *cobra.Command {
	var in client.IssueRequest
	cmd := &cobra.Command{
		Use: "issue RECIPIENT AMOUNT", Short: "Make new value (admin)", Args: exactly(2),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.RecipientAgentID, in.Amount, err = party("RECIPIENT", args); err != nil {
				return nil, err
			}
			return c.IssueTokens(ctx, in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return required(keyed(cmd), "reason")
}

func newBurn(n *connection) *cobra.Command {
	var in client.BurnRequest
	cmd := &cobra.Command{
		Use: "burn AMOUNT", Short: "Destroy value of the treasury (admin)", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.Amount, err = parseAmount(args[0]); err != nil {
				return nil, err
			}
			return c.BurnTokens(ctx, in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return sure(required(keyed(cmd), "reason"), func(args []string) string {
		return "destroy " + args[0] + " AVT of the treasury"
	})
}

func newAdjust(n *connection) *cobra.Command {
	var in client.AdjustRequest
	cmd := &cobra.Command{
		Use: "adjust FROM TO AMOUNT", Short: "Correct what went wrong, by another transaction (admin)", Args: exactly(3),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.FromAgentID, err = parseDID("FROM", args[0]); err != nil {
				return nil, err
			}
			if in.ToAgentID, in.Amount, err = party("TO", args[1:]); err != nil {
				return nil, err
			}
			return c.AdjustTokens(ctx, in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	cmd.Flags().StringVar((*string)(&in.TransactionID), "transaction", "", "the transaction that is corrected")
	return sure(required(keyed(cmd), "reason"), func(args []string) string {
		return "take " + args[2] + " AVT from " + args[0] + " and give it to " + args[1]
	})
}
