package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/server/mcp"
)

// newMCP serves an agent's wallet to a language model.
func newMCP(n *connection) *cobra.Command {
	var each, all string
	cmd := &cobra.Command{
		Use: "mcp", Short: "Be an agent's wallet for a language model (MCP over stdio)", Args: exactly(0),
		Long: "Serves the tools of one agent, the one of your token or key, to the program that started\n" +
			"this command: a client of the Model Context Protocol. It reads stdin and writes stdout, until\n" +
			"stdin ends. The model can do what the agent may, within --max-payment and --max-total, and\n" +
			"nothing that is an admin's.",
		Example: "  teg mcp --key-file agent.pem --max-payment 10 --max-total 100",
	}
	cmd.RunE = n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, _ []string) error {
		if n.explain {
			return onlyReads()
		}
		config := mcp.Config{}
		for _, bound := range []struct {
			text string
			sum  *amount.Amount
		}{{each, &config.MaxPayment}, {all, &config.MaxTotal}} {
			var err error
			if bound.text == "" {
				continue
			}
			if *bound.sum, err = parseAmount(bound.text); err != nil {
				return err
			}
			if bound.sum.IsZero() {
				return misused("--max-payment and --max-total must be above zero; leave them out for none")
			}
		}
		return mcp.ServeStdio(ctx, c, config, cmd.InOrStdin(), cmd.OutOrStdout())
	})
	cmd.Flags().StringVar(&each, "max-payment", "", "largest payment or hold, in AVT (default: what the server allows)")
	cmd.Flags().StringVar(&all, "max-total", "", "all payments, holds and disputes together while this runs, with fees and bonds, in AVT (default: what the agent has)")
	return cmd
}
