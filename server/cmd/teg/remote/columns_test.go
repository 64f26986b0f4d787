package remote

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
)

type listed struct {
	Name   string        `json:"name"`
	Sum    amount.Amount `json:"sum"`
	When   time.Time     `json:"when"`
	Reason *string       `json:"reason"`
}

// Numbers stand at the right, texts at the left, and a line ends with its last word.
func TestTable(t *testing.T) {
	items := []listed{
		{"bob", amount.MustParse("1000.5"), time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)), new("thanks")},
		{"ärger 木", amount.MustParse("2"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), nil},
		{"", amount.Amount{}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), new("")},
	}
	columns := columnsOf(reflect.TypeFor[listed](), "name", "sum", "when", "reason")
	require.Equal(t, strings.Join([]string{
		"NAME        SUM  WHEN                  REASON",
		"bob      1000.5  2026-01-02 02:04:05Z  thanks",
		"ärger 木       2  2026-01-02 03:04:05Z  -",
		"-             0  2026-01-02 03:04:05Z  -", "",
	}, "\n"), table(columns, rowsOf(reflect.ValueOf(items), columns)))
}

// What a terminal would obey is shown and not obeyed.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"thanks, ärger 木 🙂":          "thanks, ärger 木 🙂",
		"a\x1b[2Jb":                  `a\x1b[2Jb`,
		"a\x1b]0;title\x07b":         `a\x1b]0;title\ab`,
		"two\nlines\r\tand a tab":    `two\nlines\r\tand a tab`,
		"evil\u202egnp.exe":          `evil\u202egnp.exe`,
		"zero\u200bwidth":            `zero\u200bwidth`,
		"c1\u009b31m":                `c1\u009b31m`,
		"broken\xffutf8":             `broken\xffutf8`,
		"a replacement \ufffd is ok": "a replacement \ufffd is ok",
	} {
		require.Equal(t, want, plain(text))
	}
}
