package auth

import (
	"crypto"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Signer mints the tokens that the same configuration accepts.
type Signer struct {
	config Config
	key    any
}

// NewSigner returns a signer. HS256 signs with Config.Secret, and private is
// nil; the other algorithms sign with private, whose public part has to be
// Config.PublicKey unless that is nil.
func NewSigner(c Config, private crypto.Signer) (*Signer, error) {
	c = c.withDefaults()
	if c.Algorithm == HS256 {
		if private != nil {
			return nil, errors.New("auth: HS256 signs with the secret and no private key")
		}
		if err := CheckSecret(c.Secret); err != nil {
			return nil, err
		}
		return &Signer{config: c, key: c.Secret}, nil
	}
	if private == nil {
		return nil, fmt.Errorf("auth: %s signs with a private key", c.Algorithm)
	}
	if err := checkPublicKey(c.Algorithm, private.Public()); err != nil {
		return nil, err
	}
	public, ok := private.Public().(interface{ Equal(crypto.PublicKey) bool })
	if c.PublicKey != nil && (!ok || !public.Equal(c.PublicKey)) {
		return nil, errors.New("auth: the private key does not belong to the public key")
	}
	return &Signer{config: c, key: private}, nil
}

// Mint is [NewSigner] and [Signer.Mint] in one, for a single token.
func Mint(c Config, private crypto.Signer, id Identity, ttl time.Duration) (string, error) {
	s, err := NewSigner(c, private)
	if err != nil {
		return "", err
	}
	return s.Mint(id, ttl)
}

// Mint returns a token that gives id.Agent the roles in id.Roles for a time,
// which is cut to whole seconds. It is named id.TokenID, or at random where
// that is empty; it ends with the session id.Session, where one is named. The
// other fields of id say what a token said and are not used: the issuer is the configured one.
func (s *Signer) Mint(id Identity, ttl time.Duration) (string, error) {
	if err := s.check(id, ttl); err != nil {
		return "", err
	}
	if id.TokenID == "" {
		id.TokenID = rand.Text()
	}
	now := s.config.Now().Unix()
	payload, err := json.Marshal(struct {
		Subject  string   `json:"sub"`
		Roles    []string `json:"roles"`
		TokenID  string   `json:"jti"`
		Session  string   `json:"sid,omitempty"`
		Issuer   string   `json:"iss,omitempty"`
		Audience string   `json:"aud,omitempty"`
		IssuedAt int64    `json:"iat"`
		Expires  int64    `json:"exp"`
	}{
		id.Agent.String(), id.Roles.With(Agent).Names(), id.TokenID, id.Session,
		s.config.Issuer, s.config.Audience, now, now + int64(ttl/time.Second),
	})
	if err != nil {
		return "", fmt.Errorf("auth: the claims cannot be written: %w", err)
	}
	return sign(payload, s.config.Algorithm, s.key)
}

// check refuses what the verifier would refuse.
func (s *Signer) check(id Identity, ttl time.Duration) error {
	switch {
	case id.Agent.IsZero():
		return errors.New("auth: a token needs a DID as its subject")
	case slices.Contains(s.config.Reserved, id.Agent):
		return fmt.Errorf("auth: %s is an account of the system, as which nobody can act", id.Agent)
	case ttl < time.Second:
		return errors.New("auth: a token lives for at least one second")
	case ttl > s.config.MaxLifetime:
		return fmt.Errorf("auth: a token lives for at most %s, not %s", s.config.MaxLifetime, ttl)
	case id.Session != "" && !strings.HasPrefix(id.Session, SessionPrefix):
		return fmt.Errorf("auth: the name of a session begins with %s", SessionPrefix)
	case len(id.TokenID) > MaxTokenIDBytes || len(id.Session) > MaxTokenIDBytes:
		return fmt.Errorf("auth: a token id, and the name of a session, has at most %d bytes", MaxTokenIDBytes)
	}
	return nil
}

// Derive returns a key of 32 bytes that follows from the signer's own and from a
// purpose, so that all servers with the same key have it, and none of it tells the
// other.
func (s *Signer) Derive(purpose string) ([]byte, error) {
	own, isSecret := s.key.([]byte)
	if !isSecret {
		var err error
		if own, err = x509.MarshalPKCS8PrivateKey(s.key); err != nil {
			return nil, errors.New("auth: no key can be derived from a private key of this kind")
		}
	}
	return hkdf.Key(sha256.New, own, nil, "teg "+purpose, sha256.Size)
}
