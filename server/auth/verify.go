package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
)

// Verifier tells who the bearer of a token is. It is safe for concurrent use.
type Verifier struct {
	config  Config
	issuers []issuer
	cache   cache
}

// New returns a verifier, or what is wrong with its configuration.
func New(c Config) (*Verifier, error) {
	c = c.withDefaults()
	if c.MaxLifetime < 0 {
		return nil, fmt.Errorf("auth: the maximum lifetime is negative")
	}
	issuers, err := c.issuers()
	if err != nil {
		return nil, err
	}
	c.Reserved = slices.Clone(c.Reserved)
	return &Verifier{config: c, issuers: issuers, cache: newCache(c.CacheSize)}, nil
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
	if r := v.config.Revocations; r != nil && id.Session != "" && r.Revoked(id.Session) {
		return Identity{}, ErrRevoked
	}
	return id, nil
}

// accept checks a token that is not known yet and remembers it.
func (v *Verifier) accept(ctx context.Context, token string, key *digest) (Identity, error) {
	if err := ctx.Err(); err != nil {
		return Identity{}, err
	}
	header, payload, err := readForm(token)
	if err != nil {
		return Identity{}, err
	}
	by, err := v.issuerOf(payload)
	if err != nil {
		return Identity{}, err
	}
	held, err := v.checkKey(ctx, token, header, by)
	if err != nil {
		return Identity{}, err
	}
	id, err := v.config.identify(payload, by, v.config.Now())
	if err != nil {
		return Identity{}, err
	}
	v.cache.put(key, entry{id, id.Expires.Add(v.config.Leeway), held})
	return id, nil
}

// checkKey checks that a key of the issuer signed the token, and returns it.
func (v *Verifier) checkKey(ctx context.Context, token string, h header, by *issuer) (*heldKey, error) {
	if h.algorithm != by.algorithm.String() {
		return nil, refusedAlgorithm
	}
	held, err := by.keys.find(ctx, h.keyID)
	if err != nil {
		return nil, err
	}
	return held, checkSignature(token, by.algorithm, held.key)
}
