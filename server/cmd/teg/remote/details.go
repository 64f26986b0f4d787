package remote

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// writeDetails shows one answer: a line for each field, and below them a table for each
// list in it.
func writeDetails(w io.Writer, answer any) error {
	v := reflect.Indirect(reflect.ValueOf(answer))
	var lines [][2]string
	var below strings.Builder
	gather(v, "", &lines, &below)
	return write(w, aligned(lines)+below.String())
}

// gather collects the lines of a struct, those of structs in it after their names, and
// lays its lists out.
func gather(v reflect.Value, before string, lines *[][2]string, below *strings.Builder) {
	for _, f := range fieldsOf(v.Type()) {
		value, label := v.FieldByIndex(f.Index), before+strings.ReplaceAll(f.Name, "_", " ")
		switch {
		case f.Type == reflect.TypeFor[json.RawMessage]():
			*lines = append(*lines, members(label, value.Bytes())...)
		case !nested(f.Type):
			*lines = append(*lines, [2]string{label, cell(value)})
		case f.Type.Kind() == reflect.Struct:
			gather(value, label+" ", lines, below)
		case value.Len() > 0:
			below.WriteString(section(label, value))
		}
	}
}

// section shows a list in an answer: as a table, or where its items have lists of their
// own one after another.
func section(label string, items reflect.Value) string {
	if !hasLists(items.Type().Elem()) {
		columns := columnsOf(items.Type().Elem())
		return "\n" + label + ":\n" + table(columns, rowsOf(items, columns))
	}
	var b strings.Builder
	for i := range items.Len() {
		var lines [][2]string
		var below strings.Builder
		gather(items.Index(i), "", &lines, &below)
		fmt.Fprintf(&b, "\n%s, %d of %d:\n%s%s", label, i+1, items.Len(), aligned(lines), below.String())
	}
	return b.String()
}

func hasLists(t reflect.Type) bool {
	return slices.ContainsFunc(fieldsOf(t), func(f reflect.StructField) bool {
		return f.Type.Kind() == reflect.Slice && nested(f.Type)
	})
}

// members are the lines of a JSON object of any form; one for what is none.
func members(label string, text json.RawMessage) [][2]string {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil || len(object) == 0 {
		return [][2]string{{label, compact(text)}}
	}
	var lines [][2]string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		shown := compact(object[name])
		var word string
		if json.Unmarshal(object[name], &word) == nil && word != "" {
			shown = plain(word)
		}
		lines = append(lines, [2]string{label + " " + plain(name), shown})
	}
	return lines
}

// aligned lays out labels and values.
func aligned(lines [][2]string) string {
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(line[0]))
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line[0] + strings.Repeat(" ", width-utf8.RuneCountInString(line[0])) + gap + line[1] + "\n")
	}
	return b.String()
}

var marshaler = reflect.TypeFor[encoding.TextMarshaler]()

// textual reports whether values of a struct have a text, as amounts, DIDs and times do.
func textual(t reflect.Type) bool { return t.Implements(marshaler) }
