package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/agentvault/teg-layer/store"
)

// BackUp writes a copy of the database, as it is at one moment, into a file that must not
// be there yet and that its owner alone can read, and returns when the disk has its content. Others go on reading and writing; while
// it works, the write-ahead log cannot begin again and grows by what they write. On an
// error there is no file.
//
// A copy of the file by other means than this, or than SQLite's own, is no backup: what
// was committed last is in the write-ahead log beside it.
func (s *Store) BackUp(ctx context.Context, path string) (err error) {
	switch err := createPrivate(path, os.O_EXCL); {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: there is something at %s; name a file that is not there yet", store.ErrNotEmpty, path)
	case err != nil:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, unlessMissing(os.Remove(path)))
		}
	}()
	source, err := pool(s.at.dsn(url.Values{"_busy_timeout": {busyTimeout}, "_pragma": {"temp_store(memory)"}}), 1, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if _, err := source.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("sqlite: writing the backup %s: %w", path, translate(err))
	}
	written, err := os.OpenFile(path, os.O_RDWR, 0) // VACUUM INTO does not wait for the disk
	if err != nil {
		return err
	}
	return errors.Join(written.Sync(), written.Close())
}

func unlessMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
