package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrMalformed is what every [*LineError] wraps.
var ErrMalformed = errors.New("archive: this is no export, or a damaged one")

// LineError says what is wrong with a line of an export.
type LineError struct {
	Line    int64 // the first is 1
	Problem string
}

// Error is one line that names the line. It repeats nothing of what stands there.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Unwrap returns [ErrMalformed].
func (e *LineError) Unwrap() error { return ErrMalformed }

// Row is a row that was read.
type Row struct {
	Table  *Table
	Line   int64 // where it stands
	Values []any
}

// Reader reads an export. It is used by one goroutine at a time.
type Reader struct {
	in     *bufio.Reader
	line   int64
	long   []byte // a line that the buffer has no room for
	again  []byte // a row as it would be written
	header header
	table  *Table // being read
	left   []*Table
	ended  bool
	tallies
}

// NewReader reads the first line. What is no export is an error that wraps
// [ErrMalformed].
func NewReader(r io.Reader) (*Reader, error) {
	in := &Reader{in: bufio.NewReaderSize(r, 1<<16), left: Tables()}
	line, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil, in.wrong("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if !in.is(line, &in.header) {
		return nil, in.wrong("is not the first line of an export; make one with: teg export FILE")
	}
	if in.header.Format != Format {
		return nil, in.wrong(fmt.Sprintf("is of format %d, and this program reads format %d", in.header.Format, Format))
	}
	return in, nil
}

// Schema are the migrations that make the schema of the database it was made from.
func (r *Reader) Schema() []string { return slices.Clone(r.header.Schema) }

// Summary is what has been read, and after the end what the export holds.
func (r *Reader) Summary() Summary { return r.summary }

// Next returns the next row, and io.EOF behind the last line, after all that it says has
// been found to be so. Errors about the content are [*LineError].
func (r *Reader) Next() (Row, error) {
	for {
		line, err := r.next()
		switch {
		case errors.Is(err, io.EOF) && r.ended:
			return Row{}, io.EOF
		case errors.Is(err, io.EOF):
			return Row{}, &LineError{r.line + 1, "is missing: the file has been cut off"}
		case err != nil:
			return Row{}, err
		case r.ended:
			return Row{}, r.wrong("stands behind the last line")
		case line[0] == '[':
			return r.row(line)
		}
		if err := r.turn(line); err != nil {
			return Row{}, err
		}
	}
}

// row reads a line of values.
func (r *Reader) row(line []byte) (Row, error) {
	if r.table == nil {
		return Row{}, r.wrong("is a row of no table")
	}
	values := make([]any, len(r.table.Columns))
	in := jsontext.NewDecoder(bytes.NewBuffer(line))
	if _, err := in.ReadToken(); err != nil {
		return Row{}, r.wrong("is no JSON")
	}
	for i, column := range r.table.Columns {
		raw, err := in.ReadValue()
		if err != nil {
			return Row{}, r.wrong("is no JSON, or has too few values")
		}
		if values[i], err = column.Kind.parse(raw); err != nil {
			return Row{}, r.wrong(column.Name + " " + err.Error())
		}
	}
	again, err := appendRow(r.again[:0], r.table, values)
	r.again = append(again, '\n')
	if err != nil || !bytes.Equal(line, r.again) {
		return Row{}, r.wrong("is not written as an export writes it")
	}
	r.tallies.row(line)
	return Row{r.table, r.line, values}, nil
}

// turn goes on to the next table, or to the end.
func (r *Reader) turn(line []byte) error {
	if len(r.left) == 0 {
		var said Summary
		r.end()
		r.ended = true
		if !r.is(line, &said) {
			return r.wrong("is neither a row nor the last line of an export")
		}
		if err := r.summary.Compare(said); err != nil {
			return r.wrong("is not what was read: the file has been changed or damaged; " + err.Error())
		}
		return nil
	}
	next, said := r.left[0], heading{}
	if !r.is(line, &said) || said.Table != next.Name {
		return r.wrong("is neither a row nor the beginning of table " + next.Name)
	}
	if !slices.Equal(said.Columns, next.Names()) {
		return r.wrong("has other columns than this program knows of table " + next.Name)
	}
	r.table, r.left = next, r.left[1:]
	r.begin(next.Name)
	return nil
}

// is reads a line that is no row, and reports whether it is written in the one way.
func (r *Reader) is(line []byte, into any) bool {
	if json.Unmarshal(line, into) != nil {
		return false
	}
	again, err := json.Marshal(into)
	return err == nil && bytes.Equal(line, append(again, '\n'))
}

// next reads a line with its end.
func (r *Reader) next() ([]byte, error) {
	r.long = r.long[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		if err == nil && len(r.long) == 0 {
			r.line++
			return part, nil
		}
		if len(r.long)+len(part) > MaxLine {
			return nil, &LineError{r.line + 1, fmt.Sprintf("is longer than %d bytes", MaxLine)}
		}
		r.long = append(r.long, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF) && len(r.long) > 0: // the first of what unpacks
			return nil, &LineError{r.line + 1, "does not end: the file has been cut off"}
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, fmt.Errorf("archive: after line %d: %w", r.line, err)
		default:
			r.line++
			return r.long, nil
		}
	}
}

func (r *Reader) wrong(problem string) error { return &LineError{max(r.line, 1), problem} }
