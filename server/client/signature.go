package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
)

// coordinate is the length of r and of s in a signature on P-256.
const coordinate = 32

// signatureBy returns what signs challenges by a key, in the form in which the API takes
// them: 64 bytes in base64url without padding.
func signatureBy(signer crypto.Signer) (func(text []byte) (string, error), error) {
	if isNoKey(signer) {
		return nil, errors.New("client: WithLogin needs a key")
	}
	sign := signEd25519
	switch key := signer.Public().(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return nil, fmt.Errorf("client: WithLogin takes ECDSA on P-256, and not on %s", key.Params().Name)
		}
		sign = signP256
	default:
		return nil, fmt.Errorf("client: WithLogin takes Ed25519 and ECDSA on P-256, and no %T", key)
	}
	return func(text []byte) (string, error) {
		raw, err := sign(signer, text)
		return base64.RawURLEncoding.EncodeToString(raw), err
	}, nil
}

// isNoKey reports whether there is no key in a signer, which would panic when it is used.
func isNoKey(signer crypto.Signer) bool {
	switch key := signer.(type) {
	case nil:
		return true
	case ed25519.PrivateKey:
		return len(key) != ed25519.PrivateKeySize
	case *ecdsa.PrivateKey:
		return key == nil || key.Curve == nil
	}
	return false
}

func signEd25519(signer crypto.Signer, text []byte) ([]byte, error) {
	return signer.Sign(rand.Reader, text, crypto.Hash(0))
}

// signP256 takes r and s out of DER, and the lower one of the two values of s that there
// are, as the API asks.
func signP256(signer crypto.Signer, text []byte) ([]byte, error) {
	digest := sha256.Sum256(text)
	der, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var signature struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &signature); err != nil || len(rest) > 0 {
		return nil, errors.New("the key's signature is no ECDSA signature in DER")
	}
	order := elliptic.P256().Params().N
	if half := new(big.Int).Rsh(order, 1); signature.S.Cmp(half) > 0 {
		signature.S.Sub(order, signature.S)
	}
	if signature.R.Sign() <= 0 || signature.S.Sign() <= 0 || signature.R.Cmp(order) >= 0 {
		return nil, errors.New("the key's signature is none on P-256")
	}
	raw := make([]byte, 2*coordinate)
	signature.R.FillBytes(raw[:coordinate])
	signature.S.FillBytes(raw[coordinate:])
	return raw, nil
}
