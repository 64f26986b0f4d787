package remote

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// gap is what stands between two columns.
const gap = "  "

// column is a field of what a table lists.
type column struct {
	head  string
	field []int // its index in the struct
	right bool  // whether it stands at the right, as numbers do
}

// columnsOf finds the fields of a struct by their names in JSON, in the order of the names;
// all that fit on a line where no names are given.
func columnsOf(t reflect.Type, names ...string) []column {
	var found []column
	for _, f := range fieldsOf(t) {
		if len(names) > 0 || !nested(f.Type) {
			found = append(found, column{f.Name, f.Index, numeric(f.Type)})
		}
	}
	if len(names) == 0 {
		return headed(found)
	}
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i].head = name // and no field, where there is none of that name
		if k := slices.IndexFunc(found, func(c column) bool { return c.head == name }); k >= 0 {
			columns[i] = found[k]
		}
	}
	return headed(columns)
}

// fieldsOf are the fields of a struct and of those embedded in it, by their names in JSON.
// They are not those that Go promotes: a field can have the name of the struct that it is
// embedded with.
func fieldsOf(t reflect.Type) []reflect.StructField {
	var fields []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			for _, within := range fieldsOf(f.Type) {
				within.Index = append([]int{i}, within.Index...)
				fields = append(fields, within)
			}
		case name != "":
			f.Name = name
			fields = append(fields, f)
		}
	}
	return fields
}

// headed gives columns their headings. That they are all of an agent need not be said.
func headed(columns []column) []column {
	for i := range columns {
		head := strings.ReplaceAll(strings.TrimSuffix(columns[i].head, "_agent_id"), "_", " ")
		columns[i].head = strings.ToUpper(head)
	}
	return columns
}

// nested reports whether values of a type need lines of their own.
func nested(t reflect.Type) bool {
	if t.Kind() == reflect.Slice {
		return t.Elem().Kind() == reflect.Struct && !textual(t.Elem())
	}
	return t.Kind() == reflect.Struct && !textual(t)
}

// rowsOf are the cells of a slice of structs.
func rowsOf(items reflect.Value, columns []column) [][]string {
	rows := make([][]string, items.Len())
	for i := range rows {
		rows[i] = make([]string, len(columns))
		for k, c := range columns {
			if rows[i][k] = "?"; c.field != nil {
				rows[i][k] = cell(items.Index(i).FieldByIndex(c.field))
			}
		}
	}
	return rows
}

// table lays a heading and rows out in columns. A width is counted in characters.
func table(columns []column, rows [][]string) string {
	widths := make([]int, len(columns))
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = c.head
	}
	lines := append([][]string{heads}, rows...)
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		padded := make([]string, len(line))
		for i, text := range line {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if padded[i] = text + space; columns[i].right {
				padded[i] = space + text
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(padded, gap), " ") + "\n")
	}
	return b.String()
}
