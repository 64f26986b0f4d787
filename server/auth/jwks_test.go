package auth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/fetch"
)

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// publish writes a public key as registries do.
func publish(public crypto.PublicKey, more string) string {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":"%s"%s}`, encoded(k), more)
	case *ecdsa.PublicKey:
		raw, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		return fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":"%s","y":"%s"%s}`, encoded(raw[1:33]), encoded(raw[33:]), more)
	case *rsa.PublicKey:
		return fmt.Sprintf(`{"kty":"RSA","n":"%s","e":"%s"%s}`, encoded(k.N.Bytes()), encoded(big.NewInt(int64(k.E)).Bytes()), more)
	}
	panic("no such key")
}

// signed makes a token of any header and payload by a private key.
func signed(t testing.TB, key crypto.Signer, header, payload string) string {
	t.Helper()
	text := part(header) + "." + part(payload)
	digest := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	switch k := key.(type) {
	case ed25519.PrivateKey:
		signature = ed25519.Sign(k, []byte(text))
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		r, s, err = ecdsa.Sign(rand.Reader, k, digest[:])
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, digest[:])
	}
	require.NoError(t, err)
	return text + "." + encoded(signature)
}

func edKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

// registry publishes keys on this machine, and has a clock to move.
type registry struct {
	t     testing.TB
	url   string
	asked atomic.Int64

	mu   sync.Mutex
	body string
	away bool
	now  time.Time
	keys *auth.JWKS
}

func newRegistry(t testing.TB, a auth.Algorithm) *registry {
	r := &registry{t: t, now: now, body: `{"keys":[]}`}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.asked.Add(1)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.away || request.URL.Path != "/keys" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(r.body))
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/keys"
	client := fetch.New(fetch.Config{AnyAddress: true, Plain: true, Timeout: time.Minute, MaxBytes: auth.MaxJWKSBytes})
	t.Cleanup(client.Close)
	var err error
	r.keys, err = auth.NewJWKS(auth.JWKSConfig{URL: r.url, Algorithm: a, Client: client, Now: r.clock})
	require.NoError(t, err)
	return r
}

func (r *registry) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *registry) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// shows publishes these keys from now on.
func (r *registry) shows(keys ...string) {
	r.set(func() { r.body = `{"keys":[` + strings.Join(keys, ",") + `]}` })
}

func (r *registry) pass(d time.Duration) { r.set(func() { r.now = r.now.Add(d) }) }

// verifier accepts the registry's tokens beside those of the local key.
func (r *registry) verifier(a auth.Algorithm) *auth.Verifier {
	c := config()
	c.Issuer, c.Now = "teg", r.clock
	c.Issuers = []auth.Issuer{{Name: "registry", Algorithm: a, Keys: r.keys}}
	v, err := auth.New(c)
	require.NoError(r.t, err)
	return v
}

// head and body of a token of the registry's.
func head(kid string) string { return `{"alg":"EdDSA","kid":"` + kid + `"}` }

var said = claims(`,"iss":"registry","roles":["admin"]`)

func accepts(t testing.TB, v *auth.Verifier, token string) {
	t.Helper()
	id, err := v.Verify(context.Background(), token)
	require.NoError(t, err)
	require.Equal(t, auth.RolesOf(auth.Agent), id.Roles, "a registry gives agent alone")
}

func refuses(t testing.TB, v *auth.Verifier, token, reason string) {
	t.Helper()
	_, err := v.Verify(context.Background(), token)
	require.ErrorIs(t, err, auth.ErrInvalid)
	require.ErrorContains(t, err, reason)
}

func TestPublishedKeysOfEveryAlgorithm(t *testing.T) {
	good, _ := pairs(t)
	for a, key := range good {
		r := newRegistry(t, a)
		r.shows(publish(key.Public(), `,"kid":"one","alg":"`+a.String()+`","use":"sig"`))
		accepts(t, r.verifier(a), signed(t, key, `{"alg":"`+a.String()+`","kid":"one"}`, said))
	}
}

