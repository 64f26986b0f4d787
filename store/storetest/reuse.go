package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store/postgres"
)

// reused are migrated databases that tests take and give back: to delete what a test
// wrote costs a third of making a database and dropping it.
type reused struct {
	template string // the name of a migrated database that nobody uses
	pristine pristine
	mu       sync.Mutex
	free     []database
}

// database is one of them, with the connection over which it is washed.
type database struct {
	name string
	db   *sql.DB
}

// pool is the databases of this process, or nil: where nobody would drop them, and where none
// could be made, so that the test that migrates its own says why.
var pool = sync.OnceValue(func() *reused {
	if scratch.batch == 1 {
		return nil
	}
	r, err := newReused()
	if err != nil {
		return nil
	}
	return r
})

func newReused() (*reused, error) {
	r := &reused{template: scratchName(time.Now())}
	if err := administer(`CREATE DATABASE ` + r.template); err != nil {
		return nil, err
	}
	scratch.keep(r.template)
	var err error
	r.pristine, err = migrateAndInspect(r.template)
	return r, err
}

func migrateAndInspect(name string) (pristine, error) {
	ctx := context.Background()
	st, err := postgres.Open(ctx, addressOf(name))
	if err != nil {
		return pristine{}, err
	}
	if err := errors.Join(st.Migrate(ctx), st.Close()); err != nil {
		return pristine{}, err
	}
	template, err := connected(name)
	if err != nil {
		return pristine{}, err
	}
	p, err := template.inspect()
	return p, errors.Join(err, template.db.Close()) // a database is copied while nobody is connected
}

// largest is how many bytes a database may have that is used again: of a larger one
// too much is left behind.
const largest = 64 << 20

// take returns a database as it is after migration, out of those that were given
// back, or a new copy of the template.
func (r *reused) take() (database, error) {
	for {
		used, ok := r.pop()
		if !ok {
			break
		}
		if used.wash(r.pristine) == nil {
			return used, nil
		}
		_ = used.db.Close() // it is dropped in any case
	}
	name := scratchName(time.Now())
	if err := administer(`CREATE DATABASE ` + name + ` TEMPLATE ` + r.template); err != nil {
		return database{}, err
	}
	scratch.keep(name) // until the last test is over
	return connected(name)
}

func (r *reused) pop() (used database, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.free) == 0 {
		return database{}, false
	}
	used = r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	return used, true
}

func (r *reused) giveBack(used database) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = append(r.free, used)
}

// connected is a database with a connection to come.
func connected(name string) (database, error) {
	db, err := sql.Open("pgx", addressOf(name))
	if err != nil {
		return database{}, err
	}
	db.SetMaxOpenConns(1)
	return database{name, db}, nil
}

// wash makes a database what it was before its use. It fails where the use has left more
// than rows: another schema, somebody who is still connected and does not go, or
// so much that a new database is cheaper.
func (d database) wash(to pristine) error {
	return d.inTransaction(func(tx *sql.Tx) error {
		for _, step := range []func(*sql.Tx) error{alone, small, to.compare, to.restore} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTransaction commits what was done where all went well.
func (d database) inTransaction(do func(*sql.Tx) error) error {
	tx, err := d.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// alone ends the connections that a test has left open, and waits until they are gone.
func alone(tx *sql.Tx) error {
	var left int
	err := tx.QueryRow(`WITH others AS MATERIALIZED (
			SELECT pid FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())
		SELECT count(*) FROM others WHERE NOT pg_terminate_backend(pid, 5000)`).Scan(&left)
	if err == nil && left > 0 {
		err = fmt.Errorf("%d connections are still open", left)
	}
	return err
}

func small(tx *sql.Tx) error {
	var size int64
	err := tx.QueryRow(`SELECT pg_database_size(current_database())`).Scan(&size)
	if err == nil && size > largest {
		err = fmt.Errorf("it has grown to %d bytes", size)
	}
	return err
}
