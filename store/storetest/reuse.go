package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store/postgres"
)

// reused are migrated databases that tests take and give back: to delete what a test
// wrote costs a tenth of making a database and dropping it.
type reused struct {
	template string // the name of a migrated database that nobody uses
	pristine pristine
	mu       sync.Mutex
	free     []string
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
	return inspect(name)
}

// pristine is what a migrated database has before its first use.
type pristine struct {
	shape string            // of the schema: see shapeOf
	rows  map[string]string // of each table that has any, as JSON
	nexts map[string]int64  // what each sequence gives next
}

// largest is how many bytes a database may have that is used again: of a larger one
// too much is left behind.
const largest = 64 << 20

// take returns a database as it is after migration, out of those that were given
// back, or a new copy of the template.
func (r *reused) take() (string, error) {
	for {
		name, ok := r.pop()
		if !ok {
			break
		}
		if wash(name, r.pristine) == nil {
			return name, nil
		}
	}
	name := scratchName(time.Now())
	if err := administer(`CREATE DATABASE ` + name + ` TEMPLATE ` + r.template); err != nil {
		return "", err
	}
	scratch.keep(name) // until the last test is over
	return name, nil
}

func (r *reused) pop() (name string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.free) == 0 {
		return "", false
	}
	name = r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	return name, true
}

func (r *reused) giveBack(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = append(r.free, name)
}

// wash makes a database what it was before its use. It fails where the use has left more
// than rows: another schema, somebody who is still connected and does not go, or
// so much that a new database is cheaper.
func wash(name string, to pristine) error {
	return inDatabase(name, func(tx *sql.Tx) error {
		for _, step := range []func(*sql.Tx) error{alone, small, to.compare, to.restore} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// inDatabase has a transaction on a database, and commits it where all went well.
func inDatabase(name string, do func(*sql.Tx) error) (err error) {
	db, err := sql.Open("pgx", addressOf(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(context.Background(), nil)
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

// inspect reads what a migrated database has.
func inspect(name string) (p pristine, err error) {
	err = inDatabase(name, func(tx *sql.Tx) error {
		p.shape, err = shapeOf(tx)
		if err != nil {
			return err
		}
		if p.rows, err = rowsOf(tx); err != nil {
			return err
		}
		p.nexts, err = nextsOf(tx)
		return err
	})
	return p, err
}

func (p pristine) compare(tx *sql.Tx) error {
	shape, err := shapeOf(tx)
	if err == nil && shape != p.shape {
		err = errors.New("its schema is another one now")
	}
	return err
}

// shapeOf has in one text all of a schema that a test may have changed, its settings too.
func shapeOf(tx *sql.Tx) (shape string, err error) {
	return shape, tx.QueryRow(`SELECT md5(string_agg(line, E'\n' ORDER BY line COLLATE "C")) FROM (
		SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef, c.relkind, c.reloptions)
			FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
			WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND c.relkind <> 't' AND c.relname NOT LIKE 'pg_toast%' AND NOT attisdropped
		UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled, tgtype) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid <> 0
		UNION ALL SELECT concat_ws(' ', 'index', indexrelid::regclass, indisvalid) FROM pg_index WHERE indexrelid >= 16384
		UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure, md5(prosrc)) FROM pg_proc WHERE oid >= 16384
		UNION ALL SELECT concat_ws(' ', 'schema', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
		UNION ALL SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
	) AS parts (line)`).Scan(&shape)
}

// rowsOf has the rows of all tables that have any.
func rowsOf(tx *sql.Tx) (map[string]string, error) {
	tables, err := tablesOf(tx)
	if err != nil {
		return nil, err
	}
	rows := map[string]string{}
	for _, table := range tables {
		var text sql.NullString
		if err := tx.QueryRow(`SELECT json_agg(t)::text FROM ` + table + ` AS t`).Scan(&text); err != nil {
			return nil, err
		}
		if text.Valid {
			rows[table] = text.String
		}
	}
	return rows, nil
}

func tablesOf(tx *sql.Tx) ([]string, error) {
	var names sql.NullString
	err := tx.QueryRow(`SELECT string_agg(format('%I', tablename), ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'`).Scan(&names)
	return strings.Fields(names.String), err
}

func nextsOf(tx *sql.Tx) (map[string]int64, error) {
	var names sql.NullString
	err := tx.QueryRow(`SELECT string_agg(format('%I', sequencename), ' ') FROM pg_sequences WHERE schemaname = 'public'`).Scan(&names)
	if err != nil {
		return nil, err
	}
	nexts := map[string]int64{}
	for name := range strings.FieldsSeq(names.String) {
		var next int64
		if err := tx.QueryRow(`SELECT last_value + is_called::int FROM ` + name).Scan(&next); err != nil {
			return nil, err
		}
		nexts[name] = next
	}
	return nexts, nil
}

// restore empties all tables, and puts in again what was there. No trigger is
// asked, none of foreign keys either.
func (p pristine) restore(tx *sql.Tx) error {
	if _, err := tx.Exec(`SET LOCAL session_replication_role = replica`); err != nil {
		return err
	}
	if _, err := tx.Exec(emptied); err != nil {
		return err
	}
	for table, rows := range p.rows {
		if _, err := tx.Exec(`INSERT INTO `+table+` SELECT * FROM json_populate_recordset(NULL::`+table+`, $1)`, rows); err != nil {
			return err
		}
	}
	for sequence, next := range p.nexts {
		if _, err := tx.Exec(`SELECT setval($1::regclass, $2, false)`, sequence, next); err != nil {
			return err
		}
	}
	return nil
}

// emptied looks into each table before it deletes, which most of them do not need.
const emptied = `DO $$
DECLARE
	name TEXT;
	used BOOLEAN;
BEGIN
	FOR name IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
		EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO used;
		IF used THEN
			EXECUTE 'DELETE FROM ' || name;
		END IF;
	END LOOP;
END $$`
