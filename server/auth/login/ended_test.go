package login

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
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

// asked tells nothing but what it was asked.
type asked struct {
	store.Sessions
	within []time.Duration
	fault  error
	then   func() // is called from the second question on
}

func (a *asked) EndedSessions(_ context.Context, within time.Duration) ([]store.SessionID, error) {
	a.within = append(a.within, within)
	if a.then != nil && len(a.within) > 1 {
		a.then()
	}
	return nil, a.fault
}

func (a *asked) Sweep(context.Context, time.Time) (int, error) { return 0, a.fault }

// What the questions of each second missed, as a commit took long or a machine stood
// still, is learnt when there is swept.
func TestSweepsLearnAll(t *testing.T) {
	signer, err := auth.NewSigner(auth.Config{Secret: make([]byte, 32)}, nil)
	require.NoError(t, err)
	sessions := &asked{}
	s, err := New(t.Context(), Config{Sessions: sessions, Signer: signer, Resolver: Resolvers{}})
	require.NoError(t, err)
	sessions.fault = errors.New("away")
	s.sweep(t.Context())
	sessions.fault = nil
	s.sweep(t.Context())
	all := DefaultAccessTTL + 10*time.Minute
	require.Equal(t, []time.Duration{all, all, all}, sessions.within, "at the start, and each time")
}

// What ended between New and Run, however long that is, is asked for by the first
// question.
func TestRunBeginsWhereNewEnded(t *testing.T) {
	signer, err := auth.NewSigner(auth.Config{Secret: make([]byte, 32)}, nil)
	require.NoError(t, err)
	sessions := &asked{}
	s, err := New(t.Context(), Config{Sessions: sessions, Signer: signer, Resolver: Resolvers{}})
	require.NoError(t, err)
	s.learnt = s.learnt.Add(-time.Hour) // as if Run had to wait so long
	ctx, cancel := context.WithCancel(t.Context())
	sessions.then = cancel
	require.NoError(t, s.Run(ctx))
	require.Len(t, sessions.within, 2)
	require.GreaterOrEqual(t, sessions.within[1], time.Hour+overlap)
}
