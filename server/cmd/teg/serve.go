package main

import (
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", Args: noArgs,
		Long: "Runs the server until SIGTERM, SIGINT or SIGHUP. Then it accepts nothing more,\n" +
			"finishes what is under way, commits what was accepted, and exits with 0 within\n" +
			"SHUTDOWN_TIMEOUT. Settings are read at the start alone; with OPA_POLICY_DIR SIGHUP\n" +
			"does not end the server, but has the policies read anew. It refuses to start on a database that is not migrated, or\n" +
			"with unsafe or unknown settings.",
		RunE: serve,
	}
	addSettings(cmd)
	profiled(cmd)
	_ = cmd.Flags().MarkHidden("cpuprofile") // there is such a flag; it is for benchmarks
	return cmd
}

func serve(cmd *cobra.Command, _ []string) error {
	c, err := load(cmd)
	if err != nil {
		return err
	}
	collectByUse()
	ctx, stop := untilEnded(cmd.Context(), c)
	defer stop()
	logger := newLogger(c, cmd.ErrOrStderr())
	for _, s := range c.Unused() {
		logger.Warn("this setting is not used in this version", "setting", s.Name, "source", s.Source)
	}
	b, err := openBooks(ctx, c, logger)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	s, err := start(ctx, c, b, logger)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	logger.Info("serving", "url", s.url(), "environment", c.Environment.String(), "database", c.Database.Kind.String(), "version", programVersion())
	return s.wait(ctx)
}

// newLogger writes what the configuration asks for.
func newLogger(c *config.Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
