package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// serversFlags are a load, and on how many servers of one database it is put.
type serversFlags struct {
	tegbench.Load
	database string
	servers  []int
	zipf     []float64
	runs     int
}

// newBenchServers measures what several servers of one database reach together.
func newBenchServers() *cobra.Command {
	f := &serversFlags{}
	cmd := &cobra.Command{
		Use: "servers", Short: "Measure several servers of one PostgreSQL together", Args: noArgs,
		Long: "Starts servers of this program on a scratch database beside the named one, which\n" +
			"has to be PostgreSQL's, and puts a load on the first of them, on two, on four, by\n" +
			"turns: each request goes to the next server. It prints the medians of the runs,\n" +
			"and of the ratios to the first number of servers in the same round, and proves\n" +
			"the books in the end.",
		Example: "  teg bench servers --database postgres://localhost/teg --servers 1,2,4 --zipf 0,1",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.database, "database", "", "PostgreSQL beside which it is measured, such as postgres://localhost/teg (required)")
	flags.IntSliceVar(&f.servers, "servers", []int{1, 2, 4}, "numbers of servers")
	flags.Float64SliceVar(&f.zipf, "zipf", []float64{0, 1}, "exponents of the receivers' distribution; 0 draws them evenly")
	flags.IntVar(&f.Transfers, "transfers", 10_000, "transfers in each run")
	flags.IntVar(&f.Accounts, "accounts", 2_000, "agents")
	flags.IntVar(&f.Clients, "clients", 256, "connections, over all servers; each waits for its answers")
	flags.IntVar(&f.runs, "runs", 5, "runs with each number of servers, after one that does not count")
	return cmd
}

func (f *serversFlags) check() error {
	for _, zipf := range f.zipf {
		l := f.Load
		l.Zipf, l.Batch = zipf, 1
		if err := l.Check(); err != nil {
			return usageError{err}
		}
	}
	if len(f.servers) == 0 || slices.Min(f.servers) < 1 || slices.Max(f.servers) > 16 {
		return misused("--servers must be numbers from 1 to 16")
	}
	if f.runs < 1 || f.runs > 1000 {
		return misused("--runs must be from 1 to 1000")
	}
	return nil
}

func (f *serversFlags) run(cmd *cobra.Command) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	place, err := placeBeside(cmp.Or(f.database, "sqlite://:memory:"))
	if err != nil || place.String() != config.Postgres.String() {
		return misused("--database must name a PostgreSQL server: SQLite is one server's")
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	scratch, err := place.Scratch(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scratch.Drop()) }()
	books, err := newBooks(ctx, scratch)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, books.Close()) }()
	servers, err := startFleet(ctx, scratch.Address(), slices.Max(f.servers), f.Load)
	if err != nil {
		return err
	}
	defer servers.stop()
	cmd.PrintErrln("preparing", f.Accounts, "accounts")
	if err := servers.targets[0].populate(ctx); err != nil {
		return err
	}
	if err := servers.meetAgents(ctx); err != nil {
		return err
	}
	if err := f.measure(ctx, cmd, servers); err != nil {
		return err
	}
	if _, err := books.Verify(ctx); err != nil {
		return err
	}
	return say(cmd, "the books hold")
}

// newBooks migrates a database, and is there to prove it.
func newBooks(ctx context.Context, scratch *storebench.Scratch) (*books, error) {
	st, err := scratch.Store(ctx)
	if err != nil {
		return nil, err
	}
	database, err := settingOf(scratch)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	c, err := config.Load(config.Sources{Environ: fleetSettings(database)})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return startBooks(ctx, st, c, discarded)
}

// measure puts the load on each number of servers by turns, with each distribution.
func (f *serversFlags) measure(ctx context.Context, cmd *cobra.Command, of *fleet) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "zipf\tservers\ttransfers/s\tp50\tp99\tof %d\t\n", f.servers[0])
	for _, zipf := range f.zipf {
		l := f.Load
		l.Zipf, l.Batch = zipf, 1
		rounds := make([][]tegbench.Result, 0, f.runs)
		for round := range f.runs + 1 {
			cmd.PrintErrf("zipf %g, round %d of %d\n", zipf, round, f.runs)
			results, err := f.round(ctx, l, of)
			if err != nil {
				return err
			}
			if round > 0 {
				rounds = append(rounds, results)
			}
		}
		f.print(table, zipf, rounds)
	}
	return table.Flush()
}

// round is one run with each number of servers.
func (f *serversFlags) round(ctx context.Context, l tegbench.Load, of *fleet) ([]tegbench.Result, error) {
	results := make([]tegbench.Result, len(f.servers))
	for i, n := range f.servers {
		var err error
		if results[i], err = tegbench.Run(ctx, l, &inTurns{targets: of.targets[:n]}); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (f *serversFlags) print(w io.Writer, zipf float64, rounds [][]tegbench.Result) {
	for i, n := range f.servers {
		var runs []tegbench.Result
		var ratios []float64
		for _, round := range rounds {
			runs, ratios = append(runs, round[i]), append(ratios, round[i].Rate/round[0].Rate)
		}
		slices.Sort(ratios)
		m := tegbench.MedianOf(runs)
		fmt.Fprintf(w, "%g\t%d\t%.0f\t%s\t%s\t%.2f\t\n", zipf, n, m.Rate, short(m.P50), short(m.P99), ratios[len(ratios)/2])
	}
}

// inTurns sends each request to the next server, as a load balancer does.
type inTurns struct {
	targets []*httpTarget
	sent    atomic.Uint64
}

// Pay implements [tegbench.Target].
func (t *inTurns) Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error {
	return t.targets[t.sent.Add(1)%uint64(len(t.targets))].Pay(ctx, from, to, sums, key)
}
