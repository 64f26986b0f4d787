package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

func TestAttackAlgorithmNone(t *testing.T) {
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		signed := part(`{"alg":"`+alg+`"}`) + "." + part(claims(""))
		refused(t, config(), signed+".", "not a JWT")
		refused(t, config(), signed+"."+part("x"), "algorithm")
		refused(t, config(), forge(`{"alg":"`+alg+`"}`, claims("")), "algorithm")
	}
	refused(t, config(), forge(`{"typ":"JWT"}`, claims("")), "algorithm")
	refused(t, config(), forge(`{"alg":["HS256"]}`, claims("")), "algorithm")
}

func TestAttackPublicKeyAsHMACSecret(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	signed := part(hs256) + "." + part(claims(""))
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(signed))
	c := auth.Config{Algorithm: auth.RS256, PublicKey: private.Public(), Now: config().Now}
	refused(t, c, signed+"."+part(string(mac.Sum(nil))), "algorithm")

	// The same by an operator's mistake: the PEM file given as the secret.
	_, err = auth.New(auth.Config{Secret: public})
	require.ErrorContains(t, err, "PEM")
}

func TestAttackOtherAlgorithmOfTheSameKey(t *testing.T) {
	for _, alg := range []string{"HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"} {
		refused(t, config(), forge(`{"alg":"`+alg+`"}`, claims("")), "algorithm")
	}
}

func TestAttackHeaderExtensions(t *testing.T) {
	for _, extension := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":null`, `"b64":false,"crit":["b64"]`, `"b64":true`, `"zip":"DEF"`,
	} {
		refused(t, config(), forge(`{"alg":"HS256",`+extension+`}`, claims("")), "extension")
	}
}

func TestAttackKeyInTheHeader(t *testing.T) {
	// The token brings the key that it is signed with.
	own := []byte("the attacker's own secret, 32 bytes or more")
	signed := part(`{"alg":"HS256","jwk":{"kty":"oct","k":"`+part(string(own))+`"},"jku":"http://127.0.0.1:1/","kid":"../../dev/null"}`) +
		"." + part(claims(""))
	mac := hmac.New(sha256.New, own)
	mac.Write([]byte(signed))
	refused(t, config(), signed+"."+part(string(mac.Sum(nil))), "signature")
}

func TestAttackDuplicateMembers(t *testing.T) {
	refused(t, config(), forge(hs256, claims(`,"sub":"did:web:mallory.example"`)), "claims")
	refused(t, config(), forge(hs256, claims(`,"\u0073ub":"did:web:mallory.example"`)), "claims")
	refused(t, config(), forge(hs256, claims(`,"exp":9999999999`)), "claims")
	refused(t, config(), forge(hs256, claims(`,"x":{"a":1,"a":2}`)), "claims")
	refused(t, config(), forge(`{"alg":"none","alg":"HS256"}`, claims("")), "header")
}

func TestAttackOversizedToken(t *testing.T) {
	refused(t, config(), forge(hs256, claims(`,"x":"`+strings.Repeat("a", 7000)+`"`)), "longer")
	refused(t, config(), strings.Repeat("a", 100<<20), "longer")
	refused(t, config(), strings.Repeat(".", auth.MaxTokenBytes), "not a JWT")
	refused(t, config(), forge(hs256, strings.Repeat(`{"a":`, 1000)), "claims")
}

func TestAttackTamperedToken(t *testing.T) {
	token := forge(hs256, claims(""))
	parts := strings.Split(token, ".")
	refused(t, config(), parts[0]+"."+part(claims(`,"roles":["admin"]`))+"."+parts[2], "signature")
	refused(t, config(), parts[0]+"."+parts[1]+"."+part("signature"), "signature")
	refused(t, config(), token[:len(token)-4], "") // by its signature or by its trailing bits
}

func TestAttackOtherSpellingsOfOneToken(t *testing.T) {
	token := forge(hs256, claims(""))
	_, err := verify(t, config(), token)
	require.NoError(t, err)
	last := token[len(token)-1] + 1 // differs in bits that the decoder drops
	for name, other := range map[string]string{
		"newline": token + "\n", "newline inside": token[:50] + "\n" + token[50:], "space": " " + token, "padding": token + "=",
		"trailing bits": token[:len(token)-1] + string(last), "standard alphabet": token[:50] + "+/" + token[50:],
		"four parts": token + "." + part("x"), "two parts": token[:strings.LastIndex(token, ".")],
		"JSON serialization": `{"payload":"` + part(claims("")) + `","signatures":[]}`, "NUL": token + "\x00",
	} {
		id, err := verify(t, config(), other)
		require.ErrorIs(t, err, auth.ErrInvalid, name)
		require.Zero(t, id, name)
	}
}

func TestAttackSubject(t *testing.T) {
	for _, sub := range []string{
		`null`, `17`, `""`, `"alice"`, `"did:web:"`, `" did:web:alice.example"`, `"did:web:alice.example#key"`,
		`["did:web:alice.example"]`, `"did:web:alice.example\u0000"`, `"` + "did:web:" + strings.Repeat("a", 255) + `"`,
		`"did:agentvault:treasury"`,
	} {
		_, err := verify(t, config(), forge(hs256, `{"sub":`+sub+`,`+times+`}`))
		require.ErrorIs(t, err, auth.ErrInvalid, sub)
	}
	refused(t, config(), forge(hs256, `{`+times+`}`), "sub")
	refused(t, config(), forge(hs256, `{"sub":"did:agentvault:treasury",`+times+`}`), "sub")
}

