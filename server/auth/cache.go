package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

// digest names a token in the cache, which therefore holds no token.
type digest = [sha256.Size]byte

const shards = 16

// cache remembers accepted tokens, the least recently used forgotten first.
// It is split by the first bits of the digest, so that requests on several
// cores rarely wait for each other.
type cache [shards]shard

type shard struct {
	mu     sync.Mutex
	limit  int
	known  map[digest]*entry
	newest *entry // a ring: newest.older is the second, newest.newer the oldest
}

type entry struct {
	key          digest
	id           Identity
	until        time.Time
	newer, older *entry
}

func newCache(size int) *cache {
	c := &cache{}
	for i := range c {
		c[i].limit = (size + shards - 1) / shards
		c[i].known = map[digest]*entry{}
	}
	return c
}

func (c *cache) shard(key *digest) *shard { return &c[key[0]%shards] }

// get returns the identity of a token that is known and has not ended.
func (c *cache) get(key *digest, now time.Time) (Identity, bool) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.known[*key]
	if !ok {
		return Identity{}, false
	}
	s.unlink(e)
	if !now.Before(e.until) {
		delete(s.known, *key)
		return Identity{}, false
	}
	s.link(e)
	return e.id, true
}

// put remembers the identity of a token until a time.
func (c *cache) put(key *digest, id Identity, until time.Time) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[*key]; ok || s.limit == 0 {
		return
	}
	if len(s.known) >= s.limit {
		oldest := s.newest.newer
		s.unlink(oldest)
		delete(s.known, oldest.key)
	}
	e := &entry{key: *key, id: id, until: until}
	s.known[*key] = e
	s.link(e)
}

// link makes e the newest.
func (s *shard) link(e *entry) {
	if s.newest == nil {
		e.newer, e.older = e, e
	} else {
		second, oldest := s.newest, s.newest.newer
		e.older, e.newer = second, oldest
		second.newer, oldest.older = e, e
	}
	s.newest = e
}

// unlink takes e out of the ring.
func (s *shard) unlink(e *entry) {
	e.newer.older, e.older.newer = e.older, e.newer
	if s.newest == e {
		s.newest = e.older
	}
	if e.older == e {
		s.newest = nil
	}
}

// length is how many tokens are remembered.
func (c *cache) length() int {
	n := 0
	for i := range c {
		c[i].mu.Lock()
		n += len(c[i].known)
		c[i].mu.Unlock()
	}
	return n
}
