package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newBalance(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "balance", Short: "Show what you have", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetBalance(ctx, o...)
		}),
	}
}
