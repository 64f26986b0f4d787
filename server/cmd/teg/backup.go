package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

func newBackup() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Copy the SQLite database, and prove the copy", Args: oneFile,
		Long: "Copies the SQLite database as it is at one moment into a new file, and may run beside\n" +
			"a server. The books of the copy are proven, and only then it bears its name.\n" +
			"PostgreSQL has tools of its own for this: see docs/operations.md.",
		RunE: func(cmd *cobra.Command, args []string) error { return onSQLite(cmd, args[0], backUp) },
	}
	addSettings(cmd, "DATABASE_URL", "TEG_SYSTEM_TREASURY_DID")
	return cmd
}

func newRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of the SQLite database", Args: oneFile,
		Long: "Copies a backup to where the SQLite database is to be, once its books are proven. The\n" +
			"server must not run, and nothing may be left there: move the old database away first,\n" +
			"and the files beside it that end in -wal and -shm with it.\n" +
			"PostgreSQL has tools of its own for this: see docs/operations.md.",
		RunE: func(cmd *cobra.Command, args []string) error { return onSQLite(cmd, args[0], restore) },
	}
	addSettings(cmd, "DATABASE_URL", "TEG_SYSTEM_TREASURY_DID")
	return cmd
}

// onSQLite does something with a file and the configured database, which has to be one.
func onSQLite(cmd *cobra.Command, name string, act func(context.Context, *cobra.Command, *config.Config, string) error) error {
	c, err := loadWithoutTokens(cmd)
	if err != nil {
		return err
	}
	if c.Database.Kind != config.SQLite {
		return misused("%s is for databases of SQLite in a file; for PostgreSQL see docs/operations.md: pg_dump, pg_restore, pg_basebackup", cmd.CommandPath())
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	return act(ctx, cmd, c, name)
}

// keeper is a store that can copy itself, and look whether it is damaged.
type keeper interface {
	BackUp(ctx context.Context, path string) error
	Sound(ctx context.Context) error
}

func backUp(ctx context.Context, cmd *cobra.Command, c *config.Config, name string) error {
	st, err := openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	var report teg.Report
	err = landed(name, func(part string) (err error) {
		if err := st.(keeper).BackUp(ctx, part); err != nil {
			return err
		}
		report, err = proveFile(ctx, c, part)
		if errors.Is(err, teg.ErrUnmigrated) { // whose advice would lose the way back
			return errors.New("the database has the schema of an earlier version: back it up with the teg that served it, and run teg migrate up after that")
		}
		return err
	})
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	if err := say(cmd, "backed up to %s", name); err != nil {
		return err
	}
	return printReport(cmd.OutOrStdout(), &report)
}

func restore(ctx context.Context, cmd *cobra.Command, c *config.Config, name string) error {
	for _, left := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(c.Database.Path + left); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is %s%s, which belongs to another database; end the server and move it away with that", c.Database.Path, left)
		}
	}
	if err := isWhole(name); err != nil {
		return err
	}
	var report teg.Report
	err := landed(c.Database.Path, func(part string) (err error) {
		if err := copyFile(name, part); err != nil {
			return err
		}
		report, err = proveFile(ctx, c, part)
		switch {
		case errors.Is(err, teg.ErrUnmigrated): // whose advice is about the database, and there is none
			return fmt.Errorf("%s has the schema of another version: restore it with the teg that made it, and then, with this one, run: teg migrate up", name)
		case err != nil:
			return fmt.Errorf("%s cannot be restored: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := say(cmd, "restored %s", c.Database.Path); err != nil {
		return err
	}
	return printReport(cmd.OutOrStdout(), &report)
}

// isWhole refuses a file of a database that was copied, or is in use: what was committed
// last stands beside it.
func isWhole(name string) error {
	for _, beside := range []string{"-wal", "-journal"} {
		info, err := os.Stat(name + beside)
		if err == nil && info.Size() > 0 {
			return fmt.Errorf("beside %s there is %s%s with what was committed last; it is a database and no backup: make one of it with: teg backup FILE", name, name, beside)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// proveFile proves that a file of SQLite is sound, and the books in it.
func proveFile(ctx context.Context, c *config.Config, path string) (report teg.Report, err error) {
	there := *c
	there.Database = config.Database{Kind: config.SQLite, URL: "sqlite://" + path, Path: path}
	st, err := openStore(ctx, there.Database)
	if err != nil {
		return report, err
	}
	if err := st.(keeper).Sound(ctx); err != nil {
		return report, errors.Join(err, st.Close())
	}
	engine, err := teg.New(ctx, st, engineConfig(&there, slog.New(slog.DiscardHandler)))
	if err != nil {
		return report, errors.Join(err, st.Close())
	}
	report, err = engine.Verify(ctx)
	return report, errors.Join(err, engine.Close(), st.Close())
}