func TestAttackRoles(t *testing.T) {
	for _, roles := range []string{`"admin"`, `null`, `{"admin":true}`, `["agent",5]`, `[["admin"]]`, `[null]`, `5`} {
		refused(t, config(), forge(hs256, claims(`,"roles":`+roles)), "roles")
	}
}

func TestAttackTimes(t *testing.T) {
	at := now.Unix()
	for _, c := range []struct {
		claims string
		reason string
	}{
		{`"iat":%[1]d`, "required"}, {`"exp":%[1]d`, "required"}, {`"iat":%[1]d,"exp":null`, "required"},
		{`"iat":"%[1]d","exp":%[1]d`, "required"}, {`"iat":-1,"exp":%[1]d`, "required"}, {`"iat":%[1]d,"exp":1e400`, "required"},
		{`"iat":%[1]d,"exp":99999999999999`, "required"}, {`"iat":%[1]d,"exp":253402300799`, "lifetime"},
		{`"iat":%[1]d,"exp":%[1]d`, "after iat"}, {`"iat":%[1]d,"exp":1`, "after iat"},
		{`"iat":0,"exp":%[1]d`, "lifetime"}, {`"iat":%[1]d,"exp":1800086401`, "lifetime"},
		{`"iat":1799996399,"exp":1799999970`, "expired"}, {`"iat":1800000031,"exp":1800003600`, "yet"},
		{`"iat":%[1]d,"exp":1800003600,"nbf":1800000031`, "yet"}, {`"iat":%[1]d,"exp":1800003600,"nbf":"x"`, "nbf"},
		{`"iat":%[1]d,"exp":1800003600,"nbf":null`, "nbf"},
	} {
		payload := `{"sub":"did:web:alice.example",` + strings.ReplaceAll(c.claims, "%[1]d", fmt.Sprint(at)) + `}`
		refused(t, config(), forge(hs256, payload), c.reason)
	}
}

func TestAttackIssuerAndAudience(t *testing.T) {
	c := config()
	c.Issuer, c.Audience = "https://registry.example", "teg"
	for payload, reason := range map[string]string{
		"": "iss", `,"iss":"https://registry.example"`: "aud", `,"aud":"teg"`: "iss",
		`,"iss":"https://registry.example/","aud":"teg"`:        "iss",
		`,"iss":["https://registry.example"],"aud":"teg"`:       "iss",
		`,"iss":"https://registry.example","aud":"teg2"`:        "aud",
		`,"iss":"https://registry.example","aud":[]`:            "aud",
		`,"iss":"https://registry.example","aud":["teg",1]`:     "aud",
		`,"iss":"https://registry.example","aud":{"teg":"teg"}`: "aud",
		`,"iss":"https://registry.example","aud":null`:          "aud",
	} {
		refused(t, c, forge(hs256, claims(payload)), reason)
	}
	_, err := verify(t, c, forge(hs256, claims(`,"iss":"https://registry.example","aud":["other","teg"]`)))
	require.NoError(t, err)
	refused(t, config(), forge(hs256, claims(`,"iss":5`)), "iss")
	refused(t, config(), forge(hs256, claims(`,"aud":5`)), "aud")
}

func TestAttackTokenID(t *testing.T) {
	for _, jti := range []string{`""`, `5`, `null`, `["a"]`, `"` + strings.Repeat("é", 128) + `"`} {
		refused(t, config(), forge(hs256, claims(`,"jti":`+jti)), "jti")
	}
	_, err := verify(t, config(), forge(hs256, claims(`,"jti":"`+strings.Repeat("a", 255)+`"`)))
	require.NoError(t, err)
}

func TestAttackTokenOfAnotherKind(t *testing.T) {
	refused(t, config(), forge(`{"alg":"HS256","typ":"dpop+jwt"}`, claims("")), "header")
	refused(t, config(), forge(`[]`, claims("")), "header")
	refused(t, config(), forge(hs256, `[]`), "claims")
	refused(t, config(), forge(hs256, "{\"sub\":\"\xff\"}"), "claims")
	for _, typ := range []string{"jwt", "JWT", "at+jwt", "application/at+JWT"} {
		_, err := verify(t, config(), forge(`{"alg":"HS256","typ":"`+typ+`"}`, claims("")))
		require.NoError(t, err, typ)
	}
}

func TestAttackReplayAfterExpiryOutOfTheCache(t *testing.T) {
	clock := now
	c := config()
	c.Now = func() time.Time { return clock }
	v, err := auth.New(c)
	require.NoError(t, err)
	token := forge(hs256, claims(""))
	for _, age := range []time.Duration{0, time.Minute, time.Hour + 29*time.Second} {
		clock = now.Add(age)
		_, err = v.Verify(context.Background(), token)
		require.NoError(t, err, age)
	}
	clock = now.Add(time.Hour + 30*time.Second)
	for range 2 {
		_, err = v.Verify(context.Background(), token)
		require.ErrorIs(t, err, auth.ErrInvalid)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(hs256, claims(`,"roles":["admin"]`))
	f.Add(`{"alg":"none"}`, `{}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		id, err := verify(t, config(), forge(header, payload))
		if err != nil {
			require.ErrorIs(t, err, auth.ErrInvalid)
			return
		}
		require.False(t, id.Agent.IsZero())
		require.True(t, id.Roles.Has(auth.Agent))
		require.LessOrEqual(t, id.Expires.Sub(id.IssuedAt), auth.DefaultMaxLifetime)
	})
}
