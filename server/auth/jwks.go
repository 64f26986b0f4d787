package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/strictjson"
)

// The defaults and bounds of published keys.
const (
	DefaultJWKSRefresh  = 5 * time.Minute
	DefaultJWKSMaxStale = 24 * time.Hour
	MaxJWKSBytes        = 256 << 10
	MaxJWKSKeys         = 100

	askAgain   = 10 * time.Second // at least, between two questions for a kid that is not known
	retryAfter = 30 * time.Second // at most, after a question without an answer
)

// JWKSConfig says where an issuer publishes its keys.
type JWKSConfig struct {
	// URL is the one address that is asked. It is never taken from a token, and
	// redirects are not followed.
	URL string
	// Algorithm is the one that a key has to name as its alg: RS256, ES256 or EdDSA.
	Algorithm Algorithm
	// Refresh is how often the keys are read anew: a key that was withdrawn is
	// accepted for no longer than that, while the address answers. Default: 5 min.
	Refresh time.Duration
	// MaxStale is how long keys are accepted while the address does not answer.
	// Default: 24 h.
	MaxStale time.Duration
	// Client fetches. Default: one for any address, over https.
	Client *fetch.Client
	// Now is the clock; time.Now when it is nil.
	Now func() time.Time
}

// JWKS are the keys that an issuer publishes as a JSON Web Key Set. A key counts where
// it has a kid, by which a token has to name it, and as its alg the configured one.
// It is safe for concurrent use. [JWKS.Run] keeps it fresh.
type JWKS struct {
	config JWKSConfig
	turn   chan struct{} // taken by who fetches

	mu      sync.RWMutex
	keys    map[string]*heldKey // by kid
	fetched time.Time           // when the keys were read
	tried   time.Time           // when they were asked for
	fault   error               // of the last question
}

var errNotAsked = errors.New("auth: the published keys have not been asked for yet")

// NewJWKS returns the keys published at an address. They are read when they are needed
// for the first time, or by [JWKS.Run] or [JWKS.Refresh] before.
func NewJWKS(c JWKSConfig) (*JWKS, error) {
	if c.URL == "" {
		return nil, errors.New("auth: published keys need the address at which they are")
	}
	if c.Algorithm != RS256 && c.Algorithm != ES256 && c.Algorithm != EdDSA {
		return nil, errors.New("auth: published keys are for RS256, ES256 or EdDSA")
	}
	if c.Refresh == 0 {
		c.Refresh = DefaultJWKSRefresh
	}
	if c.MaxStale == 0 {
		c.MaxStale = DefaultJWKSMaxStale
	}
	if c.Client == nil {
		c.Client = fetch.New(fetch.Config{AnyAddress: true, MaxBytes: MaxJWKSBytes})
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &JWKS{config: c, turn: make(chan struct{}, 1), fault: errNotAsked}, nil
}

// Run reads the keys at once and then every Refresh, sooner after a failure, until the
// context ends.
func (j *JWKS) Run(ctx context.Context) error {
	for {
		wait := j.config.Refresh
		if j.Refresh(ctx) != nil {
			wait = min(wait, retryAfter)
		}
		next := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			next.Stop()
			return nil
		case <-next.C:
		}
	}
}

// Check returns why the keys could not be read the last time, nil where they could. It
// reads them where nobody has done so yet.
func (j *JWKS) Check(ctx context.Context) error {
	if err := j.last(); !errors.Is(err, errNotAsked) {
		return err
	}
	return j.Refresh(ctx)
}

// last is the fault of the last question.
func (j *JWKS) last() error {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.fault
}

// Refresh reads the keys now. What was published before and is no more is accepted no
// longer, at once; where the address does not answer, or what it answers is no sound
// set of keys, those of before are kept, but not for longer than MaxStale.
func (j *JWKS) Refresh(ctx context.Context) error {
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
		return j.fetch(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// find returns the key of that kid. One that is not known may be new: the set is read
// again, by one caller for all who wait, and not more often than every ten seconds
// whatever kids are made up.
func (j *JWKS) find(ctx context.Context, kid string) (*heldKey, error) {
	if kid == "" {
		return nil, refusedKeyID
	}
	if key, _ := j.held(kid); key != nil {
		return key, nil
	}
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	key, due := j.held(kid)
	if key == nil && due {
		_ = j.fetch(context.WithoutCancel(ctx)) // a caller who hangs up must not keep the others from it
		key, _ = j.held(kid)
	}
	if key == nil {
		return nil, refusedKeyID
	}
	return key, nil
}

// held returns the key of that kid, nil for none, and whether the set may be asked for.
func (j *JWKS) held(kid string) (key *heldKey, due bool) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.keys[kid], j.config.Now().Sub(j.tried) >= askAgain
}

// fetch is for who has the turn.
func (j *JWKS) fetch(ctx context.Context) error {
	now := j.config.Now()
	var keys map[string]crypto.PublicKey
	text, err := j.config.Client.Get(ctx, j.config.URL)
	if ctx.Err() != nil { // says nothing about the address
		return ctx.Err()
	}
	if err == nil {
		keys, err = readKeySet(text, j.config.Algorithm)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tried, j.fault = now, err
	switch {
	case err == nil:
		j.fetched = now
		j.replace(keys)
	case now.Sub(j.fetched) >= j.config.MaxStale:
		j.replace(nil)
	}
	return err
}

// replace makes the given keys those that count. A key that stays is held as before,
// so that tokens that were accepted by it stay known.
func (j *JWKS) replace(keys map[string]crypto.PublicKey) {
	next := make(map[string]*heldKey, len(keys))
	for kid, key := range keys {
		next[kid] = &heldKey{key: key}
	}
	for kid, old := range j.keys {
		if same, ok := old.key.(interface{ Equal(crypto.PublicKey) bool }); ok && next[kid] != nil && same.Equal(next[kid].key) {
			next[kid] = old
			continue
		}
		old.gone.Store(true)
	}
	j.keys = next
}

// readKeySet returns the keys of a set that count, by kid. Keys of other kinds and for
// other purposes may stand beside them; two of one name may not.
func readKeySet(text []byte, a Algorithm) (map[string]crypto.PublicKey, error) {
	var set map[string]any
	if strictjson.Decode(text, &set) != nil {
		return nil, errors.New("auth: what is published is no JSON object that can be read in one way only")
	}
	list, ok := set["keys"].([]any)
	if !ok || len(list) > MaxJWKSKeys {
		return nil, fmt.Errorf("auth: what is published is no set of at most %d keys", MaxJWKSKeys)
	}
	keys := map[string]crypto.PublicKey{}
	for _, value := range list {
		members, _ := value.(map[string]any)
		key, err := pubkey.ReadJWK(members)
		if err != nil || key.ID == "" || key.Algorithm != a.String() || checkPublicKey(a, key.Public) != nil {
			continue
		}
		if _, twice := keys[key.ID]; twice {
			return nil, errors.New("auth: two of the published keys have the same kid")
		}
		keys[key.ID] = key.Public
	}
	return keys, nil
}
