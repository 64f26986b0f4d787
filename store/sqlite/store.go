package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// Store is an opened SQLite database. It is safe for concurrent use.
type Store struct {
	at      location
	write   *bun.DB // one connection: whoever has it is the writer
	read    *bun.DB
	reader  store.Reader
	checks  *checkpointer
	guests  *guests
	waitMax time.Duration // how long a writer without a deadline waits for a host's transaction
}

var _ store.Store = (*Store)(nil)

const (
	readers   = 8
	guestTerm = 10 * time.Second
)

// open connects to a location, reads it once, and starts the checkpointer.
func open(ctx context.Context, at location) (s *Store, err error) {
	s = &Store{at: at, guests: new(guests), waitMax: guestTerm}
	var opened []*sql.DB
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(opened))
		}
	}()
	for _, dsn := range []string{at.writerDSN(), at.readerDSN(), at.checkpointerDSN()} {
		g, n := s.guests, 1
		if len(opened) > 0 {
			g, n = nil, readers
		}
		db, err := pool(dsn, n, g)
		if err != nil {
			return nil, err
		}
		opened = append(opened, db)
		if err := probe(ctx, at, db); err != nil {
			return nil, err
		}
	}
	s.write, s.read = bun.NewDB(opened[0], sqlitedialect.New()), bun.NewDB(opened[1], sqlitedialect.New())
	s.reader = newReader(s.read)
	s.checks = startCheckpointer(s.write.DB, opened[2], at.log)
	s.guests.committed = s.checks.wake
	return s, nil
}

func closeAll(dbs []*sql.DB) error {
	var errs []error
	for _, db := range dbs {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

// DB returns the handle that holds the one write connection, for a host that
// keeps its own tables in the same file: its transactions and the engine's
// groups wait for each other. Begin a transaction, hand it to [Tx], and
// commit it. Calling the engine outside that transaction while it is open waits
// for itself; such a call ends with its context, or without a deadline after ten
// seconds, with [store.ErrLocked].
func (s *Store) DB() *bun.DB { return s.write }

// Reader returns the questions that can be asked. They are answered by
// connections of their own, from the last commit.
func (s *Store) Reader() store.Reader { return s.reader }

// Writer returns a writer. All writers of a store take turns on one connection.
func (s *Store) Writer(ctx context.Context) (store.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &writer{store: s}, nil
}

// acquire takes the write connection out of its pool. It waits for other
// writers as long as ctx allows, but for a host's transaction without a deadline
// only so long, for that may be the caller's own.
func (s *Store) acquire(ctx context.Context) (*sql.Conn, error) {
	_, bounded := ctx.Deadline()
	for {
		waiting, cancel := context.WithTimeout(ctx, s.waitMax)
		held, err := s.write.DB.Conn(waiting)
		cancel()
		switch {
		case err == nil:
			return held, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%w: %w: waiting for the write connection", store.ErrLocked, ctx.Err())
		case !errors.Is(err, context.DeadlineExceeded):
			return nil, translate(err)
		case !bounded && s.guests.present():
			return nil, fmt.Errorf("%w: a transaction that was begun on Store.DB has been open for more than %s; "+
				"commit it, or call the engine inside it (Using)", store.ErrLocked, s.waitMax)
		}
	}
}

// Pools implements [store.Store]. All groups and all transactions of a host share the
// one connection of "write": who waits for it waits for its turn to write.
func (s *Store) Pools() []store.Pool {
	return []store.Pool{bunstore.Pool("read", s.read.DB), bunstore.Pool("write", s.write.DB)}
}

// Close waits for the transaction that is open, moves the write-ahead log into
// the file, and closes every connection.
func (s *Store) Close() error {
	errs := []error{s.checks.stop(), s.read.Close(), s.write.Close()}
	if s.at.temporary != "" {
		errs = append(errs, os.RemoveAll(s.at.temporary))
	}
	return errors.Join(errs...)
}