// A new key is found when a token names it; a withdrawn one is accepted no longer once
// that is known, also for tokens that were accepted before.
func TestPublishedKeysChange(t *testing.T) {
	r := newRegistry(t, auth.EdDSA)
	v, one, two := r.verifier(auth.EdDSA), edKey(t), edKey(t)
	const alg = `,"alg":"EdDSA"`
	first, second := publish(one.Public(), alg+`,"kid":"one"`), publish(two.Public(), alg+`,"kid":"two"`)
	byOne, byTwo := signed(t, one, head("one"), said), signed(t, two, head("two"), said)
	r.shows(first)
	accepts(t, v, byOne)
	require.EqualValues(t, 1, r.asked.Load())
	r.shows(first, second)
	refuses(t, v, byTwo, "kid") // it was asked a moment ago
	r.pass(10 * time.Second)
	accepts(t, v, byTwo)
	require.EqualValues(t, 2, r.asked.Load())
	accepts(t, v, byOne)

	r.shows(second)
	require.NoError(t, r.keys.Refresh(context.Background()))
	refuses(t, v, byOne, "kid")
	accepts(t, v, byTwo)

	r.shows(publish(one.Public(), alg+`,"kid":"two"`)) // another key under the name
	require.NoError(t, r.keys.Refresh(context.Background()))
	refuses(t, v, byTwo, "signature")
	accepts(t, v, signed(t, one, head("two"), said))
}

// While the registry is away, or talks nonsense, its last good keys count, for a day.
func TestPublishedKeysOutliveTheirRegistry(t *testing.T) {
	r := newRegistry(t, auth.EdDSA)
	v, key := r.verifier(auth.EdDSA), edKey(t)
	r.set(func() { r.away = true })
	require.ErrorIs(t, r.keys.Check(context.Background()), fetch.ErrAway, "nobody has asked before")
	require.EqualValues(t, 1, r.asked.Load())
	r.pass(time.Minute)
	token := signed(t, key, head("k"), said)
	refuses(t, v, token, "kid")
	require.ErrorIs(t, r.keys.Check(context.Background()), fetch.ErrAway)
	r.shows(publish(key.Public(), `,"kid":"k","alg":"EdDSA"`))
	r.set(func() { r.away = false })
	r.pass(time.Minute)
	accepts(t, v, token)
	require.NoError(t, r.keys.Check(context.Background()))
	for _, nonsense := range []string{``, `<html>`, `[]`, `{}`, `{"keys":{}}`, `{"keys":[],"keys":[]}`, `{"keys":[` + strings.Repeat(`{},`, 100) + `{}]}`,
		`{"keys":[` + strings.Repeat(publish(key.Public(), `,"kid":"k","alg":"EdDSA"`)+`,`, 1) + publish(edKey(t).Public(), `,"kid":"k","alg":"EdDSA"`) + `]}`,
		`{"keys":[],"x":"` + strings.Repeat("x", auth.MaxJWKSBytes) + `"}`} {
		r.set(func() { r.body = nonsense })
		require.Error(t, r.keys.Refresh(context.Background()))
		accepts(t, v, token)
	}
	require.Error(t, r.keys.Check(context.Background()))
	r.pass(24 * time.Hour)
	require.Error(t, r.keys.Refresh(context.Background()))
	refuses(t, v, signed(t, key, head("k"), fmt.Sprintf(`{"sub":"did:web:alice.example","iss":"registry","iat":%d,"exp":%d}`, r.clock().Unix(), r.clock().Unix()+60)), "kid")
}

// Keys without kid, without alg, for another algorithm or another use, and private ones,
// do not count, and do not disturb those that do.
func TestPublishedKeysThatDoNotCount(t *testing.T) {
	good, bad := pairs(t)
	r, key := newRegistry(t, auth.EdDSA), edKey(t)
	short := bad[auth.RS256].Public()
	r.shows(publish(key.Public(), ``), publish(key.Public(), `,"kid":"no-alg"`), publish(key.Public(), `,"alg":"EdDSA"`), publish(key.Public(), `,"kid":"other","alg":"ES256"`),
		publish(key.Public(), `,"kid":"enc","alg":"EdDSA","use":"enc"`), publish(key.Public(), `,"kid":"private","alg":"EdDSA","d":"AA"`),
		publish(good[auth.ES256].Public(), `,"kid":"p256","alg":"EdDSA"`), publish(short, `,"kid":"rsa","alg":"EdDSA"`), `{"kty":"oct","k":"AAAA","kid":"oct","alg":"HS256"}`, `7`,
		publish(key.Public(), `,"kid":"good","alg":"EdDSA","x5u":"http://127.0.0.1:1/","n":"ignored"`))
	v := r.verifier(auth.EdDSA)
	accepts(t, v, signed(t, key, head("good"), said))
	for _, kid := range []string{"no-alg", "other", "enc", "private", "p256", "rsa", "oct", "GOOD", "../keys"} {
		refuses(t, v, signed(t, key, head(kid), said), "kid")
	}
	for _, header := range []string{`{"alg":"EdDSA"}`, `{"alg":"EdDSA","kid":""}`} {
		refuses(t, v, signed(t, key, header, said), "kid")
	}
	for _, header := range []string{`{"alg":"EdDSA","kid":7}`, `{"alg":"EdDSA","kid":null}`, `{"alg":"EdDSA","kid":"` + strings.Repeat("k", 256) + `"}`} {
		refuses(t, v, signed(t, key, header, said), "header")
	}
}

