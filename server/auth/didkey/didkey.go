// Package didkey finds the keys of DIDs that are keys: did:key and did:jwk. Nobody is
// asked: the DID itself says all.
package didkey

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
)

// Key resolves did:key: Ed25519, P-256 and secp256k1, by their multikeys.
type Key struct{}

// JWK resolves did:jwk: the same keys as JSON Web Keys.
type JWK struct{}

var (
	errKey = errors.New("didkey: it is no did:key of Ed25519, P-256 or secp256k1")
	errJWK = errors.New("didkey: it is no did:jwk of Ed25519, P-256 or secp256k1")
)

// Keys returns the one key of a did:key.
func (Key) Keys(_ context.Context, of did.DID) ([]pubkey.Key, error) {
	if of.Method() != "key" {
		return nil, errKey
	}
	key, err := pubkey.ParseMultikey(of.ID())
	if err != nil {
		return nil, errKey
	}
	return []pubkey.Key{key}, nil
}

// Keys returns the one key of a did:jwk, which may be for signatures.
func (JWK) Keys(_ context.Context, of did.DID) ([]pubkey.Key, error) {
	if of.Method() != "jwk" {
		return nil, errJWK
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(of.ID())
	if err != nil {
		return nil, errJWK
	}
	jwk, err := pubkey.ParseJWK(text)
	if err != nil {
		return nil, errJWK
	}
	key, err := pubkey.New(jwk.Public)
	if err != nil || jwk.Algorithm != "" && jwk.Algorithm != key.Algorithm() {
		return nil, errJWK
	}
	return []pubkey.Key{key}, nil
}

// Of is the did:key of a key; the zero DID for the zero key.
func Of(key pubkey.Key) did.DID {
	id, err := did.Parse("did:key:" + key.Multikey())
	if err != nil {
		return did.DID{}
	}
	return id
}
