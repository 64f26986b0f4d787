package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// ratiosFlags are short runs.
type ratiosFlags struct {
	databases []string
	accounts  int
	rounds    int
	duration  time.Duration
}

// newBenchRatios tells in seconds whether something has become much slower.
func newBenchRatios() *cobra.Command {
	f := &ratiosFlags{}
	cmd := &cobra.Command{
		Use: "ratios", Short: "Fail where less than half of a goal for speed is reached", Args: noArgs,
		Long: "Runs the engine and what is written by hand by turns, and a server over HTTP and an\n" +
			"engine in this process, on scratch databases beside the named ones. The best of\n" +
			"some short rounds counts, and none is made that is not needed: this is no\n" +
			"measurement, but fails where something has become twice as slow.",
		Example: "  teg bench ratios --database sqlite://teg.db --database postgres://localhost/teg",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.databases, "database", []string{"sqlite://teg.db"}, "database beside which it is tried; may be given again")
	flags.IntVar(&f.accounts, "accounts", 1000, "agents")
	flags.IntVar(&f.rounds, "rounds", 5, "rounds at most")
	flags.DurationVar(&f.duration, "duration", 500*time.Millisecond, "how long each part of a round takes")
	return cmd
}

func (f *ratiosFlags) run(cmd *cobra.Command) error {
	if f.rounds < 1 || f.rounds > 100 || f.duration <= 0 || f.accounts < 2 {
		return misused("--rounds must be from 1 to 100, --duration above zero and --accounts at least 2")
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	var list []judged
	for _, database := range f.databases {
		place, err := placeBeside(database)
		if err != nil {
			return err
		}
		for _, try := range []func(context.Context, storebench.Place) (tegbench.Reading, error){f.ofCeiling, f.overHTTP} {
			r, err := try(ctx, place)
			if err != nil {
				return err
			}
			list = append(list, judged{place.String(), r})
		}
	}
	return judge(cmd.OutOrStdout(), list)
}

// judged is a ratio on one database.
type judged struct {
	database string
	tegbench.Reading
}

// judge prints the ratios. It is an error where one is below half of its goal.
func judge(w io.Writer, list []judged) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "database\tratio\twas\tbest of\thalf of the goal")
	var missed []string
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%.2f\t%d\t%.2f\n", r.database, r.Name, r.Best(), len(r.Values), r.Bound/2)
		if !r.MetHalfway() {
			missed = append(missed, fmt.Sprintf("%s: %s, is %.2f", r.database, r.Name, r.Best()))
		}
	}
	if err := table.Flush(); err != nil || len(missed) == 0 {
		return err
	}
	return errors.New("less than half of a goal is reached: " + strings.Join(missed, "; "))
}

// ofCeiling compares the engine with what is written by hand.
func (f *ratiosFlags) ofCeiling(ctx context.Context, place storebench.Place) (tegbench.Reading, error) {
	r := tegbench.Reading{Goal: goalCeiling}
	report, err := tegbench.Compare(ctx, tegbench.Plan{
		Load: tegbench.Load{Duration: f.duration, Accounts: f.accounts}, Place: place, Config: teg.Config{}, Runs: f.rounds, Ceiling: true, Prove: true,
		Enough: func(so tegbench.Report) bool { r.Values = so.CeilingRatios(); return r.MetHalfway() },
	})
	r.Values = report.CeilingRatios()
	return r, err
}

// overHTTP compares a server with an engine in this process.
func (f *ratiosFlags) overHTTP(ctx context.Context, place storebench.Place) (r tegbench.Reading, err error) {
	r.Goal = goalSingle
	load := tegbench.Load{Duration: f.duration, Accounts: f.accounts, Clients: goalClients}
	d, err := newDuel(ctx, place, load)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	for len(r.Values) < f.rounds && !r.MetHalfway() {
		over, inside, err := d.round(ctx, load)
		if err != nil {
			return r, err
		}
		r.Values = append(r.Values, over.Rate/inside.Rate)
	}
	return r, nil
}
