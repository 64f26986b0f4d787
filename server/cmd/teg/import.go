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
	ratings   string
	prefix    string
	grant     string
	callers   int
	skipAudit bool
	top       int
}

func newImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import FILE | --ratings FILE", Short: "Take an export in, or play a market into the books", Args: cobra.MaximumNArgs(1),
		Long: "With FILE: takes what teg export wrote (- is the standard input, plain or gzip) into a\n" +
			"database that was migrated and that nobody has used, of either kind. It happens whole\n" +
			"or not at all: what was written is read again and compared with the export, and the\n" +
			"books are proven, before anybody can see it.\n\n" +
			"With --ratings FILE: plays a list of who rated whom, in order of time: lines of rater, ratee, rating,\n" +
			"time in Unix seconds; plain or gzip, a header is allowed. Every trader becomes an\n" +
			"agent with a grant from the treasury, every rating a transfer of as many AVT from\n" +
			"rater to ratee, with the configured fee, and a signal on it: the rating's sign, for\n" +
			"trust with its size as weight, of a scale of ten, and its time. Ratings of zero and\n" +
			"of oneself are left out.\n\n" +
			"The rules of the auditor take what was imported for history: nothing of it is\n" +
			"flagged, unless they had something else left to read, or read meanwhile in\n" +
			"another process. Both are told.\n\n" +
			"Playing a file again, in slices, or after it was cut off changes nothing twice, and\n" +
			"gives the signals that are missing. It ends with a summary, a proof of the books and\n" +
			"the scores, the best and the last agents by score and by trust, and how far the two\n" +
			"disagree.",
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	cmd.Flags().StringVar(&f.ratings, "ratings", "", "file of ratings")
	cmd.Flags().StringVar(&f.prefix, "did-prefix", ratings.DefaultPrefix, "put before a trader's name to make its DID")
	cmd.Flags().StringVar(&f.grant, "grant", "10000", "AVT that each new agent gets from the treasury")
	cmd.Flags().BoolVar(&f.skipAudit, "skip-audit", false, "have the auditor pass over what it had left to read, too")
	cmd.Flags().IntVar(&f.callers, "callers", 512, "operations under way at the same time")
	cmd.Flags().IntVar(&f.top, "top", 20, "how many agents to show at each end of the rankings; 0 shows none")
	addSettings(cmd, ledgerSettings...)
	return cmd
}

func (f *importFlags) run(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		if f.ratings != "" {
			return misused("name an export or --ratings, not both")
		}
		c, err := loadWithoutTokens(cmd)
		if err != nil {
			return err
		}
		return importArchive(cmd, c, args[0])
	}
	grant, err := teg.ParseAmount(f.grant)
	switch {
	case f.ratings == "":
		return misused("name the file: teg import FILE, or teg import --ratings FILE")
	case err != nil:
		return misused("--grant must be an amount of AVT such as 10000")
	case f.callers < 1 || f.callers > 10_000:
		return misused("--callers must be from 1 to 10000")
	case f.top < 0 || f.top > teg.MaxLimit:
		return misused("--top must be from 0 to %d", teg.MaxLimit)
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
	b, err := openBooks(ctx, unasked(c), newLogger(c, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	err = f.play(ctx, cmd, b.Engine, file, grant, c)
	return errors.Join(err, b.Close())
}

func (f *importFlags) play(ctx context.Context, cmd *cobra.Command, engine *teg.Engine, file *ratings.File, grant teg.Amount, c *config.Config) error {
	before, err := engine.AuditorStats(ctx)
	if err != nil {
		return err
	}
	progress, finish := progressOn(cmd.ErrOrStderr(), "ratings")
	summary, err := ratings.Play(ctx, engine, file, ratings.Config{Prefix: f.prefix, Grant: grant, Callers: f.callers, Progress: progress})
	finish()
	if printing := printSummary(cmd.OutOrStdout(), file, &summary); printing != nil {
		return errors.Join(err, printing)
	}
	if skipping := f.passOver(context.WithoutCancel(ctx), cmd.OutOrStdout(), engine, before.Behind); skipping != nil {
		return errors.Join(err, skipping)
	}
	if err != nil {
		return fmt.Errorf("%s: %w%s", f.ratings, err, advice(ctx, err))
	}
	report, err := engine.Verify(ctx)
	if err != nil && !errors.Is(err, teg.ErrBroken) {
		return err
	}
	err = errors.Join(verdict(&report, err), printReport(cmd.OutOrStdout(), &report))
	if err != nil || f.top == 0 {
		return err
	}
	return printRankings(ctx, cmd.OutOrStdout(), engine, f.top)
}

// passOver has the rules of the auditor take what is in the books for history, also where
// the play was cut off: it is nobody's conduct of today. What they had left to read before
// would be passed over with it, which is only done when it is asked for.
func (f *importFlags) passOver(ctx context.Context, w io.Writer, engine *teg.Engine, behind int64) error {
	if behind > 0 && !f.skipAudit {
		_, err := fmt.Fprintf(w, "auditor    had %d events left to read, and will read what was imported too; --skip-audit passes over all of it\n", behind)
		return err
	}
	done, err := engine.SkipAudit(ctx)
	if err == nil && !done {
		_, err = fmt.Fprintln(w, "auditor    another process lets its rules read, and they read what was imported too")
	}
	return err
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
	fmt.Fprintf(table, "signals\t%d given\t%d there already\n", s.Signals, s.SignalsThere)
	fmt.Fprintf(table, "moved\t%s AVT\n", s.Moved)
	fmt.Fprintf(table, "fees\t%s AVT\n", s.Fees)
	if file.Zero+file.Self > 0 {
		fmt.Fprintf(table, "left out\t%d ratings of zero\t%d of oneself\n", file.Zero, file.Self)
	}
	fmt.Fprintf(table, "time\t%s\t%.0f transfers and signals/s\n", s.Took.Round(time.Millisecond), s.PerSecond())
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
