package archive_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store/archive"
)

// example is an export with a row of every table, and with every kind of value.
func example(t testing.TB) string {
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, []string{"1", "2"})
	require.NoError(t, err)
	samples := map[archive.Kind]any{
		archive.Int: int64(-7), archive.Bool: true, archive.Text: "a \"text\" \u2028 <é>\x00\n", archive.ID: ledger.ID{1, 2, 15: 3},
		archive.Amount: amount.MustParse("12.5").Signed().Neg(), archive.Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), archive.Bytes: []byte{0, 255},
	}
	for i, table := range archive.Tables() {
		require.NoError(t, w.Begin(table))
		values := make([]any, len(table.Columns))
		for j, column := range table.Columns {
			if i%2 == 0 || j == 0 {
				values[j] = samples[column.Kind]
			}
		}
		require.NoError(t, w.Row(values))
	}
	summary, err := w.Close()
	require.NoError(t, err)
	require.EqualValues(t, len(archive.Tables()), summary.Rows)
	return out.String()
}

// copied writes down again what is read.
func copied(content string) (again string, err error) {
	in, err := archive.NewReader(strings.NewReader(content))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, in.Schema())
	if err != nil {
		return "", err
	}
	row, failed := in.Next()
	for _, table := range archive.Tables() {
		if err := w.Begin(table); err != nil {
			return "", err
		}
		for ; failed == nil && row.Table == table; row, failed = in.Next() {
			if err := w.Row(row.Values); err != nil {
				return "", err
			}
		}
	}
	if !errors.Is(failed, io.EOF) {
		return "", failed
	}
	written, err := w.Close()
	return out.String(), errors.Join(err, in.Summary().Compare(written))
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	content := example(t)
	again, err := copied(content)
	require.NoError(t, err)
	require.Equal(t, content, again)
	_, err = copied(strings.TrimSuffix(content, "\n"))
	require.ErrorIs(t, err, archive.ErrMalformed)
}

func TestWhatCannotBeWritten(t *testing.T) {
	w, err := archive.NewWriter(io.Discard, nil)
	require.NoError(t, err)
	table := archive.Tables()[0]
	require.NoError(t, w.Begin(table))
	values := make([]any, len(table.Columns))
	require.Error(t, w.Row(values[1:]), "too few")
	values[0] = 1.5
	require.ErrorContains(t, w.Row(values), table.Name+"."+table.Columns[0].Name)
	values[0] = "\xff"
	require.ErrorContains(t, w.Row(values), "UTF-8", "it is not replaced in silence")
	values[0] = strings.Repeat("x", archive.MaxLine)
	require.ErrorContains(t, w.Row(values), "more than")
}

// A failing source is no fault of the content.
func TestASourceThatFails(t *testing.T) {
	failure := errors.New("the disk is gone")
	in, err := archive.NewReader(io.MultiReader(strings.NewReader(example(t)[:3000]), failing{failure}))
	for err == nil {
		_, err = in.Next()
	}
	require.ErrorIs(t, err, failure)
	require.NotErrorIs(t, err, archive.ErrMalformed)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestLinesAreBounded(t *testing.T) {
	_, err := archive.NewReader(io.LimitReader(endless{}, archive.MaxLine*2))
	require.ErrorContains(t, err, "line 1: is longer than")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("["), len(p))), nil }

// Whatever is read is either refused with its line, or written again as it was.
func FuzzRead(f *testing.F) {
	content := example(f)
	f.Add(content)
	f.Add(strings.Replace(content, "null", "0.5e3", 1))
	f.Add(strings.Replace(content, `"12.5"`, `"1e9"`, 1))
	f.Add(content[:len(content)/2])
	f.Add("{\"teg_export\":1,\"schema\":[]}\n[[[[\n")
	f.Fuzz(func(t *testing.T, content string) {
		again, err := copied(content)
		if err != nil {
			var at *archive.LineError
			require.ErrorAs(t, err, &at)
			require.Positive(t, at.Line)
			return
		}
		require.Equal(t, content, again)
	})
}
