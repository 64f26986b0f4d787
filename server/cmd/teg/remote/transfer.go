package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newPay(n *connection) *cobra.Command {
	var in client.TransferRequest
	cmd := &cobra.Command{
		Use: "pay RECEIVER AMOUNT", Short: "Pay an agent", Args: exactly(2),
		Long: "Pays an agent, once: without --key the payment has a random name, under which it is sent\n" +
			"again where no answer comes. If it is still not known what became of it (exit code 5),\n" +
			"that name is printed: run the same command again with it.",
		Example: "  teg pay did:example:bob 5 --message thanks\n" +
			"  teg pay did:example:bob 12.50 --key order-17 --json",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.ReceiverAgentID, in.Amount, err = party("RECEIVER", args); err != nil {
				return nil, err
			}
			return c.Transfer(ctx, in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.Message, "message", "", "words to the receiver")
	cmd.Flags().StringVar(&in.Reference, "reference", "", "a name of your own for the payment, unique for ever")
	return keyed(cmd)
}

func newFees(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "fees [AMOUNT]", Short: "Show what payments cost, or what one of an amount would", Args: between(0, 1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			if len(args) == 0 {
				return c.GetFeeConfig(ctx, o...)
			}
			sum, err := parseAmount(args[0])
			if err != nil {
				return nil, err
			}
			return c.CalculateFee(ctx, sum, o...)
		}),
	}
}

func newOperation(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "operation KEY", Short: "Show what became of what you asked for under a key", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetOperation(ctx, args[0], o...)
		}),
	}
}
