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