// However many kids are made up, and by however many callers, the registry is asked once.
func TestMadeUpKidsAskOnce(t *testing.T) {
	r, key := newRegistry(t, auth.EdDSA), edKey(t)
	v := r.verifier(auth.EdDSA)
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			_, err := v.Verify(context.Background(), signed(t, key, head(fmt.Sprint("kid-", i)), said))
			if err == nil {
				t.Error("a key that nobody published was accepted")
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, 1, r.asked.Load())
}

// Only the address that is configured is asked: no redirect leads to another.
func TestPublishedKeysAreAtOneAddress(t *testing.T) {
	r, key := newRegistry(t, auth.EdDSA), edKey(t)
	r.shows(publish(key.Public(), `,"kid":"k","alg":"EdDSA"`))
	moved := httptest.NewServer(http.RedirectHandler(r.url, http.StatusFound))
	defer moved.Close()
	keys, err := auth.NewJWKS(auth.JWKSConfig{URL: moved.URL, Algorithm: auth.EdDSA, Client: fetch.New(fetch.Config{AnyAddress: true, Plain: true})})
	require.NoError(t, err)
	require.ErrorIs(t, keys.Refresh(context.Background()), fetch.ErrAway)
	require.Zero(t, r.asked.Load())
}

func TestPublishedKeysAreReadInTheBackground(t *testing.T) {
	r, key := newRegistry(t, auth.EdDSA), edKey(t)
	r.shows(publish(key.Public(), `,"kid":"k","alg":"EdDSA"`))
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.keys.Run(running) }()
	v, token := r.verifier(auth.EdDSA), signed(t, key, head("k"), said)
	require.Eventually(t, func() bool { return r.asked.Load() > 0 }, time.Minute, time.Millisecond)
	accepts(t, v, token) // it waits for who asks
	require.EqualValues(t, 1, r.asked.Load())
	stop()
	require.NoError(t, <-ended)
	require.ErrorIs(t, r.keys.Refresh(running), context.Canceled)
}

func TestPublishedKeysThatCannotBe(t *testing.T) {
	_, err := auth.NewJWKS(auth.JWKSConfig{Algorithm: auth.EdDSA})
	require.ErrorContains(t, err, "address")
	_, err = auth.NewJWKS(auth.JWKSConfig{URL: "https://registry.example", Algorithm: auth.HS256})
	require.ErrorContains(t, err, "RS256, ES256 or EdDSA")
	keys, err := auth.NewJWKS(auth.JWKSConfig{URL: "https://registry.example", Algorithm: auth.EdDSA})
	require.NoError(t, err)
	public := edKey(t).Public()
	for reason, others := range map[string][]auth.Issuer{
		"shared":            {{Name: "a", Algorithm: auth.HS256, PublicKey: public}},
		"either":            {{Name: "a", Algorithm: auth.EdDSA}},
		"another algorithm": {{Name: "a", Algorithm: auth.ES256, Keys: keys}},
		"not a key for":     {{Name: "a", Algorithm: auth.ES256, PublicKey: public}},
		"two issuers":       {{Name: "a", Algorithm: auth.EdDSA, PublicKey: public}, {Name: "a", Algorithm: auth.EdDSA, Keys: keys}},
	} {
		_, err := auth.New(auth.Config{Issuers: others})
		require.ErrorContains(t, err, reason)
	}
	_, err = auth.New(auth.Config{Secret: secret, Issuers: []auth.Issuer{{Algorithm: auth.EdDSA, PublicKey: public}}})
	require.ErrorContains(t, err, "two issuers", "both nameless")
}
