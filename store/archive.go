package store

import (
	"context"

	"github.com/agentvault/teg-layer/store/archive"
)

// Archiver hands out all that a database holds, and takes it in again, in the form that
// package archive describes, which is the same for every driver. The schema has to be the
// one that the program knows: see [Migrator.SchemaStatus].
type Archiver interface {
	// Dump writes every row of one consistent view, while others go on writing. It
	// leaves out to its caller to be closed.
	Dump(ctx context.Context, out *archive.Writer) error
	// Load takes the rows of an export into a database that is migrated and that no
	// engine has ever worked on; any other is [ErrNotEmpty]. Once all rows are there and
	// found to be those of the export, check is called, which can ask what they say, and
	// only when it returns nil everything is committed, in one transaction. On an error
	// nothing was written. What a row is refused for names its line.
	Load(ctx context.Context, in *archive.Reader, check func(ctx context.Context, view Reader) error) error
}
