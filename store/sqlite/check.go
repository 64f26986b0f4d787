package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/agentvault/teg-layer/store"
)

// synchronousFull is the level from which on a commit waits for the disk.
const synchronousFull = 2

// Check returns [store.ErrUnsafe] where the settings of the write connection
// could lose an acknowledged commit. A database of [OpenMemory] promises nothing
// and passes.
func (s *Store) Check(ctx context.Context) error {
	if s.at.temporary != "" {
		return nil
	}
	held, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer held.Close()
	var level int
	var mode string
	if err := held.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level); err != nil {
		return translate(err)
	}
	if err := held.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return translate(err)
	}
	switch {
	case level < synchronousFull:
		return fmt.Errorf("%w: synchronous is %d; open %s without a parameter that lowers it, so that it is FULL",
			store.ErrUnsafe, level, s.at.file)
	case !strings.EqualFold(mode, "wal"):
		return fmt.Errorf("%w: the journal mode is %s; put %s on a local file system, where it can be WAL, and open it without a parameter that changes it",
			store.ErrUnsafe, mode, s.at.file)
	}
	return nil
}

// Sound reads the whole file, and returns [store.ErrUnavailable] with the first thing in it
// that is damaged: a page, or an index that does not have the rows of its table, which
// nobody sees who reads the table. It takes about as long as a backup.
func (s *Store) Sound(ctx context.Context) error {
	var found string
	err := s.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found)
	switch {
	case err != nil:
		return translate(err)
	case found != "ok":
		return fmt.Errorf("%w: %s is damaged: %s; restore a backup", store.ErrUnavailable, s.at.file, found)
	}
	return nil
}
