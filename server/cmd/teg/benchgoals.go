package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// goalClients is how many callers, or connections, the goals over HTTP are for.
const goalClients = 64

// The goals for speed and size.
var (
	goalCeiling = tegbench.Goal{Name: "the engine, of the same rows by hand", Bound: 0.7}
	goalSingle  = tegbench.Goal{Name: "single transfers over HTTP, of callers in process", Bound: 0.5}
	goalBulk    = tegbench.Goal{Name: "bulk transfers over HTTP, of batches in process", Bound: 0.8}
	goalPace    = tegbench.Goal{Name: "p99 at half of the highest rate", Bound: 25, Unit: "ms", AtMost: true}
	goalBalance = tegbench.Goal{Name: "balances over HTTP, of answers from memory", Bound: 0.5}
	goalOffset  = tegbench.Goal{Name: "a deep page of history by offset, of the first", Bound: 1.5, AtMost: true}
	goalCursor  = tegbench.Goal{Name: "a deep page of history by cursor, of the first", Bound: 1.5, AtMost: true}
	goalMemory  = tegbench.Goal{Name: "memory of a server after its transfers", Bound: 200, Unit: "MiB", AtMost: true}
)

// mostAtOnce is how many transfers may wait at once.
const mostAtOnce = 20_000

// goalsFlags are how long and how much is measured over HTTP.
type goalsFlags struct {
	tegbench.Load
	database  string
	runs      int
	batch     int
	transfers int // of the server whose memory is read
	depth     int
	reads     int
	profile   string
	out       outFile

	cmd   *cobra.Command
	place storebench.Place
	kept  tegbench.Kept
}

// newBenchHTTP measures all goals that are about a server.
func newBenchHTTP() *cobra.Command {
	f := &goalsFlags{}
	cmd := &cobra.Command{
		Use: "http", Short: "Measure what a server reaches of its goals", Args: noArgs,
		Long: "Starts servers of this program on scratch databases beside the named one, and\n" +
			"measures, by turns with what each is compared with: single transfers over HTTP and\n" +
			"those of as many callers in process; bulk transfers and batches in process; the\n" +
			"slowest in a hundred at half of the highest rate, from when each was due; balances\n" +
			"and the same answers from a handler's memory; and, of a server as it is shipped that\n" +
			"carries out --transfers in bulk, its memory, and a page of history at --depth and the\n" +
			"first. The medians of the rounds count, and of the ratios of rounds. The books of\n" +
			"all are proven in the end. With ten million transfers it takes many minutes.",
		Example: "  teg bench http --database postgres://localhost/teg -o http.txt\n" +
			"  teg bench http --transfers 0 --server-cpuprofile server.prof",
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.database, "database", "sqlite://teg.db", "database beside which it is measured")
	flags.DurationVar(&f.Duration, "duration", 3*time.Second, "how long each run takes")
	flags.IntVar(&f.Accounts, "accounts", 10_000, "agents")
	flags.IntVar(&f.Clients, "clients", goalClients, "connections, and callers in process; each waits for its answers")
	flags.IntVar(&f.runs, "runs", 5, "runs of each, of which the median counts, after one that does not")
	flags.IntVar(&f.batch, "batch", 100, "transfers in each bulk request")
	flags.IntVar(&f.transfers, "transfers", 10_000_000, "that a server carries out before its memory is read; 0 leaves that and the history out")
	flags.IntVar(&f.depth, "depth", 1_000_000, "rows of history before the deep page, at most as many as transfers")
	flags.IntVar(&f.reads, "reads", 100, "pages of each kind that are read in a run")
	flags.StringVar(&f.profile, "server-cpuprofile", "", "file that gets a profile of the first server, for go tool pprof")
	f.out.flag(cmd)
	return cmd
}

func (f *goalsFlags) check() error {
	if err := f.Load.WithDefaults().Check(); err != nil {
		return usageError{err}
	}
	switch {
	case f.runs < 1 || f.runs > 1000 || f.reads < 1 || f.Duration == 0:
		return misused("--runs must be from 1 to 1000, --reads and --duration above zero")
	case f.batch < 1 || f.batch > teg.MaxBatch:
		return misused("--batch must be from 1 to %d", teg.MaxBatch)
	case f.batch*f.Clients > mostAtOnce:
		return misused("--batch times --clients must be at most %d: an engine lets no more wait", mostAtOnce)
	case f.transfers < 0 || f.transfers > 0 && (f.depth < pageRows || f.depth > f.transfers):
		return misused("--depth must be from %d to the number of --transfers", pageRows)
	}
	return nil
}

func (f *goalsFlags) run(cmd *cobra.Command) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	if f.place, err = placeBeside(f.database); err != nil {
		return err
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	f.cmd, f.Batch, f.kept.Database = cmd, 1, f.place.String()
	readings, err := f.compare(ctx)
	if err == nil && f.transfers > 0 {
		var more []tegbench.Reading
		more, err = f.endure(ctx)
		readings = append(readings, more...)
	}
	if err := errors.Join(err, printReadings(cmd.OutOrStdout(), readings)); err != nil {
		return err
	}
	return f.out.keep(&f.kept)
}

// compare measures a server beside an engine in this process.
func (f *goalsFlags) compare(ctx context.Context) (list []tegbench.Reading, err error) {
	f.log("preparing %d accounts, twice", f.Accounts)
	var flags []string
	if f.profile != "" {
		flags = []string{"--cpuprofile", f.profile}
	}
	d, err := newDuel(ctx, f.place, f.Load, flags...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	single, rate, err := f.singles(ctx, d)
	if err != nil {
		return nil, err
	}
	list = append(list, single)
	for _, part := range []func(context.Context, *duel) (tegbench.Reading, error){
		f.bulk, func(ctx context.Context, d *duel) (tegbench.Reading, error) { return f.pace(ctx, d, rate/2) }, f.balances,
	} {
		r, err := part(ctx, d)
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	return list, nil
}

func (f *goalsFlags) log(format string, args ...any) {
	f.cmd.PrintErrln(time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

// printReadings writes a line for each goal.
func printReadings(w io.Writer, readings []tegbench.Reading) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range readings {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Shown(r.Median()), r.Wanted(), r.Verdict(), r.Detail)
	}
	return table.Flush()
}
