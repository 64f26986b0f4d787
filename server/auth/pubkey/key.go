package pubkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// SignatureBytes is the length of every signature: that of EdDSA, and r and s of 32
// bytes each of ES256 and ES256K.
const SignatureBytes = 64

// Key checks signatures. The zero Key accepts none.
type Key struct{ public crypto.PublicKey }

var errKind = errors.New("pubkey: the key is none of Ed25519, P-256 and secp256k1")

// New returns the key for a public key: ed25519.PublicKey, *ecdsa.PublicKey on P-256
// or *secp256k1.PublicKey.
func New(public crypto.PublicKey) (Key, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return Key{public}, checkEd25519(k)
	case *ecdsa.PublicKey:
		if _, err := k.Bytes(); err == nil && k.Curve == elliptic.P256() {
			return Key{public}, nil
		}
	case *secp256k1.PublicKey:
		return Key{public}, nil
	}
	return Key{}, errKind
}

// Public returns what the key was made of.
func (k Key) Public() crypto.PublicKey { return k.public }

// Algorithm is how the key signs, as JOSE names it: EdDSA, ES256 or ES256K; empty for
// the zero Key.
func (k Key) Algorithm() string {
	switch k.public.(type) {
	case ed25519.PublicKey:
		return "EdDSA"
	case *ecdsa.PublicKey:
		return "ES256"
	case *secp256k1.PublicKey:
		return "ES256K"
	}
	return ""
}

// Verify reports whether the signature of 64 bytes is the key's over the message.
// Of the two signatures that ECDSA has for everything, the one with the lower s alone
// is accepted.
func (k Key) Verify(message, signature []byte) bool {
	if len(signature) != SignatureBytes {
		return false
	}
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		return verifyP256(public, message, signature)
	case *secp256k1.PublicKey:
		return verifySecp256k1(public, message, signature)
	}
	return false
}

// halfP256 is half of the order of P-256.
var halfP256 = new(big.Int).Rsh(elliptic.P256().Params().N, 1)

func verifyP256(public *ecdsa.PublicKey, message, signature []byte) bool {
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if s.Cmp(halfP256) > 0 {
		return false
	}
	digest := sha256.Sum256(message)
	return ecdsa.Verify(public, digest[:], r, s) // r and s from 1 on, and below the order
}

func verifySecp256k1(public *secp256k1.PublicKey, message, signature []byte) bool {
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(signature[:32]) || s.SetByteSlice(signature[32:]) || r.IsZero() || s.IsZero() || s.IsOverHalfOrder() {
		return false
	}
	digest := sha256.Sum256(message)
	return secp.NewSignature(&r, &s).Verify(digest[:], public)
}

// checkEd25519 refuses what is no key of use.
func checkEd25519(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("pubkey: an Ed25519 key has %d bytes, not %d", ed25519.PublicKeySize, len(key))
	}
	if isSmall(key) {
		return errors.New("pubkey: the Ed25519 key is of small order: anybody could sign with it")
	}
	return nil
}
