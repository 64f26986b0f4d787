package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Format is the number of this form of an export.
const Format = 1

// MaxLine is how long a line may be, in bytes.
const MaxLine = 64 << 20

// header is the first line.
type header struct {
	Format int      `json:"teg_export"`
	Schema []string `json:"schema"`
}

// heading begins a table.
type heading struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// Summary is the last line: what an export holds.
type Summary struct {
	Tables []Tally `json:"tables"`
	Rows   int64   `json:"rows"` // of all of them
}

// Tally is what a table holds.
type Tally struct {
	Table  string `json:"table"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines of its rows, in hex digits
}

// Compare returns nil where two summaries are the same, and otherwise an error that names
// the first table that differs.
func (s Summary) Compare(other Summary) error {
	for i, tally := range s.Tables {
		if i >= len(other.Tables) || tally != other.Tables[i] {
			return fmt.Errorf("archive: table %s is not the same", tally.Table)
		}
	}
	if len(s.Tables) != len(other.Tables) || s.Rows != other.Rows {
		return fmt.Errorf("archive: there are %d tables and %d rows instead of %d and %d", len(other.Tables), other.Rows, len(s.Tables), s.Rows)
	}
	return nil
}

// tallies count rows and add up their digest, table by table.
type tallies struct {
	summary Summary
	digest  hash.Hash
}

func (t *tallies) begin(table string) {
	t.end()
	t.summary.Tables = append(t.summary.Tables, Tally{Table: table})
	t.digest = sha256.New()
}

// row counts a line, which includes its end.
func (t *tallies) row(line []byte) {
	t.summary.Rows++
	t.summary.Tables[len(t.summary.Tables)-1].Rows++
	t.digest.Write(line)
}

// end closes the table that was begun.
func (t *tallies) end() {
	if n := len(t.summary.Tables); n > 0 {
		t.summary.Tables[n-1].SHA256 = hex.EncodeToString(t.digest.Sum(nil))
	}
}

// Writer writes an export. It is used by one goroutine at a time. After an error the
// export is of no use.
type Writer struct {
	out   *bufio.Writer
	table *Table
	line  []byte
	tallies
}

// NewWriter begins an export of a database whose schema is made of the given migrations.
func NewWriter(w io.Writer, schema []string) (*Writer, error) {
	out := &Writer{out: bufio.NewWriterSize(w, 1<<16)}
	return out, out.encode(header{Format, slices.Concat([]string{}, schema)})
}

// Begin goes on to a table. All of [Tables] are to be written, in order.
func (w *Writer) Begin(t *Table) error {
	w.table = t
	w.begin(t.Name)
	return w.encode(heading{t.Name, t.Names()})
}

// Row writes a row of the table that was begun.
func (w *Writer) Row(values []any) (err error) {
	if w.line, err = appendRow(w.line[:0], w.table, values); err != nil {
		return err
	}
	if w.line = append(w.line, '\n'); len(w.line) > MaxLine {
		return fmt.Errorf("archive: a row of %s takes %d bytes, more than %d", w.table.Name, len(w.line), MaxLine)
	}
	w.row(w.line)
	_, err = w.out.Write(w.line)
	return err
}

// Close writes the last line, and tells what it says. It does not close the writer
// underneath.
func (w *Writer) Close() (Summary, error) {
	w.end()
	err := w.encode(w.summary)
	if err == nil {
		err = w.out.Flush()
	}
	return w.summary, err
}

func (w *Writer) encode(v any) error {
	line, err := json.Marshal(v)
	if err == nil {
		_, err = w.out.Write(append(line, '\n'))
	}
	return err
}
