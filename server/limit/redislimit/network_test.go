package redislimit

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/server/limit/redislimit/redistest"
	"github.com/agentvault/teg-layer/store/storetest/toxic"
)

// A way to Redis that swallows what it carries, or breaks, keeps no caller: the limits hold in
// memory meanwhile, from where they were, and in Redis once it is there again.
func TestTheWayToRedisFails(t *testing.T) {
	t.Parallel()
	for name, ill := range map[string]toxic.Ill{
		"black hole": toxic.BlackHole(), "questions are lost": toxic.BlackHole().Asked(), "reset": toxic.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, err := url.Parse(redistest.URL(t))
			require.NoError(t, err)
			n := toxic.Between(t, address.Host)
			address.Host = n.Address()
			l, err := Open(address.String(), "teg:test:"+uuid.NewString()+":")
			require.NoError(t, err)
			defer l.Close()
			shared := limit.NewShared(l, limit.NewMemory(0), nil)
			take := func(tokens int) limit.Result {
				r, err := shared.Take(t.Context(), limit.Key{Class: limit.Standard, Agent: did.MustParse("did:example:alice")}, tokens, limit.PerHour(60))
				require.NoError(t, err)
				return r
			}
			require.Equal(t, 30, take(30).Remaining)
			heal := n.Suffer(ill)
			require.Equal(t, 20, take(10).Remaining)
			require.True(t, shared.Away())
			require.NotZero(t, shared.Failures())
			require.False(t, take(30).Allowed, "the limit holds")
			heal()
			require.Eventually(t, func() bool { take(0); return !shared.Away() }, time.Minute, 10*time.Millisecond)
			require.Positive(t, take(1).Remaining)
		})
	}
}
