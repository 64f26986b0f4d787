package ratings

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Rating is one line: who rated whom, how, and when.
type Rating struct {
	Line         int
	Rater, Ratee string
	Points       amount.Amount // without the sign
	Value        int           // the sign: 1 or -1
	Time         int64         // nanoseconds since 1970
}

// File is what was read, in order of time.
type File struct {
	Ratings []Rating
	Zero    int // lines left out for a rating of zero
	Self    int // lines left out for a rating of oneself
}

// SyntaxError is a line that cannot be read.
type SyntaxError struct {
	Line    int
	Problem string
}

// Error names the line.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Bounds of a file.
const (
	maxLine   = 1024       // bytes
	maxLines  = 10_000_000 // all of them are held in memory
	maxTrader = 32         // bytes
)

// ReadFile reads a file by its name.
func ReadFile(name string) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// Read reads ratings, compressed or not, to the end. The first fault ends it.
func Read(r io.Reader) (*File, error) {
	plain, err := Unpacked(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	file := &File{}
	n := 0
	for lines.Scan() {
		n++
		if err := file.add(n, lines.Text()); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &SyntaxError{n + 1, fmt.Sprintf("is longer than %d bytes", maxLine)}
	case err != nil:
		return nil, fmt.Errorf("after line %d: %w", n, err)
	}
	slices.SortStableFunc(file.Ratings, func(a, b Rating) int { return cmp.Compare(a.Time, b.Time) })
	return file, nil
}

// Unpacked reads what may be compressed by gzip, which the first bytes tell.
func Unpacked(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("looks like gzip and is not: %w", err)
	}
	return unzipped, nil
}

// add takes one line.
func (f *File) add(n int, line string) error {
	if n == 1 {
		line = strings.TrimPrefix(line, "\ufeff")
	}
	if strings.TrimSpace(line) == "" {
		return nil
	}
	fields := strings.Split(line, ",")
	if len(fields) != 4 {
		return &SyntaxError{n, fmt.Sprintf("has %d fields instead of rater, ratee, rating, time", len(fields))}
	}
	for i := range fields {
		fields[i] = unquote(strings.TrimSpace(fields[i]))
	}
	if n == 1 && isHeader(fields) {
		return checkHeader(fields)
	}
	rating, err := parse(fields)
	if err != nil {
		return &SyntaxError{n, err.Error()}
	}
	rating.Line = n
	switch {
	case rating.Points.IsZero():
		f.Zero++
	case rating.Rater == rating.Ratee:
		f.Self++
	case len(f.Ratings) == maxLines:
		return &SyntaxError{n, fmt.Sprintf("is one too many: at most %d ratings; cut the file into slices", maxLines)}
	default:
		f.Ratings = append(f.Ratings, rating)
	}
	return nil
}

func unquote(field string) string {
	if n := len(field); n >= 2 && field[0] == '"' && field[n-1] == '"' {
		return field[1 : n-1]
	}
	return field
}

// columns are the names that headers give to the four fields.
var columns = [4][]string{
	{"rater", "source", "from"}, {"ratee", "target", "to"}, {"rating", "weight", "score"}, {"time", "timestamp", "date"},
}

// isHeader tells names from values: neither rating nor time begins like a
// number.
func isHeader(fields []string) bool {
	isName := func(text string) bool { return text != "" && !strings.ContainsRune("+-.0123456789", rune(text[0])) }
	return isName(fields[2]) && isName(fields[3])
}

// checkHeader refuses a header that names the fields in another order.
func checkHeader(fields []string) error {
	for i, name := range fields {
		for j, names := range columns {
			if i != j && slices.Contains(names, strings.ToLower(name)) {
				return &SyntaxError{1, fmt.Sprintf("names %q as field %d; the order is rater, ratee, rating, time", name, i+1)}
			}
		}
	}
	return nil
}

func parse(fields []string) (r Rating, err error) {
	for i, to := range []*string{&r.Rater, &r.Ratee} {
		if !isTrader(fields[i]) {
			return r, fmt.Errorf("%s %q is not 1 to %d letters, digits, dots, hyphens or underscores", columns[i][0], fields[i], maxTrader)
		}
		*to = fields[i]
	}
	points := fields[2]
	r.Value = 1
	if len(points) > 1 && (points[0] == '+' || points[0] == '-') {
		if points[0] == '-' {
			r.Value = -1
		}
		points = points[1:]
	}
	if r.Points, err = amount.Parse(points); err != nil {
		return r, fmt.Errorf("rating %q is not a number such as 5, -10 or 2.5", fields[2])
	}
	if r.Time, err = parseTime(fields[3]); err != nil {
		return r, fmt.Errorf("time %q is not in Unix seconds, such as 1289241911.72836", fields[3])
	}
	return r, nil
}

func isTrader(text string) bool {
	if text == "" || len(text) > maxTrader {
		return false
	}
	for _, c := range []byte(text) {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

var errTime = errors.New("not a time")

// parseTime reads decimal seconds exactly, up to the year 2262.
func parseTime(text string) (int64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !digits(whole) || len(whole) > 10 || point && !digits(fraction) || len(fraction) > 9 {
		return 0, errTime
	}
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds > 9_000_000_000 {
		return 0, errTime
	}
	nanoseconds, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return seconds*1e9 + nanoseconds, err
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// reference names the rating for ever. The time is in its shortest form, so that
// 7.50 and 7.5 are the same moment.
func (r *Rating) reference() string {
	fraction := strings.TrimRight(fmt.Sprintf("%09d", r.Time%1e9), "0")
	if fraction != "" {
		fraction = "." + fraction
	}
	return fmt.Sprintf("rating:%s:%s:%d%s", r.Rater, r.Ratee, r.Time/1e9, fraction)
}
