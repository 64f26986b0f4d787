package storetest

import (
	"database/sql"
	"errors"
	"strings"
)

// pristine is what a migrated database has before its first use.
type pristine struct {
	shape string            // of the schema: see shapeOf
	rows  map[string]string // of each table that has any, as JSON
	nexts map[string]int64  // what each sequence gives next
}

// inspect reads what a migrated database has.
func (d database) inspect() (p pristine, err error) {
	err = d.inTransaction(func(tx *sql.Tx) error {
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
