package pubkey

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"slices"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/multiformats/go-multibase"
	"github.com/multiformats/go-varint"
)

// Multicodecs of public keys.
const (
	codeSecp256k1 = 0xe7
	codeEd25519   = 0xed
	codeP256      = 0x1200
)

// compressed is how long a point of P-256 or secp256k1 is.
const compressed = 33

// maxMultikey is far above the longest multikey of a kind that is known.
const maxMultikey = 128

var errMultikey = errors.New("pubkey: it is no multikey of Ed25519, P-256 or secp256k1: z and base58btc of the key with its multicodec")

// ParseMultikey reads a key as did:key and publicKeyMultibase spell it: the letter z
// and the base58btc of multicodec and key. Every key has one spelling.
func ParseMultikey(text string) (Key, error) {
	if len(text) == 0 || len(text) > maxMultikey || text[0] != byte(multibase.Base58BTC) {
		return Key{}, errMultikey
	}
	_, raw, err := multibase.Decode(text)
	if err != nil {
		return Key{}, errMultikey
	}
	if again, err := multibase.Encode(multibase.Base58BTC, raw); err != nil || again != text {
		return Key{}, errMultikey
	}
	code, n, err := varint.FromUvarint(raw)
	if err != nil {
		return Key{}, errMultikey
	}
	return fromCode(code, raw[n:])
}

// fromCode reads a key by its multicodec.
func fromCode(code uint64, raw []byte) (Key, error) {
	switch {
	case code == codeEd25519 && len(raw) == ed25519.PublicKeySize:
		return New(ed25519.PublicKey(raw))
	case code == codeP256 && len(raw) == compressed:
		if x, y := elliptic.UnmarshalCompressed(elliptic.P256(), raw); x != nil {
			return fromP256(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32)))
		}
	case code == codeSecp256k1 && len(raw) == compressed:
		if public, err := secp256k1.ParsePubKey(raw); err == nil {
			return New(public)
		}
	}
	return Key{}, errMultikey
}

func fromP256(x, y []byte) (Key, error) {
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return Key{}, errMultikey
	}
	return New(public)
}

// Multikey is the spelling that [ParseMultikey] reads; empty for the zero Key.
func (k Key) Multikey() string {
	var raw []byte
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		raw = append(varint.ToUvarint(codeEd25519), public...)
	case *ecdsa.PublicKey:
		whole, err := public.Bytes()
		if err != nil { // no point of its curve, which New does not take
			return ""
		}
		sign := 2 + whole[64]&1
		raw = append(append(varint.ToUvarint(codeP256), sign), whole[1:33]...)
	case *secp256k1.PublicKey:
		raw = append(varint.ToUvarint(codeSecp256k1), public.SerializeCompressed()...)
	default:
		return ""
	}
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil { // an encoding that is not known, which this one is
		return ""
	}
	return text
}
