package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
	"github.com/uptrace/bun/schema"

	"github.com/agentvault/teg-layer/store"
)

// Migrations runs a driver's migrations. All that is pending is applied in one
// transaction, which also marks it as applied: a process that is killed in the
// middle leaves nothing behind, and of two that start at once one waits for the
// other and then finds nothing to do.
//
// bun's migrator knows no outer transaction. It is given a handle of exactly one
// connection, on which the transaction is begun by hand: everything it does goes
// over that connection, and so belongs to it. When the connection is lost, the
// handle does not find another, and nothing more is done.
type Migrations struct {
	// Open returns a handle that this runner may close. Its connection must stay
	// in a transaction that was begun on it by hand.
	Open func() (*sql.DB, error)
	// Dialect is bun's name for the database.
	Dialect schema.Dialect
	// Begin starts a transaction that excludes other migrations.
	Begin []string
	// Exists asks for one row and column: whether the table named by the one
	// argument is there.
	Exists string
	// Files are the .up.sql and .down.sql files.
	Files fs.FS
	// Translate turns the driver's errors into those of package store.
	Translate func(error) error
}

// marks is the table that tells which migrations have been applied.
const marks = "bun_migrations"

// steps are the tables, and views of parts of them, by which it is told what the migrations did, in the order
// of these.
var steps = []struct {
	data []string // have rows only when something has happened
	rest []string
}{
	{[]string{"teg_transactions", "entries", "events", "holds", "agent_teg_profiles"}, []string{"accounts", "journal_state", "log_head"}},
	{[]string{"pools", "stakes", "delegations", "unbondings", "reward_cycles", "slashes"}, []string{"staking_total"}},
	{nil, nil}, // a column that is told from the rows of others
	{[]string{"reputation_events", "avtp_transaction_summary_logs"}, []string{"reputation_histogram"}},
	{[]string{"auditor_flag_logs", "auditor_flag_history"}, []string{"log_readers"}},
	{[]string{"teg_policies", "teg_policy_versions"}, nil},
	{[]string{"teg_attestation_logs", "attestation_history", "attestation_budgets", "attestation_circuits"}, nil},
	{[]string{"teg_dispute_logs", "teg_dispute_history", "teg_dispute_evidence", "teg_dispute_storage"}, nil},
	{[]string{"debts"}, nil},
	{[]string{"panel_rounds", "panel_seats", "panel_history"}, nil},
	{nil, []string{"login_sessions", "used_challenges"}}, // who was logged in logs in again
	{[]string{"bootstrap_tokens", "stripped_agents"}, nil},
	{[]string{"log_checkpoints"}, []string{"log_tiles"}},
	{nil, nil}, // buckets of limits, on PostgreSQL alone, which are no data
	{[]string{"log_segments", "kept_events"}, []string{"log_tail"}},
	{[]string{"webhooks"}, []string{"webhook_places", "webhook_deliveries"}},
	{nil, nil}, // an index
}

// Migrate implements [store.Migrator].
func (m *Migrations) Migrate(ctx context.Context) error {
	return m.inTransaction(ctx, func(db *bun.DB, migrator *migrate.Migrator) error {
		if err := migrator.Init(ctx); err != nil {
			return err
		}
		status, err := m.status(ctx, db, migrator)
		if err != nil {
			return err
		}
		if status.Dirty != "" || len(status.Unknown) > 0 {
			return fmt.Errorf("store: the schema cannot be migrated: half-migrated %q, unknown %v", status.Dirty, status.Unknown)
		}
		_, err = migrator.Migrate(ctx)
		return err
	})
}

// MigrateDown implements [store.Migrator].
func (m *Migrations) MigrateDown(ctx context.Context, force bool) error {
	return m.inTransaction(ctx, func(db *bun.DB, migrator *migrate.Migrator) error {
		status, err := m.status(ctx, db, migrator)
		if err != nil || len(status.Applied) == 0 {
			return err
		}
		if len(status.Unknown) > 0 {
			return fmt.Errorf("store: the last migration %v is not known to this program", status.Unknown)
		}
		if !force {
			if err := m.refuseData(ctx, db, status.Applied); err != nil {
				return err
			}
		}
		return takeBack(ctx, migrator)
	})
}

