package remote

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Pages that go in a circle, however long it is, are left.
func TestPagesInACircle(t *testing.T) {
	follows := map[string]string{"": "a", "a": "b", "b": "c", "c": "d", "d": "b"}
	asked := 0
	s := newStand(t, func(w http.ResponseWriter, r *http.Request) {
		next := follows[r.URL.Query().Get("cursor")]
		if asked++; asked > 50 {
			next = ""
		}
		saying(200, `{"entries":[],"first_position":0,"total":null,"limit":1,"offset":0,"next_cursor":"`+next+`"}`)(w, r)
	})
	for _, args := range [][]string{{"audit-log", "--all"}, {"audit-log", "--all", "--json"}} {
		asked = 0
		code, stdout, stderr := s.run(args...)
		require.Equal(t, []any{exitFailed, ""}, []any{code, stdout})
		require.Contains(t, stderr, "the same pages for ever")
		require.Less(t, asked, 20)
	}
}

// So are those through which a juror's seat is sought.
func TestSeatsInACircle(t *testing.T) {
	s := newStand(t, saying(200, `{"panels":[],"total":null,"limit":1,"offset":0,"next_cursor":"a"}`))
	code, _, stderr := s.run("panel", "commit", "disp_1", "split")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "the same page for ever")
}

// Numbers that are no amounts have six digits, and never an exponent where they are large.
func TestFloats(t *testing.T) {
	for number, want := range map[float64]string{0.5: "0.5", 2.0 / 3: "0.666667", 1209600.4: "1209600", 99999.94: "99999.9", 1e18: "1000000000000000000", -2e6: "-2000000"} {
		require.Equal(t, want, cell(reflect.ValueOf(number)))
	}
}

// The answer is one line, as the server ends it or not.
func TestJSONIsOneLine(t *testing.T) {
	const treasury = `{"error":"none"}`
	for _, body := range []string{treasury, treasury + "\n"} {
		s := newStand(t, saying(200, body))
		_, stdout, _ := s.run("api", "GET", "/x", "--json")
		require.Equal(t, treasury+"\n", stdout)
	}
	const page = `{"entries":[],"first_position":0,"total":null,"limit":1,"offset":0,"next_cursor":null}`
	s := newStand(t, saying(200, page+"\n"))
	_, stdout, _ := s.run("audit-log", "--json")
	require.Equal(t, page+"\n", stdout)
}
