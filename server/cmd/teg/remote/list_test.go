package remote

import (
	"net/http"
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
		saying(200, `{"entries":[],"total":null,"limit":1,"offset":0,"next_cursor":"`+next+`"}`)(w, r)
	})
	for _, args := range [][]string{{"audit-log", "--all"}, {"audit-log", "--all", "--json"}} {
		asked = 0
		code, stdout, stderr := s.run(args...)
		require.Equal(t, []any{exitFailed, ""}, []any{code, stdout})
		require.Contains(t, stderr, "the same pages for ever")
		require.Less(t, asked, 20)
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
	const page = `{"entries":[],"total":null,"limit":1,"offset":0,"next_cursor":null}`
	s := newStand(t, saying(200, page+"\n"))
	_, stdout, _ := s.run("audit-log", "--json")
	require.Equal(t, page+"\n", stdout)
}
