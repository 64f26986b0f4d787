package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newSystem(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "system", Short: "Show the server that answers: build, log, readers and settings (auditor, admin)", Args: exactly(0),
		Long: "Shows the server that answers, and what it works with: its version and since when it runs, the log and how far its readers\n" +
			"are behind, connections to the database, and the settings in force with who set each; secrets are masked. Another server\n" +
			"of the same economy may have another build and other settings.",
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetSystem(ctx, o...)
		}),
	}
}