// takeBack undoes the last migration alone. bun's Rollback would undo all that
// were applied together with it.
func takeBack(ctx context.Context, migrator *migrate.Migrator) error {
	all, err := migrator.MigrationsWithStatus(ctx)
	if err != nil {
		return err
	}
	last := &all.Applied()[0] // the newest is first
	if last.Down == nil {
		return fmt.Errorf("store: there is no way back from migration %s", last)
	}
	if err := last.Down(ctx, migrator, last); err != nil {
		return fmt.Errorf("store: taking migration %s back: %w", last, err)
	}
	return migrator.MarkUnapplied(ctx, last)
}

// refuseData returns [store.ErrHasData] when taking the last of the applied
// migrations back would lose anything. It keeps others from writing until the
// transaction ends: on SQLite nobody else can anyway.
func (m *Migrations) refuseData(ctx context.Context, db *bun.DB, applied []string) error {
	known, err := m.names()
	if err != nil {
		return err
	}
	last := slices.Index(known, applied[len(applied)-1])
	for _, table := range steps[last].data {
		present, err := m.exists(ctx, db, table)
		if err != nil {
			return err
		}
		if !present {
			continue
		}
		if m.Dialect.Name() == dialect.PG {
			if _, err := db.ExecContext(ctx, `LOCK TABLE `+table+` IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		var rows int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM `+table+` LIMIT 1) AS present`).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			return fmt.Errorf("%w: table %s has rows; use force to destroy them", store.ErrHasData, table)
		}
	}
	return nil
}

// SchemaStatus implements [store.Migrator]. Another process may be committing a
// migration between the looks at marks and at tables, which then do not agree;
// when they are looked at once more, they do.
func (m *Migrations) SchemaStatus(ctx context.Context) (status store.SchemaStatus, err error) {
	err = m.open(ctx, func(db *bun.DB, migrator *migrate.Migrator) error {
		status, err = m.status(ctx, db, migrator)
		if err == nil && status.Dirty != "" {
			status, err = m.status(ctx, db, migrator)
		}
		return err
	})
	return status, err
}

func (m *Migrations) status(ctx context.Context, db *bun.DB, migrator *migrate.Migrator) (store.SchemaStatus, error) {
	var status store.SchemaStatus
	marked, err := m.exists(ctx, db, marks)
	if err != nil {
		return status, err
	}
	var applied []string
	if marked {
		list, err := migrator.AppliedMigrations(ctx)
		if err != nil {
			return status, err
		}
		for i := range list {
			applied = append(applied, list[i].Name)
		}
	}
	slices.Sort(applied)
	known, err := m.names()
	if err != nil {
		return status, err
	}
	for _, name := range known {
		if !slices.Contains(applied, name) {
			status.Pending = append(status.Pending, name)
		}
	}
	for _, name := range applied {
		if !slices.Contains(known, name) {
			status.Unknown = append(status.Unknown, name)
		}
	}
	status.Applied = applied
	return status, m.findDirt(ctx, db, known, &status)
}

// findDirt compares the marks with the tables that are there. Migrations cannot
// end half-way; a restore by hand can.
func (m *Migrations) findDirt(ctx context.Context, db *bun.DB, known []string, status *store.SchemaStatus) error {
	for i, name := range known {
		for _, table := range slices.Concat(steps[i].rest, steps[i].data) {
			present, err := m.exists(ctx, db, table)
			if err != nil {
				return err
			}
			if present != slices.Contains(status.Applied, name) {
				status.Dirty = name
			}
		}
	}
	return nil
}

func (m *Migrations) exists(ctx context.Context, db *bun.DB, table string) (bool, error) {
	var present bool
	err := db.QueryRowContext(ctx, m.Exists, table).Scan(&present)
	return present, err
}

// names lists the migrations of this program, in order.
func (m *Migrations) names() ([]string, error) {
	migrations, err := m.discover()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, migration := range migrations.Sorted() {
		names = append(names, migration.Name)
	}
	return names, nil
}

func (m *Migrations) discover() (*migrate.Migrations, error) {
	migrations := migrate.NewMigrations()
	return migrations, migrations.Discover(m.Files)
}
