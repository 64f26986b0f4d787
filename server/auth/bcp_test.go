package auth_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// The best current practice for JSON Web Tokens (RFC 8725), section by section: the
// threats of section 2, each with the practice of section 3 that answers it. What has a
// test of its own in hostile_test.go is named here and not repeated.

// 2.1, 3.1, 3.2: weak signatures and insufficient validation. The algorithm is
// configured; none and confusion are in TestAttackAlgorithmNone,
// TestAttackPublicKeyAsHMACSecret and TestAttackOtherAlgorithmOfTheSameKey.
func TestBCP21TheSecretUnderAStrongerHash(t *testing.T) {
	text := part(`{"alg":"HS512"}`) + "." + part(claims(""))
	mac := hmac.New(sha512.New, secret)
	mac.Write([]byte(text))
	refused(t, config(), text+"."+part(string(mac.Sum(nil))), "algorithm")
}

// 2.2, 3.5: weak symmetric keys. Lengths are in TestNewRefusesWeakSecrets.
func TestBCP22SecretsOfNoLength(t *testing.T) {
	for _, weak := range []string{"", "secret", "password1234567890password12345", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----"} {
		require.Error(t, auth.CheckSecret([]byte(weak)))
		_, err := auth.NewSigner(auth.Config{Secret: []byte(weak)}, nil)
		require.Error(t, err)
	}
}

// 2.3, 3.3: composition of encryption and signature, nested tokens. No part of a JWE is
// looked at, and a token inside of a token says nothing.
func TestBCP23NestedAndEncryptedTokens(t *testing.T) {
	inner := forge(hs256, claims(`,"roles":["admin"]`))
	refused(t, config(), strings.Join([]string{part(`{"alg":"dir","enc":"A256GCM"}`), "", part("iv"), part("text"), part("tag")}, "."), "not a JWT")
	refused(t, config(), forge(`{"alg":"HS256","cty":"JWT"}`, inner), "claims")
	refused(t, config(), forge(hs256, `"`+inner+`"`), "claims")
	id, err := verify(t, config(), forge(hs256, claims(`,"jwt":"`+inner+`"`)))
	require.NoError(t, err)
	require.Equal(t, auth.RolesOf(auth.Agent), id.Roles)
}

// 2.4, 3.6: plaintext leakage by the length of what was compressed. Nothing compressed is
// read: TestAttackHeaderExtensions.
func TestBCP24CompressedTokens(t *testing.T) {
	refused(t, config(), forge(`{"alg":"HS256","zip":"DEF"}`, "\xabVJ+J,P\xb2R*I-.Q\xaa\x05\x00"), "extension")
}

// 2.5, 3.4: invalid curves. Points are held against their curves when keys are read; see
// TestParseJWKRefuses and TestEd25519KeysOfSmallOrderAreRefused in package pubkey.
func TestBCP25PublishedPointsOfNoCurve(t *testing.T) {
	r := newRegistry(t, auth.EdDSA)
	small := encoded(make([]byte, 32))
	r.shows(`{"kty":"OKP","crv":"Ed25519","x":"` + small + `","kid":"k","alg":"EdDSA"}`)
	// By a key of small order a signature of the identity and zero would fit.
	forged := part(head("k")) + "." + part(said) + "." + encoded(append([]byte{1}, make([]byte, 63)...))
	refuses(t, r.verifier(auth.EdDSA), forged, "kid")
}

// 2.6, 3.7: one meaning for each text: UTF-8 alone, and no member twice
// (TestAttackDuplicateMembers).
func TestBCP26OtherEncodings(t *testing.T) {
	wide := func(text string) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			b.WriteByte(byte(unit))
			b.WriteByte(byte(unit >> 8))
		}
		return b.String()
	}
	refused(t, config(), forge(wide(hs256), claims("")), "header")
	refused(t, config(), forge(hs256, wide(claims(""))), "claims")
	refused(t, config(), forge("\ufeff"+hs256, claims("")), "header")
	refused(t, config(), forge(hs256, "\ufeff"+claims("")), "claims")
}

// 2.7, 3.8, 3.9: substitution. A token for another service, or by another issuer, says
// nothing here: TestAttackIssuerAndAudience and TestIssuersSpeakForThemselves.
func TestBCP27TokensForOthers(t *testing.T) {
	c := config()
	c.Audience = "teg"
	refused(t, c, forge(hs256, claims(`,"aud":["other","teg.example"]`)), "aud")
	refused(t, c, forge(hs256, claims(`,"aud":"TEG"`)), "aud")
}

// 2.8, 3.11, 3.12: cross-JWT confusion. Tokens of other kinds name their kind, and do not
// pass for access tokens, whoever signed them; those that name none lack claims. Refresh
// tokens and challenges of this service are no JWTs at all: see package login.
func TestBCP28TokensOfOtherKinds(t *testing.T) {
	for _, typ := range []string{"secevent+jwt", "application/dpop+jwt", "logout+jwt", "vc+jwt", "vp+jwt", "entity-statement+jwt", "JOSE", "JWE", "jwt "} {
		refused(t, config(), forge(`{"alg":"HS256","typ":"`+typ+`"}`, claims("")), "header")
	}
	refused(t, config(), forge(hs256, `{"sub":"did:web:alice.example","nonce":"n"}`), "required")
	refused(t, config(), forge(`{"alg":"HS256","typ":"JWT","crit":["typ"]}`, claims("")), "extension")
}

// 2.9, 3.10: indirect attacks on the server. Nothing of a token is an address that is
// asked, a path that is opened or a part of a query.
func TestBCP29NothingIsFetchedForAToken(t *testing.T) {
	var asked atomic.Int64
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer trap.Close()
	own := edKey(t)
	r, known := newRegistry(t, auth.EdDSA), edKey(t)
	r.shows(publish(known.Public(), `,"kid":"k","alg":"EdDSA","x5u":"`+trap.URL+`"`))
	v := r.verifier(auth.EdDSA)
	for _, members := range []string{
		`"kid":"` + trap.URL + `"`, `"kid":"../../../etc/passwd"`, `"kid":"k' OR '1'='1"`, `"kid":"k\n"`, `"kid":"k; curl ` + trap.URL + `"`,
	} {
		refuses(t, v, signed(t, own, `{"alg":"EdDSA",`+members+`}`, said), "kid")
	}
	for _, members := range []string{`"jku":"` + trap.URL + `"`, `"x5u":"` + trap.URL + `"`, `"jwk":` + publish(own.Public(), ""), `"x5c":["AA=="]`} {
		refuses(t, v, signed(t, own, `{"alg":"EdDSA","kid":"k",`+members+`}`, said), "signature")
		accepts(t, v, signed(t, known, `{"alg":"EdDSA","kid":"k",`+members+`}`, said))
	}
	require.Zero(t, asked.Load())
}

// 2.10, 3.8: claims are what their names say, in their case, and what was not asked for
// is not guessed.
func TestBCP210NamesOfClaims(t *testing.T) {
	refused(t, config(), forge(hs256, fmt.Sprintf(`{"SUB":"did:web:alice.example",%s}`, times)), "sub")
	refused(t, config(), forge(hs256, strings.Replace(claims(""), `"exp"`, `"Exp"`, 1)), "required")
	id, err := verify(t, config(), forge(hs256, claims(`,"Roles":["admin"],"role":"admin","scope":"admin","groups":["admin"]`)))
	require.NoError(t, err)
	require.Equal(t, auth.RolesOf(auth.Agent), id.Roles)
}
