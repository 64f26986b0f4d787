package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
)

// Verifier tells who the bearer of a token is. It is safe for concurrent use.
type Verifier struct {
	config Config
	key    any
	cache  cache
}

// New returns a verifier, or what is wrong with its configuration.
func New(c Config) (*Verifier, error) {
	c = c.withDefaults()
	if c.MaxLifetime < 0 {
		return nil, fmt.Errorf("auth: the maximum lifetime is negative")
	}
	key, err := c.verifyKey()
	if err != nil {
		return nil, err
	}
	c.Reserved = slices.Clone(c.Reserved)
	return &Verifier{config: c, key: key, cache: newCache(c.CacheSize)}, nil
}

// Verify returns the identity that a token in compact form gives to its
// bearer. The error is or wraps [ErrMissing], [ErrInvalid] or [ErrRevoked], or
// is that of a context that ended.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if token == "" {
		return Identity{}, ErrMissing
	}
	if len(token) > MaxTokenBytes {
		return Identity{}, refusedSize
	}
	key := sha256.Sum256([]byte(token))
	id, known := v.cache.get(&key, v.config.Now())
	if !known {
		var err error
		if id, err = v.accept(ctx, token, &key); err != nil {
			return Identity{}, err
		}
	}
	if r := v.config.Revocations; r != nil && id.TokenID != "" && r.Revoked(id.TokenID) {
		return Identity{}, ErrRevoked
	}
	return id, nil
}

// accept checks a token that is not known yet and remembers it.
func (v *Verifier) accept(ctx context.Context, token string, key *digest) (Identity, error) {
	if err := ctx.Err(); err != nil {
		return Identity{}, err
	}
	if err := checkForm(token, v.config.Algorithm); err != nil {
		return Identity{}, err
	}
	payload, err := checkSignature(token, v.config.Algorithm, v.key)
	if err != nil {
		return Identity{}, err
	}
	id, err := v.config.identify(payload, v.config.Now())
	if err != nil {
		return Identity{}, err
	}
	v.cache.put(key, id, id.Expires.Add(v.config.Leeway))
	return id, nil
}
