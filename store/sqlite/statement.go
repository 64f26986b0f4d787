package sqlite

import (
	"fmt"
	"strings"
)

// statement is one SQL text of the catalogue; its address is its identity, so
// that a connection finds its prepared form without reading the text.
type statement struct{ text string }

func one(text string) *statement { return &statement{text} }

// sizes are the numbers of rows for which a multi-row statement is prepared.
// Largest sizes from 16 to 256 were measured to be equally fast; with these a
// rest of up to 63 rows takes at most 14 statements.
var sizes = [...]int{64, 8, 1}

// batch is a statement over several rows, in each of the sizes.
type batch struct {
	bySize [len(sizes)]statement
}

// fit returns the largest statement for at most n rows, and its size.
func (b *batch) fit(n int) (*statement, int) {
	for i, size := range sizes {
		if size <= n {
			return &b.bySize[i], size
		}
	}
	return nil, 0
}

// insertInto makes the INSERT of whole rows into a table. OR FAIL spares SQLite
// the journal with which it could undo one statement alone: a statement that
// fails here takes its group with it, or, in a host's transaction, everything
// since the savepoint.
func insertInto(table string, columns ...string) *batch {
	row := "(" + placeholders(len(columns)) + ")"
	b := new(batch)
	for i, size := range sizes {
		b.bySize[i].text = fmt.Sprintf("INSERT OR FAIL INTO %s (%s) VALUES %s",
			table, strings.Join(columns, ", "), strings.TrimSuffix(strings.Repeat(row+",", size), ","))
	}
	return b
}

// lookupSizes are the lengths of IN lists; shorter ones are padded with their
// last element.
var lookupSizes = [...]int{1, 4, 16, 64, 256}

// lookup is a SELECT with an IN list, in each of the lengths.
type lookup struct {
	bySize [len(lookupSizes)]statement
}

// lookupBy makes a lookup of a text in which %s stands for the list.
func lookupBy(text string) *lookup {
	l := new(lookup)
	for i, size := range lookupSizes {
		l.bySize[i].text = fmt.Sprintf(text, placeholders(size))
	}
	return l
}

// fit returns the shortest statement for n elements, or the longest one, and
// its length.
func (l *lookup) fit(n int) (*statement, int) {
	for i, size := range lookupSizes {
		if n <= size {
			return &l.bySize[i], size
		}
	}
	last := len(lookupSizes) - 1
	return &l.bySize[last], lookupSizes[last]
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
