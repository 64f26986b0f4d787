package auth

import (
	"bytes"
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// The defaults and bounds of a Config.
const (
	DefaultMaxLifetime = 24 * time.Hour
	DefaultLeeway      = 30 * time.Second
	DefaultCacheSize   = 16384
	MinSecretBytes     = 32
	MaxTokenBytes      = 8192
	MaxTokenIDBytes    = 255
)

// SessionPrefix begins the names of sessions in tokens that a login gave out. What else
// sid may say is not looked at.
const SessionPrefix = "ses_"

// AnyIssuer is the key of Config.IssuerRoles that holds for issuers, and for
// tokens without one, that have no entry of their own.
const AnyIssuer = "*"

// Config says which tokens are accepted, and which are minted. The zero value
// of every field but the key works.
type Config struct {
	// Algorithm is the one that every token has; HS256 when it is zero.
	Algorithm Algorithm
	// Secret is the key of HS256, at least 32 bytes.
	Secret []byte
	// Issuers are others whose tokens are accepted, each with keys of its own. With
	// any of them the local key may be left out.
	Issuers []Issuer
	// PublicKey is the key of the other algorithms: *rsa.PublicKey,
	// *ecdsa.PublicKey or ed25519.PublicKey. See [LoadPublicKey].
	PublicKey crypto.PublicKey
	// Issuer and Audience are what iss and aud must be; "" demands nothing.
	Issuer, Audience string
	// MaxLifetime bounds exp - iat; 24 h when it is zero.
	MaxLifetime time.Duration
	// Leeway is how far the clocks of two machines may be apart; 30 s when it
	// is zero, none when it is negative.
	Leeway time.Duration
	// IssuerRoles says which roles each issuer may give, by its iss or
	// AnyIssuer, of those whose tokens the local key signs. A nil map lets it give
	// all; in any other an issuer that is not found gives agent only.
	IssuerRoles map[string]Roles
	// Reserved are the system's own DIDs, as which nobody can act.
	Reserved []did.DID
	// Revocations is asked on every use of a token that a login gave out; nil revokes
	// nothing.
	Revocations Revocations
	// Now is the clock; time.Now when it is nil.
	Now func() time.Time
	// CacheSize is how many accepted tokens are remembered; 16384 when it is
	// zero, none when it is negative.
	CacheSize int
}

// HasKey reports whether there is a local key, by which tokens can be accepted beside
// those of Issuers.
func (c Config) HasKey() bool { return len(c.Secret) > 0 || c.PublicKey != nil }

// Revocations knows the sessions that ended before their time. It is asked by
// several goroutines at once, on every request, so it answers from memory.
type Revocations interface {
	// Revoked reports whether the session with this sid has ended before its time.
	Revoked(session string) bool
}

// withDefaults returns the configuration with its zero values replaced.
func (c Config) withDefaults() Config {
	c.Algorithm = cmp.Or(c.Algorithm, HS256)
	c.MaxLifetime = cmp.Or(c.MaxLifetime, DefaultMaxLifetime)
	c.Leeway = max(cmp.Or(c.Leeway, DefaultLeeway), 0)
	c.CacheSize = max(cmp.Or(c.CacheSize, DefaultCacheSize), 0)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// verifyKey returns the key that signatures are checked with.
func (c Config) verifyKey() (any, error) {
	if c.Algorithm != HS256 {
		return c.PublicKey, checkPublicKey(c.Algorithm, c.PublicKey)
	}
	if c.PublicKey != nil {
		return nil, errors.New("auth: HS256 takes a secret and no public key")
	}
	return c.Secret, CheckSecret(c.Secret)
}

// CheckSecret reports what makes a secret unfit for HS256. The message does
// not repeat it.
func CheckSecret(secret []byte) error {
	switch {
	case len(secret) < MinSecretBytes:
		return fmt.Errorf("auth: the secret has %d bytes, HS256 needs at least %d", len(secret), MinSecretBytes)
	case bytes.HasPrefix(bytes.TrimSpace(secret), []byte("-----BEGIN ")):
		return errors.New("auth: the secret is a PEM file; a key that is public would let everybody sign")
	}
	return nil
}

// rolesOf bounds the roles that a token claims by what its issuer may give.
func (c Config) rolesOf(issuer string, claimed Roles) Roles {
	if c.IssuerRoles == nil {
		return claimed.With(Agent)
	}
	may, ok := c.IssuerRoles[issuer]
	if !ok {
		may = c.IssuerRoles[AnyIssuer]
	}
	return claimed.Only(may).With(Agent)
}
