package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/teg/tegbench"
)

// newBenchGrowth measures what a transfer costs with more and more rows behind
// it. It takes minutes: ten million rows have to be written first.
func newBenchGrowth() *cobra.Command {
	g := tegbench.Growth{}
	var database string
	cmd := &cobra.Command{
		Use: "growth", Short: "Measure what a transfer costs as the tables grow", Args: noArgs,
		Long: "Fills a scratch database beside the named one up to each size, measures transfers\n" +
			"there, and prints the cost of a transfer in multiples of the cost at the first\n" +
			"size. Rows are those of the tables that only grow: six for each transfer, and\n" +
			"about as many for each account that is registered. So a million accounts begin at\n" +
			"six million rows, whatever the first size is, and their figures stand beside those\n" +
			"of another run, not below them.",
		Example: "  teg bench growth --database postgres://localhost/teg --rows 100000,10000000",
		RunE: func(cmd *cobra.Command, _ []string) error {
			place, err := placeBeside(database)
			if err != nil {
				return err
			}
			if err := g.WithDefaults().Check(); err != nil {
				return usageError{err}
			}
			ctx, stop := untilSignalled(cmd.Context())
			defer stop()
			g.Place, g.Log = place, func(text string) { cmd.PrintErrln(text) }
			points, err := g.Run(ctx)
			for _, p := range points {
				fmt.Fprintf(cmd.OutOrStdout(), "%d accounts  %10d to %10d rows  %8.0f transfers/s  p99 %-9s cost %.2f\n", g.Accounts, p.Rows, p.Until, p.Result.Rate, p.Result.P99.Round(10_000), p.Cost)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&database, "database", "sqlite://teg.db", "database beside which the engine is measured")
	flags.Int64SliceVar(&g.Rows, "rows", []int64{100_000, 10_000_000}, "sizes at which it is measured")
	flags.IntVar(&g.Transfers, "transfers", 10_000, "transfers in each run; they make rows too")
	flags.IntVar(&g.Accounts, "accounts", 10_000, "agents")
	flags.IntVar(&g.Clients, "clients", 256, "callers")
	flags.IntVar(&g.Runs, "runs", 5, "runs, of which the median is printed, after one that does not count")
	return cmd
}
