package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newHold(n *connection) *cobra.Command {
	return collection("hold", "Value that is set aside for somebody", func(use string) *cobra.Command { return newHoldList(n, use) },
		newHoldCreate(n), newCapture(n), newVoid(n))
}

func newHoldList(n *connection, use string) *cobra.Command {
	return newList(n, listing[client.Hold]{
		use: use, short: "List what you have set aside for others, and they for you", items: "holds",
		columns: []string{"hold_id", "status", "payer_agent_id", "receiver_agent_id", "amount", "captured_amount", "expires_at", "purpose"},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Hold, *string, error) {
			page, err := c.ListHolds(ctx, client.ListHoldsQuery{Limit: s.limit, Cursor: s.cursor}, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Holds, page.NextCursor, nil
		},
	})
}

func newHoldCreate(n *connection) *cobra.Command {
	var in client.HoldRequest
	cmd := &cobra.Command{
		Use: "create RECEIVER AMOUNT", Short: "Set value aside for an agent", Args: exactly(2),
		Example: "  teg hold create did:example:bob 20 --expires 72h --purpose 'an hour of computing'",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.ReceiverAgentID, in.Amount, err = party("RECEIVER", args); err != nil {
				return nil, err
			}
			return c.CreateHold(ctx, in, o...)
		}),
	}
	secondsFlag(cmd, &in.ExpiresInSeconds, "expires", "for how long, such as 72h or 30d (default: the server's)")
	cmd.Flags().StringVar(&in.Purpose, "purpose", "", "what it is for")
	choiceFlag(cmd, &in.VoidBy, "void-by", "who may release it", client.VoidByEither, client.VoidByReceiver)
	return keyed(cmd)
}

func newCapture(n *connection) *cobra.Command {
	var in client.CaptureRequest
	cmd := &cobra.Command{
		Use: "capture HOLD", Short: "Pay what you set aside, and release the rest", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.CaptureHold(ctx, client.HoldID(args[0]), in, o...)
		}),
	}
	amountFlag(cmd, &in.Amount, "amount", "how much; all where none is given")
	return keyed(cmd)
}

func newVoid(n *connection) *cobra.Command {
	return keyed(&cobra.Command{
		Use: "void HOLD", Short: "Release what was set aside", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.VoidHold(ctx, client.HoldID(args[0]), o...)
		}),
	})
}
