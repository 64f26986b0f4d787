package teg

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
)

// A cursor leads to its place in its list and nowhere else, and no other text is one.
func FuzzCursor(f *testing.F) {
	scope, other := newCursorScope("transactions", "did:example:alice"), newCursorScope("transactions", "did:example:bob")
	for _, at := range []place{{}, {seq: 1}, {seq: -1, id: ledger.ID{1}}} {
		f.Add(scope.cursor(at))
		f.Add(other.cursor(at))
	}
	for _, text := range []string{"", "=", "AAAA", "\n", "\xff", "not a cursor of any list at all, and long"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := scope.place(text)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidInput)
			require.Zero(t, at)
			return
		}
		again, err := scope.place(scope.cursor(at))
		require.NoError(t, err)
		require.Equal(t, at, again)
		_, err = other.place(text)
		require.ErrorIs(t, err, ErrInvalidInput, "it is of another list")
	})
}
