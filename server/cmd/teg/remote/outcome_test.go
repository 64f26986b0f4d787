package remote

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// An answer that is one of before says so: nothing was carried out now.
func TestReplayedAnswers(t *testing.T) {
	document := documented(t)
	replayed := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Idempotency-Replayed", "true")
			answer(w, r)
		}
	}
	s := newStand(t, replayed(document))
	for _, args := range [][]string{{"pay", bob, "5", "--key", "order-17"}, {"pay", bob, "5", "--key", "order-17", "--json"}} {
		code, stdout, stderr := s.run(args...)
		require.Zero(t, code)
		require.NotEmpty(t, stdout)
		require.Equal(t, "this was carried out before under this key, and not again\n", stderr)
	}
	s.answer = document
	_, _, stderr := s.run("pay", bob, "5", "--key", "order-17")
	require.Empty(t, stderr)
	lost := true // the first try was carried out: what is answered to the second is that
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		if lost {
			lost = false
			panic(http.ErrAbortHandler)
		}
		replayed(document)(w, r)
	}
	code, _, stderr := s.run("pay", bob, "5")
	require.Equal(t, []any{0, ""}, []any{code, stderr})
	s.answer = replayed(saying(400, problem("BIZ_INSUFFICIENT_BALANCE")))
	code, _, stderr = s.run("pay", bob, "5", "--key", "order-17")
	require.Equal(t, exitRefused, code)
	require.Contains(t, stderr, "to try anew takes another key")
}

// What is not seen is written out: two texts that look alike could differ by it.
func TestUnseen(t *testing.T) {
	for text, want := range map[string]string{"a\u3164b": `a\u3164b`, "a\u115fb": `a\u115fb`, "a\U000e0100b": `a\U000e0100b`, "a\u034fb": `a\u034fb`, "❤\ufe0f": "❤\ufe0f", "né": "né"} {
		require.Equal(t, want, plain(text))
	}
}
