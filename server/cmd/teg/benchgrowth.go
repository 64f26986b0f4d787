package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/teg/tegbench"
)

// growthFlags are sizes, and where what was measured is kept.
type growthFlags struct {
	tegbench.Growth
	database string
	out      outFile
	plot     string
}

// newBenchGrowth measures what each verb costs with more and more rows behind
// it. It takes minutes: ten million rows have to be written first.
func newBenchGrowth() *cobra.Command {
	f := &growthFlags{}
	cmd := &cobra.Command{
		Use: "growth", Short: "Measure what each verb costs as the tables grow", Args: noArgs,
		Long: "Fills a scratch database beside the named one up to each size, measures transfers,\n" +
			"the auditor, balances, pages of history and of rankings, trust and reward cycles\n" +
			"there, and prints what each takes, and in multiples of the first size. Rows are\n" +
			"those of the tables that only grow: six for each transfer, and about as many for\n" +
			"each account that is registered and for each stake.\n\n" +
			"There is an agent with a stake for each hundred rows, and a signal for each 25\n" +
			"transfers; half of what is written before it is measured is paid by one agent, whose\n" +
			"history is read. With --accounts there are as many agents at all sizes: then a\n" +
			"million accounts begin at twelve million rows, whatever the first size is.",
		Example: "  teg bench growth --database postgres://localhost/teg --rows 10000,100000 --plot growth.svg -o growth.txt",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.database, "database", "sqlite://teg.db", "database beside which it is measured")
	flags.Int64SliceVar(&f.Rows, "rows", []int64{10_000, 100_000, 1_000_000, 10_000_000}, "sizes at which it is measured")
	flags.IntVar(&f.Transfers, "transfers", 10_000, "transfers in each run, at most a tenth of the size; they make rows too")
	flags.IntVar(&f.Accounts, "accounts", 0, "agents at all sizes; 0: one for each hundred rows")
	flags.IntVar(&f.Clients, "clients", 256, "callers of transfers")
	flags.IntVar(&f.Runs, "runs", 5, "runs, of which the median is printed, after one that does not count")
	flags.IntVar(&f.Reads, "reads", 100, "times that a lone caller asks each question in a run")
	flags.StringVar(&f.plot, "plot", "", "file that gets a picture of it, as SVG")
	f.out.flag(cmd)
	return cmd
}

func (f *growthFlags) run(cmd *cobra.Command) error {
	place, err := placeBeside(f.database)
	if err != nil {
		return err
	}
	if err := f.WithDefaults().Check(); err != nil {
		return usageError{err}
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	f.Place, f.Log = place, func(text string) { cmd.PrintErrln(time.Now().Format(time.TimeOnly), text) }
	points, err := f.Run(ctx)
	f.print(cmd.OutOrStdout(), points)
	if err != nil || len(points) == 0 {
		return err
	}
	if err := f.out.keep(f.Keep(points)); err != nil {
		return err
	}
	return writeFile(f.plot, func(w io.Writer) error { return f.Plot(points).WriteSVG(w) })
}

// print writes a line for each verb, with its cost at each size.
func (f *growthFlags) print(w io.Writer, points []tegbench.GrowthPoint) {
	if len(points) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(p *tegbench.GrowthPoint) string) {
		fmt.Fprint(table, name, "\t")
		for i := range points {
			fmt.Fprint(table, cell(&points[i]), "\t")
		}
		fmt.Fprintln(table)
	}
	row("rows from", func(p *tegbench.GrowthPoint) string { return fmt.Sprint(p.Rows) })
	row("to", func(p *tegbench.GrowthPoint) string { return fmt.Sprint(p.Until) })
	row("agents", func(p *tegbench.GrowthPoint) string { return fmt.Sprint(p.Agents) })
	row("transfers/s", func(p *tegbench.GrowthPoint) string { return fmt.Sprintf("%.0f", p.Result.Rate) })
	row("p99", func(p *tegbench.GrowthPoint) string { return short(p.Result.P99).String() })
	for i, c := range points[0].Costs {
		row(c.Verb, func(p *tegbench.GrowthPoint) string {
			return fmt.Sprintf("%s (%.2f)", p.Costs[i].Took.Round(100*time.Nanosecond), p.Costs[i].Times)
		})
	}
	_ = table.Flush() // the writer is the terminal
}
