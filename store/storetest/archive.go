package storetest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
	"github.com/agentvault/teg-layer/store/postgres"
)

var archiveTests = map[string]func(*testing.T, *bench){
	"every table is exported whole":            testArchiveIsWhole,
	"an export is not taken into what is used": testLoadNeedsRoom,
}

// kindsOf are what columns of a database's type can be exported as; an unknown type has
// none.
var kindsOf = map[string]string{
	"bigint": "int", "integer": "int", "smallint": "int", "boolean": "bool", "text": "text", "uuid": "id",
	"numeric(36,18)": "amount", "timestamp with time zone": "time", "bytea": "bytes",
	"INTEGER": "int bool time", "TEXT": "text", "BLOB": "id amount bytes",
}

const (
	sqliteColumns = `SELECT m.name, c.name, c.type, c.pk > 0 FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	postgresColumns = `SELECT t.relname, c.attname, format_type(c.atttypid, c.atttypmod), c.attnum = ANY (coalesce(k.conkey, '{}'))
		FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
		LEFT JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype = 'p'
		WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relnamespace = current_schema()::regnamespace ORDER BY t.relname, c.attnum`
)

// schemaTable is a table as the database has it.
type schemaTable struct {
	columns map[string]string // types by names
	line    string            // that describes it for package archive, as far as can be told
}

func schemaOf(t *testing.T, st store.Store) map[string]*schemaTable {
	query := sqliteColumns
	if _, other := st.(*postgres.Store); other {
		query = postgresColumns
	}
	rows, err := handleOf(t, st).QueryContext(background(), query)
	require.NoError(t, err)
	defer rows.Close()
	tables, keys := map[string]*schemaTable{}, map[string][]string{}
	for rows.Next() {
		var table, column, kind string
		var key bool
		require.NoError(t, rows.Scan(&table, &column, &kind, &key))
		if tables[table] == nil {
			tables[table] = &schemaTable{columns: map[string]string{}}
		}
		tables[table].columns[column] = kind
		tables[table].line += ", " + column + " " + kindsOf[kind]
		if key {
			keys[table] = append(keys[table], column)
		}
	}
	require.NoError(t, rows.Err())
	for name, table := range tables {
		table.line = `{"` + name + `", "` + strings.Join(keys[name], " ") + "\", `" + strings.TrimPrefix(table.line, ", ") + "`},"
	}
	return tables
}

// testArchiveIsWhole holds what package archive says of tables against the schema. Who
// adds a table either adds its line there, or says why it is left out.
func testArchiveIsWhole(t *testing.T, b *bench) {
	schema, left := schemaOf(t, b.store), archive.LeftOut()
	for _, table := range archive.Tables() {
		found := schema[table.Name]
		require.NotNil(t, found, "%s is in store/archive/tables.go and not in the schema", table.Name)
		require.ElementsMatch(t, slices.Collect(maps.Keys(found.columns)), table.Names(),
			"store/archive/tables.go describes other columns of %s; PostgreSQL has\n%s", table.Name, found.line)
		for _, column := range table.Columns {
			require.Contains(t, strings.Fields(kindsOf[found.columns[column.Name]]), column.Kind.String(), "%s.%s", table.Name, column.Name)
		}
		for _, name := range table.Key {
			require.Contains(t, found.columns, name, table.Name)
		}
		require.NotContains(t, left, table.Name, "it is exported")
		delete(schema, table.Name)
	}
	for name, table := range schema {
		require.Contains(t, left, name, "%s is not exported: add it to store/archive/tables.go, or to LeftOut with the reason; the line on PostgreSQL:\n%s",
			name, table.line)
	}
	if _, other := b.store.(*postgres.Store); !other {
		return
	}
	var sequences string
	require.NoError(t, handleOf(t, b.store).QueryRowContext(background(), `SELECT string_agg(s.relname, ' ' ORDER BY s.relname) FROM pg_class AS s
		WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace AND s.relname NOT LIKE 'bun_migration%'`).Scan(&sequences))
	require.Equal(t, "account_ids", sequences, "Load lets this sequence go on behind what it loads, and no other")
}

// testLoadNeedsRoom: where anything is, nothing is loaded.
func testLoadNeedsRoom(t *testing.T, b *bench) {
	status, err := b.store.SchemaStatus(background())
	require.NoError(t, err)
	write := func() string {
		var content bytes.Buffer
		out, err := archive.NewWriter(&content, status.Applied)
		require.NoError(t, err)
		require.NoError(t, b.store.Dump(background(), out))
		_, err = out.Close()
		require.NoError(t, err)
		return content.String()
	}
	before := write()
	in, err := archive.NewReader(strings.NewReader(before))
	require.NoError(t, err)
	require.ErrorIs(t, b.store.Load(background(), in, func(context.Context, store.Reader) error { return nil }), store.ErrNotEmpty)
	require.Equal(t, before, write())
}
