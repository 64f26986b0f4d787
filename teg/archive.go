package teg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
)

// ArchiveSummary is what an export holds, table by table. Exports of equal economies have
// equal summaries, whatever database they are kept in.
type ArchiveSummary = archive.Summary

// Why an export is not taken in.
var (
	// ErrMalformedArchive: it is no export, or a damaged one; the error names the line.
	ErrMalformedArchive = archive.ErrMalformed
	// ErrForeignArchive: it was made from another schema than this program's.
	ErrForeignArchive = errors.New("teg: this export is of another schema")
	// ErrNotEmpty: the database has rows already, or an engine worked on it.
	ErrNotEmpty = store.ErrNotEmpty
)

// Export writes the whole economy that a migrated database holds, as lines of JSON that
// [Import] takes: one consistent view, while engines go on working on it. Package archive
// describes the form. The memory it takes does not grow with the economy.
//
// What is written holds all that the database does, also what is nobody's business: give
// it the same protection.
func Export(ctx context.Context, st store.Store, w io.Writer) (ArchiveSummary, error) {
	status, err := st.SchemaStatus(ctx)
	if err == nil {
		err = checkSchema(ctx, st)
	}
	if err != nil {
		return ArchiveSummary{}, err
	}
	out, err := archive.NewWriter(w, status.Applied)
	if err != nil {
		return ArchiveSummary{}, fmt.Errorf("teg: export: %w", err)
	}
	if err := st.Dump(ctx, out); err != nil {
		return ArchiveSummary{}, fmt.Errorf("teg: export: %w", err)
	}
	summary, err := out.Close()
	if err != nil {
		return summary, fmt.Errorf("teg: export: %w", err)
	}
	return summary, nil
}

// Import takes an export into a database that is migrated and on which no engine has ever
// worked. It happens whole or not at all, in one transaction: before anybody can see it,
// all that was written is read again and compared with the export, and the books are
// proven as [Engine.Verify] does. Of the configuration it looks at the treasury alone,
// which has to be the one that the export names.
//
// Errors: [ErrNotEmpty], [ErrForeignArchive], [ErrMalformedArchive], [ErrBroken] where the
// books do not hold, with the findings in the report, store.ErrForeignTreasury.
func Import(ctx context.Context, st store.Store, r io.Reader, config Config) (Report, ArchiveSummary, error) {
	config, err := config.withDefaults()
	if err != nil {
		return Report{}, ArchiveSummary{}, err
	}
	if err := checkSchema(ctx, st); err != nil {
		return Report{}, ArchiveSummary{}, err
	}
	in, err := archive.NewReader(r)
	if err != nil {
		return Report{}, ArchiveSummary{}, fmt.Errorf("teg: import: %w", err)
	}
	if err := sameSchema(ctx, st, in); err != nil {
		return Report{}, ArchiveSummary{}, err
	}
	var report Report
	err = st.Load(ctx, in, func(ctx context.Context, view store.Reader) (err error) {
		report, err = proveView(ctx, view, config)
		return err
	})
	if err != nil {
		return report, ArchiveSummary{}, fmt.Errorf("teg: import: %w", err)
	}
	return report, in.Summary(), nil
}

// sameSchema refuses what was made from other tables.
func sameSchema(ctx context.Context, st store.Store, in *archive.Reader) error {
	status, err := st.SchemaStatus(ctx)
	if err != nil || slices.Equal(status.Applied, in.Schema()) {
		return err
	}
	last := func(schema []string) string {
		if len(schema) == 0 {
			return "none"
		}
		return schema[len(schema)-1]
	}
	return fmt.Errorf("%w: it is at %s, and this program at %s; import it with the program that made it, and migrate after that",
		ErrForeignArchive, last(in.Schema()), last(status.Applied))
}

// proveView proves the books as a transaction sees them.
func proveView(ctx context.Context, view store.Reader, config Config) (Report, error) {
	system, err := view.SystemAccounts(ctx)
	if err != nil {
		return Report{}, err
	}
	for _, a := range system {
		if a.Kind == ledger.Treasury && a.Owner != config.Treasury {
			return Report{}, fmt.Errorf("%w: it belongs to %s; configure that one", store.ErrForeignTreasury, a.Owner)
		}
	}
	list, err := view.Policies(ctx)
	if err != nil {
		return Report{}, err
	}
	c := &core{config: config, store: viewed{view: view}}
	c.clock.source = config.Clock
	c.inForce.Store(c.snapshotOf(policy.NewBook(list)))
	return (&Engine{core: c}).Verify(ctx)
}

// viewed is a store of which a transaction is all that can be seen.
type viewed struct {
	store.Store
	view store.Reader
}

// Reader implements [store.Store].
func (v viewed) Reader() store.Reader { return v.view }
