package archive

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what the values of a column are. The zero Kind is none.
type Kind uint8

// The kinds of columns, with the type that their values have in Go and what they are
// in JSON. Every one of them may be nil, which is null.
const (
	Int    Kind = iota + 1 // int64; a number
	Bool                   // bool
	Text                   // string
	ID                     // ledger.ID; as UUIDs are written
	Amount                 // amount.Signed; decimal digits in a string
	Time                   // time.Time in UTC, microseconds; RFC 3339 with six decimals
	Bytes                  // []byte; base64
)

var kinds = map[string]Kind{"int": Int, "bool": Bool, "text": Text, "id": ID, "amount": Amount, "time": Time, "bytes": Bytes}

// String is the name of the kind in lower case.
func (k Kind) String() string {
	for name, kind := range kinds {
		if kind == k {
			return name
		}
	}
	return ""
}

// Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is a table that is exported.
type Table struct {
	Name    string
	Key     []string // the columns by which rows are ordered and distinct
	Columns []Column
}

// Names are the names of the columns, in order.
func (t *Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		names[i] = column.Name
	}
	return names
}

// Single reports whether the table has one row for ever, which the schema comes with.
func (t *Table) Single() bool { return len(t.Key) == 1 && t.Key[0] == "singleton" }

// Tables lists the tables that are exported, in the order in which they are.
func Tables() []*Table { return slices.Clone(all) }

// LeftOut lists the tables that are not exported, each with the reason.
func LeftOut() map[string]string {
	return map[string]string{
		"bun_migrations":      "the header names the schema",
		"bun_migration_locks": "held while a migration runs",
		"webhook_deliveries":  "what receivers answered one server is of no use to another",
		"rate_buckets":        "counts of the hour, which a new server begins anew",
		"event_partitions":    "how PostgreSQL divides the log is the matter of each database",
		"event_partitioning":  "the same",
		"event_inbox":         "its events are exported as those of the log that they will be",
	}
}

var all = parsed()

func parsed() []*Table {
	tables := make([]*Table, len(described))
	for i, d := range described {
		tables[i] = &Table{Name: d.name, Key: strings.Fields(d.key)}
		for column := range strings.SplitSeq(d.columns, ",") {
			name, kind, _ := strings.Cut(strings.TrimSpace(column), " ")
			if kinds[kind] == 0 {
				panic(fmt.Sprintf("archive: %s.%s is of no kind: %q", d.name, name, kind))
			}
			tables[i].Columns = append(tables[i].Columns, Column{name, kinds[kind]})
		}
	}
	return tables
}
