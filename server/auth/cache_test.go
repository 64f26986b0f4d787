package auth

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var held = new(heldKey)

func TestCacheForgetsTheLeastRecentlyUsed(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := newCache(3)
	key := func(n byte) *digest { return &digest{0, n} }
	for n := range byte(3) {
		c.put(key(n), entry{Identity{TokenID: string('a' + rune(n))}, now.Add(time.Hour), held})
	}
	_, ok := c.get(key(0), now)
	require.True(t, ok)
	c.put(key(3), entry{Identity{TokenID: "d"}, now.Add(time.Hour), held})
	_, ok = c.get(key(1), now)
	require.False(t, ok, "1 was used least recently")
	for _, n := range []byte{0, 2, 3} {
		id, ok := c.get(key(n), now)
		require.True(t, ok)
		require.Equal(t, string('a'+rune(n)), id.TokenID)
	}
	require.Equal(t, 3, c.known.Len())
	_, ok = c.get(key(3), now.Add(time.Hour))
	require.False(t, ok, "its time is over")
	require.Equal(t, 2, c.known.Len())
}

func TestCacheStaysBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := newCache(64)
	for i := range 10_000 {
		key := digest{byte(i), byte(i >> 8)}
		c.put(&key, entry{Identity{}, now.Add(time.Duration(i) * time.Second), held})
		c.put(&key, entry{Identity{}, now, held})
		if i%3 == 0 {
			c.get(&key, now.Add(time.Duration(i)*time.Second))
		}
	}
	require.LessOrEqual(t, c.known.Len(), 64)
	none := newCache(0)
	none.put(&digest{}, entry{Identity{}, now.Add(time.Hour), held})
	_, ok := none.get(&digest{}, now)
	require.False(t, ok)
}
