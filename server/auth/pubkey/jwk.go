package pubkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// JWK is a public JSON Web Key for signatures.
type JWK struct {
	ID        string           // kid; "" where it has none
	Algorithm string           // alg; "" where it names none
	Public    crypto.PublicKey // ed25519.PublicKey, *ecdsa.PublicKey on P-256, *secp256k1.PublicKey or *rsa.PublicKey
}

// Bounds of RSA keys, in bits: below is weak, above makes each check dear.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// maxExponent bounds the public exponent of RSA keys.
const maxExponent = 1<<31 - 1

var (
	errJWK     = errors.New("pubkey: it is no JSON Web Key of Ed25519, P-256, secp256k1 or RSA")
	errPrivate = errors.New("pubkey: the JSON Web Key has its private part in it: it is a secret no more, make another")
	errUse     = errors.New("pubkey: the JSON Web Key is not for signatures")
)

// ParseJWK reads one JSON Web Key.
func ParseJWK(text []byte) (JWK, error) {
	var members map[string]any
	if strictjson.Decode(text, &members) != nil {
		return JWK{}, errJWK
	}
	return ReadJWK(members)
}

// ReadJWK reads the members of a JSON Web Key, as strictjson reads them. Members that
// bring keys from elsewhere (x5u, x5c) are not looked at.
func ReadJWK(members map[string]any) (JWK, error) {
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, given := members[private]; given {
			return JWK{}, errPrivate
		}
	}
	if !forSignatures(members) {
		return JWK{}, errUse
	}
	key := JWK{}
	for name, into := range map[string]*string{"kid": &key.ID, "alg": &key.Algorithm} {
		value, given := members[name]
		text, ok := value.(string)
		if given && (!ok || text == "" || len(text) > 255) {
			return JWK{}, errJWK
		}
		*into = text
	}
	key.Public = publicOf(members)
	if key.Public == nil {
		return JWK{}, errJWK
	}
	return key, nil
}

// forSignatures reports whether use and key_ops, where they are there, say so.
func forSignatures(members map[string]any) bool {
	if use, given := members["use"]; given && use != "sig" {
		return false
	}
	value, given := members["key_ops"]
	operations, _ := value.([]any)
	return !given || slices.Contains(operations, any("verify"))
}

// publicOf reads the key itself; nil where it is none.
func publicOf(members map[string]any) crypto.PublicKey {
	kty, _ := members["kty"].(string)
	crv, _ := members["crv"].(string)
	switch {
	case kty == "OKP" && crv == "Ed25519":
		x := number(members["x"])
		if checkEd25519(x) == nil {
			return ed25519.PublicKey(x)
		}
	case kty == "EC" && (crv == "P-256" || crv == "secp256k1"):
		return pointOf(crv, number(members["x"]), number(members["y"]))
	case kty == "RSA":
		return rsaOf(number(members["n"]), number(members["e"]))
	}
	return nil
}

// pointOf is the key of a point that is on its curve.
func pointOf(crv string, x, y []byte) crypto.PublicKey {
	if len(x) != 32 || len(y) != 32 {
		return nil
	}
	whole := slices.Concat([]byte{4}, x, y)
	if crv == "secp256k1" {
		if public, err := secp256k1.ParsePubKey(whole); err == nil {
			return public
		}
		return nil
	}
	if public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), whole); err == nil {
		return public
	}
	return nil
}

func rsaOf(n, e []byte) crypto.PublicKey {
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	bits := modulus.BitLen()
	if bits < minRSABits || bits > maxRSABits || modulus.Bit(0) == 0 || !exponent.IsInt64() {
		return nil
	}
	if e := exponent.Int64(); e < 3 || e > maxExponent || e%2 == 0 {
		return nil
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
}

// number reads base64url without padding; nil where it is none.
func number(value any) []byte {
	text, _ := value.(string)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != text { // the decoder steps over line breaks
		return nil
	}
	return raw
}
