package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/store"
)

func newMigrate() *cobra.Command {
	up := &cobra.Command{
		Use: "up", Short: "Apply every pending migration", Args: noArgs,
		Long: "Applies every pending migration, and makes the file of SQLite where it is\nmissing. Several machines may run it at once.",
	}
	up.RunE = withStore(createStore, migrateUp)
	down := &cobra.Command{
		Use: "down", Short: "Take the last migration back", Args: noArgs,
		Long: "Takes the last migration back. It refuses to destroy data unless it is forced.",
	}
	force := down.Flags().Bool("force", false, "destroy what the migration holds")
	down.RunE = withStore(openStore, func(cmd *cobra.Command, st store.Store) error { return migrateDown(cmd, st, *force) })
	status := &cobra.Command{
		Use: "status", Short: "Tell where the schema stands", Args: noArgs,
		Long: "Lists the migrations. Exit code 1 when the schema is not the one that this\nprogram needs.",
	}
	status.RunE = withStore(openStore, migrateStatus)
	for _, cmd := range []*cobra.Command{up, down, status} {
		addSettings(cmd, databaseSettings...)
	}
	return newParent("migrate", "Change the schema of the database", up, down, status)
}

// withStore runs a command on the configured database.
func withStore(open func(context.Context, config.Database) (store.Store, error), act func(*cobra.Command, store.Store) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		c, err := loadWithoutTokens(cmd)
		if err != nil {
			return err
		}
		st, err := open(cmd.Context(), c.Database)
		if err != nil {
			return err
		}
		return errors.Join(act(cmd, st), st.Close())
	}
}

func migrateUp(cmd *cobra.Command, st store.Store) error {
	before, err := st.SchemaStatus(cmd.Context())
	if err != nil {
		return err
	}
	if err := st.Migrate(cmd.Context()); err != nil {
		return err
	}
	if len(before.Pending) == 0 {
		return say(cmd, "nothing to do, the schema is up to date")
	}
	for _, name := range before.Pending {
		if err := say(cmd, "applied %s", name); err != nil {
			return err
		}
	}
	return nil
}

func migrateDown(cmd *cobra.Command, st store.Store, force bool) error {
	before, err := st.SchemaStatus(cmd.Context())
	if err != nil {
		return err
	}
	if len(before.Applied) == 0 {
		return say(cmd, "nothing to do, no migration is applied")
	}
	err = st.MigrateDown(cmd.Context(), force)
	if errors.Is(err, store.ErrHasData) {
		return fmt.Errorf("%w; make a backup and run: teg migrate down --force", store.ErrHasData)
	}
	if err != nil {
		return err
	}
	return say(cmd, "took back %s", before.Applied[len(before.Applied)-1])
}

func migrateStatus(cmd *cobra.Command, st store.Store) error {
	status, err := st.SchemaStatus(cmd.Context())
	if err != nil {
		return err
	}
	for _, group := range []struct {
		word  string
		names []string
	}{{"applied", status.Applied}, {"pending", status.Pending}, {"unknown", status.Unknown}} {
		for _, name := range group.names {
			if err := say(cmd, "%s  %s", group.word, name); err != nil {
				return err
			}
		}
	}
	switch {
	case status.Dirty != "":
		return fmt.Errorf("migration %s began and did not end; restore a backup, or repair it by hand", status.Dirty)
	case len(status.Unknown) > 0:
		return errors.New("the schema is newer than this program; use a newer program")
	case len(status.Pending) > 0:
		return errors.New("migrations are pending; apply them with: teg migrate up")
	}
	return nil
}

// say prints a line of a command's result.
func say(cmd *cobra.Command, format string, args ...any) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	return err
}
