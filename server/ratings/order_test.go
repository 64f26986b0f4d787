package ratings

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whichever step is taken next, each is taken once, and none before those that
// come before it.
func TestOrder(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		p, err := newPlay(nil, read(t, market(seed, 8, 60)), Config{})
		require.NoError(t, err)
		o := newOrder(p)
		ready, taken, most := o.first(), map[step]bool{}, 0
		for len(ready) > 0 {
			most = max(most, len(ready))
			i := random.IntN(len(ready))
			s := ready[i]
			ready = append(ready[:i:i], ready[i+1:]...)
			requireTurn(t, p, taken, s)
			taken[s] = true
			ready = append(ready, o.done(s)...)
		}
		require.Len(t, taken, 2*len(p.ratings))
		require.LessOrEqual(t, most, 2*len(p.traders), "there is room for all that can be taken")
	}
}

// requireTurn demands that it is a step's turn.
func requireTurn(t *testing.T, p *play, taken map[step]bool, s step) {
	t.Helper()
	require.False(t, taken[s])
	now := p.ratings[s.rating]
	if s.signal {
		require.True(t, taken[step{rating: s.rating}], "after its transfer")
	}
	for i := range s.rating {
		before := p.ratings[i]
		switch {
		case s.signal && before.Ratee == now.Ratee:
			require.True(t, taken[step{i, true}], "after earlier signals to the same")
		case !s.signal && (before.Rater == now.Rater || before.Rater == now.Ratee || before.Ratee == now.Rater || before.Ratee == now.Ratee):
			require.True(t, taken[step{rating: i}], "after earlier transfers of either")
		}
	}
}
