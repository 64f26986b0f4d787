package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/ratings"
	"github.com/agentvault/teg-layer/teg"
)

// importFlags say what is played into the books.
type importFlags struct {
	ratings string
	prefix  string
	grant   string
	callers int
}

func newImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import --ratings FILE", Short: "Play a market into the books", Args: noArgs,
		Long: "Plays a list of who rated whom, in order of time: lines of rater, ratee, rating,\n" +
			"time in Unix seconds; plain or gzip, a header is allowed. Every trader becomes an\n" +
			"agent with a grant from the treasury, every rating a transfer of as many AVT from\n" +
			"rater to ratee, with the configured fee. Ratings of zero and of oneself are left\n" +
			"out.\n\n" +
			"Playing a file again, in slices, or after it was cut off changes nothing twice.\n" +
			"It ends with a summary and a proof of the books.",
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	cmd.Flags().StringVar(&f.ratings, "ratings", "", "file of ratings (required)")
	cmd.Flags().StringVar(&f.prefix, "did-prefix", ratings.DefaultPrefix, "put before a trader's name to make its DID")
	cmd.Flags().StringVar(&f.grant, "grant", "10000", "AVT that each new agent gets from the treasury")
	cmd.Flags().IntVar(&f.callers, "callers", 512, "operations under way at the same time")
	addSettings(cmd, ledgerSettings...)
	return cmd
}

func (f *importFlags) run(cmd *cobra.Command) error {
	grant, err := teg.ParseAmount(f.grant)
	switch {
	case f.ratings == "":
		return misused("name the file: teg import --ratings FILE")
	case err != nil:
		return misused("--grant must be an amount of AVT such as 10000")
	case f.callers < 1 || f.callers > 10_000:
		return misused("--callers must be from 1 to 10000")
	}
	c, err := loadWithoutTokens(cmd)
	if err != nil {
		return err
	}
	file, err := ratings.ReadFile(f.ratings)
	if err != nil {
		return err
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	b, err := openBooks(ctx, c, newLogger(c, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	err = f.play(ctx, cmd, b.Engine, file, grant, c)
	return errors.Join(err, b.Close())
}

func (f *importFlags) play(ctx context.Context, cmd *cobra.Command, engine *teg.Engine, file *ratings.File, grant teg.Amount, c *config.Config) error {
	progress, finish := progressOn(cmd.ErrOrStderr(), "ratings")
	summary, err := ratings.Play(ctx, engine, file, ratings.Config{Prefix: f.prefix, Grant: grant, Callers: f.callers, Progress: progress})
	finish()
	if printing := printSummary(cmd.OutOrStdout(), file, &summary); printing != nil {
		return errors.Join(err, printing)
	}
	if err != nil {
		return fmt.Errorf("%s: %w%s", f.ratings, err, advice(ctx, err))
	}
	report, err := engine.Verify(ctx)
	if err != nil && !errors.Is(err, teg.ErrBroken) {
		return err
	}
	return errors.Join(verdict(&report, err), printReport(cmd.OutOrStdout(), &report))
}

// advice says how to go on after a play that was cut off.
func advice(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "; it was interrupted: run it again to go on"
	case errors.Is(err, teg.ErrInsufficientBalance):
		return "; issue it more, or import into an empty database with a larger --grant, and run it again to go on"
	default:
		return "; mend that and run it again to go on"
	}
}

func printSummary(w io.Writer, file *ratings.File, s *ratings.Summary) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "agents\t%d registered\t%d there already\n", s.Agents, s.AgentsThere)
	fmt.Fprintf(table, "grants\t%s AVT\n", s.Granted)
	fmt.Fprintf(table, "transfers\t%d made\t%d there already\n", s.Transfers, s.TransfersThere)
	fmt.Fprintf(table, "moved\t%s AVT\n", s.Moved)
	fmt.Fprintf(table, "fees\t%s AVT\n", s.Fees)
	if file.Zero+file.Self > 0 {
		fmt.Fprintf(table, "left out\t%d ratings of zero\t%d of oneself\n", file.Zero, file.Self)
	}
	fmt.Fprintf(table, "time\t%s\t%.0f transfers/s\n", s.Took.Round(time.Millisecond), s.PerSecond())
	return table.Flush()
}

// progressOn draws a bar where somebody is looking, and nothing otherwise.
func progressOn(w io.Writer, what string) (progress func(done, of int), finish func()) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond))
	return func(done, of int) {
		if bar.GetMax() != of {
			bar.ChangeMax(of)
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}, func() { _ = bar.Finish() }
}
