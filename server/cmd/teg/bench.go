package main

import (
	"errors"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// benchFlags are a load and what it is put on.
type benchFlags struct {
	tegbench.Load
	database string
	url      string
	runs     int
	ones     bool
	ceiling  bool
	verify   bool
	asJSON   bool
	out      outFile
}

func newBench() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use: "bench [--database URL | --url URL]", Short: "Measure transfers", Args: noArgs,
		Long: "Puts a load of transfers on an engine in this process, or on a server over HTTP,\n" +
			"and prints the medians of some runs. Every transfer has a fee and a random\n" +
			"idempotency key.\n\n" +
			"With --database, the engine works on a scratch database that is made beside the\n" +
			"named one (on the same server, or in the same directory) and dropped in the end;\n" +
			"the named database is not touched. With --ceiling the same rows are read, decided\n" +
			"and written by hand as well, without an engine, in groups as large as the engine's\n" +
			"and in groups of 500, and so is a lone caller's transfer, statement by statement;\n" +
			"what the engine reaches of that is printed, as medians of the ratios of runs that\n" +
			"follow each other.\n\n" +
			"With --url, the accounts did:bench:0, did:bench:1, ... of a running server pay\n" +
			"each other. They are given value by an administrator's token first; tokens are\n" +
			"minted with JWT_SECRET_KEY.",
		Example: "  teg bench --ceiling\n" +
			"  teg bench --database postgres://localhost/teg --clients 1024 --ceiling --groups-of-one\n" +
			"  JWT_SECRET_KEY=... teg bench --url http://127.0.0.1:8000 --clients 64",
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.database, "database", "sqlite://teg.db", "database beside which the engine is measured")
	flags.StringVar(&f.url, "url", "", "server to measure instead, such as http://127.0.0.1:8000")
	flags.IntVar(&f.Transfers, "transfers", 50_000, "transfers in each run")
	flags.DurationVar(&f.Duration, "duration", 0, "how long each run takes, instead of a number of transfers")
	flags.IntVar(&f.Accounts, "accounts", 10_000, "agents")
	flags.IntVar(&f.Clients, "clients", 256, "callers, or connections; each waits for its answers")
	flags.Float64Var(&f.Zipf, "zipf", 0, "exponent of the receivers' distribution; 0 draws them evenly")
	flags.IntVar(&f.Batch, "batch", 1, "transfers in each call")
	flags.IntVar(&f.runs, "runs", 3, "runs, of which the median is printed")
	flags.BoolVar(&f.ones, "groups-of-one", false, "also measure an engine that commits each transfer for itself")
	flags.BoolVar(&f.ceiling, "ceiling", false, "also write the same rows by hand")
	flags.BoolVar(&f.verify, "verify", false, "verify the books in the end, also those written by hand")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	f.out.flag(cmd)
	addSettings(cmd, append(tokenSettings, "API_V1_PREFIX")...)
	cmd.MarkFlagsMutuallyExclusive("database", "url")
	for _, child := range []*cobra.Command{newBenchGrowth(), newBenchServers(), newBenchHTTP(), newBenchRatios()} {
		cmd.AddCommand(profiled(child))
	}
	cmd.AddCommand(newBenchAnswer())
	return profiled(cmd)
}

func (f *benchFlags) run(cmd *cobra.Command) error {
	if f.Duration > 0 && !cmd.Flags().Changed("transfers") {
		f.Transfers = 0
	}
	if err := f.Check(); err != nil {
		return usageError{err}
	}
	if f.runs < 1 || f.runs > 1000 {
		return misused("--runs must be from 1 to 1000")
	}
	if f.url != "" {
		return f.overHTTP(cmd)
	}
	place, err := placeBeside(f.database)
	if err != nil {
		return err
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	report, err := tegbench.Compare(ctx, tegbench.Plan{
		Load: f.Load, Place: place, Config: teg.Config{}, Runs: f.runs, Ceiling: f.ceiling, Ones: f.ones,
		Fixed: f.ceiling, Lone: f.ceiling, Prove: f.verify, Log: func(text string) { cmd.PrintErrln(text) },
	})
	if err != nil {
		return err
	}
	return f.tell(cmd.OutOrStdout(), report)
}

// tell prints what was measured, and keeps it where that is wanted.
func (f *benchFlags) tell(w io.Writer, r tegbench.Report) error {
	return errors.Join(f.print(w, &r), f.out.keep(r.Keep(f.Load)))
}

// placeBeside is the server or the directory of a database.
func placeBeside(url string) (storebench.Place, error) {
	db, err := config.ParseDatabaseURL(url)
	switch {
	case err != nil:
		return storebench.Place{}, misused("--database %w", err)
	case db.Kind == config.Postgres:
		return storebench.OnPostgres(db.URL), nil
	case db.Kind == config.SQLite:
		return storebench.InDirectory(filepath.Dir(db.Path)), nil
	default:
		return storebench.Place{}, usageError{errors.New("--database must name a file or a server: there is no disk to measure in memory")}
	}
}
