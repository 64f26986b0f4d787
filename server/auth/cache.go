package auth

import (
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// digest names a token in the cache, which therefore holds no token.
type digest = [sha256.Size]byte

// cache remembers accepted tokens, the least recently used forgotten first.
type cache struct {
	known *lru.Cache[digest, entry] // nil: nothing is remembered
}

type entry struct {
	id    Identity
	until time.Time
	by    *heldKey // that signed it
}

// newCache makes a cache of at most so many tokens.
func newCache(size int) cache {
	known, err := lru.New[digest, entry](size)
	if err != nil { // a size of none
		return cache{}
	}
	return cache{known}
}

// get returns the identity of a token that is known, and of which neither the time nor
// the key is over.
func (c cache) get(key *digest, now time.Time) (Identity, bool) {
	if c.known == nil {
		return Identity{}, false
	}
	e, ok := c.known.Get(*key)
	if ok && (!now.Before(e.until) || e.by.gone.Load()) {
		c.known.Remove(*key)
		return Identity{}, false
	}
	return e.id, ok
}

// put remembers a token.
func (c cache) put(key *digest, e entry) {
	if c.known != nil {
		c.known.ContainsOrAdd(*key, e)
	}
}
