package pubkey_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/multiformats/go-multibase"
	"github.com/multiformats/go-varint"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth/pubkey"
)

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// keyOf is the key of a JSON Web Key.
func keyOf(t *testing.T, jwk string) pubkey.Key {
	t.Helper()
	read, err := pubkey.ParseJWK([]byte(jwk))
	require.NoError(t, err)
	key, err := pubkey.New(read.Public)
	require.NoError(t, err)
	return key
}

// The examples of RFC 8037 (A.4) and RFC 7515 (A.3). The latter has the higher s of the
// two that there are.
func TestVerifyTheExamplesOfTheStandards(t *testing.T) {
	ed := keyOf(t, `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	require.Equal(t, "EdDSA", ed.Algorithm())
	signature := raw(t, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
	require.True(t, ed.Verify([]byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"), signature))

	p256 := keyOf(t, `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`)
	require.Equal(t, "ES256", p256.Algorithm())
	signed := []byte("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ")
	signature = raw(t, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
	require.False(t, p256.Verify(signed, signature), "the higher s")
	require.True(t, p256.Verify(signed, withOtherS(signature, elliptic.P256().Params().N)))
}

// withOtherS is the other signature that ECDSA has for the same.
func withOtherS(signature []byte, order *big.Int) []byte {
	s := new(big.Int).Sub(order, new(big.Int).SetBytes(signature[32:]))
	return append(slices.Clone(signature[:32]), s.FillBytes(make([]byte, 32))...)
}

// The examples of the did:key specification.
func TestMultikeysOfTheSpecification(t *testing.T) {
	for text, algorithm := range map[string]string{
		"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp": "EdDSA", "z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG": "EdDSA",
		"zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme": "ES256K", "zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2": "ES256K",
		"zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169": "ES256", "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv": "ES256",
	} {
		key, err := pubkey.ParseMultikey(text)
		require.NoError(t, err, text)
		require.Equal(t, algorithm, key.Algorithm())
		require.Equal(t, text, key.Multikey())
	}
}

// signers sign as an agent does, with a key of each kind.
func signers(t *testing.T) map[string]struct {
	key   pubkey.Key
	sign  func(message []byte) []byte
	order *big.Int // nil: there is no other s
} {
	t.Helper()
	type signer = struct {
		key   pubkey.Key
		sign  func(message []byte) []byte
		order *big.Int
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	k1, err := secp256k1.GeneratePrivateKey()
	require.NoError(t, err)
	made := map[string]signer{
		"EdDSA": {sign: func(m []byte) []byte { return ed25519.Sign(private, m) }},
		"ES256": {order: elliptic.P256().Params().N, sign: func(m []byte) []byte {
			digest := sha256.Sum256(m)
			r, s, err := ecdsa.Sign(rand.Reader, p256, digest[:])
			require.NoError(t, err)
			signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
			if new(big.Int).Lsh(s, 1).Cmp(elliptic.P256().Params().N) > 0 {
				signature = withOtherS(signature, elliptic.P256().Params().N)
			}
			return signature
		}},
		"ES256K": {order: secp256k1.Params().N, sign: func(m []byte) []byte {
			digest := sha256.Sum256(m)
			return secp.SignCompact(k1, digest[:], true)[1:]
		}},
	}
	for name, of := range map[string]any{"EdDSA": public, "ES256": &p256.PublicKey, "ES256K": k1.PubKey()} {
		one := made[name]
		one.key, err = pubkey.New(of)
		require.NoError(t, err)
		made[name] = one
	}
	return made
}

func TestVerifyRefusesEveryOtherSignature(t *testing.T) {
	for name, s := range signers(t) {
		message := []byte("the message")
		good := s.sign(message)
		require.Len(t, good, pubkey.SignatureBytes, name)
		require.True(t, s.key.Verify(message, good), name)
		require.False(t, s.key.Verify([]byte("another"), good), name)
		bad := map[string][]byte{
			"empty": nil, "short": good[:63], "long": append(slices.Clone(good), 0), "zeros": make([]byte, 64),
			"r is 0": append(make([]byte, 32), good[32:]...), "s is 0": append(slices.Clone(good[:32]), make([]byte, 32)...),
			"ones": slices.Repeat([]byte{0xff}, 64),
		}
		if s.order != nil {
			bad["the higher s"] = withOtherS(good, s.order)
			bad["r is the order"] = append(s.order.FillBytes(make([]byte, 32)), good[32:]...)
		}
		for why, signature := range bad {
			require.False(t, s.key.Verify(message, signature), "%s: %s", name, why)
		}
		for i := range good {
			flipped := slices.Clone(good)
			flipped[i] ^= 1
			require.False(t, s.key.Verify(message, flipped), "%s: byte %d", name, i)
		}
		for other, o := range signers(t) {
			require.False(t, o.key.Verify(message, good), "a signature of %s by a key of %s", name, other)
		}
		again, err := pubkey.ParseMultikey(s.key.Multikey())
		require.NoError(t, err)
		require.True(t, again.Verify(message, good))
	}
	require.False(t, pubkey.Key{}.Verify(nil, make([]byte, 64)), "the zero key")
	require.Empty(t, pubkey.Key{}.Multikey()+pubkey.Key{}.Algorithm())
}

func multikey(t *testing.T, code uint64, key []byte) string {
	t.Helper()
	text, err := multibase.Encode(multibase.Base58BTC, append(varint.ToUvarint(code), key...))
	require.NoError(t, err)
	return text
}

func TestParseMultikeyRefuses(t *testing.T) {
	good := "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
	_, bytes, err := multibase.Decode(good)
	require.NoError(t, err)
	hexed, err := multibase.Encode(multibase.Base16, bytes)
	require.NoError(t, err)
	padded, err := multibase.Encode(multibase.Base58BTC, append([]byte{0xed, 0x81, 0x00}, bytes[2:]...))
	require.NoError(t, err)
	offCurve := append([]byte{2}, slices.Repeat([]byte{0xff}, 32)...)
	for why, text := range map[string]string{
		"empty": "", "z": "z", "another base": hexed, "a letter that is none": good[:40] + "0" + good[41:], "a space": good + " ",
		"long": "z" + strings.Repeat("2", 200), "long varint": padded, "X25519": multikey(t, 0xec, bytes[2:]), "P-384": multikey(t, 0x1201, make([]byte, 49)),
		"short": multikey(t, 0xed, bytes[3:]), "too long": multikey(t, 0xed, append(slices.Clone(bytes[2:]), 1)), "P-256 of no curve": multikey(t, 0x1200, offCurve),
		"secp256k1 of no curve": multikey(t, 0xe7, offCurve), "P-256 of another form": multikey(t, 0x1200, append([]byte{5}, bytes[2:]...)),
		"infinity": multikey(t, 0xe7, make([]byte, 33)), "a private key": multikey(t, 0x1300, bytes[2:]),
	} {
		_, err := pubkey.ParseMultikey(text)
		require.Error(t, err, why)
		require.Less(t, len(err.Error()), 200)
	}
}

// With these, one signature of zeros and the identity fits every message, or every
// eighth.
func TestEd25519KeysOfSmallOrderAreRefused(t *testing.T) {
	ones := strings.Repeat("ff", 30)
	for _, text := range []string{
		strings.Repeat("00", 32), "01" + strings.Repeat("00", 31), "ec" + ones + "7f", "ed" + ones + "7f", "ee" + ones + "7f", "ed" + ones + "ff",
		"01" + strings.Repeat("00", 30) + "80", strings.Repeat("00", 31) + "80",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	} {
		point, err := hex.DecodeString(text)
		require.NoError(t, err)
		require.Len(t, point, 32)
		_, err = pubkey.New(ed25519.PublicKey(point))
		require.ErrorContains(t, err, "small order", text)
		_, err = pubkey.ParseMultikey(multikey(t, 0xed, point))
		require.Error(t, err)
		_, err = pubkey.ParseJWK(fmt.Appendf(nil, `{"kty":"OKP","crv":"Ed25519","x":"%s"}`, b64(point)))
		require.Error(t, err)
	}
}

func TestParseJWKRefuses(t *testing.T) {
	const x, y = `"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"`, `"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"`
	const ec = `"kty":"EC","crv":"P-256","x":` + x + `,"y":` + y
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	modulus := b64(slices.Repeat([]byte{0xff}, 256))
	for why, text := range map[string]string{
		"nothing": ``, "no object": `[]`, "no key": `{}`, "twice": `{` + ec + `,"kty":"EC"}`, "after it": `{` + ec + `} {}`,
		"private": `{` + ec + `,"d":"AAAA"}`, "symmetric": `{"kty":"oct","k":"AAAA"}`, "for encryption": `{` + ec + `,"use":"enc"}`,
		"to sign": `{` + ec + `,"key_ops":["sign"]}`, "no list": `{` + ec + `,"key_ops":"verify"}`, "kid": `{` + ec + `,"kid":7}`, "alg": `{` + ec + `,"alg":""}`,
		"of another curve": `{"kty":"EC","crv":"secp256k1","x":` + x + `,"y":` + y + `}`, "P-384": `{"kty":"EC","crv":"P-384","x":` + x + `,"y":` + y + `}`,
		"swapped": `{"kty":"EC","crv":"P-256","x":` + y + `,"y":` + x + `}`, "no y": `{"kty":"EC","crv":"P-256","x":` + x + `}`,
		"padded": `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=","y":` + y + `}`,
		"broken": `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gH\nMzV76e8Tus9uPHvRVEU","y":` + y + `}`,
		"X25519": `{"kty":"OKP","crv":"X25519","x":` + x + `}`, "RSA 1024": `{"kty":"RSA","e":"AQAB","n":"` + b64(short.N.Bytes()) + `"}`,
		"e of 1": `{"kty":"RSA","e":"AQ","n":"` + modulus + `"}`, "even e": `{"kty":"RSA","e":"BA","n":"` + modulus + `"}`,
		"great e": `{"kty":"RSA","e":"AQAAAAAB","n":"` + modulus + `"}`, "great n": `{"kty":"RSA","e":"AQAB","n":"` + b64(slices.Repeat([]byte{0xff}, 2048)) + `"}`,
	} {
		_, err := pubkey.ParseJWK([]byte(text))
		require.Error(t, err, why)
		require.NotContains(t, err.Error(), "f83OJ")
	}
	read, err := pubkey.ParseJWK([]byte(`{` + ec + `,"use":"sig","key_ops":["verify"],"kid":"k","alg":"ES256","x5u":"http://127.0.0.1:1/","more":{}}`))
	require.NoError(t, err)
	require.Equal(t, []string{"k", "ES256"}, []string{read.ID, read.Algorithm})
	_, err = pubkey.New(&short.PublicKey)
	require.Error(t, err, "RSA signs no logins")
}
