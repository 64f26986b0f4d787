package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newMetrics(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "metrics", Short: "Show the economy in numbers (auditor, admin)", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetMetrics(ctx, o...)
		}),
	}
}

func newTreasury(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "treasury", Short: "Show what the treasury has (admin)", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetTreasury(ctx, o...)
		}),
	}
}
