package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

// maxReaders bounds the pool that answers questions, unless the URL does. Writers have
// connections of their own beside it.
const maxReaders = 16

// Store is an opened PostgreSQL database. It is safe for concurrent use.
type Store struct {
	config  *pgx.ConnConfig
	db      *bun.DB // questions, set-up, maintenance
	writers *sql.DB // one connection for each writer
	reader  *reader
}

var _ store.Store = (*Store)(nil)

var errReaders = errors.New("postgres: pool_max_conns must be a whole number from 1 to 1000")

var errURL = errors.New("postgres: the URL must look like postgres://user:password@host:5432/database?sslmode=verify-full, " +
	"with special characters of the password percent-encoded")

// Open connects to the database named by a postgres:// or postgresql:// URL. The
// schema is not touched: see [Store.Migrate]. A database that cannot be reached
// is [store.ErrUnavailable].
//
// The URL may name several hosts, as host1:5432,host2:5432. Connections are made to the
// first that writes, unless its target_session_attrs says otherwise, and to the next one
// after a failover.
//
// The URL's pool_max_conns is how many connections may answer questions at the same
// time, 1 to 1000, where 16 is not what the server's max_connections allows for. Each
// writer has one beside these.
func Open(ctx context.Context, url string) (*Store, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, errURL
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errURL // what pgx says quotes the URL, and parts of a password with it
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // bun inlines its arguments: nothing to cache
	config.OnNotice = noteWarnings
	if seeksWriter(config, url) {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	setDefault(config.RuntimeParams, "application_name", "teg")
	setDefault(config.RuntimeParams, "timezone", "UTC")
	readers, err := takeReaders(config.RuntimeParams)
	if err != nil {
		return nil, err
	}
	s := &Store{config: config}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	s.db, s.writers = bun.NewDB(pool, pgdialect.New()), stdlib.OpenDB(*s.writerConfig())
	s.reader = &reader{Reader: bunstore.NewReader(s.db, bunstore.Postgres, translate), store: s}
	if err := s.db.PingContext(ctx); err != nil {
		return nil, errors.Join(advise(translate(err)), s.Close())
	}
	return s, nil
}

// seeksWriter reports whether the one that writes is meant of several servers, though the
// URL does not say so: the first that answers may be one that only reads.
func seeksWriter(config *pgx.ConnConfig, url string) bool {
	several := slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { // one host may be two: with TLS and without
		return f.Host != config.Host || f.Port != config.Port
	})
	return several && config.ValidateConnect == nil && !strings.Contains(url, "target_session_attrs")
}

// takeReaders takes out of the parameters what is not the server's to know.
func takeReaders(params map[string]string) (int, error) {
	const name = "pool_max_conns"
	given, there := params[name]
	if !there {
		return maxReaders, nil
	}
	delete(params, name)
	readers, err := strconv.Atoi(given)
	if err != nil || readers < 1 || readers > 1000 {
		return 0, errReaders
	}
	return readers, nil
}

// advise says what to do where no connection was to be had.
func advise(err error) error {
	if refused := (*pgconn.ConnectError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("%w; see that the database runs and that its URL is right", err)
	}
	return err
}

// writerConfig is the configuration of a writer's connection. It waits for rows
// briefly, and a process that hangs cannot hold them for ever. All that it runs
// are look-ups by key, of which an array parameter hides how few they are: the
// planner is kept from answering them by reading whole tables, and plans each
// once.
func (s *Store) writerConfig() *pgx.ConnConfig {
	config := s.config.Copy()
	config.RuntimeParams["lock_timeout"] = briefly.String()
	setDefault(config.RuntimeParams, "idle_in_transaction_session_timeout", "60s")
	for _, name := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		setDefault(config.RuntimeParams, name, "off")
	}
	setDefault(config.RuntimeParams, "plan_cache_mode", "force_generic_plan")
	return config
}

func setDefault(params map[string]string, name, value string) {
	if _, given := params[name]; !given {
		params[name] = value
	}
}

// Pools implements [store.Store]. Each committer has a connection of "write" for itself.
func (s *Store) Pools() []store.Pool {
	return []store.Pool{bunstore.Pool("read", s.db.DB), bunstore.Pool("write", s.writers)}
}

// DB returns the handle for a host that keeps its own tables in the same
// database: begin a transaction on it and hand that to [Tx].
func (s *Store) DB() *bun.DB { return s.db }

// Reader returns the questions that can be asked.
func (s *Store) Reader() store.Reader { return s.reader }

// Close closes every connection. That some were gone already is no error.
func (s *Store) Close() error {
	err := errors.Join(s.db.Close(), s.writers.Close())
	if lost(err) {
		return nil
	}
	return err
}
