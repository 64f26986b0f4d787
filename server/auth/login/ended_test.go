package login

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A session that ended is known for as long as a token of it may hold, and no longer, so
// that memory is bounded.
func TestEndedSessionsAreForgotten(t *testing.T) {
	var e ended
	now := time.Unix(1_800_000_000, 0)
	require.False(t, e.has("a"))
	e.add("a", now.Add(time.Minute))
	e.add("b", now.Add(time.Hour))
	e.add("a", now.Add(24*time.Hour)) // learnt again: it ended when it ended
	e.forget(now.Add(time.Minute))
	require.True(t, e.has("a"))
	e.forget(now.Add(time.Minute + 1))
	require.False(t, e.has("a"))
	require.True(t, e.has("b"))
	e.forget(now.Add(2 * time.Hour))
	require.Empty(t, e.until)
}
